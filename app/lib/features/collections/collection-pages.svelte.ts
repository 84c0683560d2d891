/** One collection of a chat, page by page: each page keeps its bounds, so that what comes meanwhile makes no gap. */
import type { ChatId, Collection, CollectionPage, MessageItem, RecordId } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { type Live, liveWatch } from '$lib/state/live.ts';

const PAGE = 60;
/** What may come to a page whose end is fixed, and still be shown in it. */
const MOST = 400;

interface Page {
  readonly before: RecordId | undefined;
  readonly live: Live<CollectionPage | undefined>;
  /** What it showed before its end was fixed. */
  readonly kept: readonly MessageItem[];
}

export class CollectionPages {
  readonly #app: App;
  readonly #query: { readonly chatId: ChatId; readonly collection: Collection };
  #pages = $state.raw<readonly Page[]>([]);
  readonly items;
  readonly hasOlder;
  readonly isLoading;

  constructor(app: App, chatId: ChatId, collection: Collection) {
    this.#app = app;
    this.#query = { chatId, collection };
    this.#pages = [this.#open(undefined)];
    this.items = $derived(this.#pages.flatMap(({ live, kept }) => live.current?.items ?? kept));
    this.hasOlder = $derived(this.#pages.at(-1)?.live.current?.hasOlder ?? false);
    this.isLoading = $derived(this.#pages.at(-1)?.live.current === undefined);
  }

  more(): void {
    const [open, last] = [this.#pages.at(-1), this.items.at(-1)];
    if (this.isLoading || !this.hasOlder || open === undefined || last === undefined) return;
    const kept = open.live.current?.items ?? [];
    this.#pages = [...this.#pages.slice(0, -1), this.#open(open.before, last.id, kept), this.#open(last.id)];
  }

  #open(before: RecordId | undefined, last?: RecordId, kept: readonly MessageItem[] = []): Page {
    const bounds = { ...(before !== undefined && { before }), ...(last !== undefined && { last }) };
    const limit = last === undefined ? PAGE : MOST;
    return { before, kept, live: liveWatch(this.#app.api, 'collection', { ...this.#query, ...bounds, limit }) };
  }
}
