/**
 * The heads of segments that are no longer the newest: a cache that lets a summary speak of a segment without loading it.
 * A stale value only makes a peer send again what is here.
 */
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { type ChatId, concat } from '@securechat/crypto';
import { fromHex, toHex } from '../../records/hex.ts';
import { type Place, tipsKey } from '../segment/place.ts';

const HASH_BYTES = 32;

export class Tips {
  readonly #storage: StorageAdapterInterface;
  readonly #chatId: ChatId;
  #loading: Promise<Map<number, readonly string[]>> | undefined;

  constructor(storage: StorageAdapterInterface, chatId: ChatId) {
    this.#storage = storage;
    this.#chatId = chatId;
  }

  /** The kept heads of older segments, by number. Read once. */
  all(): Promise<ReadonlyMap<number, readonly string[]>> {
    return this.#load();
  }

  /** Keeps the heads of a segment unless they are kept already. */
  async keep(place: Place, heads: readonly string[]): Promise<void> {
    const tips = await this.#load();
    if (tips.get(place.segment)?.join() === heads.join()) return;
    await this.#storage.save(tipsKey(this.#chatId, place), concat(...heads.map(fromHex)));
    tips.set(place.segment, heads);
  }

  #load(): Promise<Map<number, readonly string[]>> {
    this.#loading ??= loadTips(this.#storage, this.#chatId);
    return this.#loading;
  }
}

async function loadTips(storage: StorageAdapterInterface, chatId: ChatId): Promise<Map<number, readonly string[]>> {
  const tips = new Map<number, readonly string[]>();
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
