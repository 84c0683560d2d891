/** Which folder a chat goes into: none, one that there is, or a new one. */
import type { ChatSummary, ClientError } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';
import { chatTitle } from './chat-title.ts';
import { readFolderName } from './folders.ts';

export class FolderChoice {
  /** Null: no folder. */
  chosen = $state<string | null>(null);
  isNew = $state(false);
  name = $state('');
  readonly existing: readonly string[];
  readonly error = $derived.by(() => this.#error && describeError(this.#error));
  #error = $state.raw<ClientError>();
  readonly #app: App;
  readonly #chat: ChatSummary;

  constructor(app: App, chat: ChatSummary, existing: readonly string[]) {
    this.#app = app;
    this.#chat = chat;
    this.existing = existing;
    this.chosen = chat.folder ?? null;
    this.isNew = existing.length === 0;
  }

  /** True when the chat is where it was to go. */
  async save(): Promise<boolean> {
    const folder = this.isNew ? readFolderName(this.name, this.existing) : this.chosen;
    this.#error = folder === undefined ? { type: 'NameEmpty' } : undefined;
    if (folder === undefined) return false;
    if (folder === (this.#chat.folder ?? null)) return true;
    const result = await this.#app.ask('setChatFlags', { chatId: this.#chat.chatId, folder });
    if (result && !result.ok) this.#error = result.error;
    if (!result?.ok) return false;
    const title = chatTitle(this.#chat);
    this.#app.toasts.info(folder === null ? text.folders.takenOut(title) : text.folders.moved(title, folder));
    return true;
  }
}
