/**
 * What is known of one message: a join-semilattice. `joinStates` is commutative, associative and idempotent, so that
 * records may come in any order, twice, and over any path, with one result. Knows nothing of storage or screens.
 * Spec: SPEC-projection, S-FOLD rules.
 */
import type { AccountId, Millis, RecordId } from '../api.ts';

/** The message record itself. */
export interface Message {
  readonly account: AccountId;
  /** Author key, base64url. */
  readonly author: string;
  readonly n: number;
  readonly time: Millis;
  /** As first written; empty once deleted. */
  readonly text: string;
  readonly replyTo?: RecordId;
}

/** The latest edit by one account. */
export interface Edit {
  readonly account: AccountId;
  readonly id: RecordId;
  readonly text: string;
}

/** The latest reaction of one account; without emoji it was taken back. */
export interface ReactionMark {
  readonly account: AccountId;
  readonly id: RecordId;
  readonly emoji?: string;
}

/** While `message` is absent its effects wait here, by account: nobody knows yet whose of them count. */
export interface MessageState {
  readonly id: RecordId;
  readonly message?: Message;
  /** By account; with a message: its own account's only. */
  readonly edits: readonly Edit[];
  /** Sorted accounts; with a message: its own account only. Final. */
  readonly deletedBy: readonly AccountId[];
  readonly reactions: readonly ReactionMark[];
}

/** The state of a message of which nothing is known. */
export function emptyState(id: RecordId): MessageState {
  return { id, edits: [], deletedBy: [], reactions: [] };
}

/** Everything that either side knows. Both must be of the same message. */
export function joinStates(a: MessageState, b: MessageState): MessageState {
  const message = joinMessages(a.message, b.message);
  return settle({
    id: a.id,
    ...(message && { message }),
    edits: joinMarks(a.edits, b.edits),
    deletedBy: [...new Set([...a.deletedBy, ...b.deletedBy])].sort(),
    reactions: joinMarks(a.reactions, b.reactions),
  });
}

/** Only the author's account may edit or delete; a delete destroys content, whatever came before or comes after. */
function settle(state: MessageState): MessageState {
  const { id, message } = state;
  if (message === undefined) return state;
  const { account, author, n, time } = message;
  if (state.deletedBy.includes(account)) {
    return { id, message: { account, author, n, time, text: '' }, edits: [], deletedBy: [account], reactions: [] };
  }
  const edits = state.edits.filter((edit) => edit.account === account);
  return { ...state, edits, deletedBy: [] };
}

/** An id commits to its content, so two messages of one id are one author's forgery at most: take either, but the same. */
function joinMessages(a: Message | undefined, b: Message | undefined): Message | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return messageOrder(a) <= messageOrder(b) ? a : b;
}

function messageOrder({ account, author, n, time, text, replyTo = '' }: Message): string {
  return JSON.stringify([account, author, n, time, text, replyTo]);
}

type Mark = Edit | ReactionMark;

function joinMarks<M extends Mark>(a: readonly M[], b: readonly M[]): readonly M[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const latest = new Map(a.map((mark) => [mark.account, mark]));
  for (const mark of b) {
    const other = latest.get(mark.account);
    latest.set(mark.account, other === undefined ? mark : later(other, mark));
  }
  return [...latest.values()].sort((x, y) => (x.account < y.account ? -1 : 1));
}

/** Ids sort by time; the content decides only where an id was forged. */
function later<M extends Mark>(a: M, b: M): M {
  if (a.id !== b.id) return a.id > b.id ? a : b;
  return markContent(a) >= markContent(b) ? a : b;
}

function markContent(mark: Mark): string {
  return 'text' in mark ? mark.text : (mark.emoji ?? '');
}
