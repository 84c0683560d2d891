/**
 * Windows on a chat's timeline. Reads the leaves around the anchor and the rows in the window, nothing else: the cost
 * is the window's, not the history's.
 */
import type { ChatId, Collection, RecordId } from '../api.ts';
import type { Store } from '../ports/store.ts';
import type { Context } from './apply.ts';
import { readValue } from './chat-head.ts';
import { readLeaf } from './chat-index.ts';
import { leafKey, rowKey, sortedKey, TIMELINE_WIDTH } from './keys.ts';
import { type Directory, EMPTY_DIRECTORY, leafIndex } from './packed-list.ts';
import { decodeState, rowOf, type MessageRow } from './row.ts';

/** Most rows in a page. */
export const PAGE_LIMIT = 400;

export interface PageQuery {
  readonly chatId: ChatId;
  /** The end, or a message: the page then holds it too, if it is here. */
  readonly anchor: 'end' | RecordId;
  readonly older: number;
  /** Ignored at the end. */
  readonly newer: number;
}

export interface RowPage {
  /** Oldest first. */
  readonly rows: readonly MessageRow[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** The messages that rows of the page reply to, as far as they are here. */
  readonly quoted: ReadonlyMap<RecordId, MessageRow>;
}

export interface CollectionQuery {
  readonly chatId: ChatId;
  readonly collection: Collection;
  /** Absent: from the newest on. */
  readonly before?: RecordId;
  /** Nothing older than it. */
  readonly last?: RecordId;
  readonly limit: number;
}

export interface CollectionPage {
  /** Newest first. */
  readonly rows: readonly MessageRow[];
  readonly hasOlder: boolean;
}

/** A page; where older and newer exceed {@link PAGE_LIMIT} together, the newer are cut first. */
export async function readPage(context: Context, query: PageQuery): Promise<RowPage> {
  const { chatId, anchor } = query;
  const older = clamp(query.older, anchor === 'end' ? PAGE_LIMIT : PAGE_LIMIT - 1);
  const newer = anchor === 'end' ? 0 : clamp(query.newer + 1, PAGE_LIMIT - older);
  const walk = await walkTimeline(context, chatId);
  const before = await walk.before(anchor === 'end' ? END : anchor, older + 1);
  const after = anchor === 'end' ? [] : await walk.from(anchor, newer + 1);
  const ids = [...before.slice(0, older).reverse(), ...after.slice(0, newer)];
  const rows = present(await readRows(context, chatId, ids));
  const quoted = await readQuoted(context, chatId, rows);
  return { rows, hasOlder: before.length > older, hasNewer: after.length > newer, quoted };
}

/** The newest message that is not hidden. */
export async function readLast(context: Context, chatId: ChatId): Promise<MessageRow | undefined> {
  const walk = await walkTimeline(context, chatId);
  const rows = await readRows(context, chatId, await walk.before(END, 1));
  return rows[0];
}

/** Of a collection, at most `limit` messages, newest first, before the given one or from the end. */
export async function readCollection(context: Context, query: CollectionQuery): Promise<CollectionPage> {
  const { chatId, collection, before = END, last = '' } = query;
  const limit = clamp(query.limit, PAGE_LIMIT);
  const directory = (await context.heads.get(chatId)).collections.get(collection) ?? EMPTY_DIRECTORY;
  const walk = new ListWalk(context, chatId, { directory, leafKey: (no) => sortedKey(chatId, collection, no) });
  const ids = await walk.before(before, limit + 1);
  const wanted = ids.slice(0, limit).filter((id) => id >= last);
  return { rows: present(await readRows(context, chatId, wanted)), hasOlder: ids.length > wanted.length };
}

/** How many messages the timeline holds, hidden and deleted ones too. */
export async function countMessages({ store, heads }: Context, chatId: ChatId): Promise<number> {
  const { leaves } = (await heads.get(chatId)).timeline;
  const last = await store.get('rows', leafKey(chatId, leaves.at(-1)?.no ?? 0));
  return leaves.reduce((sum, leaf) => sum + leaf.count, readLeaf(last, TIMELINE_WIDTH).length);
}

/** Rows by id, in the order asked for; undefined where there is no message. */
export function readRows(
  context: Context,
  chatId: ChatId,
  ids: readonly RecordId[],
): Promise<readonly (MessageRow | undefined)[]> {
  return readRowsAt(
    context,
    ids.map((id) => ({ chatId, id })),
  );
}

/** A message, wherever it is. */
export interface Place {
  readonly chatId: ChatId;
  readonly id: RecordId;
}

/** Rows of several chats in one read, in the order asked for; undefined where there is no message, or none any more. */
export async function readRowsAt(
  { store, me, expiries }: Context,
  places: readonly Place[],
): Promise<readonly (MessageRow | undefined)[]> {
  if (places.length === 0) return [];
  const values = await store.getMany(
    'rows',
    places.map(({ chatId, id }) => rowKey(chatId, id)),
  );
  return places.map(({ chatId }, index) => {
    const state = readValue('rows', values[index], decodeState, undefined);
    return state === undefined || expiries.isOver(state) ? undefined : rowOf(chatId, me, state);
  });
}

/** Sorts after every id. */
const END = '\uffff';

function clamp(count: number, limit: number): number {
  return Math.min(Math.max(0, Math.floor(count)), limit);
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

async function readQuoted(
  context: Context,
  chatId: ChatId,
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<RecordId, MessageRow>> {
  const here = new Map(rows.map((row) => [row.id, row]));
  const wanted = [...new Set(present(rows.map((row) => row.replyTo)))];
  const missing = wanted.filter((id) => !here.has(id));
  for (const row of present(await readRows(context, chatId, missing))) here.set(row.id, row);
  return new Map(
    wanted.flatMap((id) => [here.get(id)].flatMap((row) => (row === undefined ? [] : [[id, row] as const]))),
  );
}

async function walkTimeline(context: Context, chatId: ChatId): Promise<ListWalk> {
  const { timeline } = await context.heads.get(chatId);
  return new ListWalk(context, chatId, { directory: timeline, leafKey: (no) => leafKey(chatId, no) });
}

/** A list of record ids in the order of time. */
interface IdList {
  readonly directory: Directory;
  readonly leafKey: (no: number) => string;
}

/** Steps over the ids of a list in either direction, leaf by leaf, past what is hidden. */
class ListWalk {
  readonly #store: Store;
  readonly #isHidden: Context['isHidden'];
  readonly #chatId: ChatId;
  readonly #list: IdList;
  readonly #leaves = new Map<number, readonly RecordId[]>();

  constructor({ store, isHidden }: Context, chatId: ChatId, list: IdList) {
    this.#store = store;
    this.#isHidden = isHidden;
    this.#chatId = chatId;
    this.#list = list;
  }

  /** Ids below `id`, newest first. */
  async before(id: RecordId, count: number): Promise<RecordId[]> {
    const found: RecordId[] = [];
    for (let index = leafIndex(this.#list.directory, id); index >= 0 && found.length < count; index--) {
      const ids = (await this.#leaf(index)).filter((other) => other < id);
      this.#collect(ids.reverse(), count, found);
    }
    return found;
  }

  /** `id`, if it is here, and what follows, oldest first. */
  async from(id: RecordId, count: number): Promise<RecordId[]> {
    const found: RecordId[] = [];
    const { leaves } = this.#list.directory;
    for (let index = leafIndex(this.#list.directory, id); index < leaves.length && found.length < count; index++) {
      const ids = (await this.#leaf(index)).filter((other) => other >= id);
      this.#collect(ids, count, found);
    }
    return found;
  }

  #collect(ids: readonly RecordId[], count: number, found: RecordId[]): void {
    for (const id of ids) {
      if (found.length === count) return;
      if (!this.#isHidden(this.#chatId, id)) found.push(id);
    }
  }

  async #leaf(index: number): Promise<readonly RecordId[]> {
    const known = this.#leaves.get(index);
    if (known !== undefined) return known;
    const no = this.#list.directory.leaves[index]?.no ?? 0;
    const ids = readLeaf(await this.#store.get('rows', this.#list.leafKey(no)), TIMELINE_WIDTH);
    this.#leaves.set(index, ids);
    return ids;
  }
}
