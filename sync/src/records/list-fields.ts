/**
 * Lists among the fields of record bodies: a set in one order, or a list in the order that it was given. Bounds and
 * duplicates are checked in both directions, as {@link Field} says.
 */
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';
import type { Field } from './fields.ts';

/** How many items a list may have, and the bytes that its count takes. */
export interface ListBounds {
  readonly width: 1 | 2;
  readonly least: number;
  readonly most: number;
}

/**
 * A count, then the items in ascending order of their `key`, no key twice. Written in that order whatever order they are
 * in, so that a set has one encoding and nobody has to remember to sort.
 */
export function sortedList<T>(item: Field<T>, bounds: ListBounds, key: (value: T) => Uint8Array): Field<readonly T[]> {
  return {
    write: (sink, values) => {
      const sorted = [...values].sort((a, b) => compareBytes(key(a), key(b)));
      if (!isAscendingBy(sorted, key)) throw new RangeError('an item is there twice');
      writeItems(sink, sorted, item, bounds);
    },
    read: (cursor) => {
      const values = readItems(cursor, item, bounds);
      if (!isAscendingBy(values, key)) throw new Unreadable('items are not in order');
      return values;
    },
  };
}

/** A count, then the items in the order in which they are given. */
export function plainList<T>(item: Field<T>, bounds: ListBounds): Field<readonly T[]> {
  return {
    write: (sink, values) => {
      writeItems(sink, values, item, bounds);
    },
    read: (cursor) => readItems(cursor, item, bounds),
  };
}

/** A count, then the items in the order that means something to whoever wrote them; none is there twice. */
export function distinctList<T extends string>(item: Field<T>, bounds: ListBounds): Field<readonly T[]> {
  const isDistinct = (values: readonly T[]) => new Set(values).size === values.length;
  return {
    write: (sink, values) => {
      if (!isDistinct(values)) throw new RangeError('an item is there twice');
      writeItems(sink, values, item, bounds);
    },
    read: (cursor) => {
      const values = readItems(cursor, item, bounds);
      if (!isDistinct(values)) throw new Unreadable('an item is there twice');
      return values;
    },
  };
}

function writeItems<T>(sink: ByteSink, values: readonly T[], item: Field<T>, { width, least, most }: ListBounds): void {
  if (values.length < least || values.length > most) throw new RangeError('too few or too many items');
  sink.uint(values.length, width);
  for (const value of values) item.write(sink, value);
}

function readItems<T>(cursor: ByteCursor, item: Field<T>, { width, least, most }: ListBounds): readonly T[] {
  const count = cursor.uint(width);
  if (count < least || count > most) throw new Unreadable('too few or too many items');
  const values: T[] = [];
  for (let i = 0; i < count; i += 1) values.push(item.read(cursor));
  return values;
}

/** Negative, zero or positive, as `a` sorts before, with or after `b`. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isAscendingBy<T>(values: readonly T[], key: (value: T) => Uint8Array): boolean {
  return values.every((value, at) => {
    const before = values[at - 1];
    return before === undefined || compareBytes(key(before), key(value)) < 0;
  });
}
