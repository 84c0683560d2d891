import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMemoryBlobCache } from '../adapters/memory-blob-cache.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import { QuotaExceededError } from '../ports/store-error.ts';
import { LargeWrites, WRITE_BYTES } from './large-writes.ts';

/** A cache, with where each write to it began. */
function notingCache(cache: BlobCache = createMemoryBlobCache()) {
  const begun: number[] = [];
  const noting: BlobCache = {
    ...cache,
    write: async (id, at, bytes) => {
      begun.push(at);
      await cache.write(id, at, bytes);
    },
  };
  return { cache: noting, begun };
}

describe('large writes', () => {
  it('pieces of any size come to writes that begin at multiples of 4 MiB', async () => {
    const file = randomFillSync(new Uint8Array(2 * WRITE_BYTES + 7));
    for (const step of [WRITE_BYTES - 5, 300_001, file.length]) {
      const { cache, begun } = notingCache();
      const writes = new LargeWrites({ cache, file: 'f', from: 0, to: file.length });
      for (let at = 0; at < file.length; at += step) await writes.add(file.subarray(at, at + step));
      expect([writes.added, writes.written]).toEqual([file.length, file.length]);
      expect(begun, String(step)).toEqual([0, WRITE_BYTES, 2 * WRITE_BYTES]);
      expect(Buffer.compare(await cache.read('f', 0, file.length + 1), file)).toBe(0);
    }
  });

  it('what was begun anywhere goes on from there, and is soon at a multiple again', async () => {
    const { cache, begun } = notingCache();
    const file = randomFillSync(new Uint8Array(2 * WRITE_BYTES));
    await cache.write('f', 0, file.subarray(0, 100));
    const writes = new LargeWrites({ cache, file: 'f', from: 100, to: file.length });
    await writes.add(file.subarray(100, 1000));
    expect([writes.added, writes.written]).toEqual([1000, 100]);
    await writes.write();
    await writes.write();
    expect([writes.added, writes.written]).toEqual([1000, 1000]);
    await writes.add(file.subarray(1000));
    expect(begun).toEqual([0, 100, 1000, WRITE_BYTES]);
    expect(Buffer.compare(await cache.read('f', 0, file.length + 1), file)).toBe(0);
  });

  it('it copies, and takes no more than was to come', async () => {
    const { cache } = notingCache();
    const writes = new LargeWrites({ cache, file: 'f', from: 0, to: 3 });
    const piece = Uint8Array.of(1, 2);
    await writes.add(piece);
    piece.fill(0);
    await expect(writes.add(piece)).rejects.toThrow(RangeError);
    await writes.add(Uint8Array.of(3));
    expect(await cache.read('f', 0, 9)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('S-CACHE-4 a full disk is told to whoever adds, or writes', async () => {
    const { cache } = notingCache(
      createMemoryBlobCache({
        beforeWrite: () => {
          throw new QuotaExceededError('full');
        },
      }),
    );
    const writes = new LargeWrites({ cache, file: 'f', from: 0, to: 5 });
    await writes.add(new Uint8Array(4));
    await expect(writes.write()).rejects.toThrow(QuotaExceededError);
    await expect(writes.add(new Uint8Array(1))).rejects.toThrow(QuotaExceededError);
    expect(writes.written).toBe(0);
  });
});
