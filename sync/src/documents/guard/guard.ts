/**
 * The guard: whether a change may enter a chat document. Everything is decided before Automerge sees a byte, because
 * Automerge itself accepts changes that make every later snapshot unloadable, let anybody overwrite anything, or block
 * another author for ever (ARCHITECTURE, "The guard").
 *
 * `examine` looks at the change alone; `judge` at its place in the history. What `judge` refuses, every honest device
 * with the same history refuses; what depends on the order of arrival (a fork) is never refused but quarantined.
 */
import type { ChatId, Result } from '@securechat/crypto';
import { err, ok, toBase64Url } from '@securechat/crypto';
import { type CarriedError, openOriginal } from '../../records/carried.ts';
import { fromHex } from '../../records/hex.ts';
import { compareHlc, isAhead } from '../../records/hlc.ts';
import { type Home, isActorOf, verifyHome } from '../../records/home.ts';
import { makeRecordId, recordIdBytes } from '../../records/record-id.ts';
import {
  RECORD_LIMITS,
  type RecordContent,
  type VerifiedRecord,
  decodeContent,
  splitSigned,
} from '../../records/record.ts';
import type { Change } from '../change/change.ts';
import type { Entry, Node } from '../change/entry.ts';
import { BUCKETS, GENESIS_OPS } from '../change/genesis.ts';
import type { Graph } from '../segment/graph.ts';
import type { GuardError } from './guard-error.ts';
import type { Place } from '../segment/place.ts';

/** What a change is checked against before its place in the history is known. */
export interface Surroundings {
  readonly chatId: ChatId;
  readonly place: Place;
  readonly isKnown: (author: Uint8Array) => boolean;
  readonly now: number;
  /** Records that an author may put into one segment, twice what an honest one does. */
  readonly perAuthor: number;
}

/** Bucket of a record: a hash byte of its id, so that buckets fill evenly. */
export function bucketOf(id: string): number {
  return (recordIdBytes(id)[8] ?? 0) % BUCKETS;
}

/** The home that a change is for its record. */
export function homeOf(change: Pick<Change, 'actor' | 'seq' | 'deps'>, place: Place): Home {
  return { documentId: place.documentId, actor: fromHex(change.actor), seq: change.seq, deps: change.deps };
}

/** Checks a parsed change by itself: the record's form, chat, place, author, time and signature, in that order. */
export function examine(change: Change, around: Surroundings): Result<Entry, GuardError> {
  const split = splitSigned(change.value);
  const content = split && decodeContent(split.content);
  if (split === undefined || content === undefined) return malformed('the value is not a signed record');
  if (!content.ok) return malformed(content.error.type === 'Malformed' ? content.error.reason : content.error.type);
  const record: VerifiedRecord = { ...content.value, id: makeRecordId(content.value.time, split.content) };
  const home = homeOf(change, around.place);
  const wrong = checkRecord(record, change, home, around);
  if (wrong !== undefined) return err(wrong);
  const author = toBase64Url(record.author);
  if (!verifyHome(record.author, split.content, home, split.signature)) return err({ type: 'BadSignature', author });
  const carried = openCarried(record, around);
  return carried.ok ? ok({ change, record, author, carried: carried.value }) : carried;
}

function checkRecord(record: VerifiedRecord, change: Change, home: Home, around: Surroundings): GuardError | undefined {
  const author = toBase64Url(record.author);
  if (change.value.length > sizeLimit(record)) return { type: 'Malformed', reason: 'record is too long' };
  if (record.chatId !== around.chatId) return { type: 'WrongChat' };
  if (change.key !== record.id) return { type: 'ForeignKey', reason: 'WrongKey' };
  if (change.bucket !== bucketOf(record.id)) return { type: 'ForeignKey', reason: 'WrongBucket' };
  if (change.startOp > maxStartOp(around)) return { type: 'StartOpOutOfRange', startOp: change.startOp };
  if (!around.isKnown(record.author)) return { type: 'UnknownAuthor', author };
  if (!isActorOf(home, record.author)) return { type: 'StolenActor', author, actor: change.actor };
  if (isAhead(record.time, around.now)) return { type: 'DatedAhead', author, by: record.time.ms - around.now };
  return undefined;
}

function sizeLimit(record: RecordContent): number {
  return record.body.kind === 'carried' ? RECORD_LIMITS.carriedBytes : RECORD_LIMITS.bytes;
}

/** No chain of honest changes is longer than what a handful of authors may write; holds before dependencies are known. */
function maxStartOp(around: Surroundings): number {
  return GENESIS_OPS + 64 * around.perAuthor;
}

function openCarried(record: VerifiedRecord, around: Surroundings): Result<VerifiedRecord[], GuardError> {
  if (record.body.kind !== 'carried') return ok([]);
  const opened = openOriginal(record.body.original, around);
  return opened.ok ? opened : err(carriedError(opened.error));
}

function carriedError(error: CarriedError): GuardError {
  switch (error.type) {
    case 'Malformed':
      return error;
    case 'WrongChat':
      return { type: 'WrongChat' };
    case 'TooDeep':
      return { type: 'Malformed', reason: 'carried too deep' };
    case 'DatedAhead':
      return { type: 'DatedAhead', author: toBase64Url(error.author), by: 0 };
    case 'StolenActor':
      return { type: 'StolenActor', author: toBase64Url(error.author), actor: '' };
    case 'BadSignature':
    case 'UnknownAuthor':
      return { type: error.type, author: toBase64Url(error.author) };
  }
}

function malformed(reason: string): Result<never, GuardError> {
  return err({ type: 'Malformed', reason });
}

/** What to do with a change, now that its segment is loaded. */
export type Verdict =
  | { readonly type: 'known' }
  | { readonly type: 'apply' }
  /** It depends on `on`, which is not here; `error` when it proves a fork all the same. */
  | { readonly type: 'waits'; readonly on: string; readonly error?: GuardError }
  /** Part of a fork's other branch; `error` when it is the change that shows the fork. */
  | { readonly type: 'quarantine'; readonly error?: GuardError }
  | { readonly type: 'refuse'; readonly error: GuardError };

/** Judges an examined change by its place in the history. */
export function judge(graph: Graph, entry: Entry, around: Surroundings): Verdict {
  const { change, author } = entry;
  if (graph.has(change.hash)) return { type: 'known' };
  const fork = findFork(graph, entry);
  const unknown = change.deps.find((hash) => !graph.has(hash));
  if (unknown !== undefined) return { type: 'waits', on: unknown, ...(fork && { error: fork }) };
  const deps = change.deps.flatMap((hash) => graph.get(hash) ?? []);
  const error = checkPlace(entry, deps);
  if (error !== undefined) return refuse(error);
  const count = graph.countOf(author);
  if (fork !== undefined || deps.some((dep) => dep.quarantined)) {
    if (count.quarantined >= around.perAuthor) return refuse({ type: 'TooManyForks', author });
    return { type: 'quarantine', ...(fork && { error: fork }) };
  }
  const isFull = count.applied >= around.perAuthor;
  return isFull ? refuse({ type: 'SegmentFull', author, segment: around.place.segment }) : { type: 'apply' };
}

function refuse(error: GuardError): Verdict {
  return { type: 'refuse', error };
}

/** The rules that need all dependencies. */
function checkPlace({ change, record, author }: Entry, deps: readonly Node[]): GuardError | undefined {
  const expected = Math.max(...deps.map((dep) => dep.op)) + 1;
  if (change.startOp !== expected) return { type: 'StartOpOutOfRange', startOp: change.startOp, expected };
  if (deps.some((dep) => compareHlc(dep.time, record.time) >= 0)) return { type: 'BackDated', author };
  const before = deps.find((dep) => dep.actor === change.actor && dep.seq === change.seq - 1);
  if (change.seq > 1 && before === undefined) return { type: 'BrokenChain', author, seq: change.seq };
  if (before !== undefined && record.n <= before.n) return { type: 'CounterReused', author, n: record.n };
  return undefined;
}

/**
 * Two signed claims of one author about one (actor, seq): either this change and one we have, or, because every change
 * names its author's change before it, this change's predecessor and the one we have in its place.
 */
function findFork(graph: Graph, { change, author }: Entry): GuardError | undefined {
  const { actor, seq, hash } = change;
  const same = graph.at(actor, seq);
  if (same !== undefined) return { type: 'Equivocation', author, actor, seq, known: same.hash, second: hash };
  const before = graph.at(actor, seq - 1);
  if (before === undefined || change.deps.includes(before.hash) || !namesUnknown(graph, change)) return undefined;
  return { type: 'Equivocation', author, actor, seq: seq - 1, known: before.hash, second: hash };
}

/** With all dependencies here and none of them its predecessor, a change is broken rather than proof of anything. */
function namesUnknown(graph: Graph, change: Change): boolean {
  return change.deps.some((dep) => !graph.has(dep));
}
