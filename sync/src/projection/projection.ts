/**
 * The projection: what the screen is drawn from (DESIGN 5). Rows, timeline, unread and search of every chat, made from
 * verified records and kept in a store that should be sealed. A cache of the documents: anything here can be thrown
 * away and rebuilt. Knows nothing of documents, sessions or the network. Spec: SPEC-projection.
 */
import type { AccountId, ChatId, Millis, RecordId, SearchQuery } from '../api.ts';
import type { Store, StoreOp } from '../ports/store.ts';
import { applyEnds, applyRecords, spendMedia, type Applied, type Context } from './apply.ts';
import { ChatHeads } from './chat-head.ts';
import { Expiries } from './expiry.ts';
import type { AccountOf } from './fold.ts';
import { deleteChatOps } from './keys.ts';
import { listChats, listUnfinished, markRebuild, rebuildChat } from './rebuild.ts';
import type { ProjectableRecord } from './record.ts';
import type { MessageRow } from './row.ts';
import { searchMessages, type RowSearchResults } from './search/search.ts';
import {
  type CollectionPage,
  type CollectionQuery,
  countMessages,
  type PageQuery,
  readCollection,
  readLast,
  readPage,
  readRows,
  type RowPage,
} from './timeline.ts';
import { countUnread, raiseMarks, type Marks, type Unread } from './unread.ts';

export interface ProjectionOptions {
  readonly store: Store;
  readonly me: AccountId;
  /** Must give the same answer for an author key for ever; records of unknown authors are ignored. */
  readonly accountOf: AccountOf;
  /** What is dated so that it disappears is gone by this clock. */
  readonly now: () => Millis;
  /** Deleted for me: left out of pages, previews, unread and search. Asked often, so from memory. */
  readonly isHidden?: (chatId: ChatId, id: RecordId) => boolean;
  /** View-once messages that were opened. Asked often, so from memory. */
  readonly isOpened?: (chatId: ChatId, id: RecordId) => boolean;
}

/**
 * Reads reject with a DamagedValueError when a stored value is not what was stored: rebuild the chat then. Reads that
 * run while a commit lands may see the state before or after it.
 */
export interface Projection {
  /** Reads when messages disappear. Before anything else is asked. */
  load(): Promise<void>;
  /** Works out the ops for a batch; stores nothing. Commit them before the next apply of this chat, or drop them all. */
  apply(chatId: ChatId, records: readonly ProjectableRecord[]): Promise<Applied>;
  /** As {@link apply}: opened view-once messages, which `isOpened` names by now, lose what points to their media. */
  spend(chatId: ChatId, ids: readonly RecordId[]): Promise<Applied>;
  /** May be called when the ops of the last apply were committed: reads then need not load directories anew. */
  settle(chatId: ChatId): void;
  page(query: PageQuery): Promise<RowPage>;
  get(chatId: ChatId, id: RecordId): Promise<MessageRow | undefined>;
  getMany(chatId: ChatId, ids: readonly RecordId[]): Promise<readonly (MessageRow | undefined)[]>;
  /** Messages of one sort, newest first. */
  collection(query: CollectionQuery): Promise<CollectionPage>;
  /** For the chat list's preview. */
  lastMessage(chatId: ChatId): Promise<MessageRow | undefined>;
  unread(chatId: ChatId, marks: Marks): Promise<Unread>;
  /** The marks that rise when everything up to `upTo` has been on the screen. */
  marksUpTo(chatId: ChatId, upTo: RecordId, marks: Marks): Promise<Marks>;
  messageCount(chatId: ChatId): Promise<number>;
  /** Hands out ever better results; resolves after the last one, or soon after an abort. */
  search(query: SearchQuery, onResults: (results: RowSearchResults) => void, signal: AbortSignal): Promise<void>;
  /** Commits by itself, batch by batch. No apply of this chat meanwhile. */
  rebuild(chatId: ChatId, batches: AsyncIterable<readonly ProjectableRecord[]>): Promise<void>;
  /** When the next message disappears; undefined: none is to. */
  nextExpiry(): Millis | undefined;
  /** Chats with messages that disappeared and are not swept: they show nowhere, and are in the store still. */
  overdue(): readonly ChatId[];
  /** Destroys at most so many of them; `commit` stores the ops that do. No apply of this chat meanwhile. */
  sweep(chatId: ChatId, limit: number, commit: Commit): Promise<void>;
  /** The ops that make it a rebuild that is not finished, for a batch after which the chat shows something else. */
  planRebuild(chatId: ChatId): readonly StoreOp[];
  unfinishedRebuilds(): Promise<readonly ChatId[]>;
  /** The ops that remove a chat's projection; to be committed before the next apply of this chat. */
  deleteChat(chatId: ChatId): readonly StoreOp[];
  chats(): Promise<readonly ChatId[]>;
}

/** Stores what was worked out, or rejects and has stored nothing. */
export type Commit = (applied: Applied) => Promise<void>;

/** One projection per store: it remembers directories, and believes that nobody else changes them. */
export function createProjection(options: ProjectionOptions): Projection {
  const { store, now, isHidden = () => false, isOpened = () => false } = options;
  const heads = new ChatHeads(store);
  const expiries = new Expiries(now);
  const isLeftOut = (chatId: ChatId, id: RecordId): boolean => isHidden(chatId, id) || expiries.isGone(chatId, id);
  const context: Context = { ...options, isHidden: isLeftOut, isOpened, heads, expiries };
  return {
    load: () => expiries.load(store),
    apply: (chatId, records) => applyRecords(context, chatId, records),
    spend: (chatId, ids) => spendMedia(context, chatId, ids),
    settle: (chatId) => {
      heads.settle(chatId);
    },
    page: (query) => readPage(context, query),
    get: async (chatId, id) => (await readRows(context, chatId, [id]))[0],
    getMany: (chatId, ids) => readRows(context, chatId, ids),
    collection: (query) => readCollection(context, query),
    lastMessage: (chatId) => readLast(context, chatId),
    unread: (chatId, marks) => countUnread(context, chatId, marks),
    marksUpTo: (chatId, upTo, marks) => raiseMarks(context, chatId, upTo, marks),
    messageCount: (chatId) => countMessages(context, chatId),
    search: (query, onResults, signal) => searchMessages(context, query, onResults, signal),
    rebuild: (chatId, batches) => rebuildChat(context, chatId, batches),
    nextExpiry: () => expiries.next,
    overdue: () => expiries.overdue(),
    sweep: (chatId, limit, commit) => sweepChat(context, { chatId, limit, commit }),
    planRebuild: (chatId) => [markRebuild(chatId)],
    unfinishedRebuilds: () => listUnfinished(context),
    deleteChat: (chatId) => {
      heads.forget(chatId);
      expiries.forgetChat(chatId);
      return deleteChatOps(chatId);
    },
    chats: () => listChats(context),
  };
}

async function sweepChat(
  context: Context,
  { chatId, limit, commit }: { readonly chatId: ChatId; readonly limit: number; readonly commit: Commit },
): Promise<void> {
  const { heads, expiries } = context;
  const ids = expiries.over(chatId, limit);
  await commit(await applyEnds(context, chatId, ids));
  heads.settle(chatId);
  expiries.forget(chatId, ids);
}
