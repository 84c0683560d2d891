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
import { rowKey } from './keys.ts';
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
}

export interface Applied {
  /** To be committed before the next apply of the same chat, or dropped as a whole. */
  readonly ops: readonly StoreOp[];
  /** New on the screen, or different from before. */
  readonly changed: readonly MessageRow[];
  /** Those of `changed` that were not there before. */
  readonly added: readonly MessageRow[];
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
  return applyStates(context, chatId, news);
}

/** Takes what is over out of rows, lists and texts. The ops are to be committed like those of records. */
export async function applyEnds(context: Context, chatId: ChatId, ids: readonly RecordId[]): Promise<Applied> {
  context.heads.settle(chatId);
  return applyStates(context, chatId, ids.map(goneState));
}

async function applyStates(context: Context, chatId: ChatId, news: readonly MessageState[]): Promise<Applied> {
  const { store, me, heads, expiries } = context;
  const touched = await joinWithStored(context, chatId, news);
  if (touched.length === 0) return { ops: [], changed: [], added: [] };
  const head = await heads.get(chatId);
  const index = await changeIndex({ store, me, chatId, head, touched });
  const texts = await changeTexts({ store, chatId, timeline: head.timeline, changes: index.timeline, touched });
  if (index.headChanged) heads.forget(chatId);
  const ops = [...putRows(chatId, touched), ...index.ops, ...texts, ...expiries.follow(chatId, touched)];
  return { ops, ...shown(context, chatId, touched) };
}

/** The states that the batch really changes. */
async function joinWithStored(
  { store, expiries }: Context,
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
    const after = joinStates(before, state);
    return { id: state.id, before, after: expiries.isOver(after) ? goneState(state.id) : after };
  });
  return touched.filter(({ before, after }) => stateToText(before) !== stateToText(after));
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
