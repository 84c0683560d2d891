/** What every storage adapter must do, whatever it keeps things in: automerge-repo's interface, as we rely on it. */
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { describe, expect, it } from 'vitest';

export function describeStorageAdapter(name: string, open: () => Promise<StorageAdapterInterface>): void {
  describe(`storage adapter: ${name}`, () => {
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

    it('loads what was saved, and nothing else', async () => {
      const adapter = await open();
      await adapter.save(['a', 'b'], bytes(1));
      expect(await adapter.load(['a', 'b'])).toEqual(bytes(1));
      expect(await adapter.load(['a'])).toBeUndefined();
      expect(await adapter.load(['a', 'b', 'c'])).toBeUndefined();
      expect(await adapter.load(['b', 'a'])).toBeUndefined();
    });

    it('overwrites, removes, and does not mind removing what is not there', async () => {
      const adapter = await open();
      await adapter.save(['a'], bytes(1));
      await adapter.save(['a'], bytes(2, 3));
      expect(await adapter.load(['a'])).toEqual(bytes(2, 3));
      await adapter.remove(['a']);
      await adapter.remove(['a']);
      expect(await adapter.load(['a'])).toBeUndefined();
    });

    it('loads a range with the true keys, by whole parts', async () => {
      const adapter = await open();
      const keys = [['doc', 'x', '1'], ['doc', 'x', '2'], ['doc', 'xy', '3'], ['docx', 'x', '4'], ['doc']];
      for (const [i, key] of keys.entries()) await adapter.save(key, bytes(i));
      const found = (await adapter.loadRange(['doc', 'x'])).map(({ key, data }) => [key.join('/'), data?.[0]]);
      expect(new Map(found as [string, number][])).toEqual(
        new Map([
          ['doc/x/1', 0],
          ['doc/x/2', 1],
        ]),
      );
      expect(await adapter.loadRange(['nothing'])).toEqual([]);
      expect((await adapter.loadRange(['doc'])).length).toBe(4);
    });

    it('removes a range and leaves its neighbours', async () => {
      const adapter = await open();
      for (const key of [
        ['a', '1'],
        ['a', '2'],
        ['b', '1'],
      ])
        await adapter.save(key, bytes(1));
      await adapter.removeRange(['a']);
      expect(await adapter.loadRange(['a'])).toEqual([]);
      expect(await adapter.load(['b', '1'])).toEqual(bytes(1));
    });

    it('keeps its own copy of what it was given', async () => {
      const adapter = await open();
      const value = bytes(1, 2, 3);
      await adapter.save(['a'], value);
      value.fill(9);
      expect(await adapter.load(['a'])).toEqual(bytes(1, 2, 3));
    });

    it('holds empty values and odd keys', async () => {
      const adapter = await open();
      await adapter.save(['ключ', '🔑', ''], bytes());
      expect(await adapter.load(['ключ', '🔑', ''])).toEqual(bytes());
      expect((await adapter.loadRange(['ключ']))[0]?.key).toEqual(['ключ', '🔑', '']);
    });
  });
}
