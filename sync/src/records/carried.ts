/**
 * Carried records: the body of a record that moves another one, whole and still verifiable, out of a document that
 * could not keep it (a forked branch, a retired generation). The carrier vouches for nothing but having had it: the
 * original author's signature and home travel along.
 *
 *     original = home | signed record
 */
import type { ChatId, Result } from '@securechat/crypto';
import { err, ok } from '@securechat/crypto';
import { ByteCursor, ByteSink, Unreadable } from './cursor.ts';
import { isAhead } from './hlc.ts';
import { type Home, isActorOf, readHome, verifyHome, writeHome } from './home.ts';
import { makeRecordId } from './record-id.ts';
import { type RecordContent, type VerifiedRecord, decodeContent, splitSigned } from './record.ts';

/** How deep a carried record may lie in others. */
export const MAX_CARRY_DEPTH = 2;

export type CarriedError =
  | { readonly type: 'Malformed'; readonly reason: string }
  | { readonly type: 'WrongChat' | 'TooDeep' }
  | { readonly type: 'BadSignature' | 'UnknownAuthor' | 'StolenActor' | 'DatedAhead'; readonly author: Uint8Array };

/** What a carried record is checked against. */
export interface CarriedContext {
  readonly chatId: ChatId;
  readonly isKnown: (author: Uint8Array) => boolean;
  readonly now: number;
}

/** The body bytes that carry a signed record from its home. */
export function packOriginal(home: Home, signed: Uint8Array): Uint8Array {
  const sink = new ByteSink();
  writeHome(sink, home);
  return sink.put(signed).finish();
}

/** Verifies the record inside and those inside it, innermost first in the answer. */
export function openOriginal(original: Uint8Array, context: CarriedContext): Result<VerifiedRecord[], CarriedError> {
  return openAtDepth(original, context, 1);
}

/** The records inside bytes that were verified before they were stored, innermost first. */
export function recallOriginal(original: Uint8Array): VerifiedRecord[] {
  const parts = unpack(original);
  if (parts === undefined) return [];
  const { record, content } = parts;
  const inner = record.body.kind === 'carried' ? recallOriginal(record.body.original) : [];
  return [...inner, { ...record, id: makeRecordId(record.time, content) }];
}

function openAtDepth(
  original: Uint8Array,
  context: CarriedContext,
  depth: number,
): Result<VerifiedRecord[], CarriedError> {
  if (depth > MAX_CARRY_DEPTH) return err({ type: 'TooDeep' });
  const parts = unpack(original);
  if (parts === undefined) return err({ type: 'Malformed', reason: 'nothing readable is carried' });
  const { home, record, content, signature } = parts;
  const { author } = record;
  if (record.chatId !== context.chatId) return err({ type: 'WrongChat' });
  if (!context.isKnown(author)) return err({ type: 'UnknownAuthor', author });
  if (!isActorOf(home, author)) return err({ type: 'StolenActor', author });
  if (isAhead(record.time, context.now)) return err({ type: 'DatedAhead', author });
  if (!verifyHome(author, content, home, signature)) return err({ type: 'BadSignature', author });
  const verified = { ...record, id: makeRecordId(record.time, content) };
  if (record.body.kind !== 'carried') return ok([verified]);
  const inner = openAtDepth(record.body.original, context, depth + 1);
  return inner.ok ? ok([...inner.value, verified]) : inner;
}

interface Parts {
  readonly home: Home;
  readonly record: RecordContent;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}

function unpack(original: Uint8Array): Parts | undefined {
  try {
    const cursor = new ByteCursor(original);
    const home = readHome(cursor);
    const split = splitSigned(cursor.rest());
    const record = split && decodeContent(split.content);
    return split && record?.ok ? { home, record: record.value, ...split } : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
