/**
 * Plain data to bytes and back for the engine's own rows. The bytes are authenticated by the sealed store, so what comes
 * back is what this engine once wrote; `unpack` therefore only names the type. Bytes from others never pass here.
 */
import { Encoder } from 'cbor-x';

const codec = new Encoder({ useRecords: false, mapsAsObjects: true, copyBuffers: true, tagUint8Array: false });

export function pack(value: unknown): Uint8Array {
  return new Uint8Array(codec.encode(value));
}

export function unpack<T>(bytes: Uint8Array): T {
  return plain(codec.decode(bytes)) as T;
}

/** In Node the codec answers Buffers, whose `slice` shares memory; everything else expects plain Uint8Arrays. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
