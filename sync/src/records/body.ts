/**
 * What a record says, by kind, and its canonical bytes: each value has exactly one encoding, and decoding accepts only
 * that one. A kind that this version does not know is kept as bytes, so that a newer version finds it later.
 *
 *     message  = flags u8 (1: reply) | replyTo 18 if flagged | text, UTF-8, to the end
 *     edit     = target 18 | text          reaction = target 18 | emoji, empty: taken away
 *     delete   = target 18                 carried  = see carried.ts
 *     act      = see act.ts
 */
import type { RecordId } from '../api.ts';
import type { ActBody } from './act.ts';
import { readActBody, writeActBody } from './act-fields.ts';
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';
import { ID_BYTES, recordIdBytes, recordIdFrom } from './record-id.ts';

export type RecordBody =
  | { readonly kind: 'message'; readonly text: string; readonly replyTo?: RecordId }
  | { readonly kind: 'edit'; readonly target: RecordId; readonly text: string }
  | { readonly kind: 'delete'; readonly target: RecordId }
  /** Without `emoji` the author takes their reaction away. */
  | { readonly kind: 'reaction'; readonly target: RecordId; readonly emoji?: string }
  /** Another record with its original home, moved here from a document that could not keep it (see carried.ts). */
  | { readonly kind: 'carried'; readonly original: Uint8Array }
  /** A step of a group's governance. */
  | ActBody
  /** A kind of a newer version: kept, passed on, not interpreted. */
  | { readonly kind: 'unknown'; readonly tag: number; readonly bytes: Uint8Array };

/** Longest text in UTF-16 units, longest emoji in UTF-8 bytes. */
export const BODY_LIMITS = { text: 8000, emoji: 64 } as const;

const TAGS = { message: 1, edit: 2, delete: 3, reaction: 4, carried: 5, act: 6 } as const;
const REPLY = 1;

/** The kind's number on the wire. */
export function tagOf(body: RecordBody): number {
  return body.kind === 'unknown' ? body.tag : TAGS[body.kind];
}

/** Appends the body; throws RangeError for one that no decoder would accept (a bug of the caller). */
export function writeBody(sink: ByteSink, body: RecordBody): void {
  switch (body.kind) {
    case 'message':
      sink.u8(body.replyTo === undefined ? 0 : REPLY);
      if (body.replyTo !== undefined) sink.put(recordIdBytes(body.replyTo));
      sink.utf8(checkedText(body.text));
      return;
    case 'edit':
      sink.put(recordIdBytes(body.target)).utf8(checkedText(body.text));
      return;
    case 'delete':
      sink.put(recordIdBytes(body.target));
      return;
    case 'reaction':
      if (body.emoji === '') throw new RangeError('an empty emoji: leave it out to take a reaction away');
      sink.put(recordIdBytes(body.target)).utf8(body.emoji ?? '');
      return;
    case 'carried':
      sink.put(body.original);
      return;
    case 'act':
      writeActBody(sink, body);
      return;
    case 'unknown':
      if (isKnownTag(body.tag)) throw new RangeError('this kind is known');
      sink.put(body.bytes);
      return;
  }
}

/** Reads the body of kind `tag` to the end; throws {@link Unreadable}. */
export function readBody(cursor: ByteCursor, tag: number): RecordBody {
  switch (tag) {
    case TAGS.message:
      return readMessage(cursor);
    case TAGS.edit:
      return { kind: 'edit', target: readId(cursor), text: readText(cursor) };
    case TAGS.delete:
      return { kind: 'delete', target: readId(cursor) };
    case TAGS.reaction: {
      const target = readId(cursor);
      if (cursor.left > BODY_LIMITS.emoji) throw new Unreadable('emoji is too long');
      const emoji = cursor.utf8(cursor.left);
      return { kind: 'reaction', target, ...(emoji !== '' && { emoji }) };
    }
    case TAGS.carried:
      return { kind: 'carried', original: cursor.rest() };
    case TAGS.act:
      return readActBody(cursor);
    default:
      return { kind: 'unknown', tag, bytes: cursor.rest() };
  }
}

function readMessage(cursor: ByteCursor): RecordBody {
  const flags = cursor.u8();
  if (flags > REPLY) throw new Unreadable('unknown flag');
  const replyTo = flags === REPLY ? readId(cursor) : undefined;
  const text = readText(cursor);
  return { kind: 'message', text, ...(replyTo !== undefined && { replyTo }) };
}

function readId(cursor: ByteCursor): RecordId {
  return recordIdFrom(cursor.take(ID_BYTES));
}

function readText(cursor: ByteCursor): string {
  const value = cursor.utf8(cursor.left);
  if (value === '') throw new Unreadable('text is empty');
  if (value.length > BODY_LIMITS.text) throw new Unreadable('text is too long');
  return value;
}

function checkedText(value: string): string {
  if (value === '' || value.length > BODY_LIMITS.text) throw new RangeError('text is empty or too long');
  return value;
}

function isKnownTag(tag: number): boolean {
  return Object.values<number>(TAGS).includes(tag);
}
