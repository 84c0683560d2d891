import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { sqliteMailboxes } from './sqlite.ts';
import { describeMailboxStore } from './store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'securechat-mailbox-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describeMailboxStore('sqlite', (quota) => sqliteMailboxes(openSqlite(':memory:'), quota));

describe('the sqlite file', () => {
  const quota = { count: 10, bytes: 1000 };
  const mailbox = new Uint8Array(16).fill(1) as MailboxId;
  const put = {
    type: 'put' as const,
    mailbox,
    id: new Uint8Array(16).fill(2) as EnvelopeId,
    data: Uint8Array.of(9),
    at: 1,
  };

  it('holds what was committed when it is opened again', async () => {
    const path = join(folder, 'again.db');
    const first = sqliteMailboxes(openSqlite(path), quota);
    await first.open(mailbox);
    await first.commit([put]);
    await first.end();
    const second = sqliteMailboxes(openSqlite(path), quota);
    expect((await second.read(mailbox, 0, quota)).map(({ data }) => data)).toEqual([put.data]);
    expect(await second.commit([put])).toEqual(['duplicate']);
    await second.end();
  });

  it('writes through: a write-ahead log with an fsync per commit', () => {
    const db = openSqlite(join(folder, 'pragmas.db'));
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    db.close();
  });

  it('is refused when another version laid it out', () => {
    const path = join(folder, 'layout.db');
    const db = openSqlite(path);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openSqlite(path)).toThrow(/layout 99/);
  });

  it('applies a commit whole or not at all', async () => {
    const db = openSqlite(join(folder, 'whole.db'));
    const store = sqliteMailboxes(db, quota);
    await store.open(mailbox);
    const broken = { ...put, id: new Uint8Array(16).fill(3) as EnvelopeId, data: 'no bytes' as unknown as Uint8Array };
    await expect(store.commit([put, broken])).rejects.toThrow();
    expect(await store.usage(mailbox)).toEqual({ count: 0, bytes: 0 });
    expect(await store.commit([put])).toEqual(['stored']);
    await store.end();
  });
});
