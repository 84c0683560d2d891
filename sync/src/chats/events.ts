/** Lines in a chat that only this device knows: verified, device added, an alarm. Kept in one sealed row per chat, bounded. */
import type { ChatId, Random } from '@securechat/crypto';
import { toBase64Url } from '@securechat/crypto';
import type { SystemItem } from '../api.ts';
import type { Batch } from '../batch.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

const LIMIT = 200;

export class ChatEvents {
  readonly #store: Store;
  readonly #random: Random;
  /** Several lines of one job. */
  readonly #staged = new WeakMap<Batch, Map<ChatId, readonly SystemItem[]>>();
  readonly #cache = new Map<ChatId, readonly SystemItem[]>();

  constructor(store: Store, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Oldest first. */
  async of(chatId: ChatId): Promise<readonly SystemItem[]> {
    const known = this.#cache.get(chatId);
    if (known !== undefined) return known;
    const bytes = await this.#store.get('meta', storeKey('events', chatId));
    const items = bytes === undefined ? [] : unpack<readonly SystemItem[]>(bytes);
    this.#cache.set(chatId, items);
    return items;
  }

  /** With an `id` that is there already nothing is added. */
  async add(
    batch: Batch,
    chatId: ChatId,
    event: SystemItem['event'],
    time: number,
    id = `event-${toBase64Url(this.#random(9))}`,
  ): Promise<void> {
    const before = this.#staged.get(batch)?.get(chatId) ?? (await this.of(chatId));
    if (before.some((item) => item.id === id)) return;
    const item: SystemItem = { type: 'system', id, time, event };
    const items = [...before, item].sort((a, b) => a.time - b.time).slice(-LIMIT);
    const staged = this.#staged.get(batch) ?? new Map<ChatId, readonly SystemItem[]>();
    this.#staged.set(batch, staged.set(chatId, items));
    batch.put('meta', storeKey('events', chatId), pack(items));
    batch.then(() => this.#cache.set(chatId, items));
  }

  remove(batch: Batch, chatId: ChatId): void {
    batch.delete('meta', storeKey('events', chatId));
    batch.then(() => this.#cache.delete(chatId));
  }
}
