/**
 * The heads of segments that are no longer the newest: a cache that lets a summary speak of a segment without loading it.
 * A stale value only makes a peer send again what is here.
 */
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { type ChatId, concat } from '@securechat/crypto';
import { fromHex, toHex } from '../../records/hex.ts';
import { type Place, tipsKey } from '../segment/place.ts';

const HASH_BYTES = 32;

/** Stores the heads unless they are stored already. */
export async function saveTips(
  storage: StorageAdapterInterface,
  chatId: ChatId,
  place: Place,
  tips: readonly string[],
): Promise<void> {
  const key = tipsKey(chatId, place);
  const stored = await storage.load(key);
  const bytes = concat(...tips.map(fromHex));
  if (stored === undefined || toHex(stored) !== toHex(bytes)) await storage.save(key, bytes);
}

/** The stored heads of all older segments of a chat, by segment number. */
export async function loadTips(storage: StorageAdapterInterface, chatId: ChatId): Promise<Map<number, string[]>> {
  const tips = new Map<number, string[]>();
  for (const { key, data } of await storage.loadRange(tipsKey(chatId))) {
    const segment = Number.parseInt(key.at(-1) ?? '', 10);
    if (data !== undefined && Number.isInteger(segment)) tips.set(segment, splitHashes(data));
  }
  return tips;
}

function splitHashes(bytes: Uint8Array): string[] {
  const hashes: string[] = [];
  for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) {
    hashes.push(toHex(bytes.subarray(at, at + HASH_BYTES)));
  }
  return hashes;
}
