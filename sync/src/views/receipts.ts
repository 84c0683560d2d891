/**
 * How far messages of this account have come in a group, by what each member's devices said of them. Counts whoever was a
 * member when the message was written and still is: for somebody who came later it was not meant, and who left says nothing
 * any more.
 */
import type { AccountId } from '@securechat/crypto';
import type { MemberReceipt, RecordId } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { People } from '../contacts/people.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';

export interface ReceiptsOptions {
  readonly book: GroupBook;
  readonly people: People;
  readonly projection: Projection;
  readonly me: () => AccountId;
}

type State = MemberReceipt['state'];

export class Receipts {
  readonly #options: ReceiptsOptions;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** By name. Null when it is not a message of ours in a group. */
  async of(chat: Chat, recordId: RecordId): Promise<readonly MemberReceipt[] | null> {
    const row = await this.#options.projection.get(chat.chatId, recordId);
    if (row === undefined || !row.mine || chat.with.type !== 'group') return null;
    return this.#recipients(chat, row)
      .map((accountId) => {
        const name = this.#options.people.nameOf(accountId);
        return { accountId, name, state: stateOf(chat, row, accountId) };
      })
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** What is so of everybody whom the message was for. */
  least(chat: Chat, row: MessageRow): State {
    const states = this.#recipients(chat, row).map((accountId) => stateOf(chat, row, accountId));
    if (states.length === 0 || states.includes('sent')) return 'sent';
    return states.includes('delivered') ? 'delivered' : 'read';
  }

  #recipients(chat: Chat, row: MessageRow): readonly AccountId[] {
    if (chat.with.type !== 'group') return [];
    const members = this.#options.book.stateOf(chat.with.groupId)?.members ?? [];
    return [...members].flatMap(([accountId, { since }]) =>
      accountId !== this.#options.me() && since.ms <= row.time ? [accountId] : [],
    );
  }
}

function stateOf(chat: Chat, row: MessageRow, accountId: AccountId): State {
  const marks = chat.byMember.get(accountId);
  if ((marks?.read.get(row.author) ?? 0) >= row.n) return 'read';
  return (marks?.received.get(row.author) ?? 0) >= row.n ? 'delivered' : 'sent';
}
