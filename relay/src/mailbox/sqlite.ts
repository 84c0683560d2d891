/** The mailbox store in SQLite. Every commit is one transaction with one fsync; statements are synchronous. */
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import { promised } from '../promised.ts';
import { plain, type Sqlite } from '../sqlite.ts';
import type { AckOp, MailboxOp, MailboxStore, PutOp, PutOutcome, QueuedEnvelope, Quota, Usage } from './port.ts';

/** A mailbox's row during one commit: read once, written once. */
interface Box {
  readonly mailbox: MailboxId;
  count: number;
  bytes: number;
}

interface Row {
  readonly seq: number;
  readonly id: Buffer;
  readonly data: Buffer;
}

/** A store in an open database. `end` closes the database. */
export function sqliteMailboxes(db: Sqlite, quota: Quota): MailboxStore {
  const statements = prepare(db);
  const commit = db.transaction((ops: readonly MailboxOp[]): PutOutcome[] => {
    const batch = new Batch(statements, quota);
    const outcomes: PutOutcome[] = [];
    for (const op of ops) {
      if (op.type === 'put') outcomes.push(batch.put(op));
      else batch.ack(op);
    }
    batch.writeUsage();
    return outcomes;
  });
  const close = db.transaction((mailbox: MailboxId) => {
    for (const statement of statements.close) statement.run(mailbox);
  });
  const expire = db.transaction((before: number, limit: number) => expireStep(statements, before, limit));
  return {
    open: promised((mailbox) => void statements.open.run(mailbox)),
    close: promised((mailbox) => {
      close(mailbox);
    }),
    usage: promised((mailbox) => statements.usage.get(mailbox)),
    commit: promised((ops: readonly MailboxOp[]) => commit(ops)),
    read: promised((mailbox, after, page) => readPage(statements, mailbox, after, page)),
    expire: promised((before, limit) => expire(before, limit)),
    end: promised(() => void db.close()),
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: Sqlite) {
  return {
    open: db.prepare('INSERT OR IGNORE INTO mailbox (mailbox) VALUES (?)'),
    close: ['mailbox', 'envelope', 'seen'].map((table) => db.prepare(`DELETE FROM ${table} WHERE mailbox = ?`)),
    usage: db.prepare<[Uint8Array], Usage>('SELECT count, bytes FROM mailbox WHERE mailbox = ?'),
    setUsage: db.prepare('UPDATE mailbox SET count = ?, bytes = ? WHERE mailbox = ?'),
    isSeen: db.prepare<[Uint8Array, Uint8Array], { seq: number }>('SELECT seq FROM seen WHERE mailbox = ? AND id = ?'),
    see: db.prepare('INSERT INTO seen (mailbox, id, seq, at) VALUES (?, ?, ?, ?)'),
    put: db.prepare('INSERT INTO envelope (mailbox, id, data) VALUES (?, ?, ?)'),
    remove: db.prepare<[number], { bytes: number }>(
      'DELETE FROM envelope WHERE seq = ? RETURNING length(data) AS bytes',
    ),
    read: db.prepare<[Uint8Array, number, number], Row>(
      'SELECT seq, id, data FROM envelope WHERE mailbox = ? AND seq > ? ORDER BY seq LIMIT ?',
    ),
    old: db.prepare<[number, number], { mailbox: Buffer; id: Buffer; seq: number }>(
      'SELECT mailbox, id, seq FROM seen WHERE at < ? ORDER BY at LIMIT ?',
    ),
    forget: db.prepare('DELETE FROM seen WHERE mailbox = ? AND id = ?'),
  };
}

/** One transaction's work, with each mailbox's usage kept in memory until the end. */
class Batch {
  private readonly boxes = new Map<string, Box | undefined>();

  constructor(
    private readonly statements: Statements,
    private readonly quota: Quota,
  ) {}

  put({ mailbox, id, data, at }: PutOp): PutOutcome {
    const box = this.boxOf(mailbox);
    if (box === undefined) return 'unknown';
    if (this.statements.isSeen.get(mailbox, id) !== undefined) return 'duplicate';
    if (box.count >= this.quota.count || box.bytes + data.length > this.quota.bytes) return 'full';
    const { lastInsertRowid } = this.statements.put.run(mailbox, id, data);
    this.statements.see.run(mailbox, id, lastInsertRowid, at);
    box.count++;
    box.bytes += data.length;
    return 'stored';
  }

  ack({ mailbox, ids }: AckOp): void {
    const box = this.boxOf(mailbox);
    if (box === undefined) return;
    for (const id of ids) {
      const seen = this.statements.isSeen.get(mailbox, id);
      if (seen !== undefined) this.remove(box, seen.seq);
    }
  }

  remove(box: Box, seq: number): boolean {
    const removed = this.statements.remove.get(seq);
    if (removed === undefined) return false;
    box.count--;
    box.bytes -= removed.bytes;
    return true;
  }

  boxOf(mailbox: MailboxId): Box | undefined {
    const key = keyOf(mailbox);
    if (this.boxes.has(key)) return this.boxes.get(key);
    const usage = this.statements.usage.get(mailbox);
    const box = usage && { mailbox, ...usage };
    this.boxes.set(key, box);
    return box;
  }

  writeUsage(): void {
    for (const box of this.boxes.values()) {
      if (box !== undefined) this.statements.setUsage.run(box.count, box.bytes, box.mailbox);
    }
  }
}

function readPage(statements: Statements, mailbox: MailboxId, after: number, page: Quota): QueuedEnvelope[] {
  const found: QueuedEnvelope[] = [];
  let bytes = 0;
  for (const row of statements.read.iterate(mailbox, after, page.count)) {
    found.push({ seq: row.seq, id: plain(row.id) as EnvelopeId, data: plain(row.data) });
    bytes += row.data.length;
    if (bytes >= page.bytes) break;
  }
  return found;
}

function expireStep(statements: Statements, before: number, limit: number): { dropped: number; more: boolean } {
  const batch = new Batch(statements, { count: 0, bytes: 0 });
  const old = statements.old.all(before, limit);
  let dropped = 0;
  for (const { mailbox, id, seq } of old) {
    const box = batch.boxOf(plain(mailbox) as MailboxId);
    statements.forget.run(mailbox, id);
    if (box !== undefined && batch.remove(box, seq)) dropped++;
  }
  batch.writeUsage();
  return { dropped, more: old.length === limit };
}
