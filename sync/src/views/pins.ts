/**
 * The messages that a group has pinned, as they show above its chat. All that the acts say are pinned stay so; of more than
 * three the latest show, so that the bar says something (SPEC-governance, G-PIN).
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { PinnedMessage, RecordId } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { People } from '../contacts/people.ts';
import type { GroupState } from '../governance/index.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import { compareHlc } from '../records/index.ts';

const SHOWN = 3;
const EXCERPT = 300;

export interface PinsOptions {
  readonly book: GroupBook;
  readonly people: People;
  readonly projection: Projection;
  /** Deleted for me. */
  readonly isHidden: (chatId: ChatId, id: RecordId) => boolean;
  readonly me: () => AccountId;
  readonly now: () => number;
}

export class Pins {
  readonly #options: PinsOptions;

  constructor(options: PinsOptions) {
    this.#options = options;
  }

  /** The newest pin first; none in a chat of two. */
  async of(chat: Chat): Promise<readonly PinnedMessage[]> {
    const { projection, isHidden } = this.#options;
    const pins = this.#stateOf(chat)?.pins ?? [];
    const ids = [...pins]
      .sort(([a, { since: x }], [b, { since: y }]) => compareHlc(y, x) || (a < b ? 1 : -1))
      .slice(0, SHOWN)
      .map(([id]) => id);
    if (ids.length === 0) return [];
    const rows = await projection.getMany(chat.chatId, ids);
    return ids.map((id, index) => this.#pinned(id, isHidden(chat.chatId, id) ? undefined : rows[index]));
  }

  has(chat: Chat, id: RecordId): boolean {
    return this.#stateOf(chat)?.pins.has(id) ?? false;
  }

  /** Whether this account may pin a message here, or take a pin away. */
  may(chat: Chat): boolean {
    const { book, me, now } = this.#options;
    const state = this.#stateOf(chat);
    const act = { type: 'pin', target: chat.chatId, pinned: true } as const;
    const body = { kind: 'act', after: state?.heads.slice(0, 1) ?? [], act } as const;
    return state !== undefined && book.refusalOf(chat.chatId, me(), body, now()) === undefined;
  }

  #pinned(id: RecordId, row: MessageRow | undefined): PinnedMessage {
    const nothing = { name: '', mine: false, text: '' };
    if (row === undefined) return { id, state: 'missing', ...nothing };
    if (row.deleted) return { id, state: 'deleted', ...nothing };
    const name = this.#options.people.nameOf(row.account as AccountId);
    return { id, state: 'here', name, mine: row.mine, text: row.text.slice(0, EXCERPT) };
  }

  #stateOf(chat: Chat): GroupState | undefined {
    return chat.with.type === 'group' ? this.#options.book.stateOf(chat.with.groupId) : undefined;
  }
}
