/**
 * Search over everything on the device, newest first: looks through the text blocks wave by wave, hands out ever
 * better results, and stops as soon as nothing older can matter. The term lives in memory only.
 */
import type { AccountId, ChatId, Millis, RecordId, SearchQuery } from '../../api.ts';
import { prefixRange } from '../../ports/store-key.ts';
import type { Context } from '../apply.ts';
import { decodeChatRecord, readValue } from '../chat-head.ts';
import { chatKey, looseKey, textKey } from '../keys.ts';
import { type MessageRow, searchedTextOf } from '../row.ts';
import { readRowsAt, type Place } from '../timeline.ts';
import { excerptOf, type Excerpt } from './excerpt.ts';
import { foldText } from './folded-text.ts';
import { decodeBlock, searchBlock } from './text-block.ts';
import { readLoose } from './text-index.ts';

/** Longest term, in UTF-16 units; the rest of a longer one is ignored. */
export const TERM_LIMIT = 200;
/** Most hits of one search. */
export const HIT_LIMIT = 1000;
/** Leaves read at a time: few at first, so that the newest hits show at once. */
const FIRST_WAVE = 4;
const LARGEST_WAVE = 32;

export interface RowHit extends Excerpt {
  readonly chatId: ChatId;
  readonly id: RecordId;
  readonly mine: boolean;
  readonly account: AccountId;
  readonly author: string;
  readonly time: Millis;
}

export interface RowSearchResults {
  /** Newest first. */
  readonly hits: readonly RowHit[];
  /** False while older history is still being read. */
  readonly done: boolean;
  /** There are more hits than the limit. */
  readonly more: boolean;
}

/** Calls `onResults` with each better result, the last time with `done`; after an abort never again. */
export async function searchMessages(
  context: Context,
  query: SearchQuery,
  onResults: (results: RowSearchResults) => void,
  signal: AbortSignal,
): Promise<void> {
  const term = foldText(query.text.slice(0, TERM_LIMIT)).trim();
  const limit = Math.min(Math.max(0, query.limit), HIT_LIMIT);
  const leaves = term === '' || limit === 0 ? [] : await listLeaves(context, query.chatId);
  const hits = new Hits(context, term, limit);
  for await (const wave of readWaves(context, leaves)) {
    if (signal.aborted) return;
    const better = await hits.add(searchWave(wave, term));
    if (signal.aborted || hits.isFinal(wave.end)) break;
    if (better) onResults(hits.results(false));
  }
  if (!signal.aborted) onResults(hits.results(true));
}

/** A leaf of some timeline; all its ids are below `end`. */
interface SearchLeaf {
  readonly chatId: ChatId;
  readonly no: number;
  readonly end: string;
}

/** All leaves to look through, newest first. */
async function listLeaves({ store }: Context, chatId: ChatId | undefined): Promise<SearchLeaf[]> {
  const entries =
    chatId === undefined
      ? await store.range('rows', prefixRange('chat'))
      : [{ key: chatKey(chatId), value: await store.get('rows', chatKey(chatId)) }];
  const leaves = entries.flatMap(({ key, value }) => {
    const record = readValue('rows', value, decodeChatRecord, undefined);
    const refs = record?.timeline.leaves ?? [];
    const chat = key.slice(key.indexOf(':') + 1);
    return refs.map(({ no }, index) => ({ chatId: chat, no, end: refs[index + 1]?.first ?? '\uffff' }));
  });
  return leaves.sort((a, b) => (a.end > b.end ? -1 : a.end < b.end ? 1 : 0));
}

/** Some leaves with what is stored of their texts: block and loose ids, turn by turn. */
interface Wave {
  readonly leaves: readonly SearchLeaf[];
  readonly blocks: readonly (Uint8Array | undefined)[];
  /** All ids of the waves after this are below it; undefined after the last. */
  readonly end: string | undefined;
}

/** The leaves wave by wave; while one is looked through, the next is being read. */
async function* readWaves({ store }: Context, leaves: readonly SearchLeaf[]): AsyncGenerator<Wave> {
  let [at, size] = [0, FIRST_WAVE];
  const read = async (): Promise<Wave> => {
    const some = leaves.slice(at, (at += size));
    size = Math.min(size * 2, LARGEST_WAVE);
    const { end } = leaves[at] ?? {};
    const keys = some.flatMap(({ chatId, no }) => [textKey(chatId, no), looseKey(chatId, no)]);
    return { leaves: some, blocks: await store.getMany('search', keys), end };
  };
  for (let next = leaves.length > 0 ? read() : undefined; next !== undefined;) {
    const wave = await next;
    next = at < leaves.length ? read() : undefined;
    // Nobody may be waiting any more when this one fails: then its failure is nobody's.
    next?.catch(() => undefined);
    yield wave;
  }
}

/** Messages of these leaves that hold the term, or whose texts are loose and may hold it. */
function searchWave({ leaves, blocks }: Wave, term: string): Place[] {
  return leaves.flatMap(({ chatId }, index) => {
    const block = readValue('search', blocks[2 * index], decodeBlock, undefined);
    const packed = block === undefined ? [] : searchBlock(block, term);
    return [...packed, ...readLoose(blocks[2 * index + 1])].map((id) => ({ chatId, id }));
  });
}

/** The newest hits so far. */
class Hits {
  readonly #context: Context;
  readonly #term: string;
  readonly #limit: number;
  /** At most one more than the limit, newest first. */
  #hits: RowHit[] = [];

  constructor(context: Context, term: string, limit: number) {
    this.#context = context;
    this.#term = term;
    this.#limit = limit;
  }

  /** Takes in candidates; true when the results changed. */
  async add(found: readonly Place[]): Promise<boolean> {
    const oldest = this.#hits[this.#limit]?.id ?? '';
    const known = new Set(this.#hits.map(({ id }) => id));
    const candidates = found.filter(
      ({ chatId, id }) => id > oldest && !known.has(id) && !this.#context.isHidden(chatId, id),
    );
    const hits = await this.#verify(candidates.sort((a, b) => (a.id > b.id ? -1 : 1)));
    this.#hits = [...this.#hits, ...hits].sort((a, b) => (a.id > b.id ? -1 : 1)).slice(0, this.#limit + 1);
    return hits.length > 0;
  }

  /** True when the limit is exceeded by hits newer than anything below `end`, or when nothing is left. */
  isFinal(end: string | undefined): boolean {
    const last = this.#hits[this.#limit];
    return end === undefined || (last !== undefined && last.id >= end);
  }

  results(done: boolean): RowSearchResults {
    return { hits: this.#hits.slice(0, this.#limit), done, more: this.#hits.length > this.#limit };
  }

  /** The row is the truth: it gives the text as written, and drops what was only loose. Stops when there are enough. */
  async #verify(candidates: readonly Place[]): Promise<RowHit[]> {
    const hits: RowHit[] = [];
    const size = Math.max(this.#limit + 1, LARGEST_WAVE);
    for (let at = 0; at < candidates.length && hits.length <= this.#limit; at += size) {
      const rows = await readRowsAt(this.#context, candidates.slice(at, at + size));
      for (const row of rows) if (row !== undefined) hits.push(...hitOf(row, this.#term));
    }
    return hits;
  }
}

function hitOf(row: MessageRow, term: string): RowHit[] {
  const { chatId, id, mine, account, author, time, text } = row;
  const excerpt = excerptOf(searchedTextOf(text, row), term);
  return excerpt === undefined ? [] : [{ chatId, id, mine, account, author, time, ...excerpt }];
}
