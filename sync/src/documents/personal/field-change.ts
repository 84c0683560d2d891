/**
 * A change of a personal document from another own device, checked before Automerge sees it: Automerge accepts changes
 * that make every later snapshot unloadable, and a document in which one made it panic is spoiled. Only what
 * {@link RepoDocument} itself writes passes: scalars put under keys of the tables, and keys cleared, each key once.
 *
 *     chunk = magic 4 | first 4 bytes of hash | type u8 (1) | length | body         hash = SHA-256(type | length | body)
 *     body  = deps | actor | seq | startOp | time 0 | message | other actors | columns
 *
 * Follows the Automerge binary format (change chunk, operation columns); numbers are LEB128.
 */
import { hash } from '@securechat/crypto';
import { ByteCursor, Unreadable } from '../../records/cursor.ts';
import { toHex } from '../../records/hex.ts';
import { COLUMN, type Columns, isAllFalse, readColumns, readDeltas, readNumbers, readTexts } from './columns.ts';
import { GENESIS_ACTOR, MAX_KEY_BYTES } from './flat-document.ts';

/** What a history needs to know of a change. */
export interface ChangeNode {
  readonly hash: string;
  readonly actor: string;
  readonly seq: number;
  readonly startOp: number;
  /** Counter of its last operation; `startOp - 1` when it has none. */
  readonly maxOp: number;
  readonly deps: readonly string[];
  /** Not empty: the change ends a move to a new generation, see {@link MOVED}. */
  readonly message: string | null;
}

/** A change whose form is good; whether it fits is for the history to say. */
export interface FieldChange extends ChangeNode {
  readonly bytes: Uint8Array;
  /** The keys it sets or clears. */
  readonly touched: readonly { readonly table: string; readonly key: string }[];
}

/** Most bytes of a change as it travels, and most operations in it. */
export const MAX_FIELD_CHANGE = { bytes: 128 * 1024, operations: 4096, deps: 256, actors: 2048 } as const;

/** Message of the change that ends a move: everything that moved comes before it. */
export const MOVED = 'moved';

const MAGIC = 0x856f4a83;
const CHECKSUM_BYTES = 4;
const HASHED_FROM = 8;
const CHANGE_CHUNK = 1;
const HASH_BYTES = 32;
const MAX_ACTOR_BYTES = 32;
const MAX_COUNTER = 0x7fffffff;
const ACTION = { set: 1, clear: 3 } as const;
/** False, true, unsigned, signed, float, text, bytes: the types of values, in the low four bits of their description. */
const SCALARS = [1, 2, 3, 4, 5, 6, 7];
const TEXT = 6;

/** Undefined for anything but one uncompressed change of a document with these tables. Never throws. */
export function parseFieldChange(bytes: Uint8Array, tables: readonly string[]): FieldChange | undefined {
  if (bytes.length > MAX_FIELD_CHANGE.bytes) return undefined;
  try {
    return readChunk(bytes, tables);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function readChunk(bytes: Uint8Array, tables: readonly string[]): FieldChange {
  const chunk = new ByteCursor(bytes);
  if (chunk.uint(4) !== MAGIC) throw new Unreadable('not a chunk');
  const checksum = toHex(chunk.take(CHECKSUM_BYTES));
  const digest = toHex(hash('', bytes.subarray(HASHED_FROM)));
  if (!digest.startsWith(checksum) || chunk.u8() !== CHANGE_CHUNK) throw new Unreadable('not a change');
  const body = chunk.part(chunk.uleb());
  chunk.end();
  return { hash: digest, bytes, ...readBody(body, tables) };
}

function readBody(cursor: ByteCursor, tables: readonly string[]): Omit<FieldChange, 'hash' | 'bytes'> {
  const deps = readList(cursor, MAX_FIELD_CHANGE.deps, () => toHex(cursor.take(HASH_BYTES)));
  if (deps.length === 0) throw new Unreadable('no dependencies');
  const actor = readActor(cursor);
  const [seq, startOp, time] = [cursor.uleb(), cursor.uleb(), cursor.uleb()];
  const message = cursor.utf8(cursor.uleb());
  if (seq < 1 || seq > MAX_COUNTER || startOp < 1 || time !== 0) throw new Unreadable('numbers');
  if (message !== '' && message !== MOVED) throw new Unreadable('message');
  const actors = [actor, ...readList(cursor, MAX_FIELD_CHANGE.actors, () => readActor(cursor))];
  const touched = readOperations(readColumns(cursor), { actors, tables, startOp });
  const maxOp = startOp + touched.length - 1;
  if (maxOp > MAX_COUNTER) throw new Unreadable('operation counter');
  return { deps, actor, seq, startOp, maxOp, message, touched };
}

function readActor(cursor: ByteCursor): string {
  const length = cursor.uleb();
  if (length === 0 || length > MAX_ACTOR_BYTES) throw new Unreadable('actor');
  return toHex(cursor.take(length));
}

function readList<T>(cursor: ByteCursor, cap: number, read: () => T): T[] {
  const count = cursor.uleb();
  if (count > cap) throw new Unreadable('too many');
  return Array.from({ length: count }, read);
}

interface Frame {
  readonly actors: readonly string[];
  readonly tables: readonly string[];
  readonly startOp: number;
}

/** The keys that the operations touch, after checking that each sets a scalar or clears, in a table of the genesis. */
function readOperations(columns: Columns, frame: Frame): FieldChange['touched'] {
  const actions = readNumbers(columns.get(COLUMN.action), MAX_FIELD_CHANGE.operations);
  const rows = actions.length;
  const [actors, counters] = [
    readNumbers(columns.get(COLUMN.objectActor), rows),
    readNumbers(columns.get(COLUMN.objectCounter), rows),
  ];
  const keys = readTexts(columns.get(COLUMN.key), rows, MAX_KEY_BYTES);
  if ([actors, counters, keys].some((column) => column.length !== rows)) throw new Unreadable('rows');
  if (!isAllFalse(columns.get(COLUMN.insert), rows)) throw new Unreadable('an insertion');
  checkValues(columns, actions);
  checkPredecessors(columns, actions, frame);
  const touched = keys.map((key, i) => {
    const table = frame.actors[actors[i] ?? -1] === GENESIS_ACTOR ? frame.tables[(counters[i] ?? 0) - 1] : undefined;
    if (table === undefined || key === undefined) throw new Unreadable('not a key of a table');
    return { table, key };
  });
  if (new Set(touched.map(({ table, key }) => `${table}/${key}`)).size < rows) throw new Unreadable('a key twice');
  return touched;
}

function checkValues(columns: Columns, actions: readonly (number | undefined)[]): void {
  const metas = readNumbers(columns.get(COLUMN.valueMeta), actions.length);
  const values = columns.get(COLUMN.value) ?? new ByteCursor(new Uint8Array());
  if (metas.length !== actions.length) throw new Unreadable('rows');
  for (const [i, meta = 0] of metas.entries()) {
    const [type, length] = [meta % 16, Math.floor(meta / 16)];
    if (actions[i] !== ACTION.clear && (actions[i] !== ACTION.set || !SCALARS.includes(type))) {
      throw new Unreadable('not a scalar');
    }
    if (actions[i] === ACTION.clear && meta !== 0) throw new Unreadable('a value where none is');
    if (type === TEXT) values.utf8(length);
    else values.part(length);
  }
  values.end();
}

/** What is overwritten was there before; what is cleared was there at all. */
function checkPredecessors(columns: Columns, actions: readonly (number | undefined)[], frame: Frame): void {
  const counts = readNumbers(columns.get(COLUMN.predecessorCount), actions.length);
  const cap = MAX_FIELD_CHANGE.operations;
  const actors = readNumbers(columns.get(COLUMN.predecessorActor), cap);
  const counters = readDeltas(columns.get(COLUMN.predecessorCounter), cap);
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const isWhole = counts.length === actions.length && total === actors.length && total === counters.length;
  const clearsNothing = actions.some((action, i) => action === ACTION.clear && (counts[i] ?? 0) === 0);
  if (!isWhole || clearsNothing) throw new Unreadable('predecessors');
  if (counters.some((counter) => counter < 1 || counter >= frame.startOp)) throw new Unreadable('predecessor');
  if (actors.some((actor) => frame.actors[actor ?? -1] === undefined)) throw new Unreadable('predecessor');
}
