import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BlobId } from './blob-id.ts';
import { Ledger, type Entry, type Owner } from './ledger.ts';

async function ledgerFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-ledger-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return path.join(folder, 'ledger.jsonl');
}

async function openLedger(file: string): Promise<Ledger> {
  const ledger = new Ledger();
  await ledger.load(file);
  return ledger;
}

function entry(id: number, owner: string, size: number, finishedAt?: number): Entry {
  const base = { id: String(id) as BlobId, owner: owner as Owner, size, createdAt: 1 };
  return finishedAt === undefined ? base : { ...base, finishedAt };
}

const steps = fc.array(
  fc.record({
    remove: fc.boolean(),
    id: fc.nat(5),
    owner: fc.constantFrom('a', 'b'),
    size: fc.nat(100),
    finished: fc.boolean(),
  }),
  { maxLength: 30 },
);

describe('the ledger', () => {
  it('counts as a naive sum does, before and after it is opened again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const file = await ledgerFile();
        const ledger = await openLedger(file);
        const model = new Map<string, Entry>();
        for (const { remove, id, owner, size, finished } of list) {
          const next = entry(id, owner, size, finished ? 2 : undefined);
          if (remove) model.delete(next.id);
          else model.set(next.id, next);
          await (remove ? ledger.remove(next.id) : ledger.put(next));
        }
        expectSame(ledger, [...model.values()]);
        await ledger.close();
        const again = await openLedger(file);
        expectSame(again, [...model.values()]);
        await again.close();
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('takes back what it could not write', async () => {
    const ledger = await openLedger(await ledgerFile());
    await ledger.put(entry(1, 'a', 10));
    await ledger.close();
    await expect(ledger.put(entry(2, 'a', 20))).rejects.toThrow();
    await expect(ledger.put(entry(1, 'a', 10, 5))).rejects.toThrow();
    expectSame(ledger, [entry(1, 'a', 10)]);
  });

  it('is rewritten without what is gone when it is opened', async () => {
    const file = await ledgerFile();
    const ledger = await openLedger(file);
    for (let i = 0; i < 5; i++) await ledger.put(entry(i, 'a', i));
    for (let i = 0; i < 4; i++) await ledger.remove(String(i) as BlobId);
    await ledger.close();
    await (await openLedger(file)).close();
    expect((await readFile(file, 'utf8')).trim().split('\n')).toEqual([JSON.stringify({ put: entry(4, 'a', 4) })]);
  });
});

function expectSame(ledger: Ledger, entries: readonly Entry[]): void {
  const byId = (a: Entry, b: Entry) => Number(a.id) - Number(b.id);
  expect([...ledger.entries()].sort(byId)).toEqual([...entries].sort(byId));
  for (const owner of ['a', 'b'] as Owner[]) {
    const own = entries.filter((item) => item.owner === owner);
    const bytes = own.reduce((sum, { size }) => sum + size, 0);
    const unfinished = own.filter(({ finishedAt }) => finishedAt === undefined).length;
    expect(ledger.usageOf(owner)).toEqual({ bytes, blobs: own.length, unfinished });
  }
}
