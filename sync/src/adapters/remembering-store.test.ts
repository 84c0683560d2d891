import { expect, it } from 'vitest';
import { describeStore } from '../ports/store.contract.ts';
import type { Store, StoreOp } from '../ports/store.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRememberingStore } from './remembering-store.ts';

describeStore('remembering store', async () =>
  createRememberingStore({ inner: createMemoryStore(), table: 'meta', most: 3 }),
);

const put = (key: string, value: number): StoreOp => ({ op: 'put', table: 'rows', key, value: Uint8Array.of(value) });

/** Over a store that counts how many values are asked of it. */
function counted({ most = 8, inner = createMemoryStore() }: { most?: number; inner?: Store } = {}) {
  const asked: string[] = [];
  const counting: Store = {
    ...inner,
    getMany: async (table, keys) => {
      asked.push(...keys);
      return inner.getMany(table, keys);
    },
  };
  return { inner, asked, store: createRememberingStore({ inner: counting, table: 'rows', most }) };
}

it('S-STORE-30 asks once for what it was asked for or given, and gives it back as it is', async () => {
  const { inner, asked, store } = counted();
  await inner.commit([put('a', 1), put('b', 2)]);
  expect(await store.getMany('rows', ['b', 'none', 'a'])).toEqual([Uint8Array.of(2), undefined, Uint8Array.of(1)]);
  await store.commit([put('a', 3), put('c', 4)]);
  const first = await store.get('rows', 'a');
  first?.fill(9);
  expect(await store.getMany('rows', ['a', 'b', 'c'])).toEqual([3, 2, 4].map((n) => Uint8Array.of(n)));
  expect(asked).toEqual(['b', 'none', 'a']);
});

it('S-STORE-30 what was deleted is gone, alone or with all of its kind', async () => {
  const { store } = counted();
  await store.commit([put('a', 1), put('p:1', 2), put('p:2', 3)]);
  await store.commit([
    { op: 'delete', table: 'rows', key: 'a' },
    { op: 'deleteRange', table: 'rows', from: 'p:', to: 'p;' },
  ]);
  expect(await store.getMany('rows', ['a', 'p:1', 'p:2'])).toEqual([undefined, undefined, undefined]);
});

it('S-STORE-30 keeps no more than it may, those used last', async () => {
  const { asked, store } = counted({ most: 2 });
  await store.commit([put('a', 1), put('b', 2)]);
  await store.get('rows', 'a');
  await store.commit([put('c', 3)]);
  await store.getMany('rows', ['a', 'c', 'b']);
  expect(asked).toEqual(['b']);
});

it('S-STORE-30 what is read while a commit runs is asked for again', async () => {
  const inner = createMemoryStore();
  await inner.commit([put('a', 1)]);
  let goOn = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { store } = counted({
    inner: {
      ...inner,
      getMany: async (table, keys) => {
        const values = await inner.getMany(table, keys);
        await slow;
        return values;
      },
    },
  });
  const before = store.get('rows', 'a');
  await store.commit([put('a', 2)]);
  goOn();
  expect(await before).toEqual(Uint8Array.of(1));
  expect(await store.get('rows', 'a')).toEqual(Uint8Array.of(2));
});

it('S-STORE-30 after a commit that failed, what is stored counts', async () => {
  const inner = createMemoryStore({
    beforeWrite: (ops) => {
      if (ops.length > 1) throw new Error('full');
    },
  });
  const { store } = counted({ inner });
  await store.commit([put('a', 1)]);
  await expect(store.commit([put('a', 2), put('b', 2)])).rejects.toThrow('full');
  expect(await store.getMany('rows', ['a', 'b'])).toEqual([Uint8Array.of(1), undefined]);
});
