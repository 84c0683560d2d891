/** One author's statuses, one after the other: which one is looked at, how much of its time is over, and what holds it. */
import { SvelteSet } from 'svelte/reactivity';
import type { Millis, StatusId, StatusItem } from '@securechat/sync/api';

/** Why time stands still: a finger rests, the pause button, something is written, asked or listed, nobody looks. */
export type Hold = 'finger' | 'button' | 'writing' | 'dialog' | 'hidden';

export interface ShowOptions {
  /** Oldest first, as they are now: they come, expire and are deleted meanwhile. */
  readonly items: () => readonly StatusItem[];
  /** Where to begin. */
  readonly first: StatusId | undefined;
  /** It could be seen. */
  readonly onseen: (item: StatusItem) => void;
  /** Past the last one; before the first one. */
  readonly onend: () => void;
  readonly onbegin: () => void;
}

/** A picture is looked at for so long; words for as long as it takes to read them. */
const LOOK: Millis = 6_000;
const READ: Millis = 60;
const LONGEST: Millis = 16_000;

export class Show {
  /** Milliseconds of the one that is looked at. */
  elapsed = $state(0);
  readonly #options: ShowOptions;
  readonly #holds = new SvelteSet<Hold>();
  /** The one that is looked at, and where it was: when it goes, what was behind it is in its place. */
  #at = $state.raw<{ readonly id: StatusId | undefined; readonly place: number }>({ id: undefined, place: 0 });
  /** What there is no more waiting for: it was loaded, or never will be. */
  #ready = $state.raw<{ readonly id: StatusId; readonly canBeSeen: boolean }>();

  constructor(options: ShowOptions) {
    this.#options = options;
    this.#at = { id: options.first, place: 0 };
  }

  get items(): readonly StatusItem[] {
    return this.#options.items();
  }

  get place(): number {
    const { id, place } = this.#at;
    const found = this.items.findIndex(({ statusId }) => statusId === id);
    return found >= 0 ? found : Math.min(place, Math.max(0, this.items.length - 1));
  }

  get item(): StatusItem | undefined {
    return this.items[this.place];
  }

  get duration(): Millis {
    return this.item ? durationOf(this.item) : LOOK;
  }

  /** The one that is looked at moves, and may be heard. */
  get isFilm(): boolean {
    return this.item !== undefined && isFilm(this.item);
  }

  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  /** Its time goes by. */
  get isRunning(): boolean {
    return !this.isHeld && this.item !== undefined && this.#ready?.id === this.item.statusId;
  }

  isHeldBy(hold: Hold): boolean {
    return this.#holds.has(hold);
  }

  hold(hold: Hold, isHeld: boolean): void {
    if (isHeld) this.#holds.add(hold);
    else this.#holds.delete(hold);
  }

  /** The one of this id is on the screen; else, with `canBeSeen` false, it never will be. */
  ready(id: StatusId, canBeSeen: boolean): void {
    if (id !== this.item?.statusId || this.#ready?.id === id) return;
    this.#ready = { id, canBeSeen };
    this.#at = { id, place: this.place };
    this.elapsed = 0;
    if (canBeSeen) this.#options.onseen(this.item);
  }

  /** Some time went by. A video says itself how far it is: {@link follow}. */
  tick(millis: Millis): void {
    if (!this.isRunning || !this.item || (isFilm(this.item) && this.#ready?.canBeSeen)) return;
    this.elapsed += millis;
    if (this.elapsed >= this.duration) this.next();
  }

  follow(at: Millis): void {
    this.elapsed = Math.min(at, this.duration);
  }

  next(): void {
    if (this.place < this.items.length - 1) this.#go(this.place + 1);
    else this.#options.onend();
  }

  previous(): void {
    if (this.place > 0) this.#go(this.place - 1);
    else this.#options.onbegin();
  }

  #go(place: number): void {
    this.#at = { id: this.items[place]?.statusId, place };
    this.elapsed = 0;
    this.#ready = undefined;
  }
}

function isFilm({ content }: StatusItem): boolean {
  return content.type === 'media' && content.media.kind === 'video';
}

function durationOf({ content }: StatusItem): Millis {
  if (content.type === 'text') return Math.min(LONGEST, Math.max(LOOK, content.text.length * READ));
  if (content.media.kind === 'video') return Math.max(1, content.media.duration ?? LOOK);
  return Math.min(LONGEST, LOOK + content.caption.length * READ);
}
