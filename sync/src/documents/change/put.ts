/**
 * Reads the one operation of a change from its columns and says what is wrong with any other: an overwrite, a deletion,
 * a new object, a place outside the buckets, several operations. No column is ever expanded: each must hold exactly one
 * row, which is told from its first byte.
 */
import { type Result, err, ok } from '@securechat/crypto';
import { type ByteCursor, Unreadable } from '../../records/cursor.ts';
import type { ForeignKeyReason, GuardError } from '../guard/guard-error.ts';
import { BUCKETS, GENESIS_ACTOR, bucketCounter } from './genesis.ts';

/** What the bytes of a change alone can be refused for. */
export type ChangeError = Extract<
  GuardError,
  { type: 'Malformed' | 'OversizedChange' | 'InflatingChange' | 'ForeignKey' | 'StartOpOutOfRange' }
>;

/** The operation: this value under this new key of this bucket. */
export interface Put {
  readonly bucket: number;
  readonly key: string;
  readonly value: Uint8Array;
}

/** Columns that an honest change has, by the number that the format gives them, in their order. */
export const COLUMN = {
  objectActor: 0x01,
  objectCounter: 0x02,
  key: 0x15,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  value: 0x57,
  predecessors: 0x70,
} as const;

/** Run-length marker of a column that holds one literal row. */
export const ONE_ROW = 0x7f;
/** Number of the action that puts a scalar value; type number of a value that is bytes. */
export const SET = 1;
export const BYTES_VALUE = 7;

const MAX_COLUMNS = 32;
const MAX_KEY_BYTES = 64;
const DEFLATED = 0x08;

/** Reads the columns to the end of `cursor`; `others` are the actors that the change refers to. Throws Unreadable. */
export function readPut(cursor: ByteCursor, others: readonly string[]): Result<Put, ChangeError> {
  const columns = readColumns(cursor);
  if (columns === undefined) return err({ type: 'InflatingChange' });
  const action = oneNumber(columns.get(COLUMN.action));
  if (action === 'many') return foreign('ManyOps');
  if (action !== SET) return foreign('NotAPut');
  if (oneNumber(columns.get(COLUMN.predecessors)) !== 0) return foreign('Overwrite');
  const bucket = readBucket(columns, others);
  if (bucket === undefined) return foreign('NotABucket');
  const value = columns.get(COLUMN.value);
  if (value === undefined) throw new Unreadable('no value');
  return ok({ bucket, key: readKey(columns.get(COLUMN.key)), value: value.rest() });
}

function foreign(reason: ForeignKeyReason): Result<never, ChangeError> {
  return err({ type: 'ForeignKey', reason });
}

/** Undefined when a column is compressed. */
function readColumns(cursor: ByteCursor): Map<number, ByteCursor> | undefined {
  const count = cursor.uleb();
  if (count > MAX_COLUMNS) throw new Unreadable('too many columns');
  const heads: [number, number][] = [];
  for (let i = 0; i < count; i += 1) heads.push([cursor.uleb(), cursor.uleb()]);
  if (heads.some(([spec]) => (spec & DEFLATED) !== 0)) return undefined;
  const columns = new Map<number, ByteCursor>();
  for (const [spec, length] of heads) columns.set(spec, cursor.part(length));
  cursor.end();
  return columns;
}

/** The number in a column of one row; 'many' when it holds another number of rows, undefined when it is absent. */
function oneNumber(column: ByteCursor | undefined): number | 'many' | undefined {
  if (column === undefined || column.left === 0) return undefined;
  if (column.u8() !== ONE_ROW) return 'many';
  const value = column.uleb();
  return column.left === 0 ? value : 'many';
}

function readBucket(columns: Map<number, ByteCursor>, others: readonly string[]): number | undefined {
  const actor = oneNumber(columns.get(COLUMN.objectActor));
  const counter = oneNumber(columns.get(COLUMN.objectCounter));
  if (actor !== 1 || others.length !== 1 || others[0] !== GENESIS_ACTOR || typeof counter !== 'number')
    return undefined;
  const bucket = counter - bucketCounter(0);
  return bucket >= 0 && bucket < BUCKETS ? bucket : undefined;
}

function readKey(column: ByteCursor | undefined): string {
  if (column?.u8() !== ONE_ROW) throw new Unreadable('key');
  const length = column.uleb();
  if (length > MAX_KEY_BYTES) throw new Unreadable('key is too long');
  const key = column.utf8(length);
  column.end();
  return key;
}
