import { describe, expect, it } from 'vitest';
import { describeStore } from '../ports/store.contract.ts';
import type { StoreOp } from '../ports/store.ts';
import { createMemoryStore } from './memory-store.ts';

const put = (key: string, value: number): StoreOp => ({ op: 'put', table: 'meta', key, value: Uint8Array.of(value) });

describeStore('memory store', async () => createMemoryStore());

describe('crash and fault injection', () => {
  it('S-STORE-11 a snapshot is what a process that starts now would find', async () => {
    const store = createMemoryStore();
    await store.commit([put('a', 1)]);
    const snapshot = store.snapshot();
    await store.commit([put('a', 2), put('b', 3)]);
    const reopened = createMemoryStore({ snapshot });
    expect(await reopened.getMany('meta', ['a', 'b'])).toEqual([Uint8Array.of(1), undefined]);
    await reopened.commit([put('a', 9)]);
    store.restore(snapshot);
    expect(await store.getMany('meta', ['a', 'b'])).toEqual([Uint8Array.of(1), undefined]);
  });

  it('S-STORE-11 when beforeWrite throws, nothing of the batch is stored', async () => {
    let writes = 0;
    const store = createMemoryStore({
      beforeWrite: () => {
        if (++writes === 2) throw new Error('power cut');
      },
    });
    await store.commit([put('a', 1)]);
    await expect(store.commit([put('a', 2), put('b', 2)])).rejects.toThrow('power cut');
    expect(await store.getMany('meta', ['a', 'b'])).toEqual([Uint8Array.of(1), undefined]);
  });
});
