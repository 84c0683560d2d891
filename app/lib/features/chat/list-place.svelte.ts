/**
 * Where the reader is in a message list: keeps what is looked at in its place when the list changes, asks for more
 * near the edges, jumps, and says what has been on the screen. The scroller is turned round (column-reverse):
 * `scrollTop` is 0 at the newest message and negative above.
 */
import { flushSync, tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { RecordId } from '@securechat/sync/api';

/** What the list can ask its timeline. */
export interface Pages {
  readonly isAtNewest: boolean;
  growOlder(): void;
  growNewer(): void;
  jumpTo(id: RecordId): Promise<void>;
  /** Answers whether another part of the chat had to be loaded for it. */
  jumpToEnd(): Promise<boolean>;
}

const NEAR = 900;
const AWAY = 160;
const FLASH_FOR = 1_700;

export class ListPlace {
  /** Scrolled up from the newest message. */
  isAway = $state(false);
  flashed = $state<RecordId>();
  #element: HTMLElement | undefined;
  #flashEnds: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  readonly #pages: () => Pages;
  readonly #onSeen: (id: RecordId) => void;

  constructor(pages: () => Pages, onSeen: (id: RecordId) => void) {
    this.#pages = pages;
    this.#onSeen = onSeen;
  }

  readonly scroller: Attachment<HTMLElement> = (element) => {
    this.#element = element;
    const look = (): void => this.look();
    const resize = new ResizeObserver(look);
    resize.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      resize.disconnect();
      element.removeEventListener('scroll', look);
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
      cancelAnimationFrame(this.#frame);
    };
  };

  /** Changes the list without moving what is looked at. At the newest message the list follows instead. */
  readonly around = (apply: () => void): void => {
    const element = this.#element;
    const isFollowing = element === undefined || (element.scrollTop >= -2 && this.#pages().isAtNewest);
    const kept = isFollowing ? undefined : this.#firstVisible(element);
    const before = kept?.getBoundingClientRect().top;
    apply();
    flushSync();
    const id = kept?.dataset['id'];
    const now = element && id !== undefined ? this.#find(id) : undefined;
    const shift = now && before !== undefined ? now.getBoundingClientRect().top - before : 0;
    // Even an assignment of the same value would end a smooth scroll.
    if (element && Math.abs(shift) > 0.5) element.scrollTop += shift;
    this.look();
  };

  async jumpTo(id: RecordId): Promise<void> {
    await this.#pages().jumpTo(id);
    await tick();
    const target = this.#find(id);
    target?.scrollIntoView({ block: 'center' });
    target?.focus({ preventScroll: true });
    this.#flash(id);
  }

  async toEnd(): Promise<void> {
    const isOtherPart = await this.#pages().jumpToEnd();
    await tick();
    this.#element?.scrollTo({ top: 0, behavior: isOtherPart ? 'instant' : this.#behavior() });
  }

  /** To the newest message at once, as after sending. */
  async snapToEnd(): Promise<void> {
    await this.#pages().jumpToEnd();
    await tick();
    this.#element?.scrollTo({ top: 0 });
  }

  /** Puts the unread divider into the upper third, or as high as it gets when little is unread. */
  showUnread(): void {
    const element = this.#element;
    const divider = element?.querySelector('[data-unread]');
    if (!element || !divider) return;
    const wanted = element.getBoundingClientRect().top + element.clientHeight * 0.25;
    element.scrollTop += divider.getBoundingClientRect().top - wanted;
    this.look();
  }

  focusNewest(): void {
    [...this.#messages()].at(-1)?.focus();
  }

  /** Moves the focus to a neighbour, a message or a line that can be chosen; false at the end of the list. */
  step(from: RecordId, by: 1 | -1): boolean {
    const all = [...(this.#element?.querySelectorAll<HTMLElement>('[data-id], [data-line]') ?? [])];
    const at = all.findIndex(({ dataset }) => (dataset['id'] ?? dataset['line']) === from);
    const target = all[at + by];
    target?.focus();
    target?.scrollIntoView({ block: 'nearest' });
    return target !== undefined;
  }

  focus(id: RecordId): void {
    this.#find(id)?.focus();
  }

  elementOf(id: RecordId): HTMLElement | undefined {
    return this.#find(id);
  }

  /** Looks at where we are, once a frame at most. */
  look(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const element = this.#element;
      if (!element?.isConnected) return;
      this.isAway = element.scrollTop < -AWAY;
      if (element.scrollHeight - element.clientHeight + element.scrollTop < NEAR) this.#pages().growOlder();
      if (element.scrollTop > -NEAR) this.#pages().growNewer();
      const seen = document.visibilityState === 'visible' ? this.#lastVisible(element)?.dataset : undefined;
      const id = seen?.['id'] ?? seen?.['call'];
      if (id !== undefined) this.#onSeen(id);
    });
  }

  #flash(id: RecordId): void {
    clearTimeout(this.#flashEnds);
    this.flashed = undefined;
    void tick().then(() => (this.flashed = id));
    this.#flashEnds = setTimeout(() => (this.flashed = undefined), FLASH_FOR);
  }

  #behavior(): ScrollBehavior {
    const isFar = (this.#element?.scrollTop ?? 0) < -3000;
    return isFar || matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
  }

  #messages(): NodeListOf<HTMLElement> {
    return (this.#element ?? document.createElement('div')).querySelectorAll<HTMLElement>('[data-id]');
  }

  #find(id: RecordId): HTMLElement | undefined {
    return this.#element?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? undefined;
  }

  #firstVisible(element: HTMLElement): HTMLElement | undefined {
    const { top } = element.getBoundingClientRect();
    return [...this.#messages()].find((message) => message.getBoundingClientRect().bottom > top);
  }

  /** Of the messages, and of the calls: one that was missed is unread as a message is. */
  #lastVisible(element: HTMLElement): HTMLElement | undefined {
    const { bottom } = element.getBoundingClientRect();
    const all = [...element.querySelectorAll<HTMLElement>('[data-id], [data-call]')];
    return all.findLast((message) => message.getBoundingClientRect().bottom <= bottom + 4);
  }
}
