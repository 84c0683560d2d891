/**
 * A map that is never changed: `with` and `without` answer a new one that shares nearly everything with the old. The
 * fold keeps the state after every act, which with plain maps would cost a copy of all members each.
 */

const BUCKETS = 64;
/** A letter in the hashed part of every id there is, so that ids spread over the buckets. */
const LETTER = 20;

export class SharedMap<K extends string, V> implements ReadonlyMap<K, V> {
  readonly #buckets: readonly ReadonlyMap<K, V>[];
  readonly size: number;

  private constructor(buckets: readonly ReadonlyMap<K, V>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  static empty<K extends string, V>(): SharedMap<K, V> {
    return new SharedMap<K, V>([], 0);
  }

  get(key: K): V | undefined {
    return this.#buckets[placeOf(key)]?.get(key);
  }

  has(key: K): boolean {
    return this.#buckets[placeOf(key)]?.has(key) ?? false;
  }

  with(key: K, value: V): SharedMap<K, V> {
    const bucket = new Map(this.#buckets[placeOf(key)]).set(key, value);
    return this.#replace(placeOf(key), bucket);
  }

  without(key: K): SharedMap<K, V> {
    if (!this.has(key)) return this;
    const bucket = new Map(this.#buckets[placeOf(key)]);
    bucket.delete(key);
    return this.#replace(placeOf(key), bucket);
  }

  *entries(): Generator<[K, V], undefined> {
    for (const bucket of this.#buckets) yield* bucket;
    return undefined;
  }

  *keys(): Generator<K, undefined> {
    for (const bucket of this.#buckets) yield* bucket.keys();
    return undefined;
  }

  *values(): Generator<V, undefined> {
    for (const bucket of this.#buckets) yield* bucket.values();
    return undefined;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  #replace(place: number, bucket: ReadonlyMap<K, V>): SharedMap<K, V> {
    const buckets = Array.from({ length: BUCKETS }, (_, at) => this.#buckets[at] ?? new Map<K, V>());
    const before = buckets[place]?.size ?? 0;
    buckets[place] = bucket;
    return new SharedMap(buckets, this.size + bucket.size - before);
  }
}

function placeOf(key: string): number {
  return key.charCodeAt(LETTER) & (BUCKETS - 1);
}
