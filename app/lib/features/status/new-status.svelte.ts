/** A status before it is shared: words on a colour, or photos and videos with a caption each. */
import { SvelteMap } from 'svelte/reactivity';
import { STATUS_LIMITS, type StatusDraft } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import type { Preparer } from '$lib/media/preparer.ts';
import { describeError, formatBytes, text } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';
import { TrayFiles, type TrayItem } from '../media/tray-files.svelte.ts';

export type PostKind = 'words' | 'files';

export class NewStatus {
  kind = $state<PostKind>('words');
  words = $state('');
  colour = $state(0);
  isPosting = $state(false);
  readonly files: TrayFiles;
  readonly items: readonly StatusDraft[] = $derived.by(() => (this.kind === 'words' ? this.#text() : this.#media()));
  readonly over = $derived(this.kind === 'words' ? this.words.trim().length - STATUS_LIMITS.text : 0);
  readonly canPost = $derived.by(() => this.#isComplete());
  readonly #app: App;
  readonly #captions = new SvelteMap<number, string>();

  constructor(app: App, preparer: Pick<Preparer, 'prepare'>) {
    this.#app = app;
    this.files = new TrayFiles(app, preparer);
  }

  add(files: readonly File[]): void {
    this.kind = 'files';
    this.files.add(files, false);
  }

  captionOf(id: number): string {
    return this.#captions.get(id) ?? '';
  }

  setCaption(id: number, caption: string): void {
    this.#captions.set(id, caption);
  }

  /** Why a file that was prepared cannot be a status; undefined when it can. */
  problemOf({ draft }: TrayItem): string | undefined {
    if (!draft) return undefined;
    if (draft.kind !== 'image' && draft.kind !== 'video') return text.statusPost.notSeen;
    if (draft.content.size > STATUS_LIMITS.fileBytes)
      return text.tray.failures.TooLarge(formatBytes(STATUS_LIMITS.fileBytes));
    const isTooLong = draft.kind === 'video' && (draft.duration ?? 0) > STATUS_LIMITS.videoMs;
    return isTooLong ? text.statusPost.tooLong(STATUS_LIMITS.videoMs / 1000) : undefined;
  }

  /** Answers whether the engine took it: it is durable then, and goes out when there is a connection. */
  async post(): Promise<boolean> {
    if (!this.canPost || this.isPosting) return false;
    this.isPosting = true;
    const isOffline = this.#app.connection.current?.state === 'offline';
    const result = await this.#app.ask('postStatus', { id: newMessageId(), items: this.items });
    this.isPosting = false;
    if (result && !result.ok) this.#app.toasts.error(describeError(result.error));
    if (!result?.ok) return false;
    this.#app.toasts.info(isOffline ? text.statusPost.postedOffline : text.statusPost.posted);
    return true;
  }

  #isComplete(): boolean {
    if (this.items.length === 0 || this.over > 0) return false;
    const { items, isPreparing } = this.files;
    return this.kind === 'words' || (!isPreparing && items.every((item) => this.problemOf(item) === undefined));
  }

  #text(): readonly StatusDraft[] {
    const words = this.words.trim();
    return words === '' ? [] : [{ type: 'text', text: words, colour: this.colour }];
  }

  #media(): readonly StatusDraft[] {
    return this.files.items.flatMap(({ id, draft }): StatusDraft[] => {
      const caption = this.captionOf(id).trim();
      return draft ? [{ type: 'media', media: draft, ...(caption !== '' && { caption }) }] : [];
    });
  }
}
