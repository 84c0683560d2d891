/** What is being written in one chat: a new message, a reply or an edit; its draft; and that one is typing. */
import {
  TEXT_LIMIT,
  type ChatId,
  type GroupMember,
  type MentionRange,
  type MessageItem,
  type RecordId,
} from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';
import { type MentionQuery, moveMentions } from './mentions.ts';
import { newMessageId } from './message-id.ts';

const SAVE_AFTER = 400;
const TYPING_EVERY = 3_000;
const TYPING_ENDS_AFTER = 5_000;

type Timer = ReturnType<typeof setTimeout>;

/** A text and the stretches of it that mean members. */
interface Written {
  readonly text: string;
  readonly mentions: readonly MentionRange[];
}

export class Composer {
  replyTo = $state.raw<MessageItem>();
  editing = $state.raw<MessageItem>();
  readonly over = $derived(this.text.length - TEXT_LIMIT);
  readonly canSend = $derived(this.text.trim() !== '' && this.over <= 0);

  readonly #app: App;
  readonly #chatId: ChatId;
  #written = $state.raw<Written>({ text: '', mentions: [] });
  /** What was written when an edit began. */
  #aside: Written = { text: '', mentions: [] };
  /** The draft as the engine has it. */
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

  get text(): string {
    return this.#written.text;
  }

  /** Mentions go along with the text around them. */
  set text(text: string) {
    this.#written = { text, mentions: moveMentions(this.mentions, this.text, text) };
  }

  /** Who is meant in `text`; in the order of the text. */
  get mentions(): readonly MentionRange[] {
    return this.#written.mentions;
  }

  /** Makes a mention of what was typed; answers where the caret goes. */
  mention({ at, text: typed }: MentionQuery, { accountId, name }: Pick<GroupMember, 'accountId' | 'name'>): number {
    const [before, after] = [this.text.slice(0, at), this.text.slice(at + 1 + typed.length)];
    const mention = { at, length: name.length + 1, accountId };
    this.text = `${before}@${name}${after.startsWith(' ') ? '' : ' '}${after}`;
    const mentions = [...this.mentions, mention].sort((a, b) => a.at - b.at);
    this.#written = { text: this.text, mentions };
    this.changed();
    return at + mention.length + 1;
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
    this.#aside = this.#written;
    this.editing = message;
    const mentions = (message.mentions ?? []).map(({ at, length, accountId }) => ({ at, length, accountId }));
    this.#written = { text: message.text, mentions };
  }

  /** For a message that is written elsewhere: what it answers, which is then answered. */
  takeReply(): RecordId | undefined {
    const { replyTo } = this;
    this.replyTo = undefined;
    return replyTo?.id;
  }

  /** Leaves reply or edit; the draft comes back. */
  cancel(): void {
    if (this.editing) this.#written = this.#aside;
    this.editing = undefined;
    this.replyTo = undefined;
  }

  /** True when the message is durable on this device (not yet: sent). The text comes back when it is refused. */
  async send(): Promise<boolean> {
    if (!this.canSend) return false;
    return this.editing ? this.#sendEdit(this.editing) : this.#sendNew();
  }

  async #sendNew(): Promise<boolean> {
    const written = this.#written;
    const { replyTo } = this;
    this.#clear();
    const result = await this.#app.ask('sendMessage', {
      ...{ id: newMessageId(), chatId: this.#chatId },
      ...trimmed(written),
      ...(replyTo && { replyTo: replyTo.id }),
    });
    if (result?.ok) return true;
    if (result) this.#app.toasts.error(describeError(result.error));
    if (this.text === '') {
      this.#written = written;
      this.replyTo = replyTo;
      this.#saveDraft(written.text);
    }
    return false;
  }

  async #sendEdit(message: MessageItem): Promise<boolean> {
    const edited = trimmed(this.#written);
    const isChanged = edited.text !== message.text || placesOf(edited) !== placesOf(message);
    if (isChanged && !(await this.#app.run('editMessage', { chatId: this.#chatId, recordId: message.id, ...edited })))
      return false;
    this.cancel();
    return true;
  }

  #clear(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    this.#written = { text: '', mentions: [] };
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

/** Without blanks around it. */
function trimmed({ text, mentions }: Written): { text: string; mentions?: readonly MentionRange[] } {
  const begun = text.trimStart();
  const ended = begun.trimEnd();
  const moved = moveMentions(moveMentions(mentions, text, begun), begun, ended);
  return { text: ended, ...(moved.length > 0 && { mentions: moved }) };
}

function placesOf({ mentions = [] }: { readonly mentions?: readonly MentionRange[] }): string {
  return JSON.stringify(mentions.map(({ at, length, accountId }) => [at, length, accountId]));
}
