/** The list of members from which a mention is chosen while one writes. The text keeps the focus all the time. */
import { tick } from 'svelte';
import type { GroupMember } from '@securechat/sync/api';
import type { Composer } from './composer.svelte.ts';
import { matchMembers, type MentionQuery, queryAt } from './mentions.ts';

/** More than that nobody looks through: they type another letter. */
const MOST = 50;

export class MentionPicker {
  /** The place in `matches` that Enter takes. */
  active = $state(0);
  readonly #composer: Composer;
  readonly #members: () => readonly GroupMember[];
  #query = $state.raw<MentionQuery>();
  /** The `@` of which the list was closed. */
  #closed: number | undefined;
  readonly matches = $derived.by(() =>
    this.#query === undefined ? [] : matchMembers(this.#members(), this.#query.text).slice(0, MOST),
  );

  constructor(composer: Composer, members: () => readonly GroupMember[]) {
    this.#composer = composer;
    this.#members = members;
  }

  get isOpen(): boolean {
    return this.matches.length > 0;
  }

  /** The text or the caret changed. */
  look({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): void {
    const isCaret = selectionStart === selectionEnd;
    const query = isCaret ? queryAt(value, selectionEnd, this.#composer.mentions) : undefined;
    if (query?.at !== this.#closed) this.#closed = undefined;
    if (query?.at !== this.#query?.at || query?.text !== this.#query?.text) this.active = 0;
    this.#query = this.#closed === undefined ? query : undefined;
  }

  /** Until the next `@`. */
  close(): void {
    this.#closed = this.#query?.at;
    this.hide();
  }

  /** Until somebody looks again. */
  hide(): void {
    this.#query = undefined;
  }

  /** True when the key was for the list. */
  press(event: KeyboardEvent, box: HTMLTextAreaElement): boolean {
    const chosen = this.matches[this.active];
    if (!chosen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    const isTaking = (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey;
    if (isTaking) void this.take(chosen, box);
    else if (event.key === 'ArrowDown') this.#step(1);
    else if (event.key === 'ArrowUp') this.#step(-1);
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  async take(member: GroupMember, box: HTMLTextAreaElement): Promise<void> {
    if (this.#query === undefined) return;
    const caret = this.#composer.mention(this.#query, member);
    this.#query = undefined;
    box.focus();
    await tick();
    box.setSelectionRange(caret, caret);
  }

  #step(by: 1 | -1): void {
    const { length } = this.matches;
    this.active = (this.active + by + length) % length;
  }
}
