/**
 * A small declarative binary codec: each layout names its fields once, and both directions come from that one list.
 * Big-endian. Reading never throws: a field that cannot be read returns undefined and the reader holds the reason.
 */
import { ID_BYTES } from './ids.ts';
import { relayCodeFrom, relayCodeNumber, type RelayCode } from './codes.ts';

/** Why bytes are not what they should be. `limit` and `actual` are counts, never content. */
export type DecodeError =
  | { readonly type: 'Truncated' }
  | { readonly type: 'TrailingBytes'; readonly count: number }
  | { readonly type: 'UnknownTag'; readonly tag: number }
  | {
      readonly type: 'OverCap';
      readonly field: 'bytes' | 'list' | 'text';
      readonly limit: number;
      readonly actual: number;
    }
  | { readonly type: 'BadValue' };

/** A cursor over received bytes. */
export interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  problem: DecodeError | undefined;
}

/** A cursor over bytes being written; its length was measured before. */
export interface Writer {
  readonly bytes: Uint8Array;
  at: number;
}

/** One kind of value on the wire. `size` and `write` throw RangeError for a value over its cap: that is the caller's bug. */
export interface Field<T> {
  size(value: T): number;
  write(out: Writer, value: T): void;
  read(input: Reader): T | undefined;
}

/** The value type of a field. */
export type Value<F> = F extends Field<infer T> ? T : never;
/** The object type of a list of named fields. */
export type Values<S> = { readonly [K in keyof S]: Value<S[K]> };

/** Unsigned integer of 1, 2 or 4 bytes. */
export function unsigned(width: 1 | 2 | 4): Field<number> {
  const limit = 2 ** (8 * width);
  return {
    size: (value) => within(Number.isInteger(value) && value >= 0 && value < limit, width),
    write: (out, value) => {
      for (let shift = width - 1; shift >= 0; shift--) out.bytes[out.at++] = Math.floor(value / 2 ** (8 * shift)) & 255;
    },
    read: (input) => {
      const raw = take(input, width);
      return raw?.reduce((total, byte) => total * 256 + byte, 0);
    },
  };
}

/** A byte that is 0 or 1; any other bit is an error, so that a later version may give it a meaning. */
export const flag: Field<boolean> = {
  size: () => 1,
  write: (out, value) => {
    out.bytes[out.at++] = value ? 1 : 0;
  },
  read: (input) => {
    const byte = take(input, 1)?.[0];
    if (byte === undefined || byte <= 1) return byte === undefined ? undefined : byte === 1;
    return fail(input, { type: 'BadValue' });
  },
};

/** A relay code as one byte. */
export const code: Field<RelayCode> = {
  size: () => 1,
  write: (out, value) => {
    out.bytes[out.at++] = relayCodeNumber(value);
  },
  read: (input) => {
    const byte = take(input, 1)?.[0];
    return byte === undefined ? undefined : (relayCodeFrom(byte) ?? fail(input, { type: 'BadValue' }));
  },
};

/** Exactly `length` bytes. A read returns a view, not a copy. */
export function fixed<T extends Uint8Array = Uint8Array>(length: number): Field<T> {
  return {
    size: (value) => within(value.length === length, length),
    write: put,
    read: (input) => take(input, length) as T | undefined,
  };
}

/** A 16-byte id. */
export function id<T extends Uint8Array>(): Field<T> {
  return fixed<T>(ID_BYTES);
}

/** All bytes to the end of the frame, at most `limit`. A read returns a view, not a copy. */
export function rest(limit: number): Field<Uint8Array> {
  return {
    size: (value) => within(value.length <= limit, value.length),
    write: put,
    read: (input) => takeCapped(input, input.bytes.length - input.at, limit),
  };
}

/** A u32 length and so many bytes, at most `limit`. A read returns a view, not a copy. */
export function sized(limit: number): Field<Uint8Array> {
  const length = unsigned(4);
  return {
    size: (value) => within(value.length <= limit, 4 + value.length),
    write: (out, value) => {
      length.write(out, value.length);
      put(out, value);
    },
    read: (input) => {
      const count = length.read(input);
      return count === undefined ? undefined : takeCapped(input, count, limit);
    },
  };
}

/** Visible ASCII to the end of the frame, at most `limit` characters. */
export function restAscii(limit: number): Field<string> {
  return {
    size: (value) => within(value.length <= limit && /^[\x21-\x7e]*$/.test(value), value.length),
    write: (out, value) => {
      for (let i = 0; i < value.length; i++) out.bytes[out.at++] = value.charCodeAt(i);
    },
    read: (input) => {
      const raw = takeCapped(input, input.bytes.length - input.at, limit);
      if (raw === undefined) return undefined;
      return raw.every(isVisible) ? String.fromCharCode(...raw) : fail(input, { type: 'BadValue' });
    },
  };
}

/** A u16 count and so many items, at most `limit`. */
export function list<T>(item: Field<T>, limit: number): Field<readonly T[]> {
  const length = unsigned(2);
  return {
    size: (values) => within(values.length <= limit, 2 + values.reduce((sum, value) => sum + item.size(value), 0)),
    write: (out, values) => {
      length.write(out, values.length);
      for (const value of values) item.write(out, value);
    },
    read: (input) => {
      const count = length.read(input);
      if (count === undefined) return undefined;
      if (count > limit) return fail(input, { type: 'OverCap', field: 'list', limit, actual: count });
      return readItems(input, item, count);
    },
  };
}

/** Named fields one after another, in the order of the object's keys. */
export function struct<S extends Readonly<Record<string, Field<unknown>>>>(fields: S): Field<Values<S>> {
  const entries = Object.entries(fields);
  return {
    size: (value) => entries.reduce((sum, [name, field]) => sum + field.size(value[name]), 0),
    write: (out, value) => {
      for (const [name, field] of entries) field.write(out, value[name]);
    },
    read: (input) => {
      const value: Record<string, unknown> = {};
      for (const [name, field] of entries) {
        value[name] = field.read(input);
        if (value[name] === undefined) return undefined;
      }
      return value as Values<S>;
    },
  };
}

function readItems<T>(input: Reader, item: Field<T>, count: number): T[] | undefined {
  const values: T[] = [];
  for (let i = 0; i < count; i++) {
    const value = item.read(input);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function take(input: Reader, count: number): Uint8Array | undefined {
  if (input.at + count > input.bytes.length) return fail(input, { type: 'Truncated' });
  input.at += count;
  return input.bytes.subarray(input.at - count, input.at);
}

function takeCapped(input: Reader, count: number, limit: number): Uint8Array | undefined {
  if (count > limit) return fail(input, { type: 'OverCap', field: 'bytes', limit, actual: count });
  return take(input, count);
}

function put(out: Writer, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.at);
  out.at += bytes.length;
}

function fail(input: Reader, problem: DecodeError): undefined {
  input.problem = problem;
  return undefined;
}

function within(legal: boolean, size: number): number {
  if (!legal) throw new RangeError('value does not fit its wire field');
  return size;
}

function isVisible(byte: number): boolean {
  return byte >= 0x21 && byte <= 0x7e;
}
