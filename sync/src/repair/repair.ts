/**
 * The repair path: one question, one answer, each storable in a mailbox. `ask` says "these are my heads"; the answer is
 * what the asker lacks, and if the asker has what the answerer lacks, a question in return. A question is therefore also
 * an offer: whoever has something undelivered asks.
 *
 * When to ask: dependencies are missing; or records of ours were accepted by the relay but the other side's marks do not
 * show them. Pauses between questions about the same chat grow up to a day, and start anew when the need was met.
 */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import { type Batch, inBatch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import { authorText, toMarks } from '../chats/chat-book.ts';
import type { Composer } from '../chats/composer.ts';
import { type Summary, decodeSummary, encodeSummary } from '../documents/index.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** Bytes of changes in one answer: one envelope with room for padding. */
const ANSWER_BYTES = 150 * 1024;
const SWEEP = 15_000;
const MISSING_PAUSE = 3_000;
const UNDELIVERED_PAUSE = 45_000;
const LONGEST_PAUSE = 24 * 3600_000;
/** A question in return to a question is not repeated sooner. */
const RETURN_PAUSE = 20_000;

export interface RepairOptions {
  readonly store: Store;
  readonly chats: Pick<ChatBook, 'all' | 'documents'>;
  readonly composer: () => Pick<Composer, 'pending' | 'introduceAuthor'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly isContact: (accountId: AccountId) => boolean;
  /** The other side has not shown that it knows who we are. */
  readonly lacksCard: (accountId: AccountId) => boolean;
  readonly sendsRead: () => boolean;
  /** My read marks of a chat. */
  readonly readMarks: (chatId: ChatId) => ReadonlyMap<string, number>;
  readonly isOnline: () => boolean;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

interface Need {
  next: number;
  pause: number;
}

/** `records` are wanted or to be offered; or only a `card` is to be shown, for which no document need be opened. */
type Lack = { readonly of: 'records' | 'card'; readonly pause: number };

export class Repair {
  readonly #options: RepairOptions;
  readonly #needs = new Map<ChatId, Need>();
  readonly #returned = new Map<ChatId, number>();
  #cancel: () => void = () => undefined;

  constructor(options: RepairOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(SWEEP, () => {
      this.sweep();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** The connection is new: what is needed is asked for soon, whatever pause was running. */
  hurry(): void {
    const soon = this.#options.clock.now() + MISSING_PAUSE;
    for (const need of this.#needs.values()) need.next = Math.min(need.next, soon);
    this.sweep();
  }

  /** Looks at every chat and asks where it is time to. */
  sweep(): void {
    if (!this.#options.isOnline()) return;
    for (const chat of this.#options.chats.all()) {
      const lack = this.#lackOf(chat);
      if (lack === undefined) this.#needs.delete(chat.chatId);
      else if (this.#isDue(chat.chatId, lack.pause)) this.#serve(chat, lack);
    }
  }

  /** One job for each chat, so that the user's own action never waits for all of them. */
  #serve(chat: Chat, lack: Lack): void {
    const { store, kick, background } = this.#options;
    background(async () => {
      await inBatch(store, async (batch) => {
        if (lack.of === 'records') await this.ask(chat, batch);
        else this.tellMarks(chat, batch);
      });
      kick();
    });
  }

  #isDue(chatId: ChatId, first: number): boolean {
    const now = this.#options.clock.now();
    const need = this.#needs.get(chatId) ?? { next: now + first, pause: first };
    this.#needs.set(chatId, need);
    // A moment that is further away than the pause is a clock that was put back.
    if (need.next > now && need.next <= now + need.pause) return false;
    need.pause = Math.min(need.pause * 3, LONGEST_PAUSE);
    need.next = now + need.pause;
    return true;
  }

  /** Lane job's part: a question to the other side's devices, or to one of them. */
  async ask(chat: Chat, batch: Batch, deviceId?: DeviceId): Promise<void> {
    if (chat.isSelf || !this.#options.isContact(chat.peer)) return;
    const documents = await this.#options.chats.documents(chat);
    this.#tellAsk(chat, await documents.summary(), batch, deviceId);
  }

  /** Lane job's part: the answer to a question, marks always included, so that a lost receipt heals too. */
  async answer(chat: Chat, deviceId: DeviceId, summary: Uint8Array, batch: Batch): Promise<void> {
    const theirs = decodeSummary(summary);
    if (!theirs.ok || !this.#options.isContact(chat.peer)) return;
    const documents = await this.#options.chats.documents(chat);
    const { changes, more, theyHaveMore } = await documents.answer(theirs.value, ANSWER_BYTES);
    const parts: Part[] = [...this.#options.composer().introduceAuthor(chat), this.marksOf(chat)];
    if (changes.length > 0) parts.push({ type: 'changes', chatId: chat.chatId, more, changes });
    this.#options.outbox.tell(batch, { accountId: chat.peer, deviceId, parts, topic: `answer:${chat.chatId}` });
    // An item of its own: both together could be more than an envelope holds.
    if (theyHaveMore && this.#mayReturn(chat.chatId)) this.#tellAsk(chat, await documents.summary(), batch, deviceId);
  }

  /** Lane job's part: tells the other side what is here by now, and with it who we are if it does not know. */
  tellMarks(chat: Chat, batch: Batch): void {
    this.#options.outbox.tell(batch, {
      accountId: chat.peer,
      parts: [this.marksOf(chat)],
      topic: `marks:${chat.chatId}`,
    });
  }

  #tellAsk(chat: Chat, summary: Summary, batch: Batch, deviceId: DeviceId | undefined): void {
    const { chatId, peer: accountId } = chat;
    const ask: Part = { type: 'ask', chatId, summary: encodeSummary(summary) };
    const parts = [...this.#options.composer().introduceAuthor(chat), ask];
    this.#options.outbox.tell(batch, { accountId, parts, topic: `ask:${chatId}`, ...(deviceId && { deviceId }) });
  }

  /** What is here and what my user has read of it; read marks only when the user lets them be told. */
  marksOf(chat: Chat): Extract<Part, { type: 'marks' }> {
    const read = this.#options.sendsRead() ? this.#options.readMarks(chat.chatId) : new Map<string, number>();
    return { type: 'marks', chatId: chat.chatId, received: toMarks(chat.received), read: toMarks(read) };
  }

  #lackOf(chat: Chat): Lack | undefined {
    if (chat.isSelf || !this.#options.isContact(chat.peer)) return undefined;
    if (chat.missing > 0) return { of: 'records', pause: MISSING_PAUSE };
    if (this.#options.outbox.hasMessagesFor(chat.peer) || this.#options.composer().pending > 0) return undefined;
    if (this.#isUndelivered(chat)) return { of: 'records', pause: UNDELIVERED_PAUSE };
    return this.#options.lacksCard(chat.peer) ? { of: 'card', pause: UNDELIVERED_PAUSE } : undefined;
  }

  #isUndelivered(chat: Chat): boolean {
    return chat.author !== undefined && (chat.theirReceived.get(authorText(chat.author)) ?? 0) < chat.nextN - 1;
  }

  #mayReturn(chatId: ChatId): boolean {
    const now = this.#options.clock.now();
    if (Math.abs(now - (this.#returned.get(chatId) ?? -Infinity)) < RETURN_PAUSE) return false;
    this.#returned.set(chatId, now);
    return true;
  }
}
