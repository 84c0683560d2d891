/**
 * Byte arrays in snapshots (avatars) cross to a page once. The engine publishes a new snapshot of the chat list on
 * every typing dot; without this each would copy every avatar again, and the page could not tell that none changed.
 *
 *   first time   { $bytes: 7, value: Uint8Array }
 *   afterwards   { $bytes: 7 }
 *
 * Identity is the reference: the engine keeps one array for one avatar. Answers of calls are not interned.
 */

interface Interned {
  readonly $bytes: number;
  readonly value?: Uint8Array;
}

/** Writes snapshots for one page. */
export interface BytesWriter {
  write(value: unknown): unknown;
}

/** Reads snapshots of one engine run: equal bytes come back as the same reference. */
export interface BytesReader {
  read(value: unknown): unknown;
}

export function createBytesWriter(): BytesWriter {
  const known = new WeakMap<Uint8Array, number>();
  let count = 0;
  const intern = (value: Uint8Array): Interned => {
    const id = known.get(value);
    if (id !== undefined) return { $bytes: id };
    known.set(value, ++count);
    return { $bytes: count, value };
  };
  const write = (value: unknown): unknown => (value instanceof Uint8Array ? intern(value) : mapObject(value, write));
  return { write };
}

export function createBytesReader(): BytesReader {
  const known = new Map<number, Uint8Array>();
  const resolve = ({ $bytes, value }: Interned): Uint8Array | undefined => {
    if (value) known.set($bytes, value);
    return known.get($bytes);
  };
  const read = (value: unknown): unknown => (isInterned(value) ? resolve(value) : mapObject(value, read));
  return { read };
}

function isInterned(value: unknown): value is Interned {
  return typeof value === 'object' && value !== null && '$bytes' in value;
}

/** Copies arrays and plain objects with each member mapped; everything else is itself. */
function mapObject(value: unknown, map: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member)]));
}
