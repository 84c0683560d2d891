/** What media take on this device, by chat, and freeing it. */
import type { ChatId, ChatSummary, MediaUse } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { chatTitle } from '$lib/features/chats/chat-title.ts';
import { formatBytes, text } from '$lib/text/index.ts';

export class MediaStorage {
  use = $state.raw<MediaUse>();
  /** Asked about: one chat, or all. */
  asked = $state.raw<{ readonly chatId?: ChatId }>();
  freeing = $state(false);
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  async refresh(): Promise<void> {
    const result = await this.#app.ask('mediaUse', null);
    if (result?.ok) this.use = result.value;
  }

  chatOf(chatId: ChatId): ChatSummary | undefined {
    return this.#app.chats.current?.find((chat) => chat.chatId === chatId);
  }

  titleOf(chatId: ChatId): string {
    const chat = this.chatOf(chatId);
    return chat ? chatTitle(chat) : text.storage.gone;
  }

  /** What was asked about. */
  async free(): Promise<void> {
    const { asked } = this;
    this.asked = undefined;
    if (!asked) return;
    this.freeing = true;
    const before = this.use?.total ?? 0;
    const isDone = await this.#app.run('freeMedia', asked);
    await this.refresh();
    this.freeing = false;
    if (isDone) this.#app.toasts.info(text.storage.freed(formatBytes(Math.max(0, before - (this.use?.total ?? 0)))));
  }
}
