/** Opens the relay's one SQLite file: write-ahead log, fsync on every commit. */
import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';

/** An open database. */
export type Sqlite = Database.Database;

/** The layout this code reads and writes. A file of another layout is refused, not guessed at. */
const LAYOUT = 2;

/** Opens (or creates) the database at `path`. Throws when it cannot be opened or has another layout. */
export function openSqlite(path: string): Sqlite {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.pragma('cache_size = -4096');
  db.pragma('wal_autocheckpoint = 2000');
  db.pragma('journal_size_limit = 67108864');
  prepareLayout(db);
  return db;
}

function prepareLayout(db: Sqlite): void {
  const layout = db.pragma('user_version', { simple: true });
  if (layout !== 0 && layout !== LAYOUT)
    throw new Error(`the database has layout ${String(layout)}, not ${String(LAYOUT)}`);
  db.transaction(() => {
    db.exec(readSchema('mailbox'));
    db.exec(readSchema('directory'));
    db.pragma(`user_version = ${String(LAYOUT)}`);
  })();
}

function readSchema(part: 'mailbox' | 'directory'): string {
  return readFileSync(new URL(`./${part}/schema.sql`, import.meta.url), 'utf8');
}

/** A Buffer's bytes as a plain array view: what leaves an adapter is no Buffer. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
