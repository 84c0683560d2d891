/**
 * A change together with the record in it: what the guard examines, the graph orders and the engine is told of.
 */
import type { Result } from '@securechat/crypto';
import { err, ok, toBase64Url } from '@securechat/crypto';
import { recallOriginal } from '../../records/carried.ts';
import type { Hlc } from '../../records/hlc.ts';
import type { VerifiedRecord } from '../../records/record.ts';
import { decodeContent, splitSigned } from '../../records/record.ts';
import type { RecordId } from '../../api.ts';
import type { Change } from './change.ts';

export interface Entry {
  readonly change: Change;
  readonly record: VerifiedRecord;
  /** The author's public key in base64url. */
  readonly author: string;
  /** Records inside the record, innermost first. */
  readonly carried: readonly VerifiedRecord[];
}

/** What the graph remembers of an entry: everything but the text. */
export interface Node {
  readonly hash: string;
  readonly actor: string;
  readonly seq: number;
  /** Counter of its one operation (of its last one for the genesis). */
  readonly op: number;
  readonly deps: readonly string[];
  readonly author: string;
  readonly n: number;
  readonly time: Hlc;
  /** What the oldest of its records is dated, those inside included. */
  readonly earliestMs: number;
  readonly id: RecordId;
  /** Authors, counters and ids of the records inside. */
  readonly carried: readonly { readonly author: string; readonly n: number; readonly id: RecordId }[];
  /** Not in the Automerge document: it belongs to a fork's other branch. */
  readonly quarantined: boolean;
}

/** The record of a change whose bytes were verified before; the id is the key they were stored under. */
export function recallEntry(change: Change): Result<Entry, { readonly type: 'Malformed'; readonly reason: string }> {
  const split = splitSigned(change.value);
  const content = split && decodeContent(split.content);
  if (!content?.ok) return err({ type: 'Malformed', reason: 'the value is not a record' });
  const record = { ...content.value, id: change.key };
  const carried = record.body.kind === 'carried' ? recallOriginal(record.body.original) : [];
  return ok({ change, record, author: toBase64Url(record.author), carried });
}

/** The part of an entry that stays in memory. */
export function nodeOf({ change, record, author, carried }: Entry, quarantined: boolean): Node {
  const inside = carried.map((inner) => ({ author: toBase64Url(inner.author), n: inner.n, id: inner.id }));
  const { hash, actor, seq, startOp, deps } = change;
  const { n, time, id } = record;
  const earliestMs = Math.min(time.ms, ...carried.map((inner) => inner.time.ms));
  return { hash, actor, seq, op: startOp, deps, author, n, time, earliestMs, id, carried: inside, quarantined };
}

/** All records that an entry brings, those inside first. */
export function recordsOf(entry: Entry): VerifiedRecord[] {
  return [...entry.carried, entry.record];
}
