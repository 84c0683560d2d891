/**
 * Calls that are over, as lines of their chats and for the list of calls: one sealed row for each chat, made from its records
 * of kind `call`, and all of it in memory. Records arrive in any order and more than once; what is kept is a function of which
 * ones are here. A job sees what it changed itself, and all is undone if it fails.
 */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import type { CallId, CallOutcome, RecordId } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import { type AuthorText, type Chat, isRoot } from '../chats/chat-book.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { CallBody, VerifiedRecord } from '../records/index.ts';
import { pack, unpack } from '../values.ts';

/** What is kept of one chat: the newest. */
export const CALLS_KEPT = 200;
/** A call may be told of late, but not for ever: its beginning is believed so far back from its record. */
const LONGEST_AGO = 31 * 24 * 3600_000;

export interface LoggedCall {
  /** Of the record. */
  readonly id: RecordId;
  readonly author: AuthorText;
  readonly n: number;
  /** The record's time: where its line is. */
  readonly time: number;
  /** Who called. */
  readonly by: AccountId;
  readonly callId: CallId;
  readonly video: boolean;
  /** As the caller says. */
  readonly outcome: CallOutcome;
  readonly seconds: number;
  readonly startedAt: number;
  /** When it disappears, by the chat's timer. */
  readonly endsAt?: number;
}

interface Row {
  readonly chatId: ChatId;
  readonly calls: readonly LoggedCall[];
}

export interface CallLogOptions {
  readonly store: Store;
  readonly now: () => number;
  /** After the commit: other calls are here than before. */
  readonly changed: () => void;
}

export class CallLog {
  readonly #options: CallLogOptions;
  /** Oldest first, as ids sort. */
  readonly #calls = new Map<ChatId, readonly LoggedCall[]>();
  /** When the first of a chat disappears. */
  readonly #ends = new Map<ChatId, number>();

  constructor(options: CallLogOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#options.store.range('meta', prefixRange('calls'))) {
      const { chatId, calls } = unpack<Row>(value);
      this.#keep(chatId, calls);
    }
  }

  /** Oldest first, without what disappeared. */
  of(chatId: ChatId): readonly LoggedCall[] {
    const calls = this.#calls.get(chatId) ?? [];
    return this.#ends.has(chatId) ? calls.filter((call) => !this.#isOver(call)) : calls;
  }

  chats(): readonly ChatId[] {
    return [...this.#calls.keys()];
  }

  /** Takes in the calls among records of a chat that are shown; notes to oneself have none. Lane job's part. */
  take(chat: Chat, records: readonly VerifiedRecord[], batch: Batch): void {
    if (chat.with.type === 'self' || isRoot(chat)) return;
    const news = records.flatMap((record) => callIn(chat, record) ?? []);
    if (news.length > 0) this.#put(batch, chat.chatId, withNews(this.#calls.get(chat.chatId) ?? [], news));
  }

  /** Of a chat of which other records are shown than before: these are all. Part of a lane job; harmless to repeat. */
  async renew(chat: Chat, records: readonly VerifiedRecord[]): Promise<void> {
    if (chat.with.type !== 'group' || isRoot(chat)) return;
    await inBatch(this.#options.store, (batch) => {
      this.#put(
        batch,
        chat.chatId,
        withNews(
          [],
          records.flatMap((record) => callIn(chat, record) ?? []),
        ),
      );
    });
  }

  /** When the next one disappears; undefined: none is to. */
  nextExpiry(): number | undefined {
    let next = Infinity;
    for (const at of this.#ends.values()) next = Math.min(next, at);
    return next === Infinity ? undefined : next;
  }

  /** Chats with calls that disappeared and are in the store still. */
  overdue(): readonly ChatId[] {
    const now = this.#options.now();
    return [...this.#ends].flatMap(([chatId, at]) => (at <= now ? [chatId] : []));
  }

  /** Lane job: destroys what disappeared. */
  async sweep(chatId: ChatId): Promise<void> {
    if ((this.#ends.get(chatId) ?? Infinity) > this.#options.now()) return;
    await inBatch(this.#options.store, (batch) => {
      this.#put(batch, chatId, this.of(chatId));
    });
  }

  #put(batch: Batch, chatId: ChatId, calls: readonly LoggedCall[]): void {
    const before = this.#calls.get(chatId) ?? [];
    if (isSame(before, calls)) return;
    this.#keep(chatId, calls);
    batch.undo(() => {
      this.#keep(chatId, before);
    });
    const key = storeKey('calls', chatId);
    if (calls.length === 0) batch.delete('meta', key);
    else batch.put('meta', key, pack({ chatId, calls } satisfies Row));
    batch.then(this.#options.changed);
  }

  #keep(chatId: ChatId, calls: readonly LoggedCall[]): void {
    if (calls.length === 0) this.#calls.delete(chatId);
    else this.#calls.set(chatId, calls);
    const first = Math.min(...calls.map(({ endsAt = Infinity }) => endsAt));
    if (first === Infinity) this.#ends.delete(chatId);
    else this.#ends.set(chatId, first);
  }

  #isOver({ endsAt = Infinity }: LoggedCall): boolean {
    return endsAt <= this.#options.now();
  }
}

/** Whether it was not answered because nobody was there, as the one who was called sees it. */
export function isMissed({ by, outcome }: Pick<LoggedCall, 'by' | 'outcome'>, me: AccountId): boolean {
  return by !== me && (outcome === 'missed' || outcome === 'cancelled' || outcome === 'busy');
}

function callIn(chat: Chat, { id, author, n, time, body }: VerifiedRecord): LoggedCall | undefined {
  if (body.kind !== 'call') return undefined;
  const key = toBase64Url(author);
  const by = chat.authors.get(key)?.accountId;
  return by && { id, author: key, n, time: time.ms, by, ...said(body, time.ms) };
}

function said(body: CallBody, at: number): Omit<LoggedCall, 'id' | 'author' | 'n' | 'time' | 'by'> {
  const { callId, video, outcome, seconds, expires } = body;
  const startedAt = Math.min(at, Math.max(at - LONGEST_AGO, body.startedAt));
  return { callId, video, outcome, seconds, startedAt, ...(expires && { endsAt: at + expires * 1000 }) };
}

/** Of several records about one call by one account the one with the lowest id counts, whichever came first. */
function withNews(known: readonly LoggedCall[], news: readonly LoggedCall[]): readonly LoggedCall[] {
  const first = new Map<string, LoggedCall>();
  for (const call of [...known, ...news]) {
    const name = `${call.by} ${call.callId}`;
    const other = first.get(name);
    if (other === undefined || call.id < other.id) first.set(name, call);
  }
  return [...first.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(-CALLS_KEPT);
}

function isSame(a: readonly LoggedCall[], b: readonly LoggedCall[]): boolean {
  return a.length === b.length && a.every(({ id }, at) => b[at]?.id === id);
}
