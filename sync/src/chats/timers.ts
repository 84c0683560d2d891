/**
 * After how long what is written in a chat disappears. In a group that is what its acts say; in a chat of two, and in the
 * notes to oneself, it is what the record of kind `timer` with the highest id says, whichever of the two wrote it.
 */
import { type ChatId, toBase64Url } from '@securechat/crypto';
import type { TimerEvent } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { VerifiedRecord } from '../records/index.ts';
import type { Chat, ChatBook } from './chat-book.ts';

export interface TimersOptions {
  readonly chats: ChatBook;
  readonly groups: Pick<GroupBook, 'stateOf'>;
  /** A line in the chat, once for each id. Part of the same job. */
  readonly note: (batch: Batch, chatId: ChatId, event: TimerEvent, time: number, id: string) => Promise<void>;
}

export class Timers {
  readonly #options: TimersOptions;

  constructor(options: TimersOptions) {
    this.#options = options;
  }

  /** Seconds that a message written now is there; 0: for ever. */
  secondsOf(chat: Chat): number {
    if (chat.with.type === 'group') return this.#options.groups.stateOf(chat.with.groupId)?.timer ?? 0;
    return chat.timer?.seconds ?? 0;
  }

  /** Takes in the records of the chat that set its timer. Lane job's part. */
  async take(chat: Chat, records: readonly VerifiedRecord[], batch: Batch): Promise<void> {
    if (chat.with.type === 'group') return;
    for (const { author, body, id, time } of records) {
      const by = chat.authors.get(toBase64Url(author))?.accountId;
      if (body.kind !== 'timer' || by === undefined) continue;
      const { seconds } = body;
      await this.#options.note(batch, chat.chatId, { type: 'Timer', by, seconds }, time.ms, `timer-${id}`);
      if (chat.timer === undefined || chat.timer.id < id) this.#set(chat, { id, seconds }, batch);
    }
  }

  #set(chat: Chat, timer: NonNullable<Chat['timer']>, batch: Batch): void {
    const before = chat.timer;
    chat.timer = timer;
    batch.undo(() => {
      chat.timer = before;
    });
    this.#options.chats.save(batch, chat);
  }
}
