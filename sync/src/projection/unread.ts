/**
 * Unread, as a function of what was heard and of read marks (author key -> counter). Reads each voice's list from the
 * mark on: the cost is that of what is unread.
 */
import type { ChatId, RecordId } from '../api.ts';
import type { Context } from './apply.ts';
import { readLeaf } from './chat-index.ts';
import { heardCounter, heardFrom, heardId, heardKey, isHeardOfMe, VOICE_WIDTH } from './keys.ts';
import { leafIndex } from './packed-list.ts';

const LEAVES_AT_ONCE = 32;

/** Author key (base64url) -> the highest counter read. */
export type Marks = ReadonlyMap<string, number>;

export interface Unread {
  readonly count: number;
  /** The oldest of them: the divider goes before it. */
  readonly first?: RecordId;
  /** In how many of them I am mentioned. */
  readonly mentioned: number;
}

/** Others' messages above the marks that are neither deleted nor hidden. An author without a mark is unread from the start. */
export async function countUnread(context: Context, chatId: ChatId, marks: Marks): Promise<Unread> {
  let count = 0;
  let mentioned = 0;
  let first: RecordId | undefined;
  for await (const { entries } of heardSince(context, chatId, marks)) {
    for (const entry of entries) {
      const id = heardId(entry);
      if (context.isHidden(chatId, id)) continue;
      count += 1;
      if (isHeardOfMe(entry)) mentioned += 1;
      if (first === undefined || id < first) first = id;
    }
  }
  return { count, mentioned, ...(first !== undefined && { first }) };
}

/** The marks to set when everything up to `upTo` has been seen: only authors whose mark rises. */
export async function raiseMarks(context: Context, chatId: ChatId, upTo: RecordId, marks: Marks): Promise<Marks> {
  const raised = new Map<string, number>();
  for await (const { author, entries } of heardSince(context, chatId, marks)) {
    const last = entries.filter((entry) => heardId(entry) <= upTo).at(-1);
    if (last !== undefined) raised.set(author, heardCounter(last));
  }
  return raised;
}

interface Heard {
  readonly author: string;
  /** In the order of the author's counter. */
  readonly entries: readonly string[];
}

/** What each voice said after its mark, some leaves at a time. */
async function* heardSince({ store, heads }: Context, chatId: ChatId, marks: Marks): AsyncGenerator<Heard> {
  const { voices } = await heads.get(chatId);
  for (const [author, directory] of voices) {
    const from = heardFrom((marks.get(author) ?? 0) + 1);
    const keys = directory.leaves.slice(leafIndex(directory, from)).map(({ no }) => heardKey(chatId, author, no));
    for (let at = 0; at < keys.length; at += LEAVES_AT_ONCE) {
      const leaves = await store.getMany('rows', keys.slice(at, at + LEAVES_AT_ONCE));
      const entries = leaves.flatMap((bytes) => readLeaf(bytes, VOICE_WIDTH));
      yield { author, entries: entries.filter((entry) => entry >= from) };
    }
  }
}
