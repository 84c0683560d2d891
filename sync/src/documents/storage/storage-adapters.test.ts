import 'fake-indexeddb/auto';
import { createMasterKey, deriveKey, ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { DamagedChunkError, createEncryptedStorageAdapter } from './encrypted-adapter.ts';
import { createIndexedDbStorageAdapter } from './indexeddb-adapter.ts';
import { createMemoryStorageAdapter } from './memory-adapter.ts';
import { describeStorageAdapter } from './storage-adapter.contract.ts';
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';

beforeAll(ready);

let databases = 0;

function sealed(inner: StorageAdapterInterface, seed = 1): StorageAdapterInterface {
  const random = seededRandom(new Uint8Array(32).fill(seed));
  const master = createMasterKey(random);
  const keys = { values: deriveKey(master, 'values'), names: deriveKey(master, 'names') };
  return createEncryptedStorageAdapter({ inner, keys, random });
}

const openIndexedDb = (): StorageAdapterInterface => createIndexedDbStorageAdapter(`db ${String((databases += 1))}`);

describeStorageAdapter('memory', () => Promise.resolve(createMemoryStorageAdapter()));
describeStorageAdapter('indexeddb', () => Promise.resolve(openIndexedDb()));
describeStorageAdapter('encrypted over memory', () => Promise.resolve(sealed(createMemoryStorageAdapter())));
describeStorageAdapter('encrypted over indexeddb', () => Promise.resolve(sealed(openIndexedDb())));

describe('the encrypted adapter', () => {
  it('S-CHUNK-1 shows the inner store neither keys nor values', async () => {
    const inner = createMemoryStorageAdapter();
    const adapter = sealed(inner);
    await adapter.save(['canary-key', 'canary-part'], new TextEncoder().encode('canary-value'));
    for (const [key, value] of inner.snapshot()) {
      expect(key).not.toContain('canary');
      expect(new TextDecoder('latin1').decode(value)).not.toContain('canary');
    }
  });

  it('S-CHUNK-2 hides that two documents hold parts of the same name', async () => {
    const inner = createMemoryStorageAdapter();
    const adapter = sealed(inner);
    await adapter.save(['one', 'snapshot'], Uint8Array.of(1));
    await adapter.save(['two', 'snapshot'], Uint8Array.of(1));
    const parts = [...inner.snapshot().keys()].flatMap((key) => key.split('\u0000'));
    expect(new Set(parts).size).toBe(4);
  });

  it('S-CHUNK-3 reports a changed, moved or foreign value as damaged, alone', async () => {
    const inner = createMemoryStorageAdapter();
    const adapter = sealed(inner);
    await adapter.save(['doc', 'a'], Uint8Array.of(1));
    await adapter.save(['doc', 'b'], Uint8Array.of(2));
    const [first, second] = await inner.loadRange([]);
    if (!first?.data || !second) throw new Error('nothing stored');
    await inner.save(second.key, first.data);
    const chunks = await adapter.loadRange(['doc']);
    expect(chunks.map(({ data }) => data?.length)).toEqual(expect.arrayContaining([1, undefined]));
    const damaged = await Promise.allSettled([adapter.load(['doc', 'a']), adapter.load(['doc', 'b'])]);
    const reasons = damaged.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toBeInstanceOf(DamagedChunkError);
    expect(await sealed(inner, 2).loadRange(['doc'])).toEqual([]);
  });

  it('seals the same value differently each time', async () => {
    const inner = createMemoryStorageAdapter();
    const adapter = sealed(inner);
    await adapter.save(['a'], Uint8Array.of(1));
    const [before] = inner.snapshot().values();
    await adapter.save(['a'], Uint8Array.of(1));
    const [after] = inner.snapshot().values();
    expect(after).not.toEqual(before);
  });
});

describe('the IndexedDB adapter', () => {
  it('S-CHUNK-4 rejects a write whose transaction is aborted, as a full disk does, and goes on', async () => {
    const adapter = openIndexedDb();
    await adapter.save(['a'], Uint8Array.of(1));
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore) {
      this.transaction.abort();
      return {} as IDBRequest<IDBValidKey>;
    });
    await expect(adapter.save(['a'], Uint8Array.of(2))).rejects.toThrow();
    put.mockRestore();
    expect(await adapter.load(['a'])).toEqual(Uint8Array.of(1));
    await adapter.save(['a'], Uint8Array.of(3));
    expect(await adapter.load(['a'])).toEqual(Uint8Array.of(3));
  });
});
