/** The window on one chat's messages: grows and moves as one scrolls, jumps to a message, follows the end. */
import type { ChatId, ClientApi, RecordId, TimelinePage, TimelineQuery } from '@securechat/sync/api';
import { nextFrame } from '$lib/state/turns.ts';
import { nextDrawn } from './drawing.ts';
import { UNREAD, toEntries, type Entry } from './entries.ts';
import { around, atEnd, growNewer, growOlder } from './window.ts';

/** Runs `apply`, which changes what is drawn, and keeps what the reader looks at in its place. */
export type Around = (apply: () => void) => void;

export class Timeline {
  page = $state.raw<TimelinePage>();
  /** What is drawn of the page: the part that is looked at first, all of it some frames later. */
  entries = $state.raw<readonly Entry[]>([]);
  /** Whether the last that is drawn is the newest message. */
  isAtNewest = $state(false);

  readonly #api: ClientApi;
  readonly #chatId: ChatId;
  readonly #around: Around;
  #query: TimelineQuery;
  #stop: () => void = () => undefined;
  #loading = true;
  /** The divider stays where it was when the chat was opened. */
  #firstUnread: RecordId | undefined;
  #drawing: 'all' | 'part' | 'closed' = 'all';

  constructor(api: ClientApi, chatId: ChatId, around: Around) {
    this.#api = api;
    this.#chatId = chatId;
    this.#around = around;
    this.#query = atEnd(chatId);
  }

  /** Shows the end, or the first unread message, or `at`. */
  open(at?: RecordId): Promise<void> {
    return this.#show(at === undefined ? this.#query : around(this.#chatId, at));
  }

  /** Whether it is drawn. */
  has(id: RecordId): boolean {
    return this.entries.some(({ key }) => key === id);
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
    this.#drawing = 'closed';
    this.#stop();
  }

  #grow(next: (query: TimelineQuery, page: TimelinePage) => TimelineQuery | undefined): void {
    if (this.#loading || this.#drawing !== 'all' || !this.page) return;
    const query = next(this.#query, this.page);
    if (query) void this.#show(query);
  }

  /** Draws what is looked at now, and the rest in the frames that follow. */
  #draw(page: TimelinePage): void {
    const all = toEntries(page.items, this.#firstUnread);
    const { anchor } = this.#query;
    const wanted = [anchor === 'end' ? all.at(-1)?.key : anchor, this.page ? undefined : UNREAD];
    const entries = nextDrawn(all, this.entries, wanted);
    this.#around(() => {
      this.page = page;
      this.entries = entries;
      this.isAtNewest = !page.hasNewer && entries.at(-1) === all.at(-1);
    });
    if (entries.length === all.length) this.#drawing = 'all';
    else if (this.#drawing === 'all') void this.#drawRest();
  }

  async #drawRest(): Promise<void> {
    this.#drawing = 'part';
    while (this.#drawing === 'part') {
      await nextFrame();
      if (this.#drawing === 'part' && this.page) this.#draw(this.page);
    }
  }

  /** Resolves when the first page of `query` is drawn where it was asked for. The old page stays, and stays live, until then. */
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
        if (this.page === undefined) {
          this.#firstUnread = page.firstUnread;
          // Not drawn even for a moment: whatever is on the screen is taken as read, and so would all be that is before it.
          if (query.anchor === 'end' && isBefore(page.firstUnread, page)) {
            resolve(this.#show(around(this.#chatId, page.firstUnread)));
            return;
          }
        }
        this.#draw(page);
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

/** Whether it is a message that the page does not reach. */
function isBefore(id: RecordId | undefined, { items }: TimelinePage): id is RecordId {
  return id !== undefined && !items.some((item) => item.id === id);
}
