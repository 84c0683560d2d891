/**
 * A stored message state and how it is seen. Owns the row's bytes and the view that the engine shows; a row is a cache
 * of the documents, so a version it does not know reads as damaged and is rebuilt.
 *
 *     row = JSON [4, id, message | 0 | 1: disappeared, [[account, id, text, mentions | 0]...], [account...], [[account, id, emoji | 0]...],
 *                 votes: [[account, id, choices]...], closed by: [[account, id]...]]
 *     message = [account, author, n, time, text, ...fields]                                       stored-fields.ts
 */
import { utf8 } from '@securechat/crypto';
import type { AccountId, ChatId, Millis, RecordId } from '../api.ts';
import type { MediaPointer, Mention, StatusRef } from '../records/index.ts';
import { isNumber, isText, isTexts, parseJson } from './json.ts';
import { type PollRow, pollOf } from './poll.ts';
import {
  type Close,
  type Edit,
  type Message,
  type MessageState,
  type ReactionMark,
  type Vote,
  goneState,
} from './state.ts';
import { readFields, STORED_MENTIONS, writeFields } from './stored-fields.ts';

const VERSION = 4;
const GONE = 1;

/** A message as it shows: one line of a timeline, plain data. */
export interface MessageRow {
  readonly chatId: ChatId;
  readonly id: RecordId;
  readonly account: AccountId;
  /** By an account that is mine, on whichever device. */
  readonly mine: boolean;
  /** Author key, base64url; with `n` it says which receipts cover this message. */
  readonly author: string;
  readonly n: number;
  readonly time: Millis;
  /** Empty when deleted. */
  readonly text: string;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly replyTo?: RecordId;
  /** Within `text`, in its order. */
  readonly mentions?: readonly Mention[];
  /** Seconds after `time` at which it is to be gone. */
  readonly expires?: number;
  /** Of which `text` is the question. */
  readonly poll?: PollRow;
  /** Absent when there is none, and of an opened view-once message. */
  readonly media?: readonly MediaPointer[];
  readonly forwarded?: true;
  readonly viewOnce?: true;
  /** The status that it answers. */
  readonly status?: StatusRef;
  /** One an account, in the order of accounts. */
  readonly reactions: readonly { readonly account: AccountId; readonly emoji: string }[];
}

/** Undefined while only effects of the message have arrived. */
export function rowOf(chatId: ChatId, me: AccountId, state: MessageState): MessageRow | undefined {
  const { id, message } = state;
  if (message === undefined) return undefined;
  const { account, author, n, time, replyTo, expires, media, forwarded, viewOnce, status } = message;
  const [deleted, mentions, poll] = [isDeleted(state), mentionsOf(state), pollOf(state)];
  return {
    ...{ chatId, id, account, mine: account === me, author, n, time, text: textOf(state), deleted },
    edited: editOf(state) !== undefined,
    ...(replyTo !== undefined && { replyTo }),
    ...(mentions.length > 0 && { mentions }),
    ...(expires !== undefined && { expires }),
    ...(poll !== undefined && { poll }),
    ...(media !== undefined && { media }),
    ...(forwarded !== undefined && { forwarded }),
    ...(viewOnce !== undefined && { viewOnce }),
    ...(status !== undefined && { status }),
    reactions: state.reactions.flatMap(({ account, emoji }) => (emoji === undefined ? [] : [{ account, emoji }])),
  };
}

/** The text as it shows; empty when deleted or when there is no message yet. */
export function textOf(state: MessageState): string {
  return editOf(state)?.text ?? state.message?.text ?? '';
}

/** Who is named in the text as it shows. */
export function mentionsOf(state: MessageState): readonly Mention[] {
  return (editOf(state) ?? state.message)?.mentions ?? [];
}

/** What a search looks through: the text, the choices of a poll, the names of files. */
export function searchedTextOf(text: string, { poll, media = [] }: Searched): string {
  return [text, ...(poll?.options ?? []), ...media.flatMap(({ name = [] }) => name)].join('\n');
}

interface Searched {
  readonly poll?: { readonly options: readonly string[] };
  readonly media?: readonly MediaPointer[];
}

/** A poll is not edited: nobody would know what was voted on. */
function editOf({ message, edits }: MessageState): Edit | undefined {
  return message === undefined || message.poll !== undefined ? undefined : edits[0];
}

export function isDeleted(state: MessageState): boolean {
  return state.message !== undefined && state.deletedBy.length > 0;
}

/** One string for one state: equal exactly when the states are. */
export function stateToText(state: MessageState): string {
  const { id, gone, message, edits, deletedBy, reactions, votes, closedBy } = state;
  const row = [
    ...[VERSION, id, message === undefined ? (gone === true ? GONE : 0) : messageToList(message)],
    edits.map(({ account, id, text, mentions }) => [account, id, text, mentions ? STORED_MENTIONS.write(mentions) : 0]),
    deletedBy,
    reactions.map((mark) => [mark.account, mark.id, mark.emoji ?? 0]),
    votes.map((vote) => [vote.account, vote.id, vote.choices]),
    closedBy.map((close) => [close.account, close.id]),
  ];
  return JSON.stringify(row);
}

function messageToList({ account, author, n, time, text, ...fields }: Message): readonly unknown[] {
  return [account, author, n, time, text, ...writeFields(fields)];
}

export function encodeState(state: MessageState): Uint8Array {
  return utf8(stateToText(state));
}

/** Undefined for anything that {@link encodeState} did not make. */
export function decodeState(bytes: Uint8Array): MessageState | undefined {
  const row = parseJson(bytes);
  if (!Array.isArray(row) || row.length !== 8 || row[0] !== VERSION) return undefined;
  const [, id, head, ...marks] = row as unknown[];
  if (head === GONE) return isText(id) ? goneState(id) : undefined;
  const message = head === 0 ? undefined : readMessage(head);
  const [edits, deletedBy] = [readAll(marks[0], 4, readEdit), marks[1]];
  const reactions = readAll(marks[2], 3, readReaction);
  const [votes, closedBy] = [readAll(marks[3], 3, readVote), readAll(marks[4], 2, readClose)];
  if (!isText(id) || (head !== 0 && message === undefined) || !isTexts(deletedBy)) return undefined;
  if (!edits || !reactions || !votes || !closedBy) return undefined;
  return { id, ...(message && { message }), edits, deletedBy, reactions, votes, closedBy };
}

function readMessage(value: unknown): Message | undefined {
  if (!Array.isArray(value)) return undefined;
  const [account, author, n, time, text, ...stored] = value as unknown[];
  if (!isText(account) || !isText(author) || !isNumber(n) || !isNumber(time) || !isText(text)) return undefined;
  const fields = readFields(stored);
  return fields && { account, author, n, time, text, ...fields };
}

function readEdit([account, id, text, stored]: readonly unknown[]): Edit | undefined {
  if (!isText(account) || !isText(id) || !isText(text)) return undefined;
  if (stored === 0) return { account, id, text };
  const mentions = STORED_MENTIONS.read(stored);
  return mentions && { account, id, text, mentions };
}

function readReaction([account, id, emoji]: readonly unknown[]): ReactionMark | undefined {
  if (!isText(account) || !isText(id)) return undefined;
  if (emoji === 0) return { account, id };
  return isText(emoji) ? { account, id, emoji } : undefined;
}

function readVote([account, id, choices]: readonly unknown[]): Vote | undefined {
  return isText(account) && isText(id) && isNumber(choices) ? { account, id, choices } : undefined;
}

function readClose([account, id]: readonly unknown[]): Close | undefined {
  return isText(account) && isText(id) ? { account, id } : undefined;
}

/** Each item, a list of so many, read; undefined when one of them cannot be. */
function readAll<T>(
  value: unknown,
  length: number,
  read: (item: readonly unknown[]) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: unknown) => (Array.isArray(item) && item.length === length ? read(item) : undefined));
  return items.every((item) => item !== undefined) ? items : undefined;
}
