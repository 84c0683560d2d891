/**
 * Takes in what the relay delivers (DESIGN 6, "Write order"): inbox row, document, then ratchet state, rows and seen-id in
 * one commit, then the ack. A crash anywhere in between repeats the envelope and finds its effects already there.
 *
 * Bounds: {@link BUFFER} envelopes wait in memory (above it the relay keeps what is not acked), {@link HELD} are kept
 * whose device is not known yet; the oldest of those is dropped, and the repair path brings its content.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  directChatId,
  toBase64Url,
  verifyAuthorProof,
} from '@securechat/crypto';
import type { EnvelopeId } from '@securechat/relay-protocol';
import { Batch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import { putPreKeys } from '../identity/identity.ts';
import type { Self } from '../connection/home.ts';
import type { Envelope } from '../connection/relay-connection.ts';
import type { DocumentChange, MarkEntry, Part } from '../payload/payload.ts';
import { type Peer, type Peers, STRANGER_RECORDS } from '../peers/peers.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import { pack, unpack } from '../values.ts';
import type { Opened, Opening } from './opening.ts';

const JOB_ENVELOPES = 128;
const BUFFER = 8192;
const HELD = 1000;
/** Seen ids are kept in generations of this length; the current and the last one are looked up. */
const GENERATION = 30 * 24 * 3600_000;

interface InboxRow {
  readonly seq: number;
  readonly id: EnvelopeId;
  readonly data: Uint8Array;
}

/** What one job's envelopes say about one chat. */
export interface ChatNews {
  readonly chat: Chat;
  readonly peer: Peer;
  readonly changes: DocumentChange[];
  readonly asks: { readonly deviceId: DeviceId; readonly summary: Uint8Array }[];
  readonly received: MarkEntry[];
  readonly read: MarkEntry[];
  /** A device that has more to send than fitted. */
  more: DeviceId | undefined;
}

export interface IntakeOptions {
  readonly self: Self;
  readonly store: Store;
  readonly chats: ChatBook;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly opening: Opening;
  readonly now: () => number;
  readonly ack: (ids: readonly EnvelopeId[]) => void;
  readonly isContact: (accountId: AccountId) => boolean;
  /** Applies news to documents and rows, adding to the batch; part of the same job. */
  readonly apply: (news: ChatNews, batch: Batch) => Promise<void>;
  readonly introduce: (accountId: AccountId, fresh: readonly DeviceId[]) => void;
  /** Ask this device for what we lack, once its new session stands. */
  readonly brokenSession: (accountId: AccountId, deviceId: DeviceId, batch: Batch) => void;
  readonly onTyping: (chatId: ChatId, typing: boolean) => void;
  /** A peer's card, profile or knowledge changed. */
  readonly onPeer: (peer: Peer, batch: Batch) => void;
  readonly onBuffer: (waiting: number) => void;
  readonly onOverflow: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  #buffer: Envelope[] = [];
  #running = false;
  #overflowed = false;
  #nextSeq = 1;
  readonly #held = new Map<number, InboxRow>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Lane job at start: takes up what an earlier run left in the inbox and drops old seen-ids. */
  async load(): Promise<void> {
    const { store } = this.#options;
    const rows = (await store.range('inbox', {})).map(({ value }) => unpack<InboxRow>(value));
    for (const row of rows) this.#nextSeq = Math.max(this.#nextSeq, row.seq + 1);
    await this.#forgetOldIds();
    for (let from = 0; from < rows.length; from += JOB_ENVELOPES)
      await this.#process(rows.slice(from, from + JOB_ENVELOPES));
  }

  /** From the relay. Not acked until it is applied and saved. */
  deliver(envelope: Envelope): void {
    if (this.#buffer.length >= BUFFER) {
      this.#overflowed = true;
      return;
    }
    this.#buffer.push(envelope);
    this.#options.onBuffer(this.#buffer.length);
    this.#run();
  }

  /** Tries the held envelopes again: something was learned about their senders. */
  recheck(): void {
    if (this.#held.size === 0) return;
    this.#options.background(async () => {
      const rows = [...this.#held.values()];
      this.#held.clear();
      await this.#process(rows);
    });
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#options.background(async () => {
      this.#running = false;
      const taken = this.#buffer.slice(0, JOB_ENVELOPES);
      this.#buffer = this.#buffer.slice(JOB_ENVELOPES);
      if (this.#buffer.length > 0) this.#run();
      await this.#take(taken);
      this.#options.onBuffer(this.#buffer.length);
      if (this.#buffer.length === 0 && this.#overflowed) {
        this.#overflowed = false;
        this.#options.onOverflow();
      }
    });
  }

  async #take(envelopes: readonly Envelope[]): Promise<void> {
    const { store, ack } = this.#options;
    const { fresh, seen } = await this.#sortOut(envelopes);
    ack(seen);
    if (fresh.length === 0) return;
    const rows = fresh.map((envelope): InboxRow => ({ seq: this.#nextSeq++, ...envelope }));
    const batch = new Batch();
    for (const row of rows) batch.put('inbox', inboxKey(row.seq), pack(row));
    await batch.commit(store);
    await this.#process(rows);
  }

  /** Envelopes by whether they were taken in before, in this delivery or an earlier one. */
  async #sortOut(envelopes: readonly Envelope[]): Promise<{ fresh: Envelope[]; seen: EnvelopeId[] }> {
    const [current, last] = this.#generations();
    const keys = envelopes.flatMap(({ id }) => [seenKey(current, id), seenKey(last, id)]);
    const found = await this.#options.store.getMany('seen', keys);
    const here = new Set([...this.#held.values()].map((row) => toBase64Url(row.id)));
    const fresh: Envelope[] = [];
    const seen: EnvelopeId[] = [];
    envelopes.forEach((envelope, index) => {
      const text = toBase64Url(envelope.id);
      if (found[2 * index] !== undefined || found[2 * index + 1] !== undefined || here.has(text))
        seen.push(envelope.id);
      else fresh.push(envelope);
      here.add(text);
    });
    return { fresh, seen };
  }

  async #process(rows: readonly InboxRow[]): Promise<void> {
    const { store, sessions, apply, ack } = this.#options;
    const batch = new Batch();
    const news = new Map<ChatId, ChatNews>();
    const [current] = this.#generations();
    for (const row of rows) {
      const opened = await this.#options.opening.open(row.data, batch);
      if (opened.type === 'unknownDevice') {
        this.#hold(row, batch);
        this.#options.introduce(opened.accountId, []);
        continue;
      }
      batch.delete('inbox', inboxKey(row.seq));
      batch.put('seen', seenKey(current, row.id), EMPTY);
      this.#sort(opened, news, batch);
    }
    for (const item of news.values()) await apply(item, batch);
    sessions.writeInto(batch);
    this.#stagePreKeys(batch);
    await batch.commit(store);
    ack(rows.map((row) => row.id));
  }

  #sort(opened: Exclude<Opened, { type: 'unknownDevice' }>, news: Map<ChatId, ChatNews>, batch: Batch): void {
    if (opened.type === 'brokenSession') this.#options.brokenSession(opened.accountId, opened.deviceId, batch);
    if (opened.type !== 'parts') return;
    const { peer, deviceId, parts } = opened;
    this.#options.onPeer(peer, batch);
    const chatId = directChatId(this.#options.self.identity.account.id, peer.accountId);
    for (const part of parts) {
      // A direct chat belongs to its two accounts; parts about any other chat are not this sender's to send.
      if (part.type === 'card' || part.chatId !== chatId) continue;
      this.#collect(part, peer, deviceId, news, batch);
    }
  }

  #collect(
    part: Exclude<Part, { type: 'card' }>,
    peer: Peer,
    deviceId: DeviceId,
    all: Map<ChatId, ChatNews>,
    batch: Batch,
  ): void {
    if (part.type === 'typing') {
      this.#options.onTyping(part.chatId, part.typing);
      return;
    }
    const news = all.get(part.chatId) ?? this.#newsOf(peer, batch);
    all.set(part.chatId, news);
    switch (part.type) {
      case 'author':
        if (verifyAuthorProof(part.key as Parameters<typeof verifyAuthorProof>[0], part.chatId, deviceId, part.proof)) {
          this.#options.chats.vouch(batch, news.chat, part.key, { accountId: peer.accountId, deviceId });
        }
        return;
      case 'changes':
        news.changes.push(...this.#allowed(part.changes, peer, batch));
        if (part.more) news.more = deviceId;
        return;
      case 'marks':
        news.received.push(...part.received);
        news.read.push(...part.read);
        return;
      case 'ask':
        news.asks.push({ deviceId, summary: part.summary });
        return;
    }
  }

  /** All changes of a contact; of a stranger only so many in all. */
  #allowed(changes: readonly DocumentChange[], peer: Peer, batch: Batch): readonly DocumentChange[] {
    if (this.#options.isContact(peer.accountId)) return changes;
    const current = this.#options.peers.get(peer.accountId, batch) ?? peer;
    const allowed = changes.slice(0, Math.max(0, STRANGER_RECORDS - current.strangerRecords));
    this.#options.peers.put(batch, { ...current, strangerRecords: current.strangerRecords + allowed.length });
    return allowed;
  }

  #newsOf(peer: Peer, batch: Batch): ChatNews {
    const chat = this.#options.chats.open(batch, peer.accountId, peer.publicKey);
    return { chat, peer, changes: [], asks: [], received: [], read: [], more: undefined };
  }

  #hold(row: InboxRow, batch: Batch): void {
    this.#held.set(row.seq, row);
    const oldest = this.#held.values().next();
    if (this.#held.size <= HELD || oldest.done) return;
    this.#held.delete(oldest.value.seq);
    batch.delete('inbox', inboxKey(oldest.value.seq));
  }

  #stagePreKeys(batch: Batch): void {
    const { preKeys } = batch;
    if (preKeys === undefined) return;
    putPreKeys(batch, preKeys);
    batch.then(() => {
      this.#options.self.preKeys = preKeys;
    });
  }

  #generations(): readonly [number, number] {
    const current = Math.floor(this.#options.now() / GENERATION);
    return [current, current - 1];
  }

  async #forgetOldIds(): Promise<void> {
    const { store } = this.#options;
    const [, last] = this.#generations();
    const kept = await store.get('meta', SEEN_SINCE);
    const since = kept === undefined ? last : unpack<number>(kept);
    const batch = new Batch();
    // A clock that jumped by years must not make this loop long.
    for (let old = Math.max(since, last - 24); old < last; old += 1) {
      batch.add([{ op: 'deleteRange', table: 'seen', from: `g${String(old)}:`, to: `g${String(old)};` }]);
    }
    if (since !== last || kept === undefined) batch.put('meta', SEEN_SINCE, pack(last));
    await batch.commit(store);
  }
}

const EMPTY = new Uint8Array(0);
const SEEN_SINCE = 'seen-since';

function inboxKey(seq: number): string {
  return storeKey('item', orderedNumber(seq));
}

function seenKey(generation: number, id: EnvelopeId): string {
  return storeKey(`g${String(generation)}`, toBase64Url(id));
}
