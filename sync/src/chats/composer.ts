/**
 * From what the user did to a change in the documents and an item in the outbox. Two steps, so that the user waits only
 * for the first and a crash between any two writes loses and doubles nothing:
 *
 *   compose   intent + projected row + counters     one commit; the message is now on the screen and safe
 *   publish   document change (idempotent by record id), then outbox item + intent gone in one commit
 *
 * An intent fixes the record's content (counter, time, body), so redoing `publish` after a crash finds the same record.
 */
import { type AccountId, type AuthorKey, type ChatId, proveAuthor } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { OUTBOX_LIMIT, type Outbox } from '../outbox/outbox.ts';
import type { DocumentChange, Part } from '../payload/payload.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import { type RecordBody, type RecordDraft, type VerifiedRecord, recordIdOf } from '../records/index.ts';
import { pack, unpack } from '../values.ts';
import { type Chat, type ChatBook, authorText } from './chat-book.ts';

interface Intent extends RecordDraft {
  readonly seq: number;
  readonly chatId: ChatId;
  readonly recordId: RecordId;
}

/** How long a caller's id is remembered: a repeated call within it answers the first one's record. */
const CALL_MEMORY = 24 * 3600_000;

export interface ComposerOptions {
  readonly self: Self;
  readonly store: Store;
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly outbox: Outbox;
  /** Everyone whose devices must hear of the chat's records; empty for the note to self. */
  readonly audience: (chat: Chat) => readonly AccountId[];
  readonly now: () => number;
  /** Rows of the chat changed on the screen; `added` are new messages. */
  readonly changed: (chatId: ChatId, rows: readonly MessageRow[]) => void;
  /** An intent or an outbox item was added. */
  readonly kick: () => void;
}

export class Composer {
  readonly #options: ComposerOptions;
  readonly #intents = new Map<number, Intent>();
  #next = 1;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** Reads the intents that an earlier run did not finish, and forgets old call ids. */
  async load(): Promise<void> {
    const { store, now } = this.#options;
    for (const { value } of await store.range('intents', INTENTS)) {
      const intent = unpack<Intent>(value);
      this.#intents.set(intent.seq, intent);
      this.#next = Math.max(this.#next, intent.seq + 1);
    }
    const batch = new Batch();
    for (const { key, value } of await store.range('intents', CALL_IDS)) {
      if (unpack<{ time: number }>(value).time < now() - CALL_MEMORY) batch.delete('intents', key);
    }
    await batch.commit(store);
  }

  get pending(): number {
    return this.#intents.size;
  }

  isPending(recordId: RecordId): boolean {
    for (const intent of this.#intents.values()) if (intent.recordId === recordId) return true;
    return false;
  }

  get isFull(): boolean {
    return this.#intents.size + this.#options.outbox.size >= OUTBOX_LIMIT;
  }

  /** Lane job: makes one record of ours durable and visible. `callId` makes a repeated call answer the same record. */
  async compose(chat: Chat, body: RecordBody, callId?: string): Promise<RecordId> {
    const { store, chats, projection, changed, kick, now } = this.#options;
    const earlier = callId === undefined ? undefined : await store.get('intents', storeKey('call', callId));
    if (earlier !== undefined) return unpack<{ recordId: RecordId }>(earlier).recordId;

    const documents = await chats.documents(chat);
    const batch = new Batch();
    const author = chats.author(batch, chat);
    const draft: RecordDraft = { n: chat.nextN, time: chats.nextTime(chat, documents), body };
    const recordId = recordIdOf(chat.chatId, author.publicKey, draft);
    const record: VerifiedRecord = { id: recordId, chatId: chat.chatId, author: author.publicKey, ...draft };
    const applied = await projection.apply(chat.chatId, [...chats.takeRecovered(chat, documents), record]);
    const intent: Intent = { ...draft, seq: this.#next, chatId: chat.chatId, recordId };
    batch.add(applied.ops);
    batch.put('intents', intentKey(intent.seq), pack(intent));
    if (callId !== undefined) batch.put('intents', storeKey('call', callId), pack({ recordId, time: now() }));
    chat.nextN = draft.n + 1;
    try {
      chats.save(batch, chat);
      await batch.commit(store);
    } catch (error) {
      chat.nextN = draft.n; // nothing was stored: the counter must not have a hole
      throw error;
    }
    this.#next += 1;
    this.#intents.set(intent.seq, intent);
    changed(chat.chatId, applied.changed);
    kick();
    return recordId;
  }

  /** Lane job: puts one waiting intent into the documents and the outbox; false when none waits. */
  async publishOne(): Promise<boolean> {
    const next = this.#intents.values().next();
    if (next.done) return false;
    const intent = next.value;
    const { store, chats } = this.#options;
    const chat = chats.get(intent.chatId);
    const batch = new Batch();
    batch.delete('intents', intentKey(intent.seq));
    batch.then(() => this.#intents.delete(intent.seq));
    if (chat?.author !== undefined) await this.#publish(chat, chat.author, intent, batch);
    await batch.commit(store);
    return true;
  }

  async #publish(chat: Chat, author: AuthorKey, intent: Intent, batch: Batch): Promise<void> {
    const { n, time, body, recordId } = intent;
    const documents = await this.#options.chats.documents(chat);
    const { change } = await documents.append(author, { n, time, body });
    const refs = body.kind === 'message' ? [{ chatId: chat.chatId, recordId }] : [];
    this.push(chat, [change], batch, refs);
  }

  /** Adds changes of ours to the outbox for everyone in the chat. */
  push(
    chat: Chat,
    changes: readonly DocumentChange[],
    batch: Batch,
    refs: readonly { chatId: ChatId; recordId: RecordId }[] = [],
  ): void {
    const { outbox, audience } = this.#options;
    for (const accountId of audience(chat)) {
      const parts: Part[] = [
        ...this.introduceAuthor(chat),
        { type: 'changes', chatId: chat.chatId, more: false, changes },
      ];
      outbox.add(batch, { accountId, parts, refs });
    }
  }

  /** The part that vouches for this device's author key, until the other side's marks show that they know it. */
  introduceAuthor(chat: Chat): readonly Part[] {
    const { author, chatId } = chat;
    if (author === undefined || chat.theirReceived.has(authorText(author))) return [];
    const proof = proveAuthor(author, chatId, this.#options.self.identity.device.id);
    return [{ type: 'author', chatId, key: author.publicKey, proof }];
  }
}

const INTENTS = { from: 'intent:', to: 'intent;' };
const CALL_IDS = { from: 'call:', to: 'call;' };

function intentKey(seq: number): string {
  return storeKey('intent', orderedNumber(seq));
}
