/**
 * What a record says, by kind, and its canonical bytes: each value has exactly one encoding, and decoding accepts only
 * that one. A kind that this version does not know is kept as bytes, so that a newer version finds it later.
 *
 *      1 message  = flags u8 | the fields of message-fields.ts that are flagged | text, UTF-8, to the end
 *      2 edit     = target 18 | flags u8 | mentions if flagged | text
 *      3 delete   = target 18                 4 reaction = target 18 | emoji, empty: taken away
 *      5 carried  = see carried.ts            6 act      = see act.ts
 *      7 vote     = target 18 | u16, bit i: the poll's choice i, none: taken away
 *      8 close    = target 18                 9 timer    = seconds u32, 0: off
 *     10 status   = see status.ts            11 call     = see call.ts
 */
import type { RecordId } from '../api.ts';
import type { ActBody } from './act.ts';
import { readActBody, writeActBody } from './act-fields.ts';
import { type CallBody, readCall, writeCall } from './call.ts';
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';
import { type Field, unsigned } from './fields.ts';
import { EDIT_FIELDS, type EditFields, MESSAGE_FIELDS, type MessageFields, problemWith } from './message-fields.ts';
import { RECORD } from './name-fields.ts';
import { type StatusBody, readStatus, writeStatus } from './status.ts';

export interface MessageBody extends MessageFields {
  readonly kind: 'message';
  readonly text: string;
}

export interface EditBody extends EditFields {
  readonly kind: 'edit';
  readonly target: RecordId;
  readonly text: string;
}

export type RecordBody =
  | MessageBody
  | EditBody
  | { readonly kind: 'delete'; readonly target: RecordId }
  /** Without `emoji` the author takes their reaction away. */
  | { readonly kind: 'reaction'; readonly target: RecordId; readonly emoji?: string }
  /** Another record with its original home, moved here from a document that could not keep it (see carried.ts). */
  | { readonly kind: 'carried'; readonly original: Uint8Array }
  /** What the author chooses in a poll: bit i of `choices` is its choice i; with none the vote is taken away. */
  | { readonly kind: 'vote'; readonly target: RecordId; readonly choices: number }
  /** Nothing is voted in this poll any more. */
  | { readonly kind: 'close'; readonly target: RecordId }
  /** After how many seconds what is written from now on in a direct chat is to be gone; 0: never. */
  | { readonly kind: 'timer'; readonly seconds: number }
  /** A step of a group's governance. */
  | ActBody
  /** What an account shows to some contacts for a day; alone in a document of its own. */
  | StatusBody
  /** A telephone call that is over, in a direct chat; its author is who called. */
  | CallBody
  /** A kind of a newer version: kept, passed on, not interpreted. */
  | { readonly kind: 'unknown'; readonly tag: number; readonly bytes: Uint8Array };

/** Longest text in UTF-16 units, longest emoji in UTF-8 bytes. */
export const BODY_LIMITS = { text: 8000, emoji: 64 } as const;

const TAGS = {
  ...{ message: 1, edit: 2, delete: 3, reaction: 4, carried: 5, act: 6 },
  ...{ vote: 7, close: 8, timer: 9, status: 10, call: 11 },
} as const;
const CHOICES = unsigned(2);
const SECONDS = unsigned(4);

/** The kind's number on the wire. */
export function tagOf(body: RecordBody): number {
  return body.kind === 'unknown' ? body.tag : TAGS[body.kind];
}

/** Appends the body; throws RangeError for one that no decoder would accept (a bug of the caller). */
export function writeBody(sink: ByteSink, body: RecordBody): void {
  switch (body.kind) {
    case 'message':
      writeText(sink, body, MESSAGE_FIELDS);
      return;
    case 'edit':
      RECORD.write(sink, body.target);
      writeText(sink, body, EDIT_FIELDS);
      return;
    case 'delete':
    case 'close':
      RECORD.write(sink, body.target);
      return;
    case 'vote':
      RECORD.write(sink, body.target);
      CHOICES.write(sink, body.choices);
      return;
    case 'timer':
      SECONDS.write(sink, body.seconds);
      return;
    case 'reaction':
      if (body.emoji === '') throw new RangeError('an empty emoji: leave it out to take a reaction away');
      RECORD.write(sink, body.target);
      sink.utf8(body.emoji ?? '');
      return;
    case 'carried':
      sink.put(body.original);
      return;
    case 'act':
      writeActBody(sink, body);
      return;
    case 'status':
      writeStatus(sink, body);
      return;
    case 'call':
      writeCall(sink, body);
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
      return { kind: 'message', ...readText(cursor, MESSAGE_FIELDS) };
    case TAGS.edit:
      return { kind: 'edit', target: RECORD.read(cursor), ...readText(cursor, EDIT_FIELDS) };
    case TAGS.delete:
      return { kind: 'delete', target: RECORD.read(cursor) };
    case TAGS.vote:
      return { kind: 'vote', target: RECORD.read(cursor), choices: CHOICES.read(cursor) };
    case TAGS.close:
      return { kind: 'close', target: RECORD.read(cursor) };
    case TAGS.timer:
      return { kind: 'timer', seconds: SECONDS.read(cursor) };
    case TAGS.reaction: {
      const target = RECORD.read(cursor);
      if (cursor.left > BODY_LIMITS.emoji) throw new Unreadable('emoji is too long');
      const emoji = cursor.utf8(cursor.left);
      return { kind: 'reaction', target, ...(emoji !== '' && { emoji }) };
    }
    case TAGS.carried:
      return { kind: 'carried', original: cursor.rest() };
    case TAGS.act:
      return readActBody(cursor);
    case TAGS.status:
      return readStatus(cursor);
    case TAGS.call:
      return readCall(cursor);
    default:
      return { kind: 'unknown', tag, bytes: cursor.rest() };
  }
}

function writeText<T extends MessageFields>(
  sink: ByteSink,
  said: T & { readonly text: string },
  fields: Field<T>,
): void {
  const problem = problemOf(said);
  if (problem !== undefined) throw new RangeError(problem);
  fields.write(sink, said);
  sink.utf8(said.text);
}

function readText<T extends MessageFields>(cursor: ByteCursor, fields: Field<T>): T & { readonly text: string } {
  const said = { ...fields.read(cursor), text: cursor.utf8(cursor.left) };
  const problem = problemOf(said);
  if (problem !== undefined) throw new Unreadable(problem);
  return said;
}

/** What is wrong with a text and the fields beside it; undefined: nothing. */
function problemOf({ text, ...fields }: MessageFields & { readonly text: string }): string | undefined {
  if (text.length > BODY_LIMITS.text) return 'text is too long';
  return problemWith(text, fields);
}

function isKnownTag(tag: number): boolean {
  return Object.values<number>(TAGS).includes(tag);
}
