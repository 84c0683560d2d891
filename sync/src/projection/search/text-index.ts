/**
 * Keeps the text blocks right: one block of folded texts per timeline leaf. New texts are *loose* at first (their ids
 * are listed, their texts are in the rows) and are packed when there are enough of them, so that a block is rewritten
 * once per {@link LOOSE_LIMIT} messages. An edit or delete of a packed text rewrites its block at once: what was
 * deleted is gone from the device with the same commit that shows it deleted.
 */
import type { ChatId, RecordId } from '../../api.ts';
import type { Store, StoreOp } from '../../ports/store.ts';
import { readValue } from '../chat-head.ts';
import { isAdded, type Touched } from '../chat-index.ts';
import { looseKey, rowKey, textKey, TIMELINE_WIDTH } from '../keys.ts';
import { leafIndex, type Directory, type LeafChange } from '../packed-list.ts';
import { decodeLeaf, encodeLeaf } from '../packed-list-bytes.ts';
import { decodeState, searchedTextOf, textOf } from '../row.ts';
import type { MessageState } from '../state.ts';
import { foldText } from './folded-text.ts';
import { decodeBlock, encodeBlock, packTexts, unpackTexts } from './text-block.ts';

/** How many texts of a leaf a search may have to read from rows. */
export const LOOSE_LIMIT = 16;

export interface TextInput {
  readonly store: Store;
  readonly chatId: ChatId;
  /** The timeline's directory before the batch. */
  readonly timeline: Directory;
  readonly changes: readonly LeafChange[];
  readonly touched: readonly Touched[];
}

/** The ops that make the text blocks say what the rows will say. */
export async function changeTexts(input: TextInput): Promise<readonly StoreOp[]> {
  const { store, chatId } = input;
  const works = planWork(input);
  if (works.length === 0) return [];
  const loose = await loadLoose(store, chatId, works);
  const plans = works.map((work, index) => planLeaf(work, loose[index] ?? []));
  const stored = await loadTexts(store, chatId, plans);
  return plans.flatMap((plan, index) => leafOps(chatId, plan, stored[index] ?? new Map<RecordId, string>()));
}

/** Ids listed as loose in a leaf of the timeline. */
export function readLoose(bytes: Uint8Array | undefined): readonly RecordId[] {
  return readValue('search', bytes, (value) => decodeLeaf(value, TIMELINE_WIDTH), []);
}

/** What a batch does to the texts of one leaf. */
interface LeafWork {
  readonly no: number;
  readonly change?: LeafChange;
  /** Folded texts of new messages. */
  readonly added: Map<RecordId, string>;
  /** Folded texts of messages that were there, now different; empty when deleted. */
  readonly changed: Map<RecordId, string>;
}

interface LeafPlan extends LeafWork {
  readonly loose: readonly RecordId[];
  /** The block is written anew, with all loose texts in it. */
  readonly repack: boolean;
}

function planWork({ timeline, changes, touched }: TextInput): LeafWork[] {
  const works = new Map<number, LeafWork>();
  for (const change of changes) works.set(change.origin, newWork(change.origin, change));
  for (const item of touched) {
    const text = searchedIn(item.after);
    const added = isAdded(item);
    const { message } = item.after.gone === true ? item.before : item.after;
    if (message === undefined || (!added && text === searchedIn(item.before))) continue;
    const no = timeline.leaves[leafIndex(timeline, item.id)]?.no ?? 0;
    const work = works.get(no) ?? newWork(no);
    works.set(no, work);
    (added ? work.added : work.changed).set(item.id, foldText(text));
  }
  return [...works.values()];
}

function newWork(no: number, change?: LeafChange): LeafWork {
  return { no, ...(change && { change }), added: new Map(), changed: new Map() };
}

async function loadLoose(
  store: Store,
  chatId: ChatId,
  works: readonly LeafWork[],
): Promise<readonly (readonly RecordId[])[]> {
  const values = await store.getMany(
    'search',
    works.map(({ no }) => looseKey(chatId, no)),
  );
  return values.map(readLoose);
}

function planLeaf(work: LeafWork, before: readonly RecordId[]): LeafPlan {
  const loose = [...before, ...work.added.keys()];
  const split = (work.change?.pieces.length ?? 1) > 1;
  const packedChange = [...work.changed.keys()].some((id) => !before.includes(id));
  return { ...work, loose, repack: split || packedChange || loose.length >= LOOSE_LIMIT };
}

/** For each leaf that is repacked: all its texts as stored, packed or loose. */
async function loadTexts(
  store: Store,
  chatId: ChatId,
  plans: readonly LeafPlan[],
): Promise<(Map<RecordId, string> | undefined)[]> {
  const repacked = plans.filter((plan) => plan.repack);
  if (repacked.length === 0) return [];
  const blocks = await store.getMany(
    'search',
    repacked.map(({ no }) => textKey(chatId, no)),
  );
  const rows = await loadLooseTexts(store, chatId, repacked);
  const texts = new Map(repacked.map((plan, index) => [plan.no, mergeTexts(plan, blocks[index], rows)]));
  return plans.map(({ no }) => texts.get(no));
}

/** Folded texts of loose messages that the batch itself does not bring. */
async function loadLooseTexts(
  store: Store,
  chatId: ChatId,
  plans: readonly LeafPlan[],
): Promise<Map<RecordId, string>> {
  const ids = plans.flatMap(({ loose, added }) => loose.filter((id) => !added.has(id)));
  if (ids.length === 0) return new Map();
  const values = await store.getMany(
    'rows',
    ids.map((id) => rowKey(chatId, id)),
  );
  return new Map(ids.map((id, index) => [id, foldedRow(values[index])]));
}

/** The folded text of a stored row; empty when there is none. */
function foldedRow(bytes: Uint8Array | undefined): string {
  const state = readValue('rows', bytes, decodeState, undefined);
  return state === undefined ? '' : foldText(searchedIn(state));
}

function searchedIn(state: MessageState): string {
  return searchedTextOf(textOf(state), state.message ?? {});
}

function mergeTexts(
  { loose, added, changed }: LeafPlan,
  block: Uint8Array | undefined,
  rows: ReadonlyMap<RecordId, string>,
): Map<RecordId, string> {
  const packed = readValue('search', block, decodeBlock, packTexts(new Map()));
  const texts = unpackTexts(packed);
  for (const id of loose) texts.set(id, rows.get(id) ?? '');
  for (const [id, text] of [...added, ...changed]) texts.set(id, text);
  return texts;
}

function leafOps(chatId: ChatId, plan: LeafPlan, texts: ReadonlyMap<RecordId, string>): StoreOp[] {
  if (!plan.repack) return plan.added.size === 0 ? [] : [putLoose(chatId, plan.no, plan.loose)];
  const pieces = plan.change?.pieces ?? [];
  const cleared: StoreOp = { op: 'delete', table: 'search', key: looseKey(chatId, plan.no) };
  if (pieces.length < 2) return [putTexts(chatId, plan.no, texts), cleared];
  return [...pieces.map(({ no, entries }) => putTexts(chatId, no, pick(texts, entries))), cleared];
}

function pick(texts: ReadonlyMap<RecordId, string>, ids: readonly RecordId[]): Map<RecordId, string> {
  return new Map(ids.map((id) => [id, texts.get(id) ?? '']));
}

function putTexts(chatId: ChatId, no: number, texts: ReadonlyMap<RecordId, string>): StoreOp {
  return { op: 'put', table: 'search', key: textKey(chatId, no), value: encodeBlock(packTexts(texts)) };
}

function putLoose(chatId: ChatId, no: number, loose: readonly RecordId[]): StoreOp {
  return { op: 'put', table: 'search', key: looseKey(chatId, no), value: encodeLeaf(loose) };
}
