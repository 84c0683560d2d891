/**
 * What is known of one message: a join-semilattice. `joinStates` is commutative, associative and idempotent, so that
 * records may come in any order, twice, and over any path, with one result. Knows nothing of storage or screens.
 * Spec: SPEC-projection, S-FOLD rules.
 */
import type { AccountId, Millis, RecordId } from '../api.ts';
import type { EditFields, MessageFields } from '../records/index.ts';
import { writeFields } from './stored-fields.ts';

/** The message record itself; without its fields once deleted, but for when it expires. */
export interface Message extends MessageFields {
  readonly account: AccountId;
  /** Author key, base64url. */
  readonly author: string;
  readonly n: number;
  readonly time: Millis;
  /** As first written; empty once deleted. */
  readonly text: string;
}

/** The latest edit by one account. */
export interface Edit extends EditFields {
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

/** What one account chose in a poll: bit i of `choices` is choice i. */
export interface Vote {
  readonly account: AccountId;
  readonly id: RecordId;
  readonly choices: number;
}

/** The earliest time that one account closed the poll. */
export interface Close {
  readonly account: AccountId;
  readonly id: RecordId;
}

/** While `message` is absent its effects wait here, by account: nobody knows yet whose of them count. */
export interface MessageState {
  readonly id: RecordId;
  readonly message?: Message;
  /** The message was here and disappeared: whatever else comes of it is dropped. Final. */
  readonly gone?: true;
  /** By account; with a message: its own account's only. */
  readonly edits: readonly Edit[];
  /** Sorted accounts; with a message: its own account only. Final. */
  readonly deletedBy: readonly AccountId[];
  readonly reactions: readonly ReactionMark[];
  /** By account, an account's latest {@link VOTES_KEPT} first: one dated after the close does not count, the one before it does. */
  readonly votes: readonly Vote[];
  /** By account; with a message: its own account's only. */
  readonly closedBy: readonly Close[];
}

/** How many votes of one account are kept, because a close of which its device did not know may be older than the last. */
const VOTES_KEPT = 8;

/** The state of a message of which nothing is known. */
export function emptyState(id: RecordId): MessageState {
  return { id, edits: [], deletedBy: [], reactions: [], votes: [], closedBy: [] };
}

/** The state of a message that disappeared. */
export function goneState(id: RecordId): MessageState {
  return { ...emptyState(id), gone: true };
}

/** Everything that either side knows. Both must be of the same message. */
export function joinStates(a: MessageState, b: MessageState): MessageState {
  if (a.gone === true || b.gone === true) return goneState(a.id);
  const message = joinMessages(a.message, b.message);
  return settle({
    id: a.id,
    ...(message && { message }),
    edits: joinMarks(a.edits, b.edits, later),
    deletedBy: [...new Set([...a.deletedBy, ...b.deletedBy])].sort(),
    reactions: joinMarks(a.reactions, b.reactions, later),
    votes: joinVotes(a.votes, b.votes),
    closedBy: joinMarks(a.closedBy, b.closedBy, earlier),
  });
}

/** Only the author's account may edit, close or delete; a delete destroys content, whatever came before or comes after. */
function settle(state: MessageState): MessageState {
  const { id, message } = state;
  if (message === undefined) return state;
  const { account, author, n, time, expires } = message;
  if (state.deletedBy.includes(account)) {
    const tombstone = { account, author, n, time, text: '', ...(expires !== undefined && { expires }) };
    return { ...emptyState(id), message: tombstone, deletedBy: [account] };
  }
  const edits = state.edits.filter((edit) => edit.account === account);
  const closedBy = state.closedBy.filter((close) => close.account === account);
  return { ...state, edits, closedBy, deletedBy: [] };
}

/** An id commits to its content, so two messages of one id are one author's forgery at most: take either, but the same. */
function joinMessages(a: Message | undefined, b: Message | undefined): Message | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return messageOrder(a) <= messageOrder(b) ? a : b;
}

function messageOrder({ account, author, n, time, text, ...fields }: Message): string {
  return JSON.stringify([account, author, n, time, text, ...writeFields(fields)]);
}

type Mark = Edit | ReactionMark | Vote | Close;

/** One mark an account, in the order of accounts. */
function joinMarks<M extends Mark>(a: readonly M[], b: readonly M[], pick: (a: M, b: M) => M): readonly M[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const picked = new Map(a.map((mark) => [mark.account, mark]));
  for (const mark of b) {
    const other = picked.get(mark.account);
    picked.set(mark.account, other === undefined ? mark : pick(other, mark));
  }
  return [...picked.values()].sort((x, y) => (x.account < y.account ? -1 : 1));
}

/** The latest few of each account. Which of them count is for {@link pollOf} to say: here nothing may depend on a close. */
function joinVotes(a: readonly Vote[], b: readonly Vote[]): readonly Vote[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const votes = new Map(a.map((vote) => [`${vote.account} ${vote.id}`, vote]));
  for (const vote of b) {
    const key = `${vote.account} ${vote.id}`;
    const twin = votes.get(key);
    votes.set(key, twin === undefined ? vote : later(twin, vote));
  }
  const sorted = [...votes.values()].sort((x, y) => compare(x.account, y.account) || compare(y.id, x.id));
  return sorted.filter(({ account }, at) => sorted[at - VOTES_KEPT]?.account !== account);
}

/** Ids sort by time; the content decides only where an id was forged. */
function later<M extends Mark>(a: M, b: M): M {
  if (a.id !== b.id) return a.id > b.id ? a : b;
  return markContent(a) >= markContent(b) ? a : b;
}

function earlier<M extends Mark>(a: M, b: M): M {
  return a.id <= b.id ? a : b;
}

function markContent(mark: Mark): string {
  if ('text' in mark)
    return JSON.stringify([mark.text, ...writeFields(mark.mentions ? { mentions: mark.mentions } : {})]);
  if ('choices' in mark) return String(mark.choices);
  return 'emoji' in mark ? mark.emoji : '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
