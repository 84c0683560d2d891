/** Which entries of an immutable map are others than before: what changed, at the cost of a walk over references. */
import type { Readable } from '../readable.ts';

/** Calls `onChange` after each change of `source` with the keys that came, went or have another value. */
export function subscribeKeys<K, V>(
  source: Readable<ReadonlyMap<K, V>>,
  onChange: (keys: readonly K[]) => void,
): () => void {
  let before = source.get();
  return source.subscribe(() => {
    const now = source.get();
    const keys = changedKeys(before, now);
    before = now;
    onChange(keys);
  });
}

export function changedKeys<K, V>(before: ReadonlyMap<K, V>, now: ReadonlyMap<K, V>): readonly K[] {
  const gone = [...before.keys()].filter((key) => !now.has(key));
  return [...gone, ...[...now].flatMap(([key, value]) => (before.get(key) === value ? [] : [key]))];
}
