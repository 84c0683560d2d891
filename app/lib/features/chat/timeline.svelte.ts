/** The window on one chat's messages: grows and moves as one scrolls, jumps to a message, follows the end. */
import type { ChatId, ClientApi, RecordId, TimelinePage, TimelineQuery } from '@securechat/sync/api';
import { toEntries } from './entries.ts';
import { around, atEnd, growNewer, growOlder } from './window.ts';

/** Runs `apply`, which changes what is drawn, and keeps what the reader looks at in its place. */
export type Around = (apply: () => void) => void;

export class Timeline {
  page = $state.raw<TimelinePage>();
  /** The divider stays where it was when the chat was opened. */
  firstUnread = $state<RecordId>();
  readonly entries = $derived(toEntries(this.page?.items ?? [], this.firstUnread));
  readonly isAtNewest = $derived(this.page !== undefined && !this.page.hasNewer);

  readonly #api: ClientApi;
  readonly #chatId: ChatId;
  readonly #around: Around;
  #query: TimelineQuery;
  #stop: () => void = () => undefined;
  #loading = true;

  constructor(api: ClientApi, chatId: ChatId, around: Around) {
    this.#api = api;
    this.#chatId = chatId;
    this.#around = around;
    this.#query = atEnd(chatId);
  }

  /** Shows the end, or the first unread message, or `at`. */
  async open(at?: RecordId): Promise<void> {
    await this.#show(at === undefined ? this.#query : around(this.#chatId, at));
    this.firstUnread = this.page?.firstUnread;
    if (at === undefined && this.firstUnread !== undefined && !this.has(this.firstUnread))
      await this.#show(around(this.#chatId, this.firstUnread));
  }

  has(id: RecordId): boolean {
    return this.page?.items.some((item) => item.id === id) ?? false;
  }

  growOlder(): void {
    this.#grow(growOlder);
  }

  growNewer(): void {
    this.#grow(growNewer);
  }

  async jumpTo(id: RecordId): Promise<void> {
    if (!this.has(id)) await this.#show(around(this.#chatId, id));
  }

  /** Answers whether it had to load another part of the chat. */
  async jumpToEnd(): Promise<boolean> {
    if (this.#query.anchor === 'end') return false;
    await this.#show(atEnd(this.#chatId));
    return true;
  }

  close(): void {
    this.#stop();
  }

  #grow(next: (query: TimelineQuery, page: TimelinePage) => TimelineQuery | undefined): void {
    if (this.#loading || !this.page) return;
    const query = next(this.#query, this.page);
    if (query) void this.#show(query);
  }

  /** Resolves when the first page of `query` is drawn. The old page stays, and stays live, until then. */
  #show(query: TimelineQuery): Promise<void> {
    const stopOld = this.#stop;
    this.#query = query;
    this.#loading = true;
    return new Promise((resolve) => {
      const stop = this.#api.watch('timeline', query, (page) => {
        if (this.#query !== query) return;
        if (this.#loading) stopOld();
        this.#stop = stop;
        this.#loading = false;
        this.#around(() => {
          this.page = page;
        });
        resolve();
      });
      // A further query may come before this one has answered.
      this.#stop = () => {
        stopOld();
        stop();
      };
    });
  }
}
