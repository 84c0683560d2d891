/**
 * A sorted list of fixed-width strings, packed into leaves under one directory: a two-level tree whose insert, count
 * and page cost one leaf, however long the list. Pure; knows nothing of stores. It exists so that order lives inside
 * sealed values instead of in readable keys. Their bytes: `packed-list-bytes.ts`.
 *
 * A directory is small (one line per ~200 entries) and changes only when a leaf splits or when another leaf than the
 * last changes its size: the last leaf's count is its own business.
 */

/** Entries a leaf holds before it splits. */
export const LEAF_CAP = 256;

export interface LeafRef {
  readonly no: number;
  /** Lower bound of its entries. */
  readonly first: string;
  /** How many entries; 0 for the last leaf, whose count only the leaf itself tells. */
  readonly count: number;
}

export interface Directory {
  /** The next leaf number that was never used. */
  readonly next: number;
  /** Ascending, never empty. */
  readonly leaves: readonly LeafRef[];
}

/** A leaf after a change. */
export interface Leaf {
  readonly no: number;
  readonly entries: readonly string[];
}

/** One leaf of before, and the one or more that hold its entries now. */
export interface LeafChange {
  readonly origin: number;
  readonly pieces: readonly Leaf[];
}

export interface ListChange {
  readonly directory: Directory;
  /** False when the stored directory is still right. */
  readonly directoryChanged: boolean;
  readonly leaves: readonly LeafChange[];
}

export const EMPTY_DIRECTORY: Directory = { next: 1, leaves: [{ no: 0, first: '', count: 0 }] };

/** Position in `directory.leaves` of the leaf where `entry` is or would be. */
export function leafIndex({ leaves }: Directory, entry: string): number {
  let low = 0;
  let high = leaves.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((leaves[middle]?.first ?? '') <= entry) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The numbers of the leaves that a change to these entries touches. */
export function leavesOf(directory: Directory, entries: Iterable<string>): Set<number> {
  const numbers = new Set<number>();
  for (const entry of entries) numbers.add(refAt(directory, leafIndex(directory, entry)).no);
  return numbers;
}

export interface ListEdit {
  readonly directory: Directory;
  /** What the touched leaves hold now ({@link leavesOf}); a leaf not stored yet is empty. */
  readonly entriesOf: (no: number) => readonly string[];
  readonly add: readonly string[];
  readonly remove?: readonly string[];
}

/** Adds and removes entries. Adding one that is there, or removing one that is not, changes nothing. */
export function changeList({ directory, entriesOf, add, remove = [] }: ListEdit): ListChange {
  const work = groupByLeaf(directory, add, remove);
  let current = directory;
  const leaves: LeafChange[] = [];
  for (const [index, part] of [...work].sort(([a], [b]) => b - a)) {
    const ref = refAt(directory, index);
    const before = entriesOf(ref.no);
    const entries = merge(before, part);
    if (entries === before) continue;
    const pieces = split(entries, index === directory.leaves.length - 1);
    const placed = placePieces(current, index, pieces);
    current = placed.directory;
    leaves.push({ origin: ref.no, pieces: placed.leaves });
  }
  return { directory: current, directoryChanged: !sameDirectory(directory, current), leaves };
}

function refAt(directory: Directory, index: number): LeafRef {
  const ref = directory.leaves[index];
  if (ref === undefined) throw new Error('no such leaf');
  return ref;
}

interface LeafWork {
  readonly add: string[];
  readonly remove: Set<string>;
}

function groupByLeaf(directory: Directory, add: readonly string[], remove: readonly string[]): Map<number, LeafWork> {
  const work = new Map<number, LeafWork>();
  const at = (entry: string): LeafWork => {
    const index = leafIndex(directory, entry);
    const part = work.get(index) ?? { add: [], remove: new Set() };
    work.set(index, part);
    return part;
  };
  for (const entry of add) at(entry).add.push(entry);
  for (const entry of remove) at(entry).remove.add(entry);
  return work;
}

/** `before` itself when nothing changes. */
function merge(before: readonly string[], { add, remove }: LeafWork): readonly string[] {
  const known = new Set(before);
  const added = [...new Set(add)].filter((entry) => !known.has(entry) && !remove.has(entry)).sort();
  const kept = remove.size === 0 ? before : before.filter((entry) => !remove.has(entry));
  if (added.length === 0) return kept.length === before.length ? before : kept;
  const entries = [...kept, ...added];
  const last = kept.at(-1);
  if (last !== undefined && (added[0] ?? '') < last) entries.sort();
  return entries;
}

/** The end of a list fills leaf after leaf, since most entries come there; elsewhere halves leave room on both sides. */
function split(entries: readonly string[], atEnd: boolean): string[][] {
  if (entries.length <= LEAF_CAP) return [[...entries]];
  const pieces = Math.ceil(entries.length / LEAF_CAP);
  const size = atEnd ? LEAF_CAP : Math.ceil(entries.length / pieces);
  return Array.from({ length: pieces }, (_, piece) => entries.slice(piece * size, (piece + 1) * size));
}

/** The first piece keeps the leaf's number and bound; the others get new numbers. */
function placePieces(
  directory: Directory,
  index: number,
  pieces: readonly string[][],
): { directory: Directory; leaves: Leaf[] } {
  const old = refAt(directory, index);
  const end = index === directory.leaves.length - 1;
  const leaves = pieces.map((entries, piece) => ({ no: piece === 0 ? old.no : directory.next + piece - 1, entries }));
  const refs = leaves.map(({ no, entries }, piece) => ({
    no,
    first: piece === 0 ? old.first : (entries[0] ?? ''),
    count: end && piece === leaves.length - 1 ? 0 : entries.length,
  }));
  const all = [...directory.leaves.slice(0, index), ...refs, ...directory.leaves.slice(index + 1)];
  return { directory: { next: directory.next + pieces.length - 1, leaves: all }, leaves };
}

function sameDirectory(a: Directory, b: Directory): boolean {
  return a.leaves.length === b.leaves.length && a.leaves.every((leaf, index) => leaf.count === b.leaves[index]?.count);
}
