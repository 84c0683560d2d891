/**
 * What own devices tell each other beside the records of chats: personal documents, what was learned of peers, and a digest
 * of all chats, which finds out what either of them lacks however long they were apart (SPEC, "Own devices"). Everything is
 * storable in a mailbox; none of it needs both awake. The records themselves go the ordinary repair path.
 */
import {
  type ChatId,
  type DeviceId,
  accountIdOf,
  decodeDeviceLog,
  directChatId,
  encodeDeviceLog,
  equalBytes,
  toAccountKey,
} from '@securechat/crypto';
import { type Batch, inBatch } from '../batch.ts';
import { type Chat, type ChatBook, chatDigest } from '../chats/chat-book.ts';
import { type PersonalChange, type PersonalDocuments, encodePersonalSummary } from '../documents/index.ts';
import type { OwnPart, Sender } from '../inbox/intake.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import { isRelayUrl } from '../peers/introduction.ts';
import { type Peer, type Peers, learnLog, newPeer } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { NewestPage, Repair } from '../repair/repair.ts';
import type { OwnLog } from './own-log.ts';

const SWEEP = 60_000;
/** How often own devices compare what they have, without a reason; and at most, with one. */
const DIGEST_EVERY = 6 * 3600_000;
const DIGEST_PAUSE = 60_000;
/** A question about personal documents in return to one is not repeated sooner. */
const RETURN_PAUSE = 20_000;
/** Chats in one digest: newest first, as far as an envelope reaches. */
const DIGEST_CHATS = 3000;
/** Chats asked about at once after a digest; the next ones follow as these are filled. */
const ASKED_AT_ONCE = 64;
/** Chats of which a device that was just added gets the newest page unasked. */
const WELCOMED = 6;
/** Bytes of personal changes in one item, and in one answer. */
const ITEM_BYTES = 120 * 1024;
const ANSWER_BYTES = 4 * 1024 * 1024;

export interface ExchangeOptions {
  readonly ownLog: OwnLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly personal: PersonalDocuments;
  readonly peers: Peers;
  readonly chats: ChatBook;
  readonly outbox: Outbox;
  readonly repair: Pick<Repair, 'ask' | 'newestPage' | 'tellNewest'>;
  /** Online, and all that waited at the relay is taken in. */
  readonly isOnline: () => boolean;
  /** Newest first. */
  readonly chatsByTime: () => readonly Chat[];
  /** Contacts that the personal documents know of get their chats. Part of the same job. */
  readonly adoptContacts: (batch: Batch) => Promise<void>;
  /** A peer's log grew or its profile changed, as an own device tells. */
  readonly peerMoved: (before: Peer | undefined, after: Peer, batch: Batch) => Promise<void>;
  /** Personal documents hold what own devices wrote. */
  readonly merged: () => void;
  /** What is here of statuses, which own devices compare too. */
  readonly statusDigest: () => Part;
  readonly tellGroup: (batch: Batch, groupId: ChatId, to: Sender) => void;
  /** How far the history of a chat is here looks different. */
  readonly filling: () => void;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

/** The newest pages of chats, as far as they are made. */
export type ReadyPages = ReadonlyMap<ChatId, NewestPage>;

export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #returned = new Map<string, number>();
  /** Chats of which a digest told and that are not here yet: their contact comes with the documents or the peers. */
  readonly #wanted = new Map<ChatId, { readonly from: Sender; readonly records: number }>();
  #told = -Infinity;
  /** Something happened that own devices may not know of. */
  #isDue = true;
  #stopListening: () => void = () => undefined;
  #cancel: () => void = () => undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopListening();
    this.#stopListening = this.#options.personal.onLocalChange((changes) => {
      this.#tellChanges(changes);
    });
    this.#plan();
  }

  stop(): void {
    this.#stopListening();
    this.#cancel();
  }

  /** Own devices compare what they have as soon as they can: one was added, or the connection is new after long. */
  hurry(): void {
    this.#isDue = true;
    this.sweep();
  }

  /** Tells own devices what is here when it is time to. */
  sweep(): void {
    const { clock, isOnline, ownLog } = this.#options;
    if (!isOnline() || ownLog.siblings.length === 0) return;
    const since = Math.abs(clock.now() - this.#told);
    if (since < (this.#isDue ? DIGEST_PAUSE : DIGEST_EVERY)) return;
    this.#isDue = false;
    this.#told = clock.now();
    this.#inJob((batch) => {
      this.#tellAll({}, batch);
    });
  }

  /** Lane job's part: what an own device says. */
  async take(part: OwnPart, deviceId: DeviceId, batch: Batch): Promise<void> {
    batch.then(this.#options.kick);
    switch (part.type) {
      case 'personal':
        await this.#merge(part.changes, deviceId, batch);
        return;
      case 'personalAsk':
        this.#answerPersonal(part.summary, deviceId, batch);
        return;
      case 'peer':
        await this.#learnPeer(part, deviceId, batch);
        return;
      case 'digest':
        await this.#compare(part, deviceId, batch);
        return;
    }
  }

  /**
   * Lane job's part: a device that was just added is told at once what it would ask for, being on line: documents, peers, the
   * newest pages of some chats, and a digest, in which those chats have nothing to be asked for.
   */
  async welcome(deviceId: DeviceId, batch: Batch, ready: ReadyPages): Promise<void> {
    const { chatsByTime, repair, ownLog, kick } = this.#options;
    this.#answerPersonal(encodePersonalSummary([]), deviceId, batch);
    const chats = chatsByTime();
    for (const chat of chats) this.#introduce(chat, deviceId, batch);
    const welcomed = this.#welcomed(batch);
    for (const chat of welcomed)
      await repair.tellNewest(chat, { accountId: ownLog.me, deviceId }, batch, ready.get(chat.chatId));
    this.#tellAll({ deviceId, isReply: true, given: new Set(welcomed) }, batch);
    batch.then(kick);
  }

  /**
   * Makes the pages that {@link welcome} tells, while the user compares digits. Each is a job of its own; those that are
   * not made in time are made then.
   */
  prepareWelcome(): ReadyPages {
    const { background, repair } = this.#options;
    const pages = new Map<ChatId, NewestPage>();
    for (const chat of this.#welcomed())
      background(async () => {
        pages.set(chat.chatId, await repair.newestPage(chat));
      });
    return pages;
  }

  /** Lane job's part: something new about a peer, for own devices. */
  tellPeer(peer: Peer, batch: Batch, deviceId?: DeviceId): void {
    const { outbox, ownLog } = this.#options;
    // One that is just being added is not among them yet.
    if ((deviceId === undefined && ownLog.siblings.length === 0) || peer.accountId === ownLog.me) return;
    const to = { accountId: ownLog.me, ...(deviceId && { deviceId }) };
    outbox.tell(batch, { ...to, parts: [this.#peerPart(peer)], topic: `peer:${peer.accountId}` });
  }

  /** All that is told beside the chats' records, for a backup. Peers come before the documents that name them. */
  *everything(): Iterable<readonly Part[]> {
    const { peers, personal, ownLog } = this.#options;
    for (const peer of peers.all()) if (peer.accountId !== ownLog.me) yield [this.#peerPart(peer)];
    const { changes } = personal.answer(encodePersonalSummary([]), Infinity);
    for (const piece of piecesOf(changes)) yield [{ type: 'personal', changes: piece }];
  }

  #welcomed(batch?: Batch): readonly Chat[] {
    const { chatsByTime, peers } = this.#options;
    return chatsByTime()
      .filter((chat) => isWelcome(chat, peers, batch))
      .slice(0, WELCOMED);
  }

  #plan(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(SWEEP, () => {
      this.sweep();
      this.#plan();
    });
  }

  /** Off line nothing is queued: the next comparison brings all of it at once. */
  #tellChanges(changes: readonly PersonalChange[]): void {
    const { ownLog, isOnline, outbox } = this.#options;
    if (ownLog.siblings.length === 0) return;
    if (!isOnline()) {
      this.#isDue = true;
      return;
    }
    this.#inJob((batch) => {
      for (const piece of piecesOf(changes))
        outbox.add(batch, { accountId: ownLog.me, parts: [{ type: 'personal', changes: piece }] });
    });
  }

  #inJob(act: (batch: Batch) => void): void {
    const { store, background, kick } = this.#options;
    background(async () => {
      await inBatch(store, act);
      kick();
    });
  }

  #tellAll({ deviceId, isReply = false, given }: Comparing, batch: Batch): void {
    const { outbox, ownLog, personal, chatsByTime, peers } = this.#options;
    const to = { accountId: ownLog.me, ...(deviceId && { deviceId }) };
    const chats = chatsByTime()
      .slice(0, DIGEST_CHATS)
      .map((chat) => ({
        chatId: chat.chatId,
        hash: chatDigest(chat, peerOf(chat, peers, batch)),
        // While the history is coming here, nothing of it is to be had here; what is given says itself whether there is more.
        records: chat.filling === undefined && given?.has(chat) !== true ? chat.records : 0,
      }));
    outbox.tell(batch, { ...to, parts: [{ type: 'personalAsk', summary: personal.summary() }], topic: 'personal' });
    if (!isReply || given !== undefined)
      outbox.tell(batch, { ...to, parts: [this.#options.statusDigest()], topic: 'status-digest' });
    outbox.tell(batch, { ...to, parts: [{ type: 'digest', isReply, chats }], topic: 'digest' });
  }

  async #merge(changes: readonly PersonalChange[], deviceId: DeviceId, batch: Batch): Promise<void> {
    const { personal, adoptContacts, merged } = this.#options;
    const { missing, outdated } = await personal.ingest(changes);
    await adoptContacts(batch);
    await this.#askWanted(batch);
    batch.then(merged);
    // A question says what is here, too: whoever is behind by a generation learns of it.
    if ((missing || outdated) && this.#mayReturn(`missing:${deviceId}`)) this.#askPersonal(deviceId, batch);
  }

  #answerPersonal(summary: Uint8Array, deviceId: DeviceId, batch: Batch): void {
    const { personal, outbox, ownLog } = this.#options;
    const { changes, more, theyHaveMore } = personal.answer(summary, ANSWER_BYTES);
    const to = { accountId: ownLog.me, deviceId };
    piecesOf(changes).forEach((piece, index) => {
      outbox.tell(batch, { ...to, parts: [{ type: 'personal', changes: piece }], topic: `personal:${String(index)}` });
    });
    // A question in return: for what they have more, or to be asked again for the rest.
    if ((more || theyHaveMore) && this.#mayReturn(deviceId)) this.#askPersonal(deviceId, batch);
  }

  #askPersonal(deviceId: DeviceId, batch: Batch): void {
    const { personal, outbox, ownLog } = this.#options;
    const parts: Part[] = [{ type: 'personalAsk', summary: personal.summary() }];
    outbox.tell(batch, { accountId: ownLog.me, deviceId, parts, topic: 'personal' });
  }

  async #learnPeer(part: Extract<Part, { type: 'peer' }>, deviceId: DeviceId, batch: Batch): Promise<void> {
    const { peers, chats, ownLog, peerMoved } = this.#options;
    const key = toAccountKey(part.accountKey);
    if (key === undefined || !isRelayUrl(part.relayUrl)) return;
    const accountId = accountIdOf(key);
    if (accountId === ownLog.me) return;
    const before = peers.get(accountId, batch);
    const decoded = part.deviceLog.length === 0 ? undefined : decodeDeviceLog(part.deviceLog, key);
    const base = before ?? newPeer(accountId, key, part.relayUrl);
    const learned = decoded?.ok ? learnLog(base, decoded.value) : { peer: base, verdict: 'same' as const };
    const isNewer = (part.profile?.updated ?? 0) > (base.profile?.updated ?? 0);
    const peer: Peer = {
      ...learned.peer,
      accepts: base.accepts || part.accepts,
      ...(learned.verdict === 'newer' && { relayUrl: part.relayUrl }),
      ...(isNewer && part.profile && { profile: part.profile }),
    };
    peers.put(batch, peer);
    if (part.hasChat) {
      const { chatId } = chats.open(batch, accountId, key);
      if (before === undefined && !this.#wanted.has(chatId))
        this.#wanted.set(chatId, { from: { accountId: ownLog.me, deviceId }, records: 0 });
    }
    await peerMoved(before, peer, batch);
    await this.#askWanted(batch);
  }

  /** Asks for the chats that a digest told of and that are here by now. */
  async #askWanted(batch: Batch): Promise<void> {
    const { chats, repair } = this.#options;
    for (const [chatId, { from, records }] of [...this.#wanted]) {
      const chat = chats.get(chatId);
      if (chat === undefined) continue;
      this.#wanted.delete(chatId);
      this.#expect(chat, records, batch);
      await repair.ask(chat, batch, from);
    }
  }

  async #compare(part: Extract<Part, { type: 'digest' }>, deviceId: DeviceId, batch: Batch): Promise<void> {
    const { chats, peers, ownLog, repair, chatsByTime } = this.#options;
    const from: Sender = { accountId: ownLog.me, deviceId };
    const theirs = new Map(part.chats.map((chat) => [chat.chatId, chat]));
    let differ = false;
    let asked = 0;
    for (const { chatId, hash, records } of part.chats) {
      const chat = chats.get(chatId);
      if (chat === undefined) this.#wanted.set(chatId, { from, records });
      differ ||= chat === undefined;
      if (chat === undefined || equalBytes(hash, chatDigest(chat, peerOf(chat, peers, batch)))) continue;
      differ = true;
      // A device that was just linked has nothing that could be asked for.
      if (records === 0) continue;
      const isComing = chat.filling !== undefined;
      this.#expect(chat, records, batch);
      // Both compare at every connection: what was asked for before is not asked for again (SPEC, S-HISTORY-1).
      if (isComing) continue;
      asked += 1;
      if (asked <= ASKED_AT_ONCE) await repair.ask(chat, batch, from);
    }
    for (const chat of chatsByTime()) {
      const peer = peerOf(chat, peers, batch);
      const told = theirs.get(chat.chatId);
      if (told !== undefined && equalBytes(told.hash, chatDigest(chat, peer))) continue;
      differ = true;
      if (told === undefined) this.#introduce(chat, deviceId, batch);
      else if (peer !== undefined) this.tellPeer(peer, batch, deviceId);
    }
    if (differ && !part.isReply) this.#tellAll({ deviceId, isReply: true }, batch);
  }

  /** What a device has to be told of a chat that it has nothing of, not even what the group's documents are named by. */
  #introduce(chat: Chat, deviceId: DeviceId, batch: Batch): void {
    const { peers, ownLog, tellGroup } = this.#options;
    const peer = peerOf(chat, peers, batch);
    if (peer !== undefined) this.tellPeer(peer, batch, deviceId);
    if (chat.with.type === 'group' && chat.with.part === 'root')
      tellGroup(batch, chat.with.groupId, { accountId: ownLog.me, deviceId });
  }

  /** An own device has more of the chat: how much, for the progress that is shown, and until all of it is here. */
  #expect(chat: Chat, records: number, batch: Batch): void {
    const { chats, filling } = this.#options;
    const before = chat.filling;
    if (records <= chat.records || records <= (before ?? 0)) return;
    chat.filling = records;
    batch.undo(() => {
      chat.filling = before;
    });
    chats.save(batch, chat);
    batch.then(filling);
  }

  #peerPart({ accountId, publicKey, accepts, relayUrl, log, profile }: Peer): Extract<Part, { type: 'peer' }> {
    return {
      ...{ type: 'peer', accountKey: publicKey, accepts, relayUrl },
      hasChat: this.#options.chats.get(directChatId(this.#options.ownLog.me, accountId)) !== undefined,
      deviceLog: log === undefined ? new Uint8Array(0) : encodeDeviceLog(log),
      ...(profile && { profile }),
    };
  }

  #mayReturn(key: string): boolean {
    const now = this.#options.clock.now();
    if (Math.abs(now - (this.#returned.get(key) ?? -Infinity)) < RETURN_PAUSE) return false;
    this.#returned.set(key, now);
    return true;
  }
}

interface Comparing {
  readonly deviceId?: DeviceId;
  readonly isReply?: boolean;
  /** Chats that the device is given unasked. */
  readonly given?: ReadonlySet<Chat>;
}

/** The other side's records can be checked by what a new device is told first, and are not on their way here. */
function isWelcome(chat: Chat, peers: Peers, batch?: Batch): boolean {
  if (chat.records === 0 || chat.filling !== undefined || chat.with.type === 'group') return false;
  return chat.with.type === 'self' || peerOf(chat, peers, batch)?.log !== undefined;
}

function peerOf(chat: Chat, peers: Peers, batch?: Batch): Peer | undefined {
  return chat.with.peer && peers.get(chat.with.peer, batch);
}

function piecesOf(changes: readonly PersonalChange[]): readonly (readonly PersonalChange[])[] {
  const pieces: PersonalChange[][] = [];
  let bytes = Infinity;
  for (const change of changes) {
    bytes += change.bytes.length + 32;
    const open = pieces.at(-1);
    if (open !== undefined && bytes <= ITEM_BYTES && open.length < ITEM_CHANGES) open.push(change);
    else {
      pieces.push([change]);
      bytes = change.bytes.length + 32;
    }
  }
  return pieces;
}

const ITEM_CHANGES = 1000;
