/** What is about to be sent to a chat: files, a caption, and how. */
import { MEDIA_LIMITS, TEXT_LIMIT, type ChatId, type MediaDraft, type RecordId } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import type { Preparer } from '$lib/media/preparer.ts';
import { describeError } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';
import { TrayFiles } from './tray-files.svelte.ts';

export class Tray extends TrayFiles {
  caption = $state('');
  viewOnce = $state(false);
  readonly over = $derived(this.caption.length - TEXT_LIMIT);
  readonly canSend = $derived(this.ready.length > 0 && !this.isPreparing && this.over <= 0);
  readonly canViewOnce = $derived(this.ready.length === 1 && this.ready.every(isForOnce));
  readonly #chatId: ChatId;

  constructor(app: App, preparer: Pick<Preparer, 'prepare'>, chatId: ChatId) {
    super(app, preparer);
    this.#chatId = chatId;
  }

  override clear(): void {
    super.clear();
    this.caption = '';
    this.viewOnce = false;
  }

  /** Closes at once: the chat shows how far it is. What the engine refuses comes back. Answers whether it took it. */
  async send(replyTo?: RecordId): Promise<boolean> {
    if (!this.canSend) return false;
    const { items, caption, quality } = this;
    const viewOnce = this.viewOnce && this.canViewOnce;
    const message = { id: newMessageId(), chatId: this.#chatId, items: this.ready, caption: caption.trim(), viewOnce };
    this.clear();
    const result = await this.app.ask('sendMedia', replyTo === undefined ? message : { ...message, replyTo });
    if (result?.ok) return true;
    if (result) this.app.toasts.error(describeError(result.error));
    if (!this.isOpen) {
      this.items = items;
      this.caption = caption;
      this.quality = quality;
      this.viewOnce = viewOnce;
    }
    return false;
  }
}

function isForOnce({ kind, content }: MediaDraft): boolean {
  return (kind === 'image' || kind === 'video') && content.size <= MEDIA_LIMITS.viewOnceBytes;
}
