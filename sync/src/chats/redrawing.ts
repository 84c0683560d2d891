/**
 * Chats whose rows are made anew from their records: because other records are shown than before, or a row cannot be read.
 * What is planned is noted in the store, so that neither a crash nor a full disk leaves rows as they were.
 */
import type { ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Groups } from '../groups/groups.ts';
import type { Projection } from '../projection/projection.ts';
import type { VerifiedRecord } from '../records/index.ts';
import type { CallLog } from '../telephony/call-log.ts';
import type { Chat, ChatBook } from './chat-book.ts';
import type { Composer } from './composer.ts';

export interface RedrawingOptions {
  readonly chats: Pick<ChatBook, 'get' | 'documents'>;
  readonly projection: Pick<Projection, 'planRebuild' | 'rebuild' | 'unfinishedRebuilds'>;
  readonly calls: Pick<CallLog, 'renew'>;
  /** Made later than this. */
  readonly parts: () => {
    readonly groups: Pick<Groups, 'beginRedraw' | 'shown'>;
    readonly composer: Pick<Composer, 'waitingIn'>;
  };
  /** A lane job that nobody waits for. */
  readonly background: (job: () => Promise<void>) => void;
  readonly changed: (chatId: ChatId) => void;
}

export class Redrawing {
  readonly #options: RedrawingOptions;

  constructor(options: RedrawingOptions) {
    this.#options = options;
  }

  /** The chat is made anew once the caller's batch is committed; planned twice before that is done, it is done once. */
  plan(batch: Batch, chatId: ChatId): void {
    const { projection, background } = this.#options;
    batch.add(projection.planRebuild(chatId));
    batch.then(() => {
      background(this.takeUp);
    });
  }

  /** Lane job: what was planned and is not done, in this run or an earlier one. */
  readonly takeUp = async (): Promise<void> => {
    for (const chatId of await this.#options.projection.unfinishedRebuilds()) await this.redraw(chatId as ChatId);
  };

  /** Lane job's part. */
  async redraw(chatId: ChatId): Promise<void> {
    const { chats, projection, parts, changed } = this.#options;
    const chat = chats.get(chatId);
    if (chat === undefined) return;
    parts().groups.beginRedraw(chatId);
    await projection.rebuild(chatId, this.#recordsOf(chat));
    changed(chatId);
  }

  /**
   * Records of a chat as they are shown: those in the documents, and those that are not published yet. Its calls are made anew
   * of the same before they end, and so before the chat counts as done.
   */
  async *#recordsOf(chat: Chat): AsyncIterable<readonly VerifiedRecord[]> {
    const { groups, composer } = this.#options.parts();
    const calls: VerifiedRecord[] = [];
    const shown = (all: readonly VerifiedRecord[]): readonly VerifiedRecord[] => {
      const records = groups.shown(chat, all);
      calls.push(...records.filter(({ body }) => body.kind === 'call'));
      return records;
    };
    for await (const records of (await this.#options.chats.documents(chat)).readAll()) yield shown(records);
    const waiting = composer.waitingIn(chat);
    if (waiting.length > 0) yield shown(waiting);
    await this.#options.calls.renew(chat, calls);
  }
}
