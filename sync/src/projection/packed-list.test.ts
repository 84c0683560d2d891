import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeList, type Directory, EMPTY_DIRECTORY, LEAF_CAP, leafIndex } from './packed-list.ts';
import { decodeDirectory, decodeLeaf, encodeDirectory, encodeLeaf } from './packed-list-bytes.ts';

const WIDTH = 6;
const entry = (n: number): string => String(n).padStart(WIDTH, '0');

/** A list and its leaves as a store would hold them. */
class StoredList {
  directory: Directory = EMPTY_DIRECTORY;
  readonly leaves = new Map<number, readonly string[]>();

  change(add: readonly string[], remove: readonly string[] = []): number {
    const entriesOf = (no: number): readonly string[] => this.leaves.get(no) ?? [];
    const change = changeList({ directory: this.directory, entriesOf, add, remove });
    if (change.directoryChanged) this.directory = change.directory;
    const pieces = change.leaves.flatMap((leaf) => leaf.pieces);
    for (const { no, entries } of pieces) this.leaves.set(no, entries);
    return pieces.length;
  }

  all(): string[] {
    return this.directory.leaves.flatMap(({ no }) => this.leaves.get(no) ?? []);
  }

  check(): void {
    const { leaves } = this.directory;
    leaves.forEach(({ no, first, count }, index) => {
      const entries = this.leaves.get(no) ?? [];
      expect(entries.length).toBeLessThanOrEqual(LEAF_CAP);
      expect(entries.every((item) => item >= first && item < (leaves[index + 1]?.first ?? '\uffff'))).toBe(true);
      expect(count).toBe(index === leaves.length - 1 ? 0 : entries.length);
    });
    expect(new Set(leaves.map(({ no }) => no)).size).toBe(leaves.length);
  }
}

describe('packed lists', () => {
  it('S-LIST-1 holds what a sorted set would hold', () => {
    const batch = fc.record({
      add: fc.array(fc.nat(3000), { maxLength: 700 }),
      remove: fc.array(fc.nat(3000), { maxLength: 100 }),
    });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
        const list = new StoredList();
        const model = new Set<string>();
        for (const { add, remove } of batches) {
          list.change(add.map(entry), remove.map(entry));
          for (const n of add) model.add(entry(n));
          for (const n of remove) model.delete(entry(n));
          expect(list.all()).toEqual([...model].sort());
          list.check();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('S-LIST-2 one append writes one leaf; the directory only when a leaf is full', () => {
    const list = new StoredList();
    let directories = 0;
    for (let n = 0; n < 4 * LEAF_CAP; n++) {
      const before = list.directory;
      expect(list.change([entry(n)])).toBeLessThanOrEqual(2);
      if (list.directory !== before) directories += 1;
    }
    expect(directories).toBe(3);
    expect(list.directory.leaves.map(({ count }) => count)).toEqual([LEAF_CAP, LEAF_CAP, LEAF_CAP, 0]);
  });

  it('S-LIST-2 leaves stay well filled when history arrives newest first', () => {
    const list = new StoredList();
    for (let n = 20_000; n > 0; n -= 1000) list.change(Array.from({ length: 1000 }, (_, index) => entry(n - index)));
    expect(list.all()).toHaveLength(20_000);
    expect(list.directory.leaves.length).toBeLessThan(2 * (20_000 / LEAF_CAP));
    list.check();
  });

  it('S-LIST-3 finds the leaf of an entry', () => {
    const list = new StoredList();
    list.change(Array.from({ length: 2000 }, (_, n) => entry(2 * n)));
    for (let n = 0; n < 4000; n += 7) {
      const { leaves } = list.directory;
      const index = leafIndex(list.directory, entry(n));
      expect((leaves[index]?.first ?? '') <= entry(n)).toBe(true);
      expect((leaves[index + 1]?.first ?? '\uffff') > entry(n)).toBe(true);
    }
  });

  it('S-LIST-4 leaves and directories survive their bytes', () => {
    const list = new StoredList();
    list.change(Array.from({ length: 2000 }, (_, n) => entry(n)));
    expect(decodeDirectory(encodeDirectory(list.directory), WIDTH)).toEqual(list.directory);
    expect(decodeDirectory(encodeDirectory(EMPTY_DIRECTORY), WIDTH)).toEqual(EMPTY_DIRECTORY);
    for (const entries of list.leaves.values()) expect(decodeLeaf(encodeLeaf(entries), WIDTH)).toEqual(entries);
    expect(decodeLeaf(encodeLeaf([entry(1)]), WIDTH + 1)).toBeUndefined();
    expect(decodeLeaf(new Uint8Array(), WIDTH)).toBeUndefined();
  });
});
