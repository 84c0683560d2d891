/**
 * From a batch of records to the ops that bring a chat's projection up to date. Reads what the batch touches, once;
 * writes nothing. The cost depends on the batch, not on the history behind it.
 */
import type { AccountId, ChatId, RecordId } from '../api.ts';
import type { Store, StoreOp } from '../ports/store.ts';
import { readValue, type ChatHeads } from './chat-head.ts';
import { changeIndex, isAdded, type Touched } from './chat-index.ts';
import type { Expiries } from './expiry.ts';
import { fold, type AccountOf } from './fold.ts';
import type { MediaPointer } from '../records/index.ts';
import { rowKey } from './keys.ts';
import { mediaUses, spent } from './media-use.ts';
import type { ProjectableRecord } from './record.ts';
import { decodeState, encodeState, rowOf, stateToText, type MessageRow } from './row.ts';
import { changeTexts } from './search/text-index.ts';
import { emptyState, goneState, joinStates, type MessageState } from './state.ts';

/** What every part of the projection works with. */
export interface Context {
  readonly store: Store;
  readonly me: AccountId;
  readonly accountOf: AccountOf;
  readonly heads: ChatHeads;
  readonly expiries: Expiries;
  /** Deleted for me, or disappeared: skipped wherever messages are shown or counted. */
  readonly isHidden: (chatId: ChatId, id: string) => boolean;
  /** View-once messages that were opened: what points to their media is dropped. */
  readonly isOpened: (chatId: ChatId, id: string) => boolean;
}

export interface Applied {
  /** To be committed before the next apply of the same chat, or dropped as a whole. */
  readonly ops: readonly StoreOp[];
  /** New on the screen, or different from before. */
  readonly changed: readonly MessageRow[];
  /** Those of `changed` that were not there before. */
  readonly added: readonly MessageRow[];
  /** Media that these messages pointed to before, and do not any more. */
  readonly released: readonly MediaPointer[];
}

/** All records must be of `chatId`. Applying a record again changes nothing. */
export async function applyRecords(
  context: Context,
  chatId: ChatId,
  records: readonly ProjectableRecord[],
): Promise<Applied> {
  if (records.some((record) => record.chatId !== chatId)) throw new RangeError('record of another chat');
  context.heads.settle(chatId);
  const news = [...fold(records, context.accountOf).values()];
  return applied(context, chatId, await joinWithStored(context, chatId, news));
}

/** Takes what is over out of rows, lists and texts. The ops are to be committed like those of records. */
export async function applyEnds(context: Context, chatId: ChatId, ids: readonly RecordId[]): Promise<Applied> {
  context.heads.settle(chatId);
  return applied(context, chatId, await joinWithStored(context, chatId, ids.map(goneState)));
}

/** Lets these messages, which were opened, point to nothing any more. */
export async function spendMedia(context: Context, chatId: ChatId, ids: readonly RecordId[]): Promise<Applied> {
  const keys = ids.map((id) => rowKey(chatId, id));
  const values = await context.store.getMany('rows', keys);
  const touched = ids.map((id, index): Touched => {
    const before = readValue('rows', values[index], decodeState, emptyState(id));
    return { id, before, after: spent(before) };
  });
  return applied(context, chatId, touched.filter(isChanged));
}

async function applied(context: Context, chatId: ChatId, touched: readonly Touched[]): Promise<Applied> {
  const { store, me, heads, expiries } = context;
  if (touched.length === 0) return { ops: [], changed: [], added: [], released: [] };
  const head = await heads.get(chatId);
  const index = await changeIndex({ store, me, chatId, head, touched });
  const texts = await changeTexts({ store, chatId, timeline: head.timeline, changes: index.timeline, touched });
  if (index.headChanged) heads.forget(chatId);
  const uses = mediaUses(chatId, touched);
  const due = expiries.follow(chatId, touched);
  const ops = [...putRows(chatId, touched), ...uses.ops, ...index.ops, ...texts, ...due];
  return { ops, released: uses.released, ...shown(context, chatId, touched) };
}

/** The states that the batch really changes. */
async function joinWithStored(
  { store, expiries, isOpened }: Context,
  chatId: ChatId,
  news: readonly MessageState[],
): Promise<Touched[]> {
  if (news.length === 0) return [];
  const values = await store.getMany(
    'rows',
    news.map(({ id }) => rowKey(chatId, id)),
  );
  const touched = news.map((state, index) => {
    const before = readValue('rows', values[index], decodeState, emptyState(state.id));
    const joined = joinStates(before, state);
    if (expiries.isOver(joined)) return { id: state.id, before, after: goneState(state.id) };
    return { id: state.id, before, after: isOpened(chatId, state.id) ? spent(joined) : joined };
  });
  return touched.filter(isChanged);
}

function isChanged({ before, after }: Touched): boolean {
  return stateToText(before) !== stateToText(after);
}

function putRows(chatId: ChatId, touched: readonly Touched[]): StoreOp[] {
  return touched.map(({ id, after }) => ({
    op: 'put',
    table: 'rows',
    key: rowKey(chatId, id),
    value: encodeState(after),
  }));
}

function shown({ me }: Context, chatId: ChatId, touched: readonly Touched[]): Pick<Applied, 'changed' | 'added'> {
  const rows = touched.flatMap((item) => {
    const row = rowOf(chatId, me, item.after);
    return row === undefined ? [] : [{ row, added: isAdded(item) }];
  });
  return {
    changed: rows.map(({ row }) => row),
    added: rows.filter(({ added }) => added).map(({ row }) => row),
  };
}
