/**
 * Telling others that this user is typing: now or never, so that no relay keeps it. In a group it is one envelope for all,
 * and it is not taken back: it is forgotten by itself, or when the message comes.
 */
import type { ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Chat } from './chat-book.ts';
import { TYPING_MEMBERS } from './typing.ts';

/** Not sooner is it told to a group again; sooner than the others forget it. */
const GROUP_PAUSE = 5_000;

export interface OwnTypingOptions {
  readonly outbox: Pick<Outbox, 'tell' | 'addForGroup'>;
  readonly book: Pick<GroupBook, 'stateOf'>;
  readonly now: () => number;
}

export class OwnTyping {
  readonly #options: OwnTypingOptions;
  readonly #told = new Map<ChatId, number>();

  constructor(options: OwnTypingOptions) {
    this.#options = options;
  }

  /** Lane job's part. The caller knows that the user lets it be told, and that this account may write to the chat. */
  tell(batch: Batch, chat: Chat, typing: boolean): void {
    if (chat.with.type === 'group') {
      this.#tellGroup(batch, chat.with.groupId, typing);
      return;
    }
    if (chat.with.type === 'self') return;
    const { chatId } = chat;
    this.#options.outbox.tell(batch, {
      ...{ accountId: chat.with.peer, ephemeral: true, topic: `typing:${chatId}` },
      parts: [{ type: 'typing', chatId, typing }],
    });
  }

  /** What this user wrote ended it for the others: when it begins again, they are told at once. */
  wrote({ chatId }: Chat): void {
    this.#told.delete(chatId);
  }

  #tellGroup(batch: Batch, groupId: ChatId, typing: boolean): void {
    const { outbox, book, now } = this.#options;
    const members = book.stateOf(groupId)?.members.size ?? 0;
    if (!typing || members > TYPING_MEMBERS) return;
    if (Math.abs(now() - (this.#told.get(groupId) ?? -Infinity)) < GROUP_PAUSE) return;
    this.#told.set(groupId, now());
    outbox.addForGroup(batch, { groupId, ephemeral: true, parts: [{ type: 'typing', chatId: groupId, typing }] });
  }
}
