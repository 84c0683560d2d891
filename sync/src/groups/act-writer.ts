/** Writes acts of this account: what would not count is not written, and what is written counts before the next one. */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import { inBatch } from '../batch.ts';
import { type ChatBook, rootChatId } from '../chats/chat-book.ts';
import type { Composer } from '../chats/composer.ts';
import type { Refusal } from '../governance/index.ts';
import type { Peers } from '../peers/peers.ts';
import type { Store } from '../ports/store.ts';
import { ACT_LIMITS, type Act, type ActBody } from '../records/index.ts';
import type { GroupBook } from './group-book.ts';
import type { Groups } from './groups.ts';
import type { Comer, Joining } from './joining.ts';

export interface ActWriterOptions {
  readonly store: Store;
  readonly book: GroupBook;
  readonly groups: Pick<Groups, 'tell'>;
  readonly chats: ChatBook;
  readonly composer: Pick<Composer, 'compose' | 'publishAll'>;
  readonly peers: Peers;
  readonly joining: Joining;
  readonly me: AccountId;
  readonly now: () => number;
}

export class ActWriter {
  readonly #options: ActWriterOptions;

  constructor(options: ActWriterOptions) {
    this.#options = options;
  }

  /** Lane job: answers why the act would not count, and then it was not written. */
  async write(groupId: ChatId, act: Act): Promise<Refusal | undefined> {
    const { book, chats, composer, me, now } = this.#options;
    const root = chats.get(rootChatId(groupId));
    if (root === undefined) return { type: 'NoFounding' };
    // What was written before is in the history that this goes after.
    await composer.publishAll();
    const after = (book.stateOf(groupId)?.heads ?? []).slice(0, ACT_LIMITS.after);
    const body: ActBody = { kind: 'act', after, act };
    const refusal = book.refusalOf(groupId, me, body, now());
    if (refusal !== undefined) return refusal;
    await composer.compose(root, body);
    await composer.publishAll();
    return undefined;
  }

  /** Lane job: lets in who came by a link, or notes that they wait. */
  async letIn(): Promise<void> {
    const { book, store, joining, groups } = this.#options;
    for (const comer of joining.comers) {
      const { groupId, accountId } = comer;
      const wasIn = book.isMember(groupId, accountId);
      const outcome = wasIn ? 'added' : await this.#letOneIn(comer);
      await inBatch(store, (batch) => {
        joining.settle(batch, comer, outcome);
        // They may have lost what they were told when they were added.
        if (wasIn) groups.tell(batch, groupId, { accountId });
      });
    }
  }

  async #letOneIn({ groupId, accountId, via }: Comer): Promise<'added' | 'waits' | 'refused'> {
    const { peers, book } = this.#options;
    const peer = peers.get(accountId);
    if (peer === undefined) return 'refused';
    const { publicKey: accountKey, relayUrl } = peer;
    const state = book.stateOf(groupId);
    if (state?.invites.get(toBase64Url(via.invite))?.approval !== true) {
      const member = { accountKey, relayUrl, role: 'member', history: { from: 'nothing' }, via } as const;
      const refusal = await this.write(groupId, { type: 'add', members: [member] });
      return refusal === undefined ? 'added' : 'refused';
    }
    if (state.requests.has(accountId)) return 'waits';
    const request = await this.write(groupId, { type: 'request', accountKey, relayUrl, via });
    return request === undefined ? 'waits' : 'refused';
  }
}
