import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './adapters/memory-store.ts';
import { Batch, inBatch } from './batch.ts';

const VALUE = Uint8Array.of(1);

function fullStore(): ReturnType<typeof createMemoryStore> {
  return createMemoryStore({
    beforeWrite: () => {
      throw new Error('full');
    },
  });
}

describe('batch', () => {
  it('S-BATCH-1 changes memory after the store has everything, in the order of the calls', async () => {
    const store = createMemoryStore();
    const seen: string[] = [];
    const batch = new Batch();
    batch.put('meta', 'a', VALUE);
    batch.then(() => seen.push('one'));
    batch.then(() => seen.push('two'));
    expect(seen).toEqual([]);
    await batch.commit(store);
    expect(seen).toEqual(['one', 'two']);
    expect(await store.get('meta', 'a')).toEqual(VALUE);
  });

  it('S-BATCH-2 takes back what was changed at once when the store does not take it, last change first', async () => {
    const seen: string[] = [];
    const batch = new Batch();
    batch.put('meta', 'a', VALUE);
    batch.then(() => seen.push('then'));
    batch.undo(() => seen.push('first'));
    batch.undo(() => seen.push('last'));
    await expect(batch.commit(fullStore())).rejects.toThrow('full');
    expect(seen).toEqual(['last', 'first']);
  });

  it('S-BATCH-2 also when the job fails before it commits; nothing is stored then', async () => {
    const store = createMemoryStore();
    const seen: string[] = [];
    const job = inBatch(store, (batch) => {
      batch.put('meta', 'a', VALUE);
      batch.undo(() => seen.push('undone'));
      throw new Error('bug');
    });
    await expect(job).rejects.toThrow('bug');
    expect(seen).toEqual(['undone']);
    expect(await store.get('meta', 'a')).toBeUndefined();
  });

  it('S-BATCH-2 takes nothing back once it is stored', async () => {
    const seen: string[] = [];
    const batch = new Batch();
    batch.put('meta', 'a', VALUE);
    batch.undo(() => seen.push('undone'));
    await batch.commit(createMemoryStore());
    batch.drop();
    expect(seen).toEqual([]);
  });

  it('does not touch the store when there is nothing to store', async () => {
    expect(await inBatch(fullStore(), () => 'value')).toBe('value');
  });
});
