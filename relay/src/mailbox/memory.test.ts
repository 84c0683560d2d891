import { memoryMailboxes } from './memory.ts';
import { describeMailboxStore } from './store.contract.ts';

describeMailboxStore('memory', memoryMailboxes);
