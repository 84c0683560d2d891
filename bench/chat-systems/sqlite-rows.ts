/** Plain rows in SQLite: the same record bytes under their ids, in a file, WAL, one transaction a call. */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Messages } from './messages.ts';
import type { Chat, ChatSystem } from './system.ts';

export function sqliteSystem(messages: Messages): ChatSystem {
  return {
    name: 'SQLite rows',
    rounds: { append: 300, ingest: 300, drain: 7, open: 15 },
    create: (length) => createChat(messages, length),
  };
}

async function createChat(messages: Messages, length: number): Promise<Chat> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chat-scaling-'));
  const original = path.join(folder, 'original.db');
  const filled = openFile(original);
  await filled.insert(messages.range(0, length).map(({ change }) => [change.key, change.value]));
  filled.database.pragma('wal_checkpoint(TRUNCATE)');
  filled.database.close();
  const bytes = statSync(original).size;
  let copies = 0;
  const copy = (): string => {
    const file = path.join(folder, `copy ${String((copies += 1))}.db`);
    copyFileSync(original, file);
    return file;
  };
  const live = openFile(copy());
  let [mine, theirs] = [0, length];
  return {
    append: () => live.insert([[`own ${String(mine)}`, messages.at(mine++).change.value]]),
    ingestOne: () => {
      const { key, value } = messages.at(theirs++).change;
      return live.insert([[key, value]]);
    },
    prepareDrain: () => {
      const fresh = openFile(copy());
      const rows = messages.range(length, 1000).map(({ change }) => [change.key, change.value] as const);
      return Promise.resolve(async () => {
        await fresh.insert(rows);
        fresh.database.close();
      });
    },
    open: () => {
      const fresh = openFile(original);
      const last = fresh.database.prepare('SELECT id, value FROM messages ORDER BY id DESC LIMIT 50').all();
      fresh.database.close();
      return Promise.resolve(last);
    },
    bytes: () => bytes,
    close: () => {
      live.database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface File {
  readonly database: Database.Database;
  insert(rows: Iterable<readonly [string, Uint8Array]>): Promise<void>;
}

function openFile(file: string): File {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID');
  const insert = database.prepare('INSERT INTO messages VALUES (?, ?)');
  const insertAll = database.transaction((rows: Iterable<readonly [string, Uint8Array]>) => {
    for (const [id, value] of rows) insert.run(id, value);
  });
  return {
    database,
    insert: (rows) => {
      insertAll(rows);
      return Promise.resolve();
    },
  };
}
