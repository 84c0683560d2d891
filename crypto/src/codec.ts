/**
 * A small declarative binary codec: a layout names each field once, in order, and both directions come from that list.
 * Numbers are big-endian. Reading never throws and never allocates more than the input holds; a length over its cap,
 * an unknown value, or bytes left over make the whole decode answer `undefined`.
 *
 * Each field knows whether it may go on the wire. {@link wireLayout} takes only fields that may, so a layout that would
 * send a `Secret` does not compile; {@link stateLayout}, for sealed storage, takes both.
 */
import { textOf, utf8 } from './bytes.ts';
import type { Open, Public, Secret } from './keys.ts';
import { KEY_BYTES } from './keys.ts';

/** A cursor over bytes being read or written. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** One kind of value. `read` answers `undefined` for bytes that are not one; `size` and `write` throw on a caller's bug. */
export interface Field<T, Wire extends boolean = boolean> {
  readonly wire: Wire;
  size(value: T): number;
  write(out: Cursor, value: T): void;
  read(input: Cursor): T | undefined;
}

/** The value type of a field or codec. */
export type ValueOf<F> = F extends { read(input: Cursor): infer T } ? Exclude<T, undefined> : never;

type Fields = Readonly<Record<string, Field<unknown>>>;
type WireFields = Readonly<Record<string, Field<unknown, true>>>;
type Values<S> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** A whole layout: a field that can also stand alone. */
export interface Codec<T, Wire extends boolean = boolean> extends Field<T, Wire> {
  /** Exactly these bytes and nothing after them. */
  decode(bytes: Uint8Array): T | undefined;
  encode(value: T): Uint8Array;
}

/** A layout whose bytes may leave the device. Does not take fields of secrets. */
export function wireLayout<const S extends WireFields>(fields: S): Codec<Values<S>, true> {
  return layout(fields, true);
}

/** A layout for sealed storage: secrets allowed. */
export function stateLayout<const S extends Fields>(fields: S): Codec<Values<S>, false> {
  return layout(fields, false);
}

/** Unsigned integer of 1 to 6 bytes. */
export function unsigned(width: 1 | 2 | 4 | 6): Field<number, true> {
  const limit = 2 ** (8 * width);
  return {
    wire: true,
    size: (value) => {
      if (!Number.isInteger(value) || value < 0 || value >= limit)
        throw new RangeError(`not a u${8 * width}: ${value}`);
      return width;
    },
    write: (out, value) => {
      for (let at = width - 1, left = value; at >= 0; at--, left = Math.floor(left / 256))
        out.bytes[out.at + at] = left;
      out.at += width;
    },
    read: (input) => take(input, width)?.reduce((total, byte) => total * 256 + byte, 0),
  };
}

/** Milliseconds since 1970, 6 bytes: enough until the year 10889. */
export const time = unsigned(6);

/** One byte that must be `value`: versions and tags. */
export function constant<const N extends number>(value: N): Field<N, true> {
  return {
    wire: true,
    size: () => 1,
    write: (out) => {
      out.bytes[out.at++] = value;
    },
    read: (input) => (take(input, 1)?.[0] === value ? value : undefined),
  };
}

/** 0 or 1; any other byte is refused, so that no two encodings mean the same. */
export const flag: Field<boolean, true> = {
  wire: true,
  size: () => 1,
  write: (out, value) => {
    out.bytes[out.at++] = value ? 1 : 0;
  },
  read: (input) => {
    const byte = take(input, 1)?.[0];
    return byte === 0 || byte === 1 ? byte === 1 : undefined;
  },
};

/** Exactly `length` bytes that are nobody's secret. */
export function fixed<T extends Open = Uint8Array>(length: number): Field<T, true> {
  return { wire: true, ...bytesOf<T>(length) };
}

/** A 32-byte public key. */
export function publicKey<Name extends string>(): Field<Public<Name>, true> {
  return fixed<Public<Name>>(KEY_BYTES);
}

/** Exactly `length` secret bytes: storage only. */
export function secret<Name extends string>(length: number = KEY_BYTES): Field<Secret<Name>, false> {
  return { wire: false, ...bytesOf<Secret<Name>>(length) };
}

/** A u16 length and so many bytes, at most `cap`. */
export function sized(cap: number): Field<Uint8Array, true> {
  return { wire: true, ...sizedBytes<Uint8Array>(cap) };
}

/** As {@link sized}, for secret bytes: storage only. */
export function sizedSecret<Name extends string>(cap: number): Field<Secret<Name>, false> {
  return { wire: false, ...sizedBytes<Secret<Name>>(cap) };
}

/** All bytes to the end, at most `cap`. */
export function rest(cap: number): Field<Uint8Array, true> {
  return {
    wire: true,
    size: (value) => withinCap(value.length, cap),
    write: put,
    read: (input) => {
      const left = input.bytes.length - input.at;
      return left > cap ? undefined : take(input, left);
    },
  };
}

/** Text as a u16 length and valid UTF-8, at most `cap` bytes. */
export function text(cap: number): Field<string, true> {
  const inner = sized(cap);
  return {
    wire: true,
    size: (value) => inner.size(utf8(value)),
    write: (out, value) => inner.write(out, utf8(value)),
    read: (input) => {
      const bytes = inner.read(input);
      return bytes && textOf(bytes);
    },
  };
}

/** A u16 count and so many items, at most `cap`. */
export function list<T, Wire extends boolean>(item: Field<T, Wire>, cap: number): Field<readonly T[], Wire> {
  return {
    wire: item.wire,
    size: (values) => values.reduce((total, value) => total + item.size(value), 2 + 0 * withinCap(values.length, cap)),
    write: (out, values) => {
      LENGTH.write(out, values.length);
      for (const value of values) item.write(out, value);
    },
    read: (input) => {
      const count = LENGTH.read(input);
      return count === undefined || count > cap ? undefined : readItems(input, item, count);
    },
  };
}

/** What an absent {@link optional} reads as: `undefined` already means "does not parse". */
export const ABSENT = null;

/** A flag, and the value when it is 1. Absent is `null`. */
export function optional<T, Wire extends boolean>(inner: Field<T, Wire>): Field<T | null, Wire> {
  return {
    wire: inner.wire,
    size: (value) => 1 + (value === ABSENT ? 0 : inner.size(value)),
    write: (out, value) => {
      flag.write(out, value !== ABSENT);
      if (value !== ABSENT) inner.write(out, value);
    },
    read: (input) => {
      const present = flag.read(input);
      if (present === undefined) return undefined;
      return present ? inner.read(input) : ABSENT;
    },
  };
}

const LENGTH = unsigned(2);

function layout<S extends Fields, Wire extends boolean>(fields: S, wire: Wire): Codec<Values<S>, Wire> {
  // The public types pair each value with its field; inside, the pairs are walked by name, as unknown.
  const named = Object.entries(fields) as unknown as readonly (readonly [string, Field<unknown>])[];
  const size = (value: Values<S>) => named.reduce((sum, [name, field]) => sum + field.size(value[name as keyof S]), 0);
  const write = (out: Cursor, value: Values<S>) => {
    for (const [name, field] of named) field.write(out, value[name as keyof S]);
  };
  const read = (input: Cursor) => {
    const values: Record<string, unknown> = {};
    for (const [name, field] of named) {
      const value = field.read(input);
      if (value === undefined) return undefined;
      values[name] = value;
    }
    return values as Values<S>;
  };
  const encode = (value: Values<S>) => {
    const out = { bytes: new Uint8Array(size(value)), at: 0 };
    write(out, value);
    return out.bytes;
  };
  const decode = (bytes: Uint8Array) => {
    const input = { bytes, at: 0 };
    const value = read(input);
    return input.at === bytes.length ? value : undefined;
  };
  return { wire, size, write, read, encode, decode };
}

function bytesOf<T extends Uint8Array>(length: number): Omit<Field<T>, 'wire'> {
  return {
    size: (value) => {
      if (value.length !== length) throw new RangeError(`expected ${length} bytes, got ${value.length}`);
      return length;
    },
    write: put,
    read: (input) => take(input, length) as T | undefined,
  };
}

function sizedBytes<T extends Uint8Array>(cap: number): Omit<Field<T>, 'wire'> {
  return {
    size: (value) => 2 + withinCap(value.length, cap),
    write: (out, value) => {
      LENGTH.write(out, value.length);
      put(out, value);
    },
    read: (input) => {
      const length = LENGTH.read(input);
      return length === undefined || length > cap ? undefined : (take(input, length) as T | undefined);
    },
  };
}

function readItems<T>(input: Cursor, item: Field<T>, count: number): readonly T[] | undefined {
  const values: T[] = [];
  for (let index = 0; index < count; index++) {
    const value = item.read(input);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** A copy, so that what was decoded does not change when the caller reuses its buffer. */
function take(input: Cursor, length: number): Uint8Array | undefined {
  const end = input.at + length;
  if (end > input.bytes.length) return undefined;
  const bytes = input.bytes.slice(input.at, end);
  input.at = end;
  return bytes;
}

function put(out: Cursor, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}

function withinCap(length: number, cap: number): number {
  if (length > cap) throw new RangeError(`${length} is over the cap of ${cap}`);
  return length;
}
