/** Who may be asked for a file of a chat, and who may ask: those who are in the chat now. Knows chats; of files only names. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import type { Groups } from '../groups/groups.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { Projection } from '../projection/projection.ts';
import type { Asked } from './answering.ts';
import type { Place } from './places.ts';
import type { Audience, Wanted } from './question.ts';

export interface AskableOptions {
  readonly store: Store;
  readonly me: AccountId;
  readonly chats: Pick<ChatBook, 'get'>;
  /** Made later than this. */
  readonly groups: () => Pick<Groups, 'othersIn' | 'isMine'>;
  readonly projection: Pick<Projection, 'get'>;
  readonly outbox: Pick<Outbox, 'tell'>;
  readonly isContact: (accountId: AccountId) => boolean;
  /** The account has other devices than this one. */
  readonly hasSiblings: () => boolean;
  /** Looks at the outbox again. */
  readonly kick: () => void;
}

export class Askable {
  readonly #options: AskableOptions;

  constructor(options: AskableOptions) {
    this.#options = options;
  }

  /** Own devices, and the others of the chat, first of them whoever sent the file. */
  audience(chatId: ChatId, author: AccountId): Audience {
    const { me, chats, hasSiblings } = this.#options;
    const chat = chats.get(chatId);
    const others = chat === undefined ? [] : this.#othersIn(chat);
    return {
      own: hasSiblings() ? [me] : [],
      others: [...others.filter((one) => one === author), ...others.filter((one) => one !== author)],
    };
  }

  /** In the chat now, and asking for what a message there points to that may be read more than once. */
  async mayHave({ chatId, blob, from }: Asked): Promise<boolean> {
    const { me, chats, store, projection } = this.#options;
    const chat = chats.get(chatId);
    if (chat === undefined) return false;
    if (from.accountId !== me && !this.#othersIn(chat).includes(from.accountId)) return false;
    for (const { key } of await store.range('media', prefixRange('use', blob, chatId))) {
      const row = await projection.get(chatId, key.slice(key.lastIndexOf(':') + 1));
      if (row !== undefined && row.viewOnce === undefined) return true;
    }
    return false;
  }

  tellQuestion(batch: Batch, accountId: AccountId, { pointer: { blob }, chatId }: Wanted): void {
    const { outbox, kick } = this.#options;
    outbox.tell(batch, { accountId, parts: [{ type: 'mediaAsk', chatId, blob }], topic: `mediaAsk:${blob}` });
    batch.then(kick);
  }

  tellAnswer(batch: Batch, { chatId, blob, from }: Asked, place: Place): void {
    const { outbox, kick } = this.#options;
    outbox.tell(batch, { ...from, parts: [{ type: 'mediaAt', chatId, blob, ...place }], topic: `mediaAt:${blob}` });
    batch.then(kick);
  }

  #othersIn(chat: Chat): readonly AccountId[] {
    const { groups, isContact } = this.#options;
    const { peer, type } = chat.with;
    if (type === 'group') {
      const { groupId, part } = chat.with;
      return part === 'talk' && groups().isMine(groupId) ? groups().othersIn(chat) : [];
    }
    return peer !== undefined && isContact(peer) ? [peer] : [];
  }
}
