/** What every blob cache does. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { BlobCache, Outgoing, RequestBody } from './blob-cache.ts';

export function testBlobCache(name: string, create: () => Promise<BlobCache>): void {
  describe(name, () => {
    let cache: BlobCache;
    const bytesOf = async (body: RequestBody): Promise<Uint8Array> =>
      body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
    const sent = async (outgoing: Outgoing, from: number, to: number): Promise<Uint8Array> =>
      bytesOf(await outgoing.read(from, to));
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

    beforeEach(async () => {
      cache = await create();
    });

    it('S-CACHE-1 gives back what was written, where it was written, cut at the end', async () => {
      await cache.write('a', 0, bytes(1, 2, 3));
      await cache.write('a', 3, bytes(4, 5));
      await cache.write('a', 1, bytes(9));
      await cache.flush('a');
      expect(await cache.read('a', 0, 5)).toEqual(bytes(1, 9, 3, 4, 5));
      expect(await cache.read('a', 3, 99)).toEqual(bytes(4, 5));
      expect(await cache.read('a', 5, 9)).toEqual(bytes());
      expect(await cache.size('a')).toBe(5);
      await cache.write('gap', 2, bytes(7));
      expect(await cache.read('gap', 0, 3)).toEqual(bytes(0, 0, 7));
    });

    it('S-CACHE-1 copies: a buffer that is used again changes nothing', async () => {
      const buffer = bytes(1, 2);
      await cache.write('a', 0, buffer);
      buffer.fill(0);
      const read = await cache.read('a', 0, 2);
      read.fill(7);
      expect(await cache.read('a', 0, 2)).toEqual(bytes(1, 2));
    });

    it('S-CACHE-1 reads into a buffer that is given, and no further than there is something to read', async () => {
      await cache.write('a', 0, bytes(1, 2, 3));
      const into = bytes(9, 9, 9, 9);
      expect(await cache.read('a', 1, 9, into)).toEqual(bytes(2, 3));
      expect(await cache.read('b', 0, 4, into)).toEqual(bytes());
    });

    it('S-CACHE-5 what goes out is what is in the file, piece after piece, and while more is written', async () => {
      const [one, other] = [cache.outgoing('a'), cache.outgoing('b')];
      expect(await sent(one, 0, 9)).toEqual(bytes());
      await cache.write('a', 0, bytes(1, 2, 3));
      await cache.write('b', 0, bytes(7, 8, 9));
      expect(await sent(one, 0, 2)).toEqual(bytes(1, 2));
      await cache.write('a', 3, bytes(4, 5));
      expect(await sent(other, 1, 3)).toEqual(bytes(8, 9));
      expect(await sent(one, 2, 9)).toEqual(bytes(3, 4, 5));
      expect(await sent(one, 5, 9)).toEqual(bytes());
      const [first, next] = [await one.read(0, 3), await one.read(3, 5)];
      expect([await bytesOf(first), await bytesOf(next)]).toEqual([bytes(1, 2, 3), bytes(4, 5)]);
      expect([...(await cache.list())].map(({ id }) => id).sort()).toEqual(['a', 'b']);
      for (const outgoing of [one, other, one]) await outgoing.end();
      expect(await sent(one, 0, 9), 'somebody asked too late').toEqual(bytes());
      expect(await cache.read('a', 0, 9)).toEqual(bytes(1, 2, 3, 4, 5));
    });

    it('S-CACHE-5 more than is copied at a time goes out whole', async () => {
      const large = Uint8Array.from({ length: 1_300_000 }, (_, at) => (at * 7919) % 251);
      await cache.write('a', 0, large);
      const outgoing = cache.outgoing('a');
      const body = await sent(outgoing, 100, 1_290_100);
      await outgoing.end();
      expect(body.length).toBe(1_290_000);
      expect(Buffer.compare(body, large.subarray(100, 1_290_100))).toBe(0);
    });

    it('S-CACHE-2 files are listed until they are deleted; a file that is not there is empty and has no size', async () => {
      for (const id of ['a', 'b', 'c']) await cache.write(id, 0, bytes(1, 2, 3));
      await cache.delete('b');
      await cache.delete('b');
      const list = await cache.list();
      expect([...list].sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
        { id: 'a', size: 3 },
        { id: 'c', size: 3 },
      ]);
      expect(await cache.size('b')).toBeUndefined();
      expect(await cache.read('b', 0, 9)).toEqual(bytes());
      await cache.flush('b');
      expect(await cache.size('b')).toBeUndefined();
    });

    it('S-CACHE-2 many files, more than are kept open, and calls at the same time', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `file-${String(index)}`);
      await Promise.all(ids.map((id, index) => cache.write(id, 0, bytes(index))));
      await Promise.all(ids.map((id, index) => cache.write(id, 1, bytes(index + 100))));
      const read = await Promise.all(ids.map((id) => cache.read(id, 0, 2)));
      expect(read).toEqual(ids.map((_, index) => bytes(index, index + 100)));
    });

    it('S-CACHE-3 what was written is there after closing, and nothing after clearing', async () => {
      await cache.write('a', 0, bytes(1));
      await cache.close();
      expect(await cache.read('a', 0, 1)).toEqual(bytes(1));
      await cache.clear();
      expect(await cache.list()).toEqual([]);
    });

    it('S-CACHE-3 ids that are no file names are refused', async () => {
      for (const id of ['', '../a', 'a/b', 'a b'])
        await expect(cache.write(id, 0, bytes(1))).rejects.toThrow(RangeError);
    });
  });
}
