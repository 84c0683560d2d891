import { openSqlite } from '../sqlite.ts';
import { describeDirectory } from './directory.contract.ts';
import { sqliteDirectory } from './sqlite.ts';

describeDirectory('sqlite', () => sqliteDirectory(openSqlite(':memory:')));
