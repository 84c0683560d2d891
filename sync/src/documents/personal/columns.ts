/**
 * Reads the columns of an Automerge change, as its binary format describes them: runs of equal values, literals and
 * nulls. A run of a few bytes may claim any number of rows; nothing is expanded beyond the rows that the caller allows.
 */
import { type ByteCursor, Unreadable } from '../../records/cursor.ts';

/** Numbers of the columns of operations. */
export const COLUMN = {
  objectActor: 0x01,
  objectCounter: 0x02,
  key: 0x15,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  value: 0x57,
  predecessorCount: 0x70,
  predecessorActor: 0x71,
  predecessorCounter: 0x73,
} as const;

export type Columns = ReadonlyMap<number, ByteCursor>;

const KNOWN: readonly number[] = Object.values(COLUMN);
/** Bytes of a signed LEB128 number at most: enough for 2^53. */
const LEB_BYTES = 8;

/** The columns by number, to the end of `cursor`. Throws Unreadable, also for a compressed or an unknown column. */
export function readColumns(cursor: ByteCursor): Columns {
  const count = cursor.uleb();
  if (count > KNOWN.length) throw new Unreadable('too many columns');
  const heads = Array.from({ length: count }, () => [cursor.uleb(), cursor.uleb()] as const);
  if (heads.some(([number], i) => !KNOWN.includes(number) || number <= (heads[i - 1]?.[0] ?? 0))) {
    throw new Unreadable('columns');
  }
  const columns = new Map<number, ByteCursor>();
  for (const [number, length] of heads) columns.set(number, cursor.part(length));
  cursor.end();
  return columns;
}

/** A column of numbers, at most `rows` of them. */
export function readNumbers(column: ByteCursor | undefined, rows: number): (number | undefined)[] {
  return readRuns(column, rows, (cursor) => cursor.uleb());
}

/** A column of texts of at most `length` bytes each. */
export function readTexts(column: ByteCursor | undefined, rows: number, length: number): (string | undefined)[] {
  return readRuns(column, rows, (cursor) => {
    const bytes = cursor.uleb();
    if (bytes > length) throw new Unreadable('text is too long');
    return cursor.utf8(bytes);
  });
}

/** A column of numbers that holds the differences between them. */
export function readDeltas(column: ByteCursor | undefined, rows: number): number[] {
  let last = 0;
  return readRuns(column, rows, readSigned).map((delta) => {
    if (delta === undefined) throw new Unreadable('no number');
    last += delta;
    return last;
  });
}

/** Whether a column of booleans is false in all `rows` rows. */
export function isAllFalse(column: ByteCursor | undefined, rows: number): boolean {
  return column === undefined || (column.uleb() === rows && column.left === 0);
}

function readRuns<T>(column: ByteCursor | undefined, rows: number, read: (cursor: ByteCursor) => T): (T | undefined)[] {
  const values: (T | undefined)[] = [];
  while (column !== undefined && column.left > 0) {
    const run = readSigned(column);
    const count = run === 0 ? column.uleb() : Math.abs(run);
    if (count > rows - values.length) throw new Unreadable('too many rows');
    const repeated = run > 0 ? read(column) : undefined;
    for (let i = 0; i < count; i += 1) values.push(run < 0 ? read(column) : repeated);
  }
  return values;
}

function readSigned(cursor: ByteCursor): number {
  let value = 0;
  for (let i = 0; i < LEB_BYTES; i += 1) {
    const byte = cursor.u8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (7 * (i + 1));
  }
  throw new Unreadable('number is too long');
}
