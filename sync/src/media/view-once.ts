/**
 * View-once messages that were opened, on whichever own device: what points to their media is dropped from the rows here. That
 * they were opened is in the personal documents, so it holds on all own devices, and when a chat is folded anew.
 */
import type { ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { ChatsDocument } from '../documents/index.ts';
import type { Projection } from '../projection/projection.ts';
import type { MediaPointer } from '../records/index.ts';

export interface ViewOnceOptions {
  readonly chats: Pick<ChatsDocument, 'get' | 'setOpened'>;
  readonly projection: Pick<Projection, 'spend' | 'settle'>;
  /** Runs a lane job. */
  readonly job: (act: (batch: Batch) => Promise<void>) => Promise<void>;
  readonly release: (batch: Batch, pointers: readonly MediaPointer[]) => void;
  readonly changed: (chatId: ChatId) => void;
}

export class ViewOnce {
  readonly #options: ViewOnceOptions;
  /** What rows are known to have lost already. */
  readonly #spent = new Map<ChatId, ReadonlySet<string>>();

  constructor(options: ViewOnceOptions) {
    this.#options = options;
  }

  isOpened(chatId: ChatId, recordId: string): boolean {
    return this.#options.chats.get().get(chatId)?.opened.has(recordId) ?? false;
  }

  /** Here, by the user. Durable when it resolves. */
  async open(chatId: ChatId, recordId: string): Promise<void> {
    await this.#options.chats.setOpened(chatId, recordId);
    await this.take([chatId]);
  }

  /** Takes up what was opened in these chats, here or on another own device. */
  async take(chatIds: Iterable<ChatId>): Promise<void> {
    for (const chatId of chatIds) {
      const opened = this.#options.chats.get().get(chatId)?.opened ?? new Set<string>();
      const fresh = [...opened].filter((id) => !(this.#spent.get(chatId)?.has(id) ?? false));
      if (fresh.length === 0) continue;
      await this.#options.job((batch) => this.#spend(batch, chatId, fresh));
      this.#spent.set(chatId, new Set(opened));
    }
  }

  async #spend(batch: Batch, chatId: ChatId, ids: readonly string[]): Promise<void> {
    const { projection, release, changed } = this.#options;
    const { ops, released } = await projection.spend(chatId, ids);
    batch.add(ops);
    release(batch, released);
    batch.then(() => {
      projection.settle(chatId);
      changed(chatId);
    });
  }
}
