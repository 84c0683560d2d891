import type { ChatId } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { createMemoryBlobCache } from '../adapters/memory-blob-cache.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import { type Entry, Shelf } from './shelf.ts';

const HOUR = 3_600_000;

async function createWorld() {
  const [store, cache] = [createMemoryStore(), createMemoryBlobCache()];
  const time = { now: 100 * HOUR };
  const open = async (others: ReadonlySet<string> = new Set()): Promise<Shelf> => {
    const shelf = new Shelf({ store, cache, clock: { now: () => time.now }, job: (act) => inBatch(store, act) });
    await shelf.load(others);
    return shelf;
  };
  const entry = (blob: string, bytes: number, used: number): Entry => ({
    ...{ blob, file: `file-${blob}`, chatId: 'chat' as ChatId, have: bytes, isWhole: true, used },
  });
  const put = async (shelf: Shelf, one: Entry): Promise<void> => {
    await cache.write(one.file, 0, new Uint8Array(one.have));
    await shelf.put(one);
  };
  const files = async () => (await cache.list()).map(({ id }) => id).sort();
  return { store, cache, time, open, entry, put, files };
}

const names = (shelf: Shelf) => [...shelf.all()].map(({ blob }) => blob).sort();

describe('the shelf', () => {
  it('S-SHELF-1 what was not used for longest goes first, and nothing that is busy', async () => {
    const { open, entry, put, files, time } = await createWorld();
    const shelf = await open();
    for (const [blob, used] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
    ] as const)
      await put(shelf, entry(blob, 100, used * HOUR));
    await shelf.shrink(400, () => false);
    expect(names(shelf)).toEqual(['a', 'b', 'c', 'd']);
    await shelf.use('a');
    await shelf.shrink(250, (blob) => blob === 'b');
    expect(names(shelf)).toEqual(['a', 'b']);
    expect(await files()).toEqual(['file-a', 'file-b']);
    time.now += HOUR / 2;
    await shelf.use('a');
    expect(shelf.get('a')?.used).toBe(100 * HOUR);
  });

  it('S-SHELF-2 after a restart it is as it was, without files that nobody knows and entries whose bytes are gone', async () => {
    const { open, entry, put, files, cache } = await createWorld();
    const first = await open();
    for (const blob of ['a', 'b', 'c']) await put(first, entry(blob, 50, 1));
    expect(await first.drop(['c', 'unknown'])).toBe(50);
    await cache.write('orphan', 0, new Uint8Array(9));
    await cache.write('to-be-sent', 0, new Uint8Array(9));
    await cache.delete('file-b');
    const second = await open(new Set(['to-be-sent']));
    expect(names(second)).toEqual(['a']);
    expect(second.get('a')).toEqual(first.get('a'));
    expect(await files()).toEqual(['file-a', 'to-be-sent']);
    expect(names(await open(new Set(['to-be-sent'])))).toEqual(['a']);
  });
});
