/**
 * Kinds of fields of which record bodies are made: each is named once and gives both directions. Writing what no reader
 * would accept is a bug of the caller and throws RangeError; reading it throws {@link Unreadable}, which the decoder that
 * owns the cursor turns into an error value. Integers are big-endian. Knows nothing of what the fields mean.
 */
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';

export interface Field<T> {
  write(sink: ByteSink, value: T): void;
  read(cursor: ByteCursor): T;
}

/** The fields of `T` in the order in which they are on the wire. */
type FieldsOf<T> = { readonly [K in keyof T]-?: Field<T[K] | undefined> };

const utf8 = new TextEncoder();
const MAX_UTF8_PER_UNIT = 3;

/** One field after the other; one that reads as undefined stays absent. */
export function struct<T extends object>(fields: FieldsOf<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    write: (sink, value) => {
      for (const name of names) fields[name].write(sink, value[name]);
    },
    read: (cursor) => {
      const value: Partial<T> = {};
      for (const name of names) {
        const read = fields[name].read(cursor);
        if (read !== undefined) value[name] = read;
      }
      return value as T;
    },
  };
}

/** A value that takes no bytes: the tag of a union that was read before, or a flag that is all there is to say. */
export function always<const T extends string | true>(value: T): Field<T> {
  return { write: () => undefined, read: () => value };
}

/** Unsigned integer of `width` bytes, at most 6, between `least` and the largest that fits. */
export function unsigned(width: number, least = 0): Field<number> {
  return {
    write: (sink, value) => {
      const fits = Number.isInteger(value) && value >= least && value < 256 ** width;
      if (!fits) throw new RangeError('number is out of range');
      sink.uint(value, width);
    },
    read: (cursor) => {
      const value = cursor.uint(width);
      if (value < least) throw new Unreadable('number is out of range');
      return value;
    },
  };
}

/** One byte that is the place of a name in this list. */
export function oneOf<const T extends string>(...names: readonly T[]): Field<T> {
  return {
    write: (sink, value) => {
      const at = names.indexOf(value);
      if (at < 0) throw new RangeError('no such name');
      sink.u8(at);
    },
    read: (cursor) => {
      const name = names[cursor.u8()];
      if (name === undefined) throw new Unreadable('unknown value');
      return name;
    },
  };
}

/** 0 or 1. */
export const flag: Field<boolean> = {
  write: (sink, value) => {
    sink.u8(value ? 1 : 0);
  },
  read: (cursor) => {
    const byte = cursor.u8();
    if (byte > 1) throw new Unreadable('flag is neither 0 nor 1');
    return byte === 1;
  },
};

/** Exactly `length` bytes. */
export function fixed(length: number): Field<Uint8Array> {
  return {
    write: (sink, value) => {
      if (value.length !== length) throw new RangeError('wrong number of bytes');
      sink.put(value);
    },
    read: (cursor) => cursor.take(length),
  };
}

/** A field that is bytes on the wire and `T` in memory; `toValue` answers undefined for bytes that are none. */
export function mapped<T>(
  length: number,
  toValue: (bytes: Uint8Array) => T | undefined,
  toBytes: (value: T) => Uint8Array | undefined,
): Field<T> {
  const inner = fixed(length);
  return {
    write: (sink, value) => {
      inner.write(sink, toBytes(value) ?? new Uint8Array());
    },
    read: (cursor) => {
      const value = toValue(inner.read(cursor));
      if (value === undefined) throw new Unreadable('not a name');
      return value;
    },
  };
}

/** A u16 length and so many bytes, at most `cap`. */
export function sized(cap: number): Field<Uint8Array> {
  return {
    write: (sink, value) => {
      if (value.length > cap) throw new RangeError('too many bytes');
      sink.uint(value.length, 2).put(value);
    },
    read: (cursor) => {
      const length = cursor.uint(2);
      if (length > cap) throw new Unreadable('too many bytes');
      return cursor.take(length);
    },
  };
}

/** A u16 length and so much UTF-8, of `least` to `most` UTF-16 units. */
export function text(least: number, most: number): Field<string> {
  const fits = (value: string) => value.length >= least && value.length <= most;
  return {
    write: (sink, value) => {
      if (!fits(value)) throw new RangeError('text is too short or too long');
      const bytes = utf8.encode(value);
      sink.uint(bytes.length, 2).put(bytes);
    },
    read: (cursor) => {
      const length = cursor.uint(2);
      if (length > most * MAX_UTF8_PER_UNIT) throw new Unreadable('text is too long');
      const value = cursor.utf8(length);
      if (!fits(value)) throw new Unreadable('text is too short or too long');
      return value;
    },
  };
}

/** Of the values of another kind only those that are as wanted. */
export function where<T>(inner: Field<T>, isWanted: (value: T) => boolean): Field<T> {
  return {
    write: (sink, value) => {
      if (!isWanted(value)) throw new RangeError('not a value of this field');
      inner.write(sink, value);
    },
    read: (cursor) => {
      const value = inner.read(cursor);
      if (!isWanted(value)) throw new Unreadable('not a value of this field');
      return value;
    },
  };
}

/** A value that takes no bytes: its flag says it. */
export const present: Field<true> = { write: () => undefined, read: () => true };

/** A presence byte, and the value when it is 1. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return {
    write: (sink, value) => {
      flag.write(sink, value !== undefined);
      if (value !== undefined) inner.write(sink, value);
    },
    read: (cursor) => (flag.read(cursor) ? inner.read(cursor) : undefined),
  };
}

/** The fields of which any may be absent, each with the flag that says it is there, in the order of the wire. */
export type FlaggedFields<T> = {
  readonly [K in keyof T]-?: readonly [flag: number, field: Field<Exclude<T[K], undefined>>];
};

/** A byte of flags, then the fields that are there. A flag that no field has is of a newer version, and unreadable. */
export function flagged<T extends object>(fields: FlaggedFields<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T)[];
  const known = names.reduce((flags, name) => flags | fields[name][0], 0);
  return {
    write: (sink, value) => {
      const there = names.filter((name) => value[name] !== undefined);
      sink.u8(there.reduce((flags, name) => flags | fields[name][0], 0));
      for (const name of there) fields[name][1].write(sink, value[name] as Exclude<T[typeof name], undefined>);
    },
    read: (cursor) => {
      const flags = cursor.u8();
      if ((flags & ~known) !== 0) throw new Unreadable('unknown flag');
      const value: Partial<T> = {};
      for (const name of names) if ((flags & fields[name][0]) !== 0) value[name] = fields[name][1].read(cursor);
      return value as T;
    },
  };
}
