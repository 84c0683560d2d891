/**
 * A record: one immutable thing that one author said in one chat. Its canonical bytes are what is hashed and signed.
 *
 *     content = version u8 (1) | kind u8 | chat 16 | author 32 | n u32 | ms 6 | counter u16 | body
 *     signed  = content | signature 64
 *
 * The signature also covers the record's home (home.ts), so nobody but the author can put it into a second change.
 * Knows nothing of documents beyond that home.
 */
import { type ChatId, type Result, err, fromBase64Url, ok, toBase64Url } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import { type ActId, makeActId } from './act-id.ts';
import { type RecordBody, readBody, tagOf, writeBody } from './body.ts';
import { ByteCursor, ByteSink, Unreadable } from './cursor.ts';
import type { Hlc } from './hlc.ts';
import { makeRecordId } from './record-id.ts';

/** What an author is about to say: everything but who and where. */
export interface RecordDraft {
  /** The author's counter in this chat: 1, 2, 3, ... without gaps. */
  readonly n: number;
  readonly time: Hlc;
  readonly body: RecordBody;
}

/** A record as its bytes tell it; nothing is verified yet. */
export interface RecordContent extends RecordDraft {
  readonly chatId: ChatId;
  readonly author: Uint8Array;
}

/** A record whose signature, chat and author were checked. */
export interface VerifiedRecord extends RecordContent {
  readonly id: RecordId;
}

export type RecordError =
  | { readonly type: 'Malformed'; readonly reason: string }
  | { readonly type: 'UnknownVersion'; readonly version: number };

/** Most bytes of a signed record, and of one that carries another. */
export const RECORD_LIMITS = { bytes: 48 * 1024, carriedBytes: 64 * 1024 } as const;

const VERSION = 1;
const CHAT_BYTES = 16;
const AUTHOR_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Canonical bytes of a record; throws RangeError for a draft that no decoder would accept. */
export function encodeContent(content: RecordContent): Uint8Array {
  const { chatId, author, n, time, body } = content;
  const chat = fromBase64Url(chatId);
  if (chat?.length !== CHAT_BYTES) throw new RangeError('not a chat id');
  if (author.length !== AUTHOR_BYTES || !isCounter(n) || !isTime(time)) throw new RangeError('not a record');
  const sink = new ByteSink().u8(VERSION).u8(tagOf(body)).put(chat).put(author);
  sink.uint(n, 4).uint(time.ms, 6).uint(time.counter, 2);
  writeBody(sink, body);
  return sink.finish();
}

/** Parses canonical bytes; what {@link encodeContent} would not have made is an error. */
export function decodeContent(bytes: Uint8Array): Result<RecordContent, RecordError> {
  try {
    const cursor = new ByteCursor(bytes);
    const version = cursor.u8();
    if (version !== VERSION) return err({ type: 'UnknownVersion', version });
    const tag = cursor.u8();
    const chatId = toBase64Url(cursor.take(CHAT_BYTES)) as ChatId;
    const author = cursor.take(AUTHOR_BYTES);
    const n = cursor.uint(4);
    if (n === 0) throw new Unreadable('counter is zero');
    const time = { ms: cursor.uint(6), counter: cursor.uint(2) };
    const body = readBody(cursor, tag);
    cursor.end();
    return ok({ chatId, author, n, time, body });
  } catch (error) {
    if (error instanceof Unreadable) return err({ type: 'Malformed', reason: error.message });
    throw error;
  }
}

/** The id that a record of this author gets; a function of what it says, so it is known before it is written. */
export function recordIdOf(chatId: ChatId, author: Uint8Array, draft: RecordDraft): RecordId {
  return makeRecordId(draft.time, encodeContent({ chatId, author, ...draft }));
}

/** The name in its group's history of the act that this record holds. */
export function actIdOf(content: RecordContent): ActId {
  return makeActId(encodeContent(content));
}

/** Splits signed bytes; undefined when they are too short to hold a signature, or too long. */
export function splitSigned(signed: Uint8Array): { content: Uint8Array; signature: Uint8Array } | undefined {
  if (signed.length <= SIGNATURE_BYTES || signed.length > RECORD_LIMITS.carriedBytes) return undefined;
  const at = signed.length - SIGNATURE_BYTES;
  return { content: signed.slice(0, at), signature: signed.slice(at) };
}

function isCounter(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= 0xffffffff;
}

function isTime(time: Hlc): boolean {
  return isUint(time.ms, 2 ** 48) && isUint(time.counter, 2 ** 16);
}

function isUint(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit;
}
