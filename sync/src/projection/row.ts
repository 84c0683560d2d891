/**
 * A stored message state and how it is seen. Owns the row's bytes and the view that the engine shows; a row is a cache
 * of the documents, so a version it does not know reads as damaged and is rebuilt.
 *
 *     row = JSON [1, id, message | 0, [[account, id, text]...], [account...], [[account, id, emoji | 0]...]]
 *     message = [account, author, n, time, text, replyTo | 0]
 */
import { utf8 } from '@securechat/crypto';
import type { AccountId, ChatId, Millis, RecordId } from '../api.ts';
import { parseJson } from './json.ts';
import type { Edit, Message, MessageState, ReactionMark } from './state.ts';

const VERSION = 1;

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
  /** One an account, in the order of accounts. */
  readonly reactions: readonly { readonly account: AccountId; readonly emoji: string }[];
}

/** Undefined while only effects of the message have arrived. */
export function rowOf(chatId: ChatId, me: AccountId, state: MessageState): MessageRow | undefined {
  const { id, message } = state;
  if (message === undefined) return undefined;
  const { account, author, n, time, replyTo } = message;
  const deleted = isDeleted(state);
  return {
    ...{ chatId, id, account, mine: account === me, author, n, time, text: textOf(state), deleted },
    edited: state.edits.length > 0,
    ...(replyTo !== undefined && { replyTo }),
    reactions: state.reactions.flatMap(({ account, emoji }) => (emoji === undefined ? [] : [{ account, emoji }])),
  };
}

/** The text as it shows; empty when deleted or when there is no message yet. */
export function textOf(state: MessageState): string {
  if (state.message === undefined) return '';
  return state.edits[0]?.text ?? state.message.text;
}

export function isDeleted(state: MessageState): boolean {
  return state.message !== undefined && state.deletedBy.length > 0;
}

/** One string for one state: equal exactly when the states are. */
export function stateToText({ id, message, edits, deletedBy, reactions }: MessageState): string {
  const head = message && [
    ...[message.account, message.author, message.n, message.time, message.text],
    message.replyTo ?? 0,
  ];
  return JSON.stringify([
    VERSION,
    id,
    head ?? 0,
    edits.map((edit) => [edit.account, edit.id, edit.text]),
    deletedBy,
    reactions.map((mark) => [mark.account, mark.id, mark.emoji ?? 0]),
  ]);
}

export function encodeState(state: MessageState): Uint8Array {
  return utf8(stateToText(state));
}

/** Undefined for anything that {@link encodeState} did not make. */
export function decodeState(bytes: Uint8Array): MessageState | undefined {
  const row = parseJson(bytes);
  if (!Array.isArray(row) || row.length !== 6 || row[0] !== VERSION) return undefined;
  const [, id, head, edits, deletedBy, reactions] = row as unknown[];
  const message = head === 0 ? undefined : readMessage(head);
  const state = { edits: readAll(edits, readEdit), reactions: readAll(reactions, readReaction) };
  if (!isText(id) || (head !== 0 && message === undefined) || !isTexts(deletedBy)) return undefined;
  if (state.edits === undefined || state.reactions === undefined) return undefined;
  return { id, ...(message && { message }), edits: state.edits, deletedBy, reactions: state.reactions };
}

function readMessage(value: unknown): Message | undefined {
  if (!Array.isArray(value) || value.length !== 6) return undefined;
  const [account, author, n, time, text, replyTo] = value as unknown[];
  if (!isText(account) || !isText(author) || !isNumber(n) || !isNumber(time) || !isText(text)) return undefined;
  if (replyTo !== 0 && !isText(replyTo)) return undefined;
  return { account, author, n, time, text, ...(replyTo !== 0 && { replyTo }) };
}

function readEdit([account, id, text]: readonly unknown[]): Edit | undefined {
  return isText(account) && isText(id) && isText(text) ? { account, id, text } : undefined;
}

function readReaction([account, id, emoji]: readonly unknown[]): ReactionMark | undefined {
  if (!isText(account) || !isText(id)) return undefined;
  if (emoji === 0) return { account, id };
  return isText(emoji) ? { account, id, emoji } : undefined;
}

/** Each item read, or undefined when one of them cannot be. */
function readAll<T>(value: unknown, read: (item: readonly unknown[]) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: unknown) => (Array.isArray(item) && item.length === 3 ? read(item) : undefined));
  return items.every((item) => item !== undefined) ? items : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
