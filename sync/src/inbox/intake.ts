/**
 * Takes in what the relay delivers (DESIGN 6, "Write order"): inbox row, document, then ratchet state, rows and seen-id in
 * one commit, then the ack. A crash anywhere in between repeats the envelope and finds its effects already there.
 *
 * An envelope that cannot be digested although storage works is dropped alone and reported; nothing behind it waits.
 *
 * Bounds: {@link BUFFER} envelopes wait in memory (above it the relay keeps what is not acked), {@link HELD} are kept
 * whose device is not known yet; the oldest of those is dropped, and the repair path brings its content.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type Public,
  allDevices,
  deviceIdOf,
  directChatId,
  equalBytes,
  toAuthorKey,
  toBase64Url,
  toDeviceKey,
  verifyAuthorCertificate,
  verifyAuthorProof,
} from '@securechat/crypto';
import type { EnvelopeId } from '@securechat/relay-protocol';
import { type Batch, inBatch } from '../batch.ts';
import { type Chat, type ChatBook, actsFirst } from '../chats/chat-book.ts';
import { putPreKeys } from '../identity/identity.ts';
import type { Self } from '../connection/home.ts';
import type { Groups } from '../groups/groups.ts';
import type { Envelope } from '../connection/relay-connection.ts';
import type { DocumentChange, MarkEntry, Part } from '../payload/payload.ts';
import { type GroupCallPart, isGroupCallPart } from '../payload/group-call-parts.ts';
import { type PhonePart, isPhonePart } from '../payload/phone-parts.ts';
import { type StatusPart, isStatusPart } from '../payload/status-parts.ts';
import { type Peer, type Peers, STRANGER_RECORDS, formerDeviceOf } from '../peers/peers.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import { pack, unpack } from '../values.ts';
import { isStorageFault } from '../vault/sealed-documents.ts';
import type { Opened, Opening } from './opening.ts';

/** One job, one commit: what came first is on the screen before the rest of a long delivery is taken in. */
const JOB_ENVELOPES = 128;
const JOB_BYTES = 128 * 1024;
const BUFFER = 8192;
const HELD = { count: 1000, bytes: 16 * 1024 * 1024 } as const;
/** A relay that knew nothing of a held envelope's device is not asked again sooner. */
const ASK_PAUSE = 30_000;
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
  readonly changes: DocumentChange[];
  readonly asks: (Sender & { readonly summary: Uint8Array })[];
  readonly received: MarkEntry[];
  readonly read: MarkEntry[];
  /** What an own device heard of the other side's marks. */
  readonly ticks: Marks;
  /** In a group: what each member says of what it has. */
  readonly marksBy: Map<AccountId, Marks>;
  /** Who answered a question of this device, whatever came of it. */
  readonly answers: Sender[];
  /** Who has more to send than fitted. */
  more: Sender | undefined;
  /** An own device has sent all that it has; the other side has. */
  isFilled: boolean;
  /** A contact answered a question of this device: the other own devices may lack the same. */
  isHealed: boolean;
  isWhole: boolean;
  /** Who sent the changes. */
  sender: Sender | undefined;
}

/** What one job's envelopes say. */
interface Sorted {
  readonly news: Map<ChatId, ChatNews>;
  readonly digests: { readonly part: OwnPart | StatusPart; readonly deviceId: DeviceId }[];
}

interface Marks {
  readonly received: MarkEntry[];
  readonly read: MarkEntry[];
}

/** A device of an account, as opposed to anybody else. */
export interface Sender {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

/** What own devices tell each other about other things than one chat. */
export type OwnPart = Extract<Part, { type: 'personal' | 'personalAsk' | 'digest' | 'peer' }>;
export type GroupPartOf = Extract<Part, { type: 'group' | 'senderKey' | 'join' | 'joinAnswer' }>;
/** Questions for files of a chat, and answers. */
export type MediaPart = Extract<Part, { type: 'mediaAsk' | 'mediaAt' }>;
type ChatPart = Exclude<Part, OwnPart | GroupPartOf | StatusPart | PhonePart | GroupCallPart | { type: 'card' }>;

export interface IntakeOptions {
  readonly self: Self;
  readonly store: Store;
  readonly chats: ChatBook;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly opening: Pick<Opening, 'open'>;
  readonly now: () => number;
  readonly ack: (ids: readonly EnvelopeId[]) => void;
  /** Part of each job, before anything else in it: what our user wrote earlier gets its place first. */
  readonly before: () => Promise<void>;
  readonly isContact: (accountId: AccountId) => boolean;
  /** Applies news to documents and rows, adding to the batch; part of the same job. */
  readonly apply: (news: ChatNews, batch: Batch) => Promise<void>;
  readonly introduce: (accountId: AccountId) => void;
  /** Part of the same job: what an own device says about personal documents, peers and what it has. */
  readonly onOwn: (part: OwnPart, deviceId: DeviceId, batch: Batch) => Promise<void>;
  /** Ask this device for what we lack, once its new session stands. */
  readonly brokenSession: (accountId: AccountId, deviceId: DeviceId) => void;
  /** Part of the same job: a group, or a key to one. */
  readonly onGroup: (part: GroupPartOf, from: Sender, batch: Batch) => Promise<void>;
  /** Part of the same job: about a status. */
  readonly onStatus: (part: StatusPart, from: Sender, batch: Batch) => Promise<void>;
  /** Part of the same job: about a telephone call. */
  readonly onPhone: (part: PhonePart, from: Sender, batch: Batch) => void;
  /** Part of the same job: about a call of a group. */
  readonly onGroupCall: (part: GroupCallPart, from: Sender, batch: Batch) => void;
  readonly groups: Pick<Groups, 'mayTell' | 'book'>;
  /** What came for this group cannot be opened yet. */
  readonly onUnknownKey: (groupId: ChatId) => void;
  readonly onTyping: (chat: Chat, accountId: AccountId, typing: boolean) => void;
  /** After the commit: somebody who may speak of the chat asks for one of its files, or answers such a question. */
  readonly onMedia: (part: MediaPart, from: Sender) => void;
  /** A peer's card, profile or knowledge changed. */
  readonly onPeer: (peer: Peer, batch: Batch) => void;
  /** A device showed who it is, because it does not know that it is known. Part of the same job. */
  readonly onCard: (peer: Peer, deviceId: DeviceId, batch: Batch) => void;
  /** `count` envelopes were taken in, `left` are delivered and wait. */
  readonly onTaken: (count: number, left: number) => void;
  readonly onOverflow: () => void;
  /** This envelope was dropped because of a bug. */
  readonly trouble: (error: unknown) => void;
  readonly background: (job: () => Promise<void>) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  #buffer: Envelope[] = [];
  #running = false;
  #isLoaded = false;
  #rechecking = false;
  #overflowed = false;
  #nextSeq = 1;
  readonly #held = new Map<number, InboxRow>();
  readonly #asked = new Map<AccountId, number>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Lane job, once: takes up what an earlier run left in the inbox and drops old seen-ids. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const rows = (await this.#options.store.range('inbox', {})).map(({ value }) => unpack<InboxRow>(value));
    for (const row of rows) this.#nextSeq = Math.max(this.#nextSeq, row.seq + 1);
    await this.#forgetOldIds();
    for (let from = 0; from < rows.length; from += JOB_ENVELOPES)
      await this.#process(rows.slice(from, from + JOB_ENVELOPES));
    this.#isLoaded = true;
  }

  /** From the relay. Not acked until it is applied and saved. */
  deliver(envelope: Envelope): void {
    if (this.#buffer.length >= BUFFER) {
      this.#overflowed = true;
      return;
    }
    this.#buffer.push(envelope);
    this.#run();
  }

  /** Envelopes delivered and not yet looked at. */
  get waiting(): number {
    return this.#buffer.length;
  }

  /** Tries the held envelopes again: something was learned about their senders. */
  recheck(): void {
    if (this.#held.size === 0 || this.#rechecking) return;
    this.#rechecking = true;
    this.#options.background(async () => {
      this.#rechecking = false;
      const rows = [...this.#held.values()];
      for (let from = 0; from < rows.length; from += JOB_ENVELOPES)
        await this.#process(rows.slice(from, from + JOB_ENVELOPES));
    });
  }

  /** Lane job: parts of the account's own backup, as if an own device had said them. */
  async takeOwn(parts: readonly Part[]): Promise<void> {
    const { store, self, peers, before } = this.#options;
    await before();
    await inBatch(store, async (batch) => {
      const peer = peers.get(self.identity.account.id, batch);
      if (peer === undefined) return;
      const sorted = nothingSorted();
      const { id: deviceId } = self.identity.device;
      await this.#sort({ type: 'parts', peer, deviceId, parts, logsToAsk: [] }, sorted, batch);
      await this.#apply(sorted, batch);
    });
  }

  /**
   * Whoever was removed by an act must not be answered with what came after it, so acts are taken in first. What came along
   * with a digest is not to be asked for because of it, so digests are last.
   */
  async #apply({ news, digests }: Sorted, batch: Batch): Promise<void> {
    for (const { chatId } of actsFirst([...news.values()].map(({ chat }) => chat))) {
      const item = news.get(chatId);
      if (item !== undefined) await this.#options.apply(item, batch);
    }
    const { onOwn, onStatus, self } = this.#options;
    const { id: accountId } = self.identity.account;
    for (const { part, deviceId } of digests)
      if (isStatusPart(part)) await onStatus(part, { accountId, deviceId }, batch);
      else await onOwn(part, deviceId, batch);
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#options.background(async () => {
      this.#running = false;
      const taken = this.#buffer.slice(0, jobSize(this.#buffer));
      this.#buffer = this.#buffer.slice(taken.length);
      if (this.#buffer.length > 0) this.#run();
      await this.load();
      await this.#take(taken);
      this.#options.onTaken(taken.length, this.#buffer.length);
      if (this.#buffer.length === 0 && this.#overflowed) {
        this.#overflowed = false;
        this.#options.onOverflow();
      }
    });
  }

  async #take(envelopes: readonly Envelope[]): Promise<void> {
    const { store, ack } = this.#options;
    const { fresh, seen } = await this.#sortOut(envelopes);
    const rows = fresh.map((envelope): InboxRow => ({ seq: this.#nextSeq++, ...envelope }));
    await inBatch(store, (batch) => {
      for (const row of rows) batch.put('inbox', inboxKey(row.seq), pack(row));
    });
    // Not earlier: one of them may be a copy of an envelope that was only now stored.
    ack(seen);
    if (rows.length > 0) await this.#process(rows);
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
    const { store, before, ack } = this.#options;
    await before();
    try {
      await inBatch(store, (batch) => this.#digest(rows, batch));
    } catch (error) {
      if (isStorageFault(error)) throw error;
      await this.#findCulprit(rows, error);
      return;
    }
    ack(rows.map((row) => row.id));
  }

  /** One of the envelopes cannot be digested: the others are taken in one by one, and only it is dropped. */
  async #findCulprit(rows: readonly InboxRow[], error: unknown): Promise<void> {
    const [only, ...others] = rows;
    if (only === undefined) return;
    if (others.length > 0) {
      for (const row of rows) await this.#process([row]);
      return;
    }
    await inBatch(this.#options.store, (batch) => {
      this.#finish(only, batch);
    });
    this.#options.ack([only.id]);
    this.#options.trouble(error);
  }

  async #digest(rows: readonly InboxRow[], batch: Batch): Promise<void> {
    const { sessions, opening } = this.#options;
    const sorted = nothingSorted();
    for (const row of rows) {
      const opened = await opening.open(row.data, batch);
      if (opened.type === 'unknownDevice') this.#askFor(opened.accountId, this.#held.has(row.seq));
      if (opened.type === 'unknownKey' && !this.#held.has(row.seq)) this.#options.onUnknownKey(opened.groupId);
      if (opened.type === 'unknownDevice' || opened.type === 'unknownKey') {
        this.#hold(row, batch);
        continue;
      }
      this.#finish(row, batch);
      await this.#sort(opened, sorted, batch);
    }
    await this.#apply(sorted, batch);
    sessions.writeInto(batch);
    this.#stagePreKeys(batch);
  }

  /** The envelope is done with, and is known if it comes again. */
  #finish(row: InboxRow, batch: Batch): void {
    const [current] = this.#generations();
    batch.delete('inbox', inboxKey(row.seq));
    batch.put('seen', seenKey(current, row.id), EMPTY);
    batch.then(() => this.#held.delete(row.seq));
  }

  async #sort(
    opened: Exclude<Opened, { type: 'unknownDevice' | 'unknownKey' }>,
    { news, digests }: Sorted,
    batch: Batch,
  ): Promise<void> {
    const { self, onPeer, onCard, introduce, onOwn, brokenSession } = this.#options;
    if (opened.type === 'brokenSession') brokenSession(opened.accountId, opened.deviceId);
    if (opened.type !== 'parts') return;
    const { peer, deviceId, parts } = opened;
    // Who is only in a group with us is nobody who wrote to us.
    if (parts.some((part) => !this.#opensNoChat(part))) onPeer(peer, batch);
    for (const accountId of opened.logsToAsk) introduce(accountId);
    const isOwn = peer.accountId === self.identity.account.id;
    const from: Sender = { accountId: peer.accountId, deviceId };
    for (const part of parts) {
      if (part.type === 'card') {
        onCard(peer, deviceId, batch);
        continue;
      }
      if (isStatusPart(part)) {
        if (part.type === 'statusDigest' && isOwn) digests.push({ part, deviceId });
        else await this.#options.onStatus(part, from, batch);
        continue;
      }
      if (isPhonePart(part)) {
        this.#options.onPhone(part, from, batch);
        continue;
      }
      if (isGroupCallPart(part)) {
        this.#options.onGroupCall(part, from, batch);
        continue;
      }
      if (isGroupPart(part)) {
        await this.#options.onGroup(part, from, batch);
        continue;
      }
      if (isOwnPart(part)) {
        if (isOwn && part.type === 'digest') digests.push({ part, deviceId });
        else if (isOwn) await onOwn(part, deviceId, batch);
        continue;
      }
      const about = news.get(part.chatId) ?? this.#newsOf(part.chatId, peer, batch);
      if (about === undefined) continue;
      news.set(part.chatId, about);
      this.#collect(part, peer, deviceId, about, batch);
    }
  }

  #collect(part: ChatPart, peer: Peer, deviceId: DeviceId, news: ChatNews, batch: Batch): void {
    const isOwn = peer.accountId === this.#options.self.identity.account.id;
    const sender: Sender = { accountId: peer.accountId, deviceId };
    switch (part.type) {
      case 'typing':
        // What is typed on an own device shows there.
        if (!isOwn) this.#options.onTyping(news.chat, peer.accountId, part.typing);
        return;
      case 'mediaAsk':
      case 'mediaAt':
        batch.then(() => {
          this.#options.onMedia(part, sender);
        });
        return;
      case 'author':
        this.#vouch(part, news.chat, batch);
        return;
      case 'changes':
        news.changes.push(...this.#allowed(part.changes, peer, news.chat, batch));
        news.sender = sender;
        if (part.of !== 'push') news.answers.push(sender);
        if (part.of === 'more') news.more = sender;
        if (part.of === 'last' && isOwn) news.isFilled = true;
        if (part.of !== 'push' && !isOwn) news.isHealed = true;
        if (part.of === 'last' && !isOwn) news.isWhole = true;
        return;
      case 'marks':
        if (isOwn) return;
        if (news.chat.with.type === 'group') {
          const marks = news.marksBy.get(peer.accountId) ?? { received: [], read: [] };
          news.marksBy.set(peer.accountId, marks);
          marks.received.push(...part.received);
          marks.read.push(...part.read);
          return;
        }
        news.received.push(...part.received);
        news.read.push(...part.read);
        return;
      case 'ticks':
        if (!isOwn) return;
        news.ticks.received.push(...part.received);
        news.ticks.read.push(...part.read);
        return;
      case 'ask':
        news.asks.push({ ...sender, summary: part.summary });
        return;
    }
  }

  /** An author key counts when it and a device of one of the chat's accounts both say so, whoever passed that on. */
  #vouch(part: Extract<Part, { type: 'author' }>, chat: Chat, batch: Batch): void {
    const { self, chats } = this.#options;
    const deviceKey = toDeviceKey(part.deviceKey);
    const author = toAuthorKey(part.key);
    if (deviceKey === undefined || author === undefined) return;
    const isOwn = allDevices(self.identity.log).some((device) => equalBytes(device.publicKey, deviceKey));
    const accountId = isOwn ? self.identity.account.id : this.#ownerOf(deviceKey, chat, batch);
    if (accountId === undefined) return;
    const deviceId = deviceIdOf(deviceKey);
    const isSaid =
      verifyAuthorProof(author, chat.chatId, deviceId, part.proof) &&
      verifyAuthorCertificate(deviceKey, chat.chatId, author, part.certificate);
    if (!isSaid) return;
    chats.vouch(batch, chat, author, {
      accountId,
      deviceId,
      deviceKey,
      proof: part.proof,
      certificate: part.certificate,
    });
  }

  /** Whose of the chat's accounts the device is or was. */
  #ownerOf(deviceKey: Public<'Device'>, chat: Chat, batch: Batch): AccountId | undefined {
    const { peers } = this.#options;
    const accountId = chat.with.type === 'group' ? peers.ownerOf(deviceIdOf(deviceKey)) : chat.with.peer;
    const peer = accountId && peers.get(accountId, batch);
    return peer !== undefined && formerDeviceOf(peer, deviceKey) !== undefined ? accountId : undefined;
  }

  /** Of a group that is here or is said to be, of a status, or of a call, which only contacts and members make: nothing opens a chat. */
  #opensNoChat(part: Part): boolean {
    if (part.type === 'card' || isGroupPart(part) || isStatusPart(part)) return true;
    if (isPhonePart(part) || isGroupCallPart(part)) return true;
    return 'chatId' in part && this.#options.chats.get(part.chatId)?.with.type === 'group';
  }

  /** All changes of a contact and in a group; of a stranger only so many in all. */
  #allowed(changes: readonly DocumentChange[], peer: Peer, chat: Chat, batch: Batch): readonly DocumentChange[] {
    const { peers, isContact } = this.#options;
    if (chat.with.type === 'group' || isContact(peer.accountId)) return changes;
    const current = peers.get(peer.accountId, batch) ?? peer;
    let taken = current.strangerRecords;
    const allowed = changes.filter((change) => {
      const weight = Math.ceil(change.bytes.length / 1024);
      if (taken + weight > STRANGER_RECORDS) return false;
      taken += weight;
      return true;
    });
    peers.put(batch, { ...current, strangerRecords: taken });
    return allowed;
  }

  /**
   * A direct chat belongs to its two accounts, a group to its members: parts about any other chat are not this sender's to
   * send (undefined). An own device may speak of every chat that is here.
   */
  #newsOf(chatId: ChatId, peer: Peer, batch: Batch): ChatNews | undefined {
    const { chats, self, groups } = this.#options;
    const { account } = self.identity;
    const known = chats.get(chatId);
    if (known?.with.type === 'group') return groups.mayTell(known, peer.accountId) ? emptyNews(known) : undefined;
    const isTheirs = chatId === directChatId(account.id, peer.accountId);
    const chat = isTheirs
      ? chats.open(batch, peer.accountId, peer.publicKey)
      : peer.accountId === account.id
        ? chats.get(chatId)
        : undefined;
    return chat && emptyNews(chat);
  }

  /** Whoever claims a device that no log will ever name must not make us ask without end. */
  #askFor(accountId: AccountId, isAgain: boolean): void {
    const now = this.#options.now();
    if (isAgain && Math.abs(now - (this.#asked.get(accountId) ?? -Infinity)) < ASK_PAUSE) return;
    this.#asked.set(accountId, now);
    this.#options.introduce(accountId);
  }

  /** Keeps an envelope in the inbox until its device is known. */
  #hold(row: InboxRow, batch: Batch): void {
    if (this.#held.has(row.seq)) return;
    this.#held.set(row.seq, row);
    batch.undo(() => this.#held.delete(row.seq));
    for (const oldest of this.#held.values()) {
      if (this.#held.size <= HELD.count && this.#heldBytes() <= HELD.bytes) return;
      this.#held.delete(oldest.seq);
      batch.undo(() => this.#held.set(oldest.seq, oldest));
      this.#finish(oldest, batch);
    }
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const { data } of this.#held.values()) bytes += data.length;
    return bytes;
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
    await inBatch(store, (batch) => {
      // A clock that jumped by years must not make this loop long.
      for (let old = Math.max(since, last - 24); old < last; old += 1) {
        batch.add([{ op: 'deleteRange', table: 'seen', from: `g${String(old)}:`, to: `g${String(old)};` }]);
      }
      if (since !== last || kept === undefined) batch.put('meta', SEEN_SINCE, pack(last));
    });
  }
}

function nothingSorted(): Sorted {
  return { news: new Map(), digests: [] };
}

function emptyNews(chat: Chat): ChatNews {
  return {
    ...{
      chat,
      changes: [],
      asks: [],
      answers: [],
      received: [],
      read: [],
      ticks: { received: [], read: [] },
      marksBy: new Map(),
    },
    ...{ more: undefined, isFilled: false, isHealed: false, isWhole: false, sender: undefined },
  };
}

/** How many of the waiting envelopes make one job. */
function jobSize(envelopes: readonly Envelope[]): number {
  let [count, bytes] = [0, 0];
  for (const { data } of envelopes) {
    if (count === JOB_ENVELOPES || bytes >= JOB_BYTES) break;
    count += 1;
    bytes += data.length;
  }
  return count;
}

function isGroupPart(part: Part): part is GroupPartOf {
  return ['group', 'senderKey', 'join', 'joinAnswer'].includes(part.type);
}

function isOwnPart(part: Exclude<Part, { type: 'card' }>): part is OwnPart {
  return part.type === 'personal' || part.type === 'personalAsk' || part.type === 'digest' || part.type === 'peer';
}

const EMPTY = new Uint8Array(0);
const SEEN_SINCE = 'seen-since';

function inboxKey(seq: number): string {
  return storeKey('item', orderedNumber(seq));
}

function seenKey(generation: number, id: EnvelopeId): string {
  return storeKey(`g${String(generation)}`, toBase64Url(id));
}
