/**
 * The kinds of fields that layouts are made of (`codec.ts`). Numbers are big-endian; lengths and counts are u16. Each
 * kind that holds a free amount has a cap, checked before anything of that size is made. Writing more than a cap is a
 * bug of the caller and throws; reading more is `undefined`. What is read is copied out of the input.
 */
import { textOf, utf8 } from './bytes.ts';
import type { Cursor, Field } from './codec.ts';
import type { Open, Public, Secret } from './keys.ts';
import { KEY_BYTES } from './keys.ts';

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
