/** What is being written in one chat: a new message, a reply or an edit; its draft; and that one is typing. */
import { TEXT_LIMIT, type ChatId, type MessageItem } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';
import { newMessageId } from './message-id.ts';

const SAVE_AFTER = 400;
const TYPING_EVERY = 3_000;
const TYPING_ENDS_AFTER = 5_000;

type Timer = ReturnType<typeof setTimeout>;

export class Composer {
  text = $state('');
  replyTo = $state.raw<MessageItem>();
  editing = $state.raw<MessageItem>();
  readonly over = $derived(this.text.length - TEXT_LIMIT);
  readonly canSend = $derived(this.text.trim() !== '' && this.over <= 0);

  readonly #app: App;
  readonly #chatId: ChatId;
  /** The draft as the engine has it; what is written is kept aside while a message is edited. */
  #draft = '';
  #hasFollowed = false;
  #saving: Timer | undefined;
  #typingEnds: Timer | undefined;
  #typingToldAt = 0;

  constructor(app: App, chatId: ChatId, draft: string) {
    this.#app = app;
    this.#chatId = chatId;
    this.#draft = draft;
    this.text = draft;
  }

  /** The stored draft: taken over when it is first known, and later when it was written in another tab. */
  follow(draft: string): void {
    const isFirst = !this.#hasFollowed;
    this.#hasFollowed = true;
    // Whoever writes here is ahead of what is stored.
    const isElsewhere = isFirst ? this.text === '' : !document.hasFocus();
    if (draft === this.#draft || !isElsewhere || this.editing || this.#saving !== undefined) return;
    this.text = draft;
    this.#draft = draft;
  }

  /** To be called after each change of `text`. */
  changed(): void {
    if (this.editing) return;
    this.#tellTyping();
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.flush(), SAVE_AFTER);
  }

  /** Saves the draft at once: the page may be about to go. */
  flush(): void {
    if (this.#saving === undefined) return;
    clearTimeout(this.#saving);
    this.#saving = undefined;
    this.#saveDraft(this.text);
  }

  reply(message: MessageItem): void {
    this.cancel();
    this.replyTo = message;
  }

  edit(message: MessageItem): void {
    this.cancel();
    this.flush();
    this.editing = message;
    this.text = message.text;
  }

  /** Leaves reply or edit; the draft comes back. */
  cancel(): void {
    if (this.editing) this.text = this.#draft;
    this.editing = undefined;
    this.replyTo = undefined;
  }

  /** True when the message is durable on this device (not yet: sent). The text comes back when it is refused. */
  async send(): Promise<boolean> {
    if (!this.canSend) return false;
    return this.editing ? this.#sendEdit(this.editing) : this.#sendNew();
  }

  async #sendNew(): Promise<boolean> {
    const { text, replyTo } = this;
    this.#clear();
    const message = { id: newMessageId(), chatId: this.#chatId, text: text.trim() };
    const result = await this.#app.ask('sendMessage', replyTo ? { ...message, replyTo: replyTo.id } : message);
    if (result?.ok) return true;
    if (result) this.#app.toasts.error(describeError(result.error));
    if (this.text === '') {
      this.text = text;
      this.replyTo = replyTo;
      this.#saveDraft(text);
    }
    return false;
  }

  async #sendEdit(message: MessageItem): Promise<boolean> {
    const text = this.text.trim();
    if (
      text !== message.text &&
      !(await this.#app.run('editMessage', { chatId: this.#chatId, recordId: message.id, text }))
    )
      return false;
    this.cancel();
    return true;
  }

  #clear(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    this.text = '';
    this.replyTo = undefined;
    this.#saveDraft('');
    this.endTyping();
  }

  #saveDraft(text: string): void {
    if (text === this.#draft) return;
    this.#draft = text;
    void this.#app.run('setDraft', { chatId: this.#chatId, text });
  }

  #tellTyping(): void {
    clearTimeout(this.#typingEnds);
    if (this.text.trim() === '') {
      this.endTyping();
      return;
    }
    this.#typingEnds = setTimeout(() => this.endTyping(), TYPING_ENDS_AFTER);
    if (Date.now() - this.#typingToldAt < TYPING_EVERY) return;
    this.#typingToldAt = Date.now();
    void this.#app.ask('setTyping', { chatId: this.#chatId, typing: true });
  }

  endTyping(): void {
    clearTimeout(this.#typingEnds);
    if (this.#typingToldAt === 0) return;
    this.#typingToldAt = 0;
    void this.#app.ask('setTyping', { chatId: this.#chatId, typing: false });
  }
}
