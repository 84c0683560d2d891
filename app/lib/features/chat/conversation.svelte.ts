/** One open chat: its state, its timeline and composer, and what can be done with a message. */
import type { ChatId, MessageItem, RecordId } from '@securechat/sync/api';
import { Live, liveWatch, watched } from '$lib/state/live.ts';
import type { App } from '$lib/state/app.svelte.ts';
import { copyText } from '$lib/state/clipboard.ts';
import { text } from '$lib/text/index.ts';
import { Composer } from './composer.svelte.ts';
import { Timeline, type Around } from './timeline.svelte.ts';

/** The list that shows the chat. */
export interface Place {
  readonly around: Around;
  /** Looks again at what is on the screen. */
  look(): void;
}

export class Conversation {
  readonly chatId: ChatId;
  readonly detail;
  /** Who is in it; null in a chat of two. */
  readonly group;
  readonly timeline: Timeline;
  readonly composer: Composer;
  readonly #app: App;
  readonly #unfollow: () => void;
  /** What was marked last, and how many were unread then. */
  #read: { readonly upTo: RecordId; readonly unread: number } | undefined;

  constructor(app: App, chatId: ChatId, place: Place) {
    this.#app = app;
    this.chatId = chatId;
    const detail = watched(app.api, 'chat', { chatId });
    this.detail = new Live(detail);
    this.group = liveWatch(app.api, 'group', { chatId });
    this.timeline = new Timeline(app.api, chatId, place.around);
    const known = app.chats.current?.find((chat) => chat.chatId === chatId);
    this.composer = new Composer(app, chatId, known?.draft ?? '');
    this.#unfollow = detail.subscribe(() => {
      this.composer.follow(detail.get()?.draft ?? '');
      place.look();
    });
  }

  /** The message to edit when arrow-up is pressed in an empty box. */
  get lastOwn(): MessageItem | undefined {
    return this.timeline.page?.items.findLast(
      (item): item is MessageItem => item.type === 'message' && item.mine && !item.deleted && !item.poll,
    );
  }

  message(id: RecordId): MessageItem | undefined {
    const item = this.timeline.page?.items.find((candidate) => candidate.id === id);
    return item?.type === 'message' ? item : undefined;
  }

  react({ id, reactions }: MessageItem, emoji: string): void {
    const isMine = reactions.some((reaction) => reaction.mine && reaction.emoji === emoji);
    const target = { chatId: this.chatId, recordId: id };
    void this.#app.run('react', isMine ? target : { ...target, emoji });
  }

  vote({ id }: MessageItem, choices: readonly number[]): void {
    void this.#app.run('vote', { chatId: this.chatId, recordId: id, choices });
  }

  closePoll({ id }: MessageItem): void {
    void this.#app.run('closePoll', { chatId: this.chatId, recordId: id });
  }

  star({ id, starred }: MessageItem): void {
    void this.#app.run('setStarred', { chatId: this.chatId, recordId: id, starred: !starred });
  }

  async setPinned(recordId: RecordId, pinned: boolean): Promise<void> {
    await this.#app.run('setPinned', { chatId: this.chatId, recordId, pinned });
  }

  async copy(message: MessageItem): Promise<void> {
    await copyText(this.#app, message.text, text.chat.copied);
  }

  retry({ id }: MessageItem): void {
    void this.#app.run('retryMessage', { chatId: this.chatId, recordId: id });
  }

  async deleteForMe({ id }: MessageItem): Promise<void> {
    const hide = (hidden: boolean) => this.#app.run('deleteForMe', { chatId: this.chatId, recordId: id, hidden });
    if (await hide(true))
      this.#app.toasts.info(text.chat.deletedForMe, { label: text.common.undo, run: () => void hide(false) });
  }

  deleteForEveryone({ id }: MessageItem): void {
    void this.#app.run('deleteForEveryone', { chatId: this.chatId, recordId: id });
  }

  /** The user is sure of the contact's restored device. */
  async shareHistory(): Promise<void> {
    if (await this.#app.run('shareHistory', { chatId: this.chatId })) this.#app.toasts.info(text.earlier.shared);
  }

  /** `id` has been on the screen of a person who is there. */
  seen(id: RecordId): void {
    const unread = this.detail.current?.unread ?? 0;
    // Ids sort by time. A message that was written earlier may arrive later: then the same place is read again.
    const isNew = this.#read === undefined || id > this.#read.upTo || (unread > 0 && unread !== this.#read.unread);
    if (!isNew || !document.hasFocus()) return;
    this.#read = { upTo: this.#read && this.#read.upTo > id ? this.#read.upTo : id, unread };
    void this.#app.ask('markRead', { chatId: this.chatId, upTo: this.#read.upTo });
  }

  close(): void {
    this.#unfollow();
    this.composer.flush();
    this.composer.endTyping();
    this.timeline.close();
  }
}
