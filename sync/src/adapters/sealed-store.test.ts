import { createMasterKey, deriveKey, ready, seededRandom } from '@securechat/crypto';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from '../ports/store.contract.ts';
import { type Store, type StoreOp, TABLES } from '../ports/store.ts';
import { storeErrorType } from '../ports/store-error.ts';
import { orderedNumber, prefixRange, storeKey } from '../ports/store-key.ts';
import { openDexieStore } from './dexie-store.ts';
import { createMemoryStore } from './memory-store.ts';
import { createSealedStore } from './sealed-store.ts';

beforeAll(() => ready());

/** A sealed store; equal seeds have equal keys. */
function seal(inner: Store, seed = 1): Store {
  const random = seededRandom(new Uint8Array(32).fill(seed));
  const master = createMasterKey(random);
  return createSealedStore({
    inner,
    keys: { values: deriveKey(master, 'values'), names: deriveKey(master, 'names') },
    random,
  });
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const put = (key: string, value: string): StoreOp => ({ op: 'put', table: 'meta', key, value: text(value) });

describeStore('sealed memory store', async () => seal(createMemoryStore()));
describeStore('sealed dexie store', async () =>
  seal(await openDexieStore('sealed', { indexedDB: new IDBFactory(), IDBKeyRange })),
);

describe('what lies below', () => {
  it('S-STORE-20 neither keys nor values are readable', async () => {
    const inner = createMemoryStore();
    const store = seal(inner);
    await store.commit([put('alice', 'meet me at noon'), put(storeKey('alice', 'bob', orderedNumber(7)), 'canary')]);
    const entries = (await Promise.all(TABLES.map((table) => inner.range(table, {})))).flat();
    const everything = entries.map(({ key, value }) => key + Buffer.from(value).toString('latin1')).join();
    expect(entries).toHaveLength(2);
    for (const secret of ['alice', 'bob', 'noon', 'canary']) expect(everything).not.toContain(secret);
  });

  it('S-STORE-21 one id under two prefixes or in two tables looks like two; ordered parts stay', async () => {
    const inner = createMemoryStore();
    await seal(inner).commit([
      put('p:alice', '1'),
      put('q:alice', '2'),
      { op: 'put', table: 'rows', key: 'p:alice', value: text('3') },
      put(storeKey('p', orderedNumber(5)), '4'),
    ]);
    const keys = [...(await inner.range('meta', {})), ...(await inner.range('rows', {}))].map((entry) => entry.key);
    const parts = keys.flatMap((key) => key.split(':'));
    expect(keys.filter((key) => key.endsWith(`:${orderedNumber(5)}`))).toHaveLength(1);
    expect(new Set(parts).size).toBe(7);
  });

  it('S-STORE-22 another key finds nothing, and opens nothing', async () => {
    const inner = createMemoryStore();
    await seal(inner, 1).commit([put('a', 'x')]);
    expect(await seal(inner, 2).get('meta', 'a')).toBeUndefined();
    const error: unknown = await seal(inner, 2)
      .range('meta', {})
      .catch((reason: unknown) => reason);
    expect(storeErrorType(error)).toBe('Damaged');
  });

  it('S-STORE-23 any flipped bit is a typed error', async () => {
    const inner = createMemoryStore();
    await seal(inner).commit([put('a', 'value')]);
    const [entry] = await inner.range('meta', {});
    const { key = '', value = new Uint8Array() } = entry ?? {};
    for (let at = 0; at < value.length; at++) {
      const damaged = value.map((byte, index) => (index === at ? byte ^ 1 : byte));
      await inner.commit([{ op: 'put', table: 'meta', key, value: damaged }]);
      const error: unknown = await seal(inner)
        .get('meta', 'a')
        .catch((reason: unknown) => reason);
      expect(storeErrorType(error)).toBe('Damaged');
    }
  });

  it('S-STORE-23 a value moved to another key, cut short or emptied is a typed error', async () => {
    const inner = createMemoryStore();
    const store = seal(inner);
    await store.commit([put('a', 'one'), put('b', 'two')]);
    const [first, second] = await inner.range('meta', {});
    const values = [second?.value, first?.value.subarray(0, 5), new Uint8Array()];
    for (const value of values) {
      if (first === undefined || value === undefined) throw new Error('two entries expected');
      await inner.commit([{ op: 'put', table: 'meta', key: first.key, value }]);
      const error: unknown = await store.getMany('meta', ['a', 'b']).catch((reason: unknown) => reason);
      expect(storeErrorType(error)).toBe('Damaged');
    }
  });
});

describe('bounds', () => {
  it('S-STORE-24 a bound inside a part that has no order is a bug', async () => {
    const store = seal(createMemoryStore());
    await expect(store.range('meta', { from: 'p:ali' })).rejects.toThrow(RangeError);
    await expect(store.range('meta', { from: 'alice' })).rejects.toThrow(RangeError);
    await expect(store.get('meta', 'p:~1:x')).rejects.toThrow(RangeError);
    expect(await store.range('meta', { from: '', to: 'p:~' })).toEqual([]);
  });

  it('S-STORE-24 the prefix range of an ordered queue can be resumed after a key', async () => {
    const store = seal(createMemoryStore());
    await store.commit([1, 2, 3].map((n) => put(storeKey('q', orderedNumber(n)), String(n))));
    const after = `${storeKey('q', orderedNumber(1))}\0`;
    const entries = await store.range('meta', { from: after, to: prefixRange('q').to });
    expect(entries.map((entry) => entry.key)).toEqual([2, 3].map((n) => storeKey('q', orderedNumber(n))));
  });
});
