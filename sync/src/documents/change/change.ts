/**
 * The one shape of change that a chat document may hold: an uncompressed Automerge change chunk with exactly one
 * operation, which puts one bytes value under one new key of one bucket. Written and read here without Automerge, so
 * that bytes from a contact reach Automerge only after they were found to be byte for byte what our own encoder makes:
 * no run-length column that claims a billion operations, no compressed column, no hidden extra bytes.
 *
 *     chunk   = magic 4 | first 4 bytes of hash | type u8 (1) | length | body        hash = SHA-256(type | length | body)
 *     body    = deps | actor | seq | startOp | time 0 | message '' | other actors: [genesis] | columns
 *     columns = object (genesis actor, counter) | key | insert: false | action: set | value meta | value | pred: none
 *
 * Follows the Automerge binary format (change chunk, operation columns); numbers are LEB128.
 */
import { type Result, err, hash, ok, utf8 } from '@securechat/crypto';
import { ByteCursor, ByteSink, Unreadable, ulebBytes } from '../../records/cursor.ts';
import { fromHex, toHex } from '../../records/hex.ts';
import { ACTOR_BYTES, MAX_DEPS, isAscending } from '../../records/home.ts';
import { RECORD_LIMITS } from '../../records/record.ts';
import { GENESIS_ACTOR, bucketCounter } from './genesis.ts';
import { BYTES_VALUE, COLUMN, type ChangeError, ONE_ROW, type Put, SET, readPut } from './put.ts';

/** What a change says: the fields that differ from one honest change to another. */
export interface ChangeFields extends Put {
  /** Hex, as all actor ids and hashes here. */
  readonly actor: string;
  readonly seq: number;
  readonly startOp: number;
  /** Hashes of the changes it depends on, ascending. */
  readonly deps: readonly string[];
}

/** A change with its hash and its chunk bytes. */
export interface Change extends ChangeFields {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Most bytes of a change: the largest record, {@link MAX_DEPS} hashes, and the frame. */
export const MAX_CHANGE_BYTES = RECORD_LIMITS.carriedBytes + MAX_DEPS * 32 + 512;

const MAGIC = Uint8Array.of(0x85, 0x6f, 0x4a, 0x83);
const CHECKSUM_BYTES = 4;
const HASHED_FROM = MAGIC.length + CHECKSUM_BYTES;
const CHANGE_CHUNK = 1;
const DEFLATED_CHUNK = 2;
const HASH_BYTES = 32;
const MAX_NUMBER = 0xffffffff;

/** Makes the chunk of a change. */
export function makeChange(fields: ChangeFields): Change {
  const body = writeBody(fields);
  const bytes = new ByteSink().put(MAGIC).uint(0, CHECKSUM_BYTES).u8(CHANGE_CHUNK).uleb(body.length).put(body).finish();
  const digest = hash('', bytes.subarray(HASHED_FROM));
  bytes.set(digest.subarray(0, CHECKSUM_BYTES), MAGIC.length);
  return { ...fields, hash: toHex(digest), bytes };
}

/** Parses a chunk that may come from anybody. Only what {@link makeChange} would make passes. */
export function parseChange(bytes: Uint8Array): Result<Change, ChangeError> {
  if (bytes.length > MAX_CHANGE_BYTES)
    return err({ type: 'OversizedChange', size: bytes.length, limit: MAX_CHANGE_BYTES });
  try {
    const parsed = readChunk(bytes);
    if (!parsed.ok) return parsed;
    const change = makeChange(parsed.value);
    if (!sameBytes(change.bytes, bytes)) return err({ type: 'Malformed', reason: 'not in canonical form' });
    return ok(change);
  } catch (error) {
    if (error instanceof Unreadable) return err({ type: 'Malformed', reason: error.message });
    throw error;
  }
}

/** A chunk that passed {@link parseChange} before it was stored; undefined when it is damaged or the genesis. */
export function recallChange(bytes: Uint8Array): Change | undefined {
  try {
    const parsed = readChunk(bytes);
    const digest = hash('', bytes.subarray(HASHED_FROM));
    const isWhole = sameBytes(digest.subarray(0, CHECKSUM_BYTES), bytes.subarray(MAGIC.length, HASHED_FROM));
    return parsed.ok && isWhole ? { ...parsed.value, hash: toHex(digest), bytes } : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Splits stored bytes that are chunks one after the other; undefined when they are not. */
export function splitChunks(bytes: Uint8Array): Uint8Array[] | undefined {
  const chunks: Uint8Array[] = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const cursor = new ByteCursor(bytes, at);
      cursor.part(HASHED_FROM + 1);
      const length = cursor.uleb();
      cursor.part(length);
      const next = bytes.length - cursor.left;
      chunks.push(bytes.slice(at, next));
      at = next;
    }
    return chunks;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function writeBody({ actor, seq, startOp, deps, bucket, key, value }: ChangeFields): Uint8Array {
  const sink = new ByteSink().uleb(deps.length);
  for (const dep of deps) sink.put(fromHex(dep));
  sink.u8(ACTOR_BYTES).put(fromHex(actor)).uleb(seq).uleb(startOp);
  sink.u8(0).u8(0); // time, length of message
  sink.u8(1).u8(1).put(fromHex(GENESIS_ACTOR));
  writePut(sink, { bucket, key, value });
  return sink.finish();
}

/** The operation as columns: their numbers and lengths, then their bytes. */
function writePut(sink: ByteSink, { bucket, key, value }: Put): void {
  const name = utf8(key);
  const meta = value.length * 16 + BYTES_VALUE;
  sink.u8(8).u8(COLUMN.objectActor).u8(2).u8(COLUMN.objectCounter).u8(2);
  sink.u8(COLUMN.key).uleb(1 + ulebBytes(name.length) + name.length);
  sink
    .u8(COLUMN.insert)
    .u8(1)
    .u8(COLUMN.action)
    .u8(2)
    .u8(COLUMN.valueMeta)
    .u8(1 + ulebBytes(meta));
  sink.u8(COLUMN.value).uleb(value.length).u8(COLUMN.predecessors).u8(2);
  sink.u8(ONE_ROW).u8(1).u8(ONE_ROW).u8(bucketCounter(bucket));
  sink.u8(ONE_ROW).uleb(name.length).put(name);
  sink.u8(1).u8(ONE_ROW).u8(SET).u8(ONE_ROW).uleb(meta).put(value).u8(ONE_ROW).u8(0);
}

function readChunk(bytes: Uint8Array): Result<ChangeFields, ChangeError> {
  const chunk = new ByteCursor(bytes);
  if (!sameBytes(chunk.take(MAGIC.length), MAGIC)) throw new Unreadable('not a chunk');
  chunk.take(CHECKSUM_BYTES);
  const type = chunk.u8();
  if (type === DEFLATED_CHUNK) return err({ type: 'InflatingChange' });
  if (type !== CHANGE_CHUNK) throw new Unreadable('not a change');
  const body = chunk.part(chunk.uleb());
  chunk.end();
  return readBody(body);
}

function readBody(cursor: ByteCursor): Result<ChangeFields, ChangeError> {
  const deps = readDeps(cursor);
  const actor = toHex(cursor.take(cursor.uleb()));
  const seq = cursor.uleb();
  const startOp = cursor.uleb();
  if (actor.length !== 2 * ACTOR_BYTES || !isPositive(seq)) throw new Unreadable('actor or sequence number');
  if (!isPositive(startOp)) return err({ type: 'StartOpOutOfRange', startOp });
  if (cursor.uleb() !== 0 || cursor.uleb() !== 0) throw new Unreadable('a change has neither time nor message');
  const others: string[] = [];
  for (let left = readCount(cursor, MAX_DEPS); left > 0; left -= 1) others.push(toHex(cursor.take(cursor.uleb())));
  const put = readPut(cursor, others);
  return put.ok ? ok({ actor, seq, startOp, deps, ...put.value }) : put;
}

function readDeps(cursor: ByteCursor): string[] {
  const deps: string[] = [];
  for (let left = readCount(cursor, MAX_DEPS); left > 0; left -= 1) deps.push(toHex(cursor.take(HASH_BYTES)));
  if (deps.length === 0 || !isAscending(deps)) throw new Unreadable('dependencies');
  return deps;
}

function readCount(cursor: ByteCursor, cap: number): number {
  const count = cursor.uleb();
  if (count > cap) throw new Unreadable('too many');
  return count;
}

function isPositive(value: number): boolean {
  return value >= 1 && value <= MAX_NUMBER;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
