/**
 * What arrived about a chat, applied: changes into the documents, records into rows, marks, answers to questions, alarms
 * for what was refused. Runs inside the intake's job; everything but the documents goes through its batch.
 */
import type { AccountId } from '@securechat/crypto';
import type { Alarms } from '../alarms/alarms.ts';
import type { AlarmType } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { GuardError, Ingested } from '../documents/index.ts';
import type { ChatNews } from '../inbox/intake.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import type { VerifiedRecord } from '../records/index.ts';
import type { Repair } from '../repair/repair.ts';
import { type Chat, type ChatBook, authorText, raiseMarks } from './chat-book.ts';
import type { Composer } from './composer.ts';

export interface AbsorbOptions {
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly composer: Composer;
  readonly outbox: Outbox;
  readonly repair: Repair;
  readonly alarms: Alarms;
  readonly now: () => number;
  readonly isContact: (accountId: AccountId) => boolean;
  /** After the commit: rows or marks of the chat changed; `added` are messages that were not there before. */
  readonly changed: (chat: Chat, added: readonly MessageRow[]) => void;
}

export class Absorb {
  readonly #options: AbsorbOptions;

  constructor(options: AbsorbOptions) {
    this.#options = options;
  }

  async apply(news: ChatNews, batch: Batch): Promise<void> {
    const { chat } = news;
    const { repair, isContact, changed } = this.#options;
    const added = news.changes.length > 0 ? await this.#ingest(news, batch) : [];
    const ticked = this.#raiseTheirMarks(news);
    if (isContact(chat.peer)) {
      for (const { deviceId, summary } of news.asks.slice(-1)) await repair.answer(chat, deviceId, summary, batch);
      if (news.more !== undefined) await repair.ask(chat, batch, news.more);
    }
    if (ticked || added.length > 0) this.#options.chats.saveMarks(batch, chat);
    batch.then(() => {
      changed(chat, added);
    });
  }

  /** Tells the other side, if it is a contact, what is here by now. */
  tellMarks(chat: Chat, batch: Batch): void {
    const { outbox, repair, isContact } = this.#options;
    if (chat.isSelf || !isContact(chat.peer)) return;
    outbox.addMarks(batch, { accountId: chat.peer, parts: [repair.marksOf(chat)] });
  }

  async #ingest(news: ChatNews, batch: Batch): Promise<readonly MessageRow[]> {
    const { chat } = news;
    const { chats, projection, composer, now } = this.#options;
    const documents = await chats.documents(chat);
    const ingested = await documents.ingest(news.changes, now());
    const applied = await projection.apply(chat.chatId, [...chats.takeRecovered(chat, documents), ...ingested.applied]);
    batch.add(applied.ops);
    if (this.#raiseReceived(chat, ingested.applied)) {
      chats.saveMarks(batch, chat);
      this.tellMarks(chat, batch);
    }
    this.#alarm(chat, ingested, batch);
    if (ingested.carried.length > 0) composer.push(chat, ingested.carried, batch);
    if (ingested.missing !== chat.missing || ingested.carried.length > 0) {
      chat.missing = ingested.missing;
      chats.save(batch, chat);
    }
    return applied.added;
  }

  /** Causal delivery makes an author's counters contiguous, so the highest one says it all. */
  #raiseReceived(chat: Chat, records: readonly VerifiedRecord[]): boolean {
    const own = chat.author && authorText(chat.author);
    return raiseMarks(chat.received, records, (author) => author !== own);
  }

  /** Only what they say of our own records counts, and only of records that exist. */
  #raiseTheirMarks({ chat, received, read }: ChatNews): boolean {
    if (chat.author === undefined) return false;
    const own = authorText(chat.author);
    const counts = (author: string, n: number): boolean => author === own && n < chat.nextN;
    const grewReceived = raiseMarks(chat.theirReceived, [...received, ...read], counts);
    return raiseMarks(chat.theirRead, read, counts) || grewReceived;
  }

  #alarm(chat: Chat, { refused }: Ingested, batch: Batch): void {
    for (const { error } of refused) {
      const type = alarmOf(error);
      if (type === undefined) continue;
      this.#options.alarms.raise(
        batch,
        { type, who: 'contact', accountId: chat.peer, chatId: chat.chatId },
        this.#options.now(),
      );
    }
  }
}

/** Undefined: an honest device may have caused it (its author key is introduced by a message still under way). */
function alarmOf(error: GuardError): AlarmType | undefined {
  switch (error.type) {
    case 'UnknownAuthor':
      return undefined;
    case 'Equivocation':
    case 'TooManyForks':
    case 'BrokenChain':
      return 'Equivocation';
    case 'BadSignature':
    case 'StolenActor':
    case 'ForeignKey':
    case 'CounterReused':
      return 'ForgedRecord';
    case 'DatedAhead':
      return 'ClockAhead';
    default:
      return 'MalformedChange';
  }
}
