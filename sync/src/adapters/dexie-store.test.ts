import { IDBDatabase, IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeStore } from '../ports/store.contract.ts';
import type { Range, Store, StoreOp } from '../ports/store.ts';
import { storeErrorType } from '../ports/store-error.ts';
import { orderedNumber, prefixRange, storeKey } from '../ports/store-key.ts';
import { openDexieStore } from './dexie-store.ts';

const put = (key: string, value: number): StoreOp => ({ op: 'put', table: 'meta', key, value: Uint8Array.of(value) });
const open = (indexedDB = new IDBFactory()): Promise<Store> => openDexieStore('contract', { indexedDB, IDBKeyRange });

afterEach(() => {
  vi.restoreAllMocks();
});

describeStore('dexie store', () => open());

describe('on a browser without getAllRecords', () => {
  const prototype: object = IDBObjectStore.prototype;
  const original = Object.getOwnPropertyDescriptor(prototype, 'getAllRecords') ?? {};
  beforeEach(() => {
    Object.defineProperty(prototype, 'getAllRecords', { value: undefined, configurable: true });
  });
  afterEach(() => {
    Object.defineProperty(prototype, 'getAllRecords', original);
  });

  it('S-STORE-3 ranges are the same in both directions', async () => {
    const store = await open();
    await store.commit([5, 1, 3].map((n) => put(storeKey('q', orderedNumber(n)), n)));
    const values = async (order: Pick<Range, 'reverse' | 'limit'>): Promise<(number | undefined)[]> =>
      (await store.range('meta', { ...prefixRange('q'), ...order })).map((entry) => entry.value[0]);
    expect(await values({})).toEqual([1, 3, 5]);
    expect(await values({ limit: 2 })).toEqual([1, 3]);
    expect(await values({ reverse: true })).toEqual([5, 3, 1]);
    expect(await values({ reverse: true, limit: 2 })).toEqual([5, 3]);
    await store.destroy();
  });
});

describe('usage', () => {
  it('S-STORE-8 is close where few values are large and many are small', async () => {
    const store = await open();
    const value = (key: string, size: number): StoreOp => ({
      op: 'put',
      table: 'rows',
      key,
      value: new Uint8Array(size),
    });
    const small = Array.from({ length: 2000 }, (_, n) => value(`row:${String(n)}`, 200 + (n % 50)));
    const large = Array.from({ length: 100 }, (_, n) => value(`leaf:${String(n)}`, 6000));
    const single = Array.from({ length: 100 }, (_, n) => value(`x${String(n)}`, 10));
    await store.commit([...small, ...large, ...single]);
    const exact = [...small, ...large, ...single].reduce((sum, op) => sum + (op.op === 'put' ? op.value.length : 0), 0);
    const usage = await store.usage();
    expect(Math.abs(usage / exact - 1)).toBeLessThan(0.05);
    await store.destroy();
  });
});

describe('what can go wrong', () => {
  it('S-STORE-12 a full disk rejects as QuotaExceeded and stores nothing of the batch', async () => {
    const store = await open();
    await store.commit([put('a', 1)]);
    const real = Reflect.get(IDBObjectStore.prototype, 'put') as (value: unknown, key?: IDBValidKey) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: unknown,
      value: unknown,
      key?: unknown,
    ) {
      if (key === 'c') throw new DOMException('full', 'QuotaExceededError');
      return Reflect.apply(real, this, [value, key]) as never;
    });
    const error: unknown = await store.commit([put('a', 2), put('c', 3)]).catch((reason: unknown) => reason);
    expect(storeErrorType(error)).toBe('QuotaExceeded');
    vi.restoreAllMocks();
    expect(await store.getMany('meta', ['a', 'c'])).toEqual([Uint8Array.of(1), undefined]);
    await store.destroy();
  });

  it('S-STORE-12 a database that is no database rejects as Unavailable', async () => {
    const broken = {
      open: () => {
        throw new DOMException('no', 'SecurityError');
      },
    } as unknown as IDBFactory;
    const error: unknown = await open(broken).catch((reason: unknown) => reason);
    expect(storeErrorType(error)).toBe('Unavailable');
  });

  it('S-STORE-13 what was committed is there after reopening', async () => {
    const indexedDB = new IDBFactory();
    const store = await open(indexedDB);
    await store.commit([put('a', 1)]);
    await store.close();
    const again = await open(indexedDB);
    expect(await again.get('meta', 'a')).toEqual(Uint8Array.of(1));
    await again.destroy();
  });

  it('S-STORE-13 writes wait for the disk', async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const store = await open();
    await store.commit([put('a', 1)]);
    const writes = transaction.mock.calls.filter((call) => call[1] === 'readwrite');
    expect(writes.map((call) => call[2])).toEqual([{ durability: 'strict' }]);
    await store.destroy();
  });
});
