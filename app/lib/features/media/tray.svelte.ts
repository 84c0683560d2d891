/** What is about to be sent, and looked at once more: files in order, each being prepared, a caption, and how. */
import { MEDIA_LIMITS, TEXT_LIMIT, type ChatId, type MediaDraft, type RecordId } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import type { Preparer, PrepareFailure } from '$lib/media/preparer.ts';
import type { Quality } from '$lib/media/prepare.ts';
import { kindOfFile } from '$lib/media/kinds.ts';
import { describeError, text } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';

export interface TrayItem {
  readonly id: number;
  readonly file: File;
  readonly asFile: boolean;
  /** Neither: being prepared. */
  readonly draft?: MediaDraft;
  readonly failure?: PrepareFailure;
}

export class Tray {
  items = $state.raw<readonly TrayItem[]>([]);
  caption = $state('');
  quality = $state<Quality>('standard');
  viewOnce = $state(false);
  readonly ready = $derived(this.items.flatMap(({ draft }) => draft ?? []));
  readonly total = $derived(this.ready.reduce((sum, { content }) => sum + content.size, 0));
  readonly isPreparing = $derived(this.items.some(({ draft, failure }) => !draft && !failure));
  readonly over = $derived(this.caption.length - TEXT_LIMIT);
  readonly canSend = $derived(this.ready.length > 0 && !this.isPreparing && this.over <= 0);
  /** Some picture is drawn anew. */
  readonly hasQuality = $derived(this.items.some(({ file, asFile }) => !asFile && kindOfFile(file) === 'image'));
  readonly canViewOnce = $derived(this.ready.length === 1 && this.ready.every(isForOnce));
  readonly #app: App;
  readonly #preparer: Pick<Preparer, 'prepare'>;
  readonly #chatId: ChatId;
  #count = 0;

  constructor(app: App, preparer: Pick<Preparer, 'prepare'>, chatId: ChatId) {
    this.#app = app;
    this.#preparer = preparer;
    this.#chatId = chatId;
  }

  get isOpen(): boolean {
    return this.items.length > 0;
  }

  add(files: readonly File[], asFile: boolean): void {
    const room = MEDIA_LIMITS.items - this.items.length;
    if (files.length > room) this.#app.toasts.info(text.tray.tooMany(MEDIA_LIMITS.items));
    const added = files.slice(0, Math.max(0, room)).map((file) => ({ id: ++this.#count, file, asFile }));
    this.items = [...this.items, ...added];
    for (const item of added) void this.#prepare(item);
  }

  remove(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
    if (this.items.length === 0) this.clear();
  }

  /** Exchanges it with a neighbour, if there is one. */
  move(id: number, by: 1 | -1): void {
    this.place(id, this.items.findIndex((item) => item.id === id) + by);
  }

  place(id: number, to: number): void {
    const item = this.items.find((candidate) => candidate.id === id);
    if (!item || to < 0 || to >= this.items.length || this.items[to] === item) return;
    this.items = this.items.filter((other) => other !== item).toSpliced(to, 0, item);
  }

  setQuality(quality: Quality): void {
    this.quality = quality;
    for (const item of this.items)
      if (!item.asFile && kindOfFile(item.file) === 'image')
        void this.#prepare(this.#put({ id: item.id, file: item.file, asFile: false }));
  }

  clear(): void {
    this.items = [];
    this.caption = '';
    this.quality = 'standard';
    this.viewOnce = false;
  }

  /** Closes at once: the chat shows how far it is. What the engine refuses comes back. Answers whether it took it. */
  async send(replyTo?: RecordId): Promise<boolean> {
    if (!this.canSend) return false;
    const { items, caption, quality } = this;
    const viewOnce = this.viewOnce && this.canViewOnce;
    const message = { id: newMessageId(), chatId: this.#chatId, items: this.ready, caption: caption.trim(), viewOnce };
    this.clear();
    const result = await this.#app.ask('sendMedia', replyTo === undefined ? message : { ...message, replyTo });
    if (result?.ok) return true;
    if (result) this.#app.toasts.error(describeError(result.error));
    if (!this.isOpen) {
      this.items = items;
      this.caption = caption;
      this.quality = quality;
      this.viewOnce = viewOnce;
    }
    return false;
  }

  async #prepare(item: TrayItem): Promise<void> {
    const { quality } = this;
    const prepared = await this.#preparer.prepare(item.file, { quality, asFile: item.asFile });
    // Taken out, or asked for in another quality meanwhile.
    if (this.items.find(({ id }) => id === item.id) !== item) return;
    this.#put(prepared.ok ? { ...item, draft: prepared.value } : { ...item, failure: prepared.error });
  }

  #put(item: TrayItem): TrayItem {
    this.items = this.items.map((other) => (other.id === item.id ? item : other));
    return item;
  }
}

function isForOnce({ kind, content }: MediaDraft): boolean {
  return (kind === 'image' || kind === 'video') && content.size <= MEDIA_LIMITS.viewOnceBytes;
}
