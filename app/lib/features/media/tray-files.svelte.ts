/** Files that are about to be sent and looked at once more: in order, each being prepared. Knows nothing of where they go. */
import { MEDIA_LIMITS, type MediaDraft } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import type { Preparer, PrepareFailure } from '$lib/media/preparer.ts';
import type { Quality } from '$lib/media/prepare.ts';
import { kindOfFile } from '$lib/media/kinds.ts';
import { text } from '$lib/text/index.ts';

export interface TrayItem {
  readonly id: number;
  readonly file: File;
  readonly asFile: boolean;
  /** Neither: being prepared. */
  readonly draft?: MediaDraft;
  readonly failure?: PrepareFailure;
}

export class TrayFiles {
  items = $state.raw<readonly TrayItem[]>([]);
  quality = $state<Quality>('standard');
  readonly ready = $derived(this.items.flatMap(({ draft }) => draft ?? []));
  readonly total = $derived(this.ready.reduce((sum, { content }) => sum + content.size, 0));
  readonly isPreparing = $derived(this.items.some(({ draft, failure }) => !draft && !failure));
  /** Some picture is drawn anew. */
  readonly hasQuality = $derived(this.items.some(({ file, asFile }) => !asFile && kindOfFile(file) === 'image'));
  protected readonly app: App;
  readonly #preparer: Pick<Preparer, 'prepare'>;
  #count = 0;

  constructor(app: App, preparer: Pick<Preparer, 'prepare'>) {
    this.app = app;
    this.#preparer = preparer;
  }

  get isOpen(): boolean {
    return this.items.length > 0;
  }

  add(files: readonly File[], asFile: boolean): void {
    const room = MEDIA_LIMITS.items - this.items.length;
    if (files.length > room) this.app.toasts.info(text.tray.tooMany(MEDIA_LIMITS.items));
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
    this.quality = 'standard';
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
