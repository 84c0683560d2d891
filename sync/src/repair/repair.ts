/**
 * The repair path: one question, one answer, each storable in a mailbox. `ask` says "these are my heads"; the answer is
 * what the asker lacks, and if the asker has what the answerer lacks, a question in return. A question is therefore also
 * an offer: whoever has something undelivered asks. The same path fills a newly linked device.
 *
 * When to ask: an own device has history that is not here; dependencies are missing; this device was restored and the
 * other side has not told all of the chat; or records of ours were accepted by the relay but the other side's marks do not
 * show them. Pauses between questions about the same chat grow up to a day, and start anew when the need was met or
 * something came of the question.
 */
import { type AccountId, type ChatId, type DeviceId, hash, toBase64Url } from '@securechat/crypto';
import { type Batch, inBatch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import { authorText, isRoot, toMarks } from '../chats/chat-book.ts';
import { type Composer, authorParts } from '../chats/composer.ts';
import type { Withholding } from '../chats/withholding.ts';
import {
  type Answer,
  type ChatDocuments,
  type Summary,
  type WireChange,
  decodeSummary,
  encodeSummary,
} from '../documents/index.ts';
import type { Groups } from '../groups/groups.ts';
import type { Sender } from '../inbox/intake.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type MarkEntry, PAYLOAD_LIMITS, type Part } from '../payload/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { type Asked, AskedBook } from './asked.ts';

/** Bytes of changes in one item of an answer: one envelope with room for padding. */
const ANSWER_BYTES = 150 * 1024;
/** Items of one answer to an own device, which has all the history to fetch; a contact gets one at a time. */
const OWN_ANSWER = 8;
/** What has nothing of a chat gets its newest page first, so that all chats have theirs before any has all. */
const FIRST_PAGE = 40;
const SWEEP = 15_000;
const MISSING_PAUSE = 3_000;
/** Of history that was asked for nothing came for so long: longer than an answer takes through a slow line. */
const HISTORY_PAUSE = 30_000;
const UNDELIVERED_PAUSE = 45_000;
const LONGEST_PAUSE = 24 * 3600_000;
/** A question in return to a question is not repeated sooner. */
const RETURN_PAUSE = 20_000;
/** Author keys named in one answer, within the parts of one payload. */
const AUTHORS_TOLD = 24;
/** Members of a group who are asked at a time. */
const ASKED_MEMBERS = 2;
/** What came is compared with what others have when nothing came for so long. */
const COMPARE_PAUSE = 60_000;
/** And from time to time all the same: what was compared with may have been lacking too. */
const COMPARE_EVERY = 24 * 3600_000;

export interface RepairOptions {
  readonly store: Store;
  readonly chats: Pick<ChatBook, 'all' | 'documents' | 'noteCompared'>;
  readonly composer: () => Pick<Composer, 'pending' | 'introduceAuthor'>;
  readonly withholding: Pick<Withholding, 'floorFor'>;
  readonly groups: Pick<
    Groups,
    'othersIn' | 'mayTell' | 'mayAsk' | 'floorFor' | 'beganLate' | 'book' | 'isMine' | 'unaware' | 'tellAgain'
  >;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly me: AccountId;
  /** The account's other devices. */
  readonly siblings: () => readonly DeviceId[];
  /** This device came to the account by the recovery phrase: what it lost only others can tell it. */
  readonly isRestored: () => boolean;
  readonly isContact: (accountId: AccountId) => boolean;
  /** Devices of the account that have not shown that they know who we are. */
  readonly lackCard: (accountId: AccountId) => readonly DeviceId[];
  /** What was sent to this account does not arrive: it may have other devices by now. */
  readonly unheard: (accountId: AccountId) => void;
  readonly sendsRead: () => boolean;
  /** My read marks of a chat. */
  readonly readMarks: (chatId: ChatId) => ReadonlyMap<string, number>;
  /** Online, and all that waited at the relay is taken in: before that it is too early to say what is missing. */
  readonly isOnline: () => boolean;
  /** Something was delivered that is not taken in yet. */
  readonly isTakingIn: () => boolean;
  /** Who is asked for what is missing in the chat looks different. */
  readonly changed: (chat: Chat) => void;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

interface Need {
  next: number;
  pause: number;
  /** Records that were here when it was last asked. */
  records: number;
}

/**
 * `history` that an own device has and this one does not; `records` that are wanted from anyone, or were sent and are
 * `undelivered`; or only a `card` is to be shown, for which no document need be opened; or something came to a group, of
 * which it is not known whether its author told everybody: `compare`.
 */
type Lack = { readonly of: 'history' | 'records' | 'undelivered' | 'card' | 'compare'; readonly pause: number };

/** What an answer brings and how it ends; undefined: it does not say that it does. */
/** The newest changes of a chat that had `count` of them. */
export interface NewestPage {
  readonly answer: Answer;
  readonly count: number;
}

interface Telling {
  readonly changes: readonly WireChange[];
  readonly authors: readonly string[];
  readonly end: 'more' | 'last' | undefined;
}

export class Repair {
  readonly #options: RepairOptions;
  readonly #needs = new Map<ChatId, Need>();
  readonly #returned = new Map<ChatId, number>();
  readonly #asked = new AskedBook();
  /** Groups of which something came that could not be taken: it is to be had from the members. */
  readonly #wanted = new Set<ChatId>();
  /** Whose turn it is to be asked. */
  #turn = 0;
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
    const now = this.#options.clock.now();
    for (const chat of this.#options.chats.all()) {
      const need = this.#needs.get(chat.chatId);
      // History was asked for before, and what outlived a restart on either side is still on its way.
      const pause = chat.filling === undefined ? MISSING_PAUSE : HISTORY_PAUSE;
      if (need === undefined) this.#awaitHistory(chat);
      else need.next = Math.min(need.next, now + pause);
    }
    this.sweep();
  }

  /** Looks at every chat and asks where it is time to. */
  sweep(): void {
    this.#lookForOverdue();
    if (!this.#options.isOnline()) return;
    for (const chat of this.#options.chats.all()) {
      if (!isLacking(chat)) this.#asked.end(chat.chatId);
      const lack = this.#lackOf(chat);
      if (lack === undefined) this.#needs.delete(chat.chatId);
      else if (this.#isDue(chat, lack.pause)) this.#serve(chat, lack);
    }
  }

  /** Who was asked for what is missing in the chat, and has not answered. */
  askedIn(chat: Chat): readonly Asked[] {
    return isLacking(chat) ? this.#asked.in(chat.chatId) : [];
  }

  /** They answered a question about the chat, whatever they had. The caller shows what came of it. */
  answered(chat: Chat, { accountId, deviceId }: Sender): void {
    const isOwn = accountId === this.#options.me;
    this.#asked.answered(chat.chatId, { accountId, ...(isOwn && { deviceId }) });
  }

  #lookForOverdue(): void {
    const overdue = new Set(this.#asked.lookForOverdue(this.#options.clock.now()));
    for (const chat of this.#options.chats.all()) if (overdue.has(chat.chatId)) this.#options.changed(chat);
  }

  /** One job for each chat, so that the user's own action never waits for all of them. */
  #serve(chat: Chat, lack: Lack): void {
    const { store, kick, background } = this.#options;
    const { peer } = chat.with;
    if (lack.of === 'undelivered' && peer !== undefined) this.#options.unheard(peer);
    background(async () => {
      await inBatch(store, async (batch) => {
        if (lack.of === 'history') await this.#askOwn(chat, batch);
        else if (lack.of === 'card' && peer !== undefined)
          for (const deviceId of this.#options.lackCard(peer)) this.tellMarks(chat, batch, deviceId);
        else if (lack.of === 'undelivered' && chat.with.type === 'group')
          await this.#offer(chat, chat.with.groupId, batch);
        else await this.ask(chat, batch);
      });
      kick();
    });
  }

  #isDue({ chatId, records, filling }: Chat, first: number): boolean {
    const now = this.#options.clock.now();
    const known = this.#needs.get(chatId);
    // Something came of the last question: whoever answered is asked again when it fell silent, not after a long pause.
    const need = known?.records === records ? known : { next: now + first, pause: first, records };
    this.#needs.set(chatId, need);
    // What was asked for may be among what waits here.
    if (need.pause >= HISTORY_PAUSE && filling !== undefined && this.#options.isTakingIn()) return false;
    // A moment that is further away than the pause is a clock that was put back.
    if (need.next > now && need.next <= now + need.pause) return false;
    need.pause = Math.min(need.pause * 3, LONGEST_PAUSE);
    need.next = now + need.pause;
    return true;
  }

  /** Something of this group's chat came that could not be taken, and is not known to be missing. */
  want(chatId: ChatId): void {
    this.#wanted.add(chatId);
  }

  /** A question is an offer too: to members who have not shown that they have what is ours, or that they know of the group. */
  async #offer(chat: Chat, groupId: ChatId, batch: Batch): Promise<void> {
    if (isRoot(chat))
      for (const accountId of pick(this.#options.groups.unaware(chat), this.#turn, ASKED_MEMBERS))
        this.#options.groups.tellAgain(batch, groupId, accountId);
    const summary = await this.#summary(chat);
    const lagging = this.#lagging(chat);
    for (const accountId of pick(lagging, this.#turn++, ASKED_MEMBERS))
      this.#tellAsk(chat, summary, batch, { accountId });
    // Somebody who never shows what they have must not keep the others from being compared with.
    if (this.#isUncompared(chat)) await this.ask(chat, batch);
  }

  /** Lane job's part: a question to everybody's devices, in a group to some in turn; or to one device. */
  async ask(chat: Chat, batch: Batch, to?: Sender): Promise<void> {
    const { chats, clock } = this.#options;
    const documents = await chats.documents(chat);
    const summary = await documents.summary();
    this.#wanted.delete(chat.chatId);
    if (to === undefined && chat.with.type === 'group') chats.noteCompared(batch, chat, clock.now());
    this.#awaitHistory(chat);
    if (to !== undefined) this.#tellAsk(chat, summary, batch, to);
    else
      for (const accountId of new Set([...this.#correspondents(chat), ...this.#witness(chat, documents)]))
        this.#tellAsk(chat, summary, batch, { accountId });
  }

  /** History was asked for: the same question is repeated only when nothing came of it. */
  #awaitHistory({ chatId, filling, records }: Chat): void {
    if (filling === undefined) return;
    const next = this.#options.clock.now() + HISTORY_PAUSE;
    this.#needs.set(chatId, { next, pause: HISTORY_PAUSE, records });
  }

  async #askOwn(chat: Chat, batch: Batch): Promise<void> {
    this.#tellAsk(chat, await this.#summary(chat), batch, { accountId: this.#options.me });
  }

  /** Lane job's part: the same, because they sent records of authors that are not known here; not for every such record. */
  async askForAuthors(chat: Chat, to: Sender, batch: Batch): Promise<void> {
    const { me, groups } = this.#options;
    const isOfGroup = chat.with.type === 'group' && (to.accountId === me || groups.mayAsk(chat, to.accountId));
    const isTrusted = isOfGroup || this.#correspondents(chat).includes(to.accountId);
    if (isTrusted && this.#mayReturn(chat.chatId)) await this.ask(chat, batch, to);
  }

  /**
   * Lane job's part: the answer to a question. Marks and all author keys are included, so that a lost receipt heals too and
   * records of devices that the asker never met count. An own device gets one answer at a time (SPEC, S-HISTORY-2). An
   * unconfirmed device gets nothing older than itself, and no end of an answer either: it would believe that it has
   * everything.
   */
  async answer(chat: Chat, to: Sender, summary: Uint8Array, batch: Batch): Promise<void> {
    const { chats, withholding, me } = this.#options;
    const theirs = decodeSummary(summary);
    if (!theirs.ok) return;
    const isGroup = chat.with.type === 'group';
    if (!this.#isAnswered(chat, to.accountId)) {
      if (isRoot(chat)) await this.#takeOffer(chat, to, theirs.value, batch);
      return;
    }
    if (isGroup && to.accountId !== me) this.tellMemberMarks(chat, to.accountId, batch);
    const from = isGroup
      ? await this.#options.groups.floorFor(chat, to.accountId, batch)
      : await withholding.floorFor(chat, to, batch);
    const documents = await chats.documents(chat);
    const budget = to.accountId === me ? ANSWER_BYTES * OWN_ANSWER : ANSWER_BYTES;
    const enough = theirs.value.segments.length === 0 ? FIRST_PAGE : undefined;
    // An own device that has it all would be sent back what it has just sent.
    const isBehind = to.accountId === me && chat.filling !== undefined;
    const { changes, authors, more, theyHaveMore } = await documents.answer(theirs.value, budget, {
      enough,
      from,
      isBehind,
    });
    if (isGroup && changes.length > 0) chats.noteCompared(batch, chat, 0);
    if (!this.#isUnderWay(changes, to))
      this.#tellAnswer(
        chat,
        { changes, authors, end: more ? 'more' : from > 0 || isBehind ? undefined : 'last' },
        batch,
        to,
      );
    if (!theyHaveMore || isBehind) return;
    // An item of its own: both together could be more than an envelope holds.
    if (this.#mayReturn(chat.chatId)) this.#tellAsk(chat, await documents.summary(), batch, to);
    else this.#expectSoon(chat.chatId);
  }

  /** Lane job's part: the newest page for a device that has nothing of the chat. */
  async newestPage(chat: Chat): Promise<NewestPage> {
    const documents = await this.#options.chats.documents(chat);
    const answer = await documents.answer({ from: 0, segments: [] }, ANSWER_BYTES, { enough: FIRST_PAGE });
    return { answer, count: documents.count() };
  }

  /**
   * Lane job's part: the newest page for an own device that has nothing of the chat and has not asked: in one item. `ready`:
   * the page as it was made earlier, which is told if nothing came since.
   */
  async tellNewest(chat: Chat, to: Sender, batch: Batch, ready?: NewestPage): Promise<void> {
    const documents = await this.#options.chats.documents(chat);
    const page = ready?.count === documents.count() ? ready : await this.newestPage(chat);
    const { changes, authors, more } = page.answer;
    this.#tellAnswer(chat, { changes, authors, end: more ? 'more' : 'last' }, batch, to);
  }

  /** Who was removed learns nothing, but may have acts that are not here: asked for by what they said to have themselves. */
  async #takeOffer(chat: Chat, to: Sender, theirs: Summary, batch: Batch): Promise<void> {
    const documents = await this.#options.chats.documents(chat);
    const { theyHaveMore } = await documents.answer(theirs, 0, { from: Infinity });
    if (theyHaveMore && this.#mayReturn(chat.chatId)) this.#tellAsk(chat, await documents.common(theirs), batch, to);
  }

  #tellAnswer(chat: Chat, { changes, authors, end }: Telling, batch: Batch, to: Sender): void {
    const { chatId } = chat;
    const isOwn = to.accountId === this.#options.me;
    // A direct chat has few authors, and all are told; a group's are told with what they wrote, ahead of it.
    const told = authorParts(chat, chat.with.type === 'group' ? authors : chat.authors.keys());
    const introduction = told.slice(0, AUTHORS_TOLD);
    for (let from = AUTHORS_TOLD; from < told.length; from += AUTHORS_TOLD) {
      const parts = told.slice(from, from + AUTHORS_TOLD);
      this.#options.outbox.tell(batch, { ...to, parts, topic: `authors:${chatId}:${String(from)}` });
    }
    const pieces = piecesOf(changes);
    pieces.forEach((piece, index) => {
      const of = (index === pieces.length - 1 ? end : undefined) ?? 'push';
      const isNothing = piece.length === 0 && end === undefined;
      const parts: Part[] = isNothing ? [] : [{ type: 'changes', chatId, of, changes: piece }];
      if (index === 0) parts.unshift(...introduction, ...this.#marksFor(chat, isOwn));
      const holds = isOwn ? piece.slice(-1).map(markOf) : [];
      this.#options.outbox.tell(batch, { ...to, parts, holds, topic: `answer:${chatId}:${String(index)}` });
    });
  }

  /** Some of an answer to an own device is sealed already: it will be sent, and its end asks for the rest. */
  #isUnderWay(changes: readonly WireChange[], to: Sender): boolean {
    if (to.accountId !== this.#options.me) return false;
    const sealed = this.#options.outbox.sealedFor(to);
    return sealed.size > 0 && changes.some((change) => sealed.has(markOf(change)));
  }

  #marksFor(chat: Chat, isOwn: boolean): readonly Part[] {
    if (chat.with.type === 'group') return [];
    return [this.marksOf(chat), ...(isOwn ? [ticksOf(chat)] : [])];
  }

  /** Members, own devices, and nobody else: who was removed has nothing more to ask. */
  #isAnswered(chat: Chat, accountId: AccountId): boolean {
    const { groups, me } = this.#options;
    if (chat.with.type !== 'group') return true;
    return accountId === me || groups.book.isMember(chat.with.groupId, accountId);
  }

  /** Lane job's part: tells a member what is here, and read, of their records. */
  tellMemberMarks(chat: Chat, accountId: AccountId, batch: Batch): void {
    const isTheirs = ({ author }: MarkEntry): boolean => chat.authors.get(toBase64Url(author))?.accountId === accountId;
    const { chatId, received, read, type } = this.marksOf(chat);
    const marks = { type, chatId, received: received.filter(isTheirs), read: read.filter(isTheirs) };
    this.#options.outbox.tell(batch, { accountId, parts: [marks], topic: `marks:${chatId}` });
  }

  /** Lane job's part: tells the other side what is here by now, and with it who we are if it does not know. */
  tellMarks(chat: Chat, batch: Batch, deviceId?: DeviceId): void {
    if (chat.with.type !== 'contact') return;
    this.#options.outbox.tell(batch, {
      accountId: chat.with.peer,
      parts: [this.marksOf(chat)],
      topic: `marks:${chat.chatId}`,
      ...(deviceId && { deviceId }),
    });
  }

  async #summary(chat: Chat): Promise<Summary> {
    return (await this.#options.chats.documents(chat)).summary();
  }

  /** The accounts whose devices may know more of the chat. */
  #correspondents(chat: Chat): readonly AccountId[] {
    const { me, siblings, isContact } = this.#options;
    const { peer, type } = chat.with;
    const own = siblings().length > 0 ? [me] : [];
    if (type === 'group') return [...pick(this.#members(chat), this.#turn++, ASKED_MEMBERS), ...own];
    return [...(peer !== undefined && isContact(peer) ? [peer] : []), ...own];
  }

  /** Who can be asked about a group: its other members, and at first whoever told of it. */
  #members(chat: Chat): readonly AccountId[] {
    const { groups, me } = this.#options;
    const others = groups.othersIn(chat);
    if (others.length > 0 || chat.with.type !== 'group') return others;
    return groups.book.get(chat.with.groupId)?.sponsors.filter((accountId) => accountId !== me) ?? [];
  }

  /** Of a group, one of those who wrote what is missing or built on it: they had it, and their turn could be far. */
  #witness(chat: Chat, documents: ChatDocuments): readonly AccountId[] {
    if (chat.with.type !== 'group' || chat.missing === 0) return [];
    const { groups } = this.#options;
    const authors = documents.witnesses(groups.beganLate(chat)).map((author) => toBase64Url(author));
    const accounts = new Set(authors.flatMap((author) => chat.authors.get(author)?.accountId ?? []));
    return pick(
      this.#members(chat).filter((accountId) => accounts.has(accountId)),
      this.#turn,
      1,
    );
  }

  /** Members who have not shown that they have all records of ours. */
  #lagging(chat: Chat): readonly AccountId[] {
    if (chat.author === undefined || chat.nextN < 2) return [];
    const name = authorText(chat.author);
    return this.#options.groups
      .othersIn(chat)
      .filter((accountId) => (chat.byMember.get(accountId)?.received.get(name) ?? 0) < chat.nextN - 1);
  }

  #lackOfGroup(chat: Chat, groupId: ChatId): Lack | undefined {
    const { groups, composer } = this.#options;
    const isFounded = groups.book.stateOf(groupId)?.founder !== undefined;
    // Among acts that wait for others may be the one by which this account is a member again.
    if (isFounded && !groups.isMine(groupId))
      return isRoot(chat) && chat.missing > 0 ? { of: 'records', pause: MISSING_PAUSE } : undefined;
    const isLacking = chat.missing > 0 || !isFounded || this.#wanted.has(chat.chatId);
    if (isLacking && this.#members(chat).length > 0) return { of: 'records', pause: MISSING_PAUSE };
    const isHeard = this.#lagging(chat).length === 0 && !(isRoot(chat) && groups.unaware(chat).length > 0);
    if (composer().pending > 0) return undefined;
    if (isHeard) return this.#isUncompared(chat) ? { of: 'compare', pause: COMPARE_PAUSE } : undefined;
    return { of: 'undelivered', pause: UNDELIVERED_PAUSE };
  }

  #isUncompared(chat: Chat): boolean {
    // A moment in the future is a clock that was put back.
    return Math.abs(this.#options.clock.now() - chat.compared) > COMPARE_EVERY;
  }

  #tellAsk(chat: Chat, summary: Summary, batch: Batch, to: Pick<Sender, 'accountId'> & Partial<Sender>): void {
    const { chatId } = chat;
    const ask: Part = { type: 'ask', chatId, summary: encodeSummary(summary) };
    const parts = [...this.#options.composer().introduceAuthor(chat), ask];
    this.#options.outbox.tell(batch, { ...to, parts, topic: `ask:${chatId}` });
    if (isLacking(chat))
      batch.then(() => {
        this.#noteAsked(chat, to);
      });
  }

  #noteAsked(chat: Chat, { accountId, deviceId }: Pick<Sender, 'accountId'> & Partial<Sender>): void {
    const { me, siblings, clock, changed } = this.#options;
    const devices = deviceId === undefined ? siblings() : [deviceId];
    const asked = accountId === me ? devices.map((own) => ({ accountId, deviceId: own })) : [{ accountId }];
    const isNew = asked.map((one) => this.#asked.note(chat.chatId, one, clock.now())).includes(true);
    if (isNew) changed(chat);
  }

  /** What is here and what my user has read of it; read marks only when the user lets them be told. */
  marksOf(chat: Chat): Extract<Part, { type: 'marks' }> {
    const read = this.#options.sendsRead() ? this.#options.readMarks(chat.chatId) : new Map<string, number>();
    return { type: 'marks', chatId: chat.chatId, received: toMarks(chat.received), read: toMarks(read) };
  }

  #lackOf(chat: Chat): Lack | undefined {
    if (chat.filling !== undefined && this.#options.siblings().length > 0)
      return { of: 'history', pause: this.#needs.has(chat.chatId) ? HISTORY_PAUSE : MISSING_PAUSE };
    if (chat.with.type === 'group') return this.#lackOfGroup(chat, chat.with.groupId);
    if (chat.missing > 0 && this.#correspondents(chat).length > 0) return { of: 'records', pause: MISSING_PAUSE };
    const { peer } = chat.with;
    if (peer === undefined || !this.#options.isContact(peer)) return undefined;
    if (!chat.isWhole && this.#options.isRestored()) return { of: 'records', pause: MISSING_PAUSE };
    if (this.#options.outbox.hasMessagesFor(peer) || this.#options.composer().pending > 0) return undefined;
    if (this.#isUndelivered(chat)) return { of: 'undelivered', pause: UNDELIVERED_PAUSE };
    const isUnknown = this.#options.lackCard(peer).length > 0;
    return isUnknown ? { of: 'card', pause: UNDELIVERED_PAUSE } : undefined;
  }

  /** Of this device's records, or of those of a device that has left the account and can bring them no more. */
  #isUndelivered(chat: Chat): boolean {
    const lacks = (author: string, upTo: number): boolean => (chat.theirReceived.get(author) ?? 0) < upTo;
    const own = chat.author === undefined ? undefined : authorText(chat.author);
    if (own !== undefined && lacks(own, chat.nextN - 1)) return true;
    const { me, siblings } = this.#options;
    const active = siblings();
    return [...chat.authors].some(
      ([author, { accountId, deviceId }]) =>
        accountId === me &&
        author !== own &&
        !active.includes(deviceId) &&
        lacks(author, chat.received.get(author) ?? 0),
    );
  }

  /** It is too early to ask in return; if the chat is in need, it does when it may. */
  #expectSoon(chatId: ChatId): void {
    const need = this.#needs.get(chatId);
    if (need !== undefined) need.next = Math.min(need.next, this.#options.clock.now() + RETURN_PAUSE);
  }

  #mayReturn(chatId: ChatId): boolean {
    const now = this.#options.clock.now();
    if (Math.abs(now - (this.#returned.get(chatId) ?? -Infinity)) < RETURN_PAUSE) return false;
    this.#returned.set(chatId, now);
    return true;
  }
}

/** Records are known to be missing here. */
function isLacking({ missing, filling }: Chat): boolean {
  return missing > 0 || filling !== undefined;
}

/** So many of them, from the `turn`-th on. */
function pick(accounts: readonly AccountId[], turn: number, count: number): readonly AccountId[] {
  const from = accounts.length === 0 ? 0 : (turn * count) % accounts.length;
  return [...accounts.slice(from), ...accounts.slice(0, from)].slice(0, count);
}

/** Tells a change from others, in the outbox. */
function markOf({ bytes }: WireChange): string {
  return toBase64Url(hash('SecureChat outbox mark', bytes).slice(0, 16));
}

/** Changes in items that fit an envelope each; one empty item when there are none, because that is an answer too. */
export function piecesOf(changes: readonly WireChange[]): readonly (readonly WireChange[])[] {
  const pieces: WireChange[][] = [[]];
  let bytes = 0;
  for (const change of changes) {
    const open = pieces.at(-1);
    const fits = open?.length === 0 || bytes + change.bytes.length <= ANSWER_BYTES;
    if (fits && (open?.length ?? 0) < PAYLOAD_LIMITS.changes) open?.push(change);
    else pieces.push([change]);
    bytes = fits ? bytes + change.bytes.length : change.bytes.length;
  }
  return pieces;
}

/** What the other side said of our account's records, for own devices. */
export function ticksOf(chat: Chat): Extract<Part, { type: 'ticks' }> {
  return {
    type: 'ticks',
    chatId: chat.chatId,
    received: toMarks(chat.theirReceived).slice(0, PAYLOAD_LIMITS.marks),
    read: toMarks(chat.theirRead).slice(0, PAYLOAD_LIMITS.marks),
  };
}
