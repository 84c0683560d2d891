import { describeDirectory } from './directory.contract.ts';
import { memoryDirectory } from './memory.ts';

describeDirectory('memory', memoryDirectory);
