/**
 * Where a segment lives: its document id, and the keys of what is stored of it.
 *
 *     ['chat', chatId, 'state']                         newest segment, sizes of all, authors' counters
 *     ['chat', chatId, 'held', hash]                    a change that waits for what it depends on
 *     ['chat', chatId, 'tips', '00000007.0']            heads of a segment that is no longer the newest
 *     ['chat', chatId, 'document', '00000007.0', 'snapshot' | 'changes' | 'fork', hash]
 */
import { type ChatId, hash } from '@securechat/crypto';
import { ByteSink } from '../../records/cursor.ts';
import { toHex } from '../../records/hex.ts';
import { DOCUMENT_ID_BYTES } from '../../records/home.ts';

export type StorageKey = string[];

/** One segment of one chat in one generation. */
export interface Place {
  readonly segment: number;
  readonly generation: number;
  readonly documentId: Uint8Array;
  /** Everything stored of the document lies below this key. */
  readonly key: StorageKey;
}

/** Highest segment number; far beyond what a chat can fill. */
export const MAX_SEGMENT = 0x7fffffff;

/**
 * The place of a segment. The document id comes from the chat's secret, so all members of the chat agree on it and
 * nobody else can tell which chat a document belongs to.
 */
export function makePlace(chatId: ChatId, chatSecret: Uint8Array, segment: number, generation = 0): Place {
  const number = new ByteSink().uint(segment, 4).uint(generation, 4).finish();
  const documentId = hash('SecureChat segment v1', chatSecret, number).slice(0, DOCUMENT_ID_BYTES);
  return { segment, generation, documentId, key: ['chat', chatId, 'document', segmentName(segment, generation)] };
}

/** Of what waits, of the newest segment's number and the counters, and of a closed segment's heads. */
export function heldKey(chatId: ChatId, ...rest: string[]): StorageKey {
  return ['chat', chatId, 'held', ...rest];
}

export function stateKey(chatId: ChatId): StorageKey {
  return ['chat', chatId, 'state'];
}

export function tipsKey(chatId: ChatId, place?: Place): StorageKey {
  return ['chat', chatId, 'tips', ...(place ? [segmentName(place.segment, place.generation)] : [])];
}

/** A chunk is named by its content, so that writing it twice is writing it once. */
export function chunkKey(place: Place, kind: 'snapshot' | 'changes' | 'fork', content: Uint8Array): StorageKey {
  return [...place.key, kind, toHex(hash('', content).subarray(0, 16))];
}

/** Sorts by number as a string. */
function segmentName(segment: number, generation: number): string {
  return `${String(segment).padStart(10, '0')}.${String(generation)}`;
}
