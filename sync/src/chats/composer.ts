/**
 * From what the user did to a change in the documents and an item in the outbox. Two steps, so that the user waits only
 * for the first and a crash between any two writes loses and doubles nothing:
 *
 *   compose   intent + projected row + counters     one commit; the message is now on the screen and safe
 *   publish   document change (idempotent by record id), then outbox item + intent gone in one commit
 *
 * An intent fixes the record's content (counter, time, body), so redoing `publish` after a crash finds the same record.
 */
import { type AccountId, type ChatId, fromBase64Url } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { OUTBOX_LIMIT, type Outbox } from '../outbox/outbox.ts';
import { type DocumentChange, PAYLOAD_LIMITS, type Part } from '../payload/payload.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import {
  type MediaPointer,
  type RecordBody,
  type RecordDraft,
  type VerifiedRecord,
  recordIdOf,
} from '../records/index.ts';
import type { CallLog } from '../telephony/call-log.ts';
import { pack, unpack } from '../values.ts';
import { isStorageFault } from '../vault/sealed-documents.ts';
import { type AuthorText, type Chat, type ChatBook, authorText } from './chat-book.ts';
import type { Timers } from './timers.ts';

interface Intent extends RecordDraft {
  readonly seq: number;
  readonly chatId: ChatId;
  readonly recordId: RecordId;
}

/** How long a caller's id is remembered: a repeated call within it answers the first one's record. */
const CALL_MEMORY = 24 * 3600_000;
/** Records of ours in a chat with which own devices are told who the author is. */
const INTRODUCED = 8;
/** Bytes of changes in one item: far below what an envelope holds. */
const PUSH_BYTES = 96 * 1024;

export interface ComposerOptions {
  readonly self: Self;
  readonly store: Store;
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly outbox: Outbox;
  readonly timers: Timers;
  readonly calls: Pick<CallLog, 'take'>;
  /** Everyone whose devices must hear of the chat's records; empty for the note to self. */
  readonly audience: (chat: Chat) => readonly AccountId[];
  /** Those of a chat's records that are shown. */
  readonly shown: (chat: Chat, records: readonly VerifiedRecord[]) => readonly VerifiedRecord[];
  /** A record of ours is about to be put into the documents. Part of the same job. */
  readonly publishing: (chat: Chat) => Promise<void>;
  /** A record of ours is in the documents, in this change. Part of the same job. */
  readonly published: (chat: Chat, record: VerifiedRecord, change: DocumentChange, batch: Batch) => Promise<void>;
  /** The other side has a device that lacks the chat's history: it may not know who we are. */
  readonly isNewThere: (chat: Chat) => boolean;
  readonly now: () => number;
  /** A record of this account makes messages not point to these any more. Part of the same job. */
  readonly released: (pointers: readonly MediaPointer[], batch: Batch) => Promise<void>;
  /** Rows of the chat changed on the screen; `rows` are those that look different. */
  readonly changed: (chatId: ChatId, rows: readonly MessageRow[]) => void;
  /** An intent or an outbox item was added. */
  readonly kick: () => void;
  /** An intent could not be published although storage works: it stays, and is tried again at the next start. */
  readonly trouble: (error: unknown) => void;
}

export class Composer {
  readonly #options: ComposerOptions;
  readonly #intents = new Map<number, Intent>();
  /** Intents that are left alone until the next start. */
  readonly #stuck = new Set<number>();
  #next = 1;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** Reads the intents that an earlier run did not finish. */
  async load(): Promise<void> {
    for (const { value } of await this.#options.store.range('intents', INTENTS)) {
      const intent = unpack<Intent>(value);
      this.#intents.set(intent.seq, intent);
      this.#next = Math.max(this.#next, intent.seq + 1);
    }
  }

  /** Lane job: drops call ids that nobody will repeat any more. */
  async forgetOldCalls(): Promise<void> {
    const { store, now } = this.#options;
    const calls = await store.range('intents', CALL_IDS);
    await inBatch(store, (batch) => {
      for (const { key, value } of calls)
        if (unpack<{ time: number }>(value).time < now() - CALL_MEMORY) batch.delete('intents', key);
    });
  }

  /** Intents that are about to be published. */
  get pending(): number {
    return this.#intents.size - this.#stuck.size;
  }

  isPending(recordId: RecordId): boolean {
    for (const intent of this.#intents.values()) if (intent.recordId === recordId) return true;
    return false;
  }

  /** Records of ours that the chat's documents do not hold yet. */
  waitingIn({ chatId, author }: Chat): readonly VerifiedRecord[] {
    if (author === undefined) return [];
    return [...this.#intents.values()]
      .filter((intent) => intent.chatId === chatId)
      .map(({ recordId, n, time, body }) => ({ id: recordId, chatId, author: author.publicKey, n, time, body }));
  }

  get isFull(): boolean {
    return this.#intents.size + this.#options.outbox.size >= OUTBOX_LIMIT;
  }

  /** Whether a call with this id composed a record within the last day. */
  async isKnownCall(callId: string): Promise<boolean> {
    return (await this.#options.store.get('intents', storeKey('call', callId))) !== undefined;
  }

  /**
   * Lane job: makes one record of ours durable and visible. `callId` makes a repeated call answer the same record; `along` is
   * part of the commit.
   */
  async compose(
    chat: Chat,
    body: RecordBody,
    callId?: string,
    along: (batch: Batch) => void = () => undefined,
  ): Promise<RecordId> {
    const { store, kick, changed } = this.#options;
    const earlier = callId === undefined ? undefined : await store.get('intents', storeKey('call', callId));
    if (earlier !== undefined) {
      await inBatch(store, along);
      return unpack<{ recordId: RecordId }>(earlier).recordId;
    }
    if (this.#options.chats.isAheadOfTime(chat)) {
      await this.publishAll();
      await this.#options.chats.startAnew(chat);
    }
    const { intent, rows } = await inBatch(store, (batch) => {
      along(batch);
      return this.#stage(chat, body, callId, batch);
    });
    changed(chat.chatId, rows);
    kick();
    return intent.recordId;
  }

  async #stage(
    chat: Chat,
    body: RecordBody,
    callId: string | undefined,
    batch: Batch,
  ): Promise<{ readonly intent: Intent; readonly rows: readonly MessageRow[] }> {
    const { chats, projection, timers, calls, shown, now } = this.#options;
    const { chatId } = chat;
    const expires = timers.secondsOf(chat);
    const documents = await chats.documents(chat);
    const author = chats.author(batch, chat);
    chats.noteOwn(chat, documents);
    const draft: RecordDraft = {
      n: chats.nextN(chat),
      time: chats.nextTime(chat, documents),
      body: expiring(body, expires),
    };
    // Nothing was stored under this counter: it must not leave a hole.
    batch.undo(() => {
      chat.nextN = draft.n;
    });
    const recordId = recordIdOf(chatId, author.publicKey, draft);
    const record: VerifiedRecord = { id: recordId, chatId, author: author.publicKey, ...draft };
    const recovered = shown(chat, chats.takeRecovered(batch, chat, documents));
    const records = [...recovered, record];
    await timers.take(chat, records, batch);
    calls.take(chat, records, batch);
    const applied = await projection.apply(chatId, records);
    const intent: Intent = { ...draft, seq: this.#next, chatId, recordId };
    batch.add(applied.ops);
    await this.#options.released(applied.released, batch);
    batch.put('intents', intentKey(intent.seq), pack(intent));
    if (callId !== undefined) batch.put('intents', storeKey('call', callId), pack({ recordId, time: now() }));
    chats.save(batch, chat);
    batch.then(() => {
      this.#next += 1;
      this.#intents.set(intent.seq, intent);
      projection.settle(chatId);
    });
    return { intent, rows: applied.changed };
  }

  /**
   * Lane job: publishes everything that waits. Records of ours have their places in the documents by their counters, so
   * whatever else writes one (re-homing) must come after those that were composed before.
   */
  async publishAll(): Promise<void> {
    while (await this.publishOne()) continue;
  }

  /** Lane job: puts one waiting intent into the documents and the outbox; false when none waits. */
  async publishOne(): Promise<boolean> {
    const intent = this.#first();
    if (intent === undefined) return false;
    try {
      await inBatch(this.#options.store, (batch) => this.#publish(intent, batch));
    } catch (error) {
      if (isStorageFault(error)) throw error;
      this.#stuck.add(intent.seq);
      this.#options.trouble(error);
    }
    return true;
  }

  #first(): Intent | undefined {
    for (const intent of this.#intents.values()) if (!this.#stuck.has(intent.seq)) return intent;
    return undefined;
  }

  async #publish({ seq, chatId, n, time, body, recordId }: Intent, batch: Batch): Promise<void> {
    const { chats } = this.#options;
    const chat = chats.get(chatId);
    batch.delete('intents', intentKey(seq));
    batch.then(() => this.#intents.delete(seq));
    if (chat?.author === undefined) return;
    const documents = await chats.documents(chat);
    await this.#options.publishing(chat);
    const { change, record } = await documents.append(chat.author, { n, time, body });
    chats.noteRecords(batch, chat, documents);
    chats.save(batch, chat);
    await this.#options.published(chat, record, change, batch);
    this.push(chat, [change], batch, body.kind === 'message' ? [{ chatId, recordId }] : []);
  }

  /** Adds changes of ours to the outbox for everyone in the chat, in items that fit an envelope each. */
  push(
    chat: Chat,
    changes: readonly DocumentChange[],
    batch: Batch,
    refs: readonly { chatId: ChatId; recordId: RecordId }[] = [],
  ): void {
    const { outbox, audience, self } = this.#options;
    const { id } = self.identity.account;
    if (chat.with.type === 'group') {
      this.#pushToGroup(chat, chat.with.groupId, changes, batch, refs);
      return;
    }
    for (const accountId of audience(chat)) {
      const isOwn = accountId === id;
      const introduction = isOwn ? this.#introduceToOwn(chat) : this.introduceAuthor(chat);
      for (const group of groupsOf(changes)) {
        const parts: Part[] = [...introduction, { type: 'changes', chatId: chat.chatId, of: 'push', changes: group }];
        // Sent means sent to the others: what one's own devices have says nothing of that.
        outbox.add(batch, { accountId, parts, ...(!isOwn && { refs }) });
      }
    }
  }

  /** Once, for all members and own devices. */
  #pushToGroup(
    chat: Chat,
    groupId: ChatId,
    changes: readonly DocumentChange[],
    batch: Batch,
    refs: readonly { chatId: ChatId; recordId: RecordId }[],
  ): void {
    for (const group of groupsOf(changes)) {
      const { chatId } = chat;
      const parts: Part[] = [...this.#introduceToOwn(chat), { type: 'changes', chatId, of: 'push', changes: group }];
      this.#options.outbox.addForGroup(batch, { groupId, parts, refs });
    }
  }

  /** The part that vouches for this device's author key, until the other side's marks show that all of them know it. */
  introduceAuthor(chat: Chat): readonly Part[] {
    const { author } = chat;
    if (author === undefined) return [];
    if (chat.with.type === 'group') return authorParts(chat, [authorText(author)]);
    const isKnown = chat.theirReceived.has(authorText(author)) && !this.#options.isNewThere(chat);
    return isKnown ? [] : authorParts(chat, [authorText(author)]);
  }

  /** The same for own devices and groups, of whose marks nobody waits for all; who missed it asks for it. */
  #introduceToOwn(chat: Chat): readonly Part[] {
    const { author, nextN } = chat;
    return author === undefined || nextN > INTRODUCED ? [] : authorParts(chat, [authorText(author)]);
  }
}

/** What is written while a timer is on says so itself: who has it needs nothing else to know when it ends. */
function expiring(body: RecordBody, expires: number): RecordBody {
  return (body.kind === 'message' || body.kind === 'call') && expires > 0 ? { ...body, expires } : body;
}

/** The parts that vouch for these author keys of the chat. */
export function authorParts(chat: Chat, authors: Iterable<AuthorText>): Extract<Part, { type: 'author' }>[] {
  return [...authors].flatMap((author) => {
    const [owner, key] = [chat.authors.get(author), fromBase64Url(author)];
    if (owner === undefined || key === undefined) return [];
    const { deviceKey, proof, certificate } = owner;
    return [{ type: 'author', chatId: chat.chatId, key, deviceKey, proof, certificate }];
  });
}

function groupsOf(changes: readonly DocumentChange[]): readonly (readonly DocumentChange[])[] {
  const groups: DocumentChange[][] = [];
  let bytes = Infinity;
  for (const change of changes) {
    bytes += change.bytes.length;
    const open = groups.at(-1);
    if (open !== undefined && bytes <= PUSH_BYTES && open.length < PAYLOAD_LIMITS.changes) open.push(change);
    else {
      groups.push([change]);
      bytes = change.bytes.length;
    }
  }
  return groups;
}

const INTENTS = { from: 'intent:', to: 'intent;' };
const CALL_IDS = { from: 'call:', to: 'call;' };

function intentKey(seq: number): string {
  return storeKey('intent', orderedNumber(seq));
}
