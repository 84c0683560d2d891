/** What every {@link Store} must do. Each adapter's test runs this suite on itself. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, type Range, type Store, type StoreOp, TABLES } from './store.ts';
import { storeErrorType } from './store-error.ts';
import { orderedNumber, prefixRange, storeKey } from './store-key.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: string, ...values: number[]): StoreOp => ({ op: 'put', table: 'meta', key, value: bytes(...values) });
const keysOf = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.key);

/** Runs the suite; `open` gives a new and empty store each time. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.destroy();
    });
    const current = (): Store => store;
    describe('single values', () => {
      testValues(current);
    });
    describe('ranges', () => {
      testRanges(current);
    });
    describe('batches', () => {
      testBatches(current);
    });
    describe('as a whole', () => {
      testWhole(current, open);
    });
  });
}

function testValues(store: () => Store): void {
  it('S-STORE-1 gives back what was put, undefined for what was not', async () => {
    await store().commit([put('a', 1, 2, 3), put('empty')]);
    expect(await store().get('meta', 'a')).toEqual(bytes(1, 2, 3));
    expect(await store().get('meta', 'empty')).toEqual(bytes());
    expect(await store().get('meta', 'b')).toBeUndefined();
    expect(await store().get('rows', 'a')).toBeUndefined();
  });

  it('S-STORE-1 answers many in the order of the keys', async () => {
    await store().commit([put('a', 1), put('b', 2)]);
    expect(await store().getMany('meta', ['b', 'none', 'a', 'b'])).toEqual([bytes(2), undefined, bytes(1), bytes(2)]);
    expect(await store().getMany('meta', [])).toEqual([]);
  });

  it('S-STORE-2 keeps its own copy of a value', async () => {
    const value = bytes(1, 2, 3);
    await store().commit([{ op: 'put', table: 'meta', key: 'a', value }]);
    value.fill(9);
    const read = await store().get('meta', 'a');
    expect(read).toEqual(bytes(1, 2, 3));
    read?.fill(7);
    expect(await store().get('meta', 'a')).toEqual(bytes(1, 2, 3));
  });

  it('S-STORE-2 stores a view, not the buffer behind it', async () => {
    const value = bytes(0, 1, 2, 3, 4).subarray(1, 4);
    await store().commit([{ op: 'put', table: 'meta', key: 'a', value }]);
    expect(await store().get('meta', 'a')).toEqual(bytes(1, 2, 3));
  });
}

function testRanges(store: () => Store): void {
  const numbered = (...numbers: number[]): StoreOp[] =>
    numbers.map((n) => put(storeKey('q', orderedNumber(n)), n % 256));
  const numbers = async (range: Range): Promise<number[]> =>
    (await store().range('meta', range)).map((entry) => entry.value[0] ?? -1);

  it('S-STORE-3 ranges are half-open and in the order of ordered parts', async () => {
    await store().commit(numbered(10, 2, 33, 1, 200));
    const at = (n: number): string => storeKey('q', orderedNumber(n));
    expect(await numbers(prefixRange('q'))).toEqual([1, 2, 10, 33, 200]);
    expect(await numbers({ from: at(2), to: at(33) })).toEqual([2, 10]);
    expect(await numbers({ from: at(3), to: 'q;' })).toEqual([10, 33, 200]);
    expect(await numbers({ from: at(5), to: at(5) })).toEqual([]);
    expect(await numbers({ from: at(9), to: at(5) })).toEqual([]);
  });

  it('S-STORE-3 limits count from the end that the range starts at', async () => {
    await store().commit(numbered(1, 2, 3, 4, 5));
    expect(await numbers({ ...prefixRange('q'), limit: 2 })).toEqual([1, 2]);
    expect(await numbers({ ...prefixRange('q'), limit: 2, reverse: true })).toEqual([5, 4]);
    expect(await numbers({ ...prefixRange('q'), reverse: true })).toEqual([5, 4, 3, 2, 1]);
    expect(await numbers({ ...prefixRange('q'), limit: 0 })).toEqual([]);
    expect(await numbers({ ...prefixRange('q'), limit: 99 })).toEqual([1, 2, 3, 4, 5]);
  });

  it('S-STORE-4 a prefix range holds everything below the prefix, with its keys, and nothing else', async () => {
    const keys = ['p:a', 'p:b:c', 'p:b:d', 'p2:a', 'p', 'pp:a'];
    await store().commit(keys.map((key, index) => put(key, index)));
    expect(keysOf(await store().range('meta', prefixRange('p'))).sort()).toEqual(['p:a', 'p:b:c', 'p:b:d']);
    expect(keysOf(await store().range('meta', prefixRange('p', 'b'))).sort()).toEqual(['p:b:c', 'p:b:d']);
    expect(keysOf(await store().range('meta', {})).sort()).toEqual([...keys].sort());
    expect(await store().count('meta', prefixRange('p'))).toBe(3);
    expect(await store().count('meta', {})).toBe(6);
    expect(await store().count('meta', { from: 'x:', to: 'a:' })).toBe(0);
    expect(await store().count('rows', {})).toBe(0);
  });
}

function testBatches(store: () => Store): void {
  it('S-STORE-5 a batch takes effect in its order, over several tables', async () => {
    await store().commit([
      put('a', 1),
      put('a', 2),
      { op: 'delete', table: 'meta', key: 'b' },
      put('b', 3),
      { op: 'put', table: 'rows', key: 'a', value: bytes(4) },
      put('c', 5),
      { op: 'delete', table: 'meta', key: 'c' },
    ]);
    expect(await store().getMany('meta', ['a', 'b', 'c'])).toEqual([bytes(2), bytes(3), undefined]);
    expect(await store().get('rows', 'a')).toEqual(bytes(4));
  });

  it('S-STORE-5 a deleted range may be filled again by the same batch', async () => {
    await store().commit([put('p:a', 1), put('p:b', 2), put('q', 3)]);
    await store().commit([{ op: 'deleteRange', table: 'meta', ...prefixRange('p') }, put('p:b', 4)]);
    expect(await store().getMany('meta', ['p:a', 'p:b', 'q'])).toEqual([undefined, bytes(4), bytes(3)]);
    expect(await store().count('meta', prefixRange('p'))).toBe(1);
  });

  it('S-STORE-5 deleting what is not there is no error', async () => {
    await store().commit([
      { op: 'delete', table: 'meta', key: 'none' },
      { op: 'deleteRange', table: 'meta', from: 'x:', to: 'x;' },
    ]);
    await store().commit([]);
    expect(await store().count('meta', {})).toBe(0);
  });

  it('S-STORE-6 a batch that fails leaves nothing behind', async () => {
    await store().commit([put('a', 1)]);
    const broken = { op: 'put', table: 'meta', key: 'b:~', value: null } as unknown as StoreOp;
    await expect(store().commit([put('a', 2), put('c', 3), broken])).rejects.toThrow();
    expect(await store().getMany('meta', ['a', 'c'])).toEqual([bytes(1), undefined]);
  });

  it('S-STORE-7 behaves as a plain map under any batches', async () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'b', 'p:a', 'p:b', 'p:b:c', 'pq'),
      fc.nat(20).map((n) => storeKey('n', orderedNumber(n))),
    );
    const op = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(key, fc.uint8Array({ maxLength: 4 }))
          .map(([k, value]): StoreOp => ({ op: 'put', table: 'meta', key: k, value })),
      },
      { weight: 2, arbitrary: key.map((k): StoreOp => ({ op: 'delete', table: 'meta', key: k })) },
      fc
        .constantFrom('p', 'n', 'p:b')
        .map((prefix): StoreOp => ({ op: 'deleteRange', table: 'meta', ...prefixRange(...prefix.split(':')) })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(op, { maxLength: 8 }), { maxLength: 4 }), async (batches) => {
        await clear(store());
        const model = new Map<string, Uint8Array>();
        for (const batch of batches) {
          await store().commit(batch);
          for (const item of batch) follow(model, item);
        }
        const entries = await store().range('meta', {});
        expect(new Map(entries.map((entry) => [entry.key, entry.value]))).toEqual(model);
      }),
      { numRuns: 40 },
    );
  });
}

function testWhole(store: () => Store, open: () => Promise<Store>): void {
  it('S-STORE-8 counts the bytes it holds, roughly', async () => {
    expect(await store().usage()).toBe(0);
    const value = new Uint8Array(1000).fill(7);
    await store().commit(['a', 'b', 'c'].map((key) => ({ op: 'put', table: 'rows', key, value })));
    const usage = await store().usage();
    expect(usage).toBeGreaterThanOrEqual(3000);
    expect(usage).toBeLessThan(4000);
  });

  it('S-STORE-9 destroy leaves nothing', async () => {
    await store().commit(TABLES.map((table) => ({ op: 'put', table, key: 'a', value: bytes(1) })));
    await store().destroy();
    const again = await open();
    expect(await Promise.all(TABLES.map((table) => again.count(table, {})))).toEqual(TABLES.map(() => 0));
    await again.destroy();
  });

  it('S-STORE-10 a closed store rejects as unavailable', async () => {
    await store().close();
    const error: unknown = await store()
      .get('meta', 'a')
      .catch((reason: unknown) => reason);
    expect(storeErrorType(error)).toBe('Unavailable');
    const failed: unknown = await store()
      .commit([put('a', 1)])
      .catch((reason: unknown) => reason);
    expect(storeErrorType(failed)).toBe('Unavailable');
  });
}

async function clear(store: Store): Promise<void> {
  const keys = keysOf(await store.range('meta', {}));
  await store.commit(keys.map((key) => ({ op: 'delete', table: 'meta', key })));
}

/** The oracle: what a batch means, on a plain map. */
function follow(model: Map<string, Uint8Array>, op: StoreOp): void {
  if (op.op === 'put') model.set(op.key, op.value);
  else if (op.op === 'delete') model.delete(op.key);
  else for (const key of [...model.keys()]) if (key >= op.from && key < op.to) model.delete(key);
}
