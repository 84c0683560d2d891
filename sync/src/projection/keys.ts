/**
 * Every key of the projection. No part is ordered: a sealed store hides all of them (`ports/store-key.ts`).
 *
 *     rows    row:<chat>:<record>           one message state                         row.ts
 *             chat:<chat>                   directory of the timeline, list of voices  chat-head.ts
 *             leaf:<chat>:<no>              record ids in time order                   packed-list-bytes.ts
 *             voice:<chat>:<author>         directory of what one author said          packed-list-bytes.ts
 *             heard:<chat>:<author>:<no>    counter, record id, names me? by counter   packed-list-bytes.ts
 *             sort:<chat>:<collection>      directory of what of a chat is of one sort packed-list-bytes.ts
 *             sorted:<chat>:<coll.>:<no>    record ids in time order                   packed-list-bytes.ts
 *             due:<chat>:<record>           when a message disappears                  expiry.ts
 *             rebuild:<chat>                a rebuild is under way                     rebuild.ts
 *     search  text:<chat>:<no>              folded texts of a timeline leaf            search/text-block.ts
 *             loose:<chat>:<no>             ids of the leaf whose texts are not there  packed-list-bytes.ts
 */
import type { ChatId, Collection, RecordId } from '../api.ts';
import type { StoreOp } from '../ports/store.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import { RECORD_ID_LENGTH } from './record.ts';

const COUNTER_DIGITS = 7;

/** Width of an entry of the timeline list, and of a voice's list. */
export const TIMELINE_WIDTH = RECORD_ID_LENGTH;
export const VOICE_WIDTH = COUNTER_DIGITS + RECORD_ID_LENGTH + 1;

const NAMES_ME = '@';
const NAMES_OTHERS = '-';

export const rowKey = (chatId: ChatId, id: RecordId): string => storeKey('row', chatId, id);
export const chatKey = (chatId: ChatId): string => storeKey('chat', chatId);
export const leafKey = (chatId: ChatId, no: number): string => storeKey('leaf', chatId, String(no));
export const voiceKey = (chatId: ChatId, author: string): string => storeKey('voice', chatId, author);
export const heardKey = (chatId: ChatId, author: string, no: number): string =>
  storeKey('heard', chatId, author, String(no));
export const sortKey = (chatId: ChatId, collection: Collection): string => storeKey('sort', chatId, collection);
export const sortedKey = (chatId: ChatId, collection: Collection, no: number): string =>
  storeKey('sorted', chatId, collection, String(no));
export const dueKey = (chatId: ChatId, id: RecordId): string => storeKey('due', chatId, id);
export const rebuildKey = (chatId: ChatId): string => storeKey('rebuild', chatId);
export const textKey = (chatId: ChatId, no: number): string => storeKey('text', chatId, String(no));
export const looseKey = (chatId: ChatId, no: number): string => storeKey('loose', chatId, String(no));

/** What was heard, in one word that sorts as the counter does; `namesMe`: I am mentioned in it. */
export function heardEntry(n: number, id: RecordId, namesMe: boolean): string {
  return heardFrom(n) + id + (namesMe ? NAMES_ME : NAMES_OTHERS);
}

/** Not above any entry of counter `n`, and above those of the counters before. */
export function heardFrom(n: number): string {
  return n.toString(36).padStart(COUNTER_DIGITS, '0');
}

export function heardCounter(entry: string): number {
  return Number.parseInt(entry.slice(0, COUNTER_DIGITS), 36);
}

export function heardId(entry: string): RecordId {
  return entry.slice(COUNTER_DIGITS, -1);
}

export function isHeardOfMe(entry: string): boolean {
  return entry.endsWith(NAMES_ME);
}

/** Removes everything that the projection keeps of a chat. */
export function deleteChatOps(chatId: ChatId): readonly StoreOp[] {
  return [
    { op: 'delete', table: 'rows', key: chatKey(chatId) },
    { op: 'delete', table: 'rows', key: rebuildKey(chatId) },
    ...['row', 'leaf', 'voice', 'heard', 'sort', 'sorted', 'due'].map((kind) => deleteBelow('rows', kind, chatId)),
    ...['text', 'loose'].map((kind) => deleteBelow('search', kind, chatId)),
  ];
}

function deleteBelow(table: 'rows' | 'search', kind: string, chatId: ChatId): StoreOp {
  return { op: 'deleteRange', table, ...prefixRange(kind, chatId) };
}
