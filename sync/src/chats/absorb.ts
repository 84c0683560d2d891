/**
 * What arrived about a chat, applied: changes into the documents, records into rows, marks, answers to questions, alarms
 * for what was refused. Runs inside the intake's job; everything but the documents goes through its batch.
 */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import type { Alarms } from '../alarms/alarms.ts';
import type { AlarmType } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { ChatDocuments, GuardError, Ingested } from '../documents/index.ts';
import type { Groups } from '../groups/groups.ts';
import type { ChatNews, Sender } from '../inbox/intake.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import type { MediaPointer, VerifiedRecord } from '../records/index.ts';
import type { Repair } from '../repair/repair.ts';
import type { CallLog } from '../telephony/call-log.ts';
import { type AuthorText, type Chat, type ChatBook, authorText, isRoot, raiseMarks } from './chat-book.ts';
import type { Composer } from './composer.ts';
import type { Timers } from './timers.ts';
import type { Withholding } from './withholding.ts';

export interface AbsorbOptions {
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly composer: Composer;
  readonly repair: Repair;
  readonly withholding: Pick<Withholding, 'setApart'>;
  readonly timers: Pick<Timers, 'take'>;
  readonly calls: Pick<CallLog, 'take'>;
  readonly alarms: Alarms;
  readonly now: () => number;
  readonly me: AccountId;
  readonly isContact: (accountId: AccountId) => boolean;
  readonly groups: Pick<Groups, 'govern' | 'shown' | 'mayTell' | 'mayAsk' | 'beganLate' | 'othersIn'>;
  /** After the commit: an own device has given all it has of a chat. */
  readonly filled: () => void;
  /** After the commit: a contact brought what was missing here. */
  readonly healed: () => void;
  /** Messages do not point to these any more. Part of the same job. */
  readonly released: (pointers: readonly MediaPointer[], batch: Batch) => void;
  /** After the commit: rows or marks of the chat changed; `added` are messages that were not there before. */
  readonly changed: (chat: Chat, added: readonly MessageRow[]) => void;
}

interface Gained {
  readonly added: readonly MessageRow[];
  /** Something was taken that was not here. */
  readonly isProgress: boolean;
}

/** An author may claim any number; there is no use in believing more. */
const MOST_GAPS = 1000;

/** Records of another own device that a contact may have got before this device. */
const UNDER_WAY = 64;

const NOTHING: Gained = { added: [], isProgress: false };

export class Absorb {
  readonly #options: AbsorbOptions;

  constructor(options: AbsorbOptions) {
    this.#options = options;
  }

  async apply(news: ChatNews, batch: Batch): Promise<void> {
    const { chat } = news;
    const { chats, repair, changed } = this.#options;
    const had = chat.records;
    const { added, isProgress } = news.changes.length > 0 ? await this.#ingest(news, batch) : NOTHING;
    if (this.#raiseTheirMarks(news, batch)) chats.saveMarks(batch, chat);
    const isTrusted = ({ accountId }: Sender): boolean => this.#isTrusted(chat, accountId);
    // Of several questions of one device the last counts.
    for (const ask of new Map(news.asks.map((each) => [each.deviceId, each])).values())
      if (isTrusted(ask)) await repair.answer(chat, ask, ask.summary, batch);
    for (const sender of news.answers)
      batch.then(() => {
        repair.answered(chat, sender);
      });
    if (had === 0 && news.more?.accountId === this.#options.me) this.#beginFilling(chat, batch);
    // Who has more to send than we take would be asked for ever.
    if (news.more !== undefined && isProgress && this.#mayAsk(chat, news.more))
      await repair.ask(chat, batch, news.more);
    if (news.isHealed && isProgress) batch.then(this.#options.healed);
    if (news.isFilled && news.more === undefined) this.#endFilling(chat, batch);
    if (news.isWhole && news.more === undefined) this.#noteWhole(chat, batch);
    batch.then(() => {
      changed(chat, added);
    });
  }

  /** Tells the other side, if it is a contact, what is here by now; in a group each of these authors' accounts. */
  tellMarks(chat: Chat, batch: Batch, authors: Iterable<AuthorText>): void {
    const { repair, isContact, me, groups } = this.#options;
    if (chat.with.type === 'contact' && isContact(chat.with.peer)) repair.tellMarks(chat, batch);
    if (chat.with.type !== 'group') return;
    const others = new Set(groups.othersIn(chat));
    const accounts = new Set([...authors].flatMap((author) => chat.authors.get(author)?.accountId ?? []));
    for (const accountId of accounts)
      if (accountId !== me && others.has(accountId)) repair.tellMemberMarks(chat, accountId, batch);
  }

  #isTrusted(chat: Chat, accountId: AccountId): boolean {
    const { me, isContact, groups } = this.#options;
    return accountId === me || (chat.with.type === 'group' ? groups.mayTell(chat, accountId) : isContact(accountId));
  }

  /** A question shows what is here. */
  #mayAsk(chat: Chat, { accountId }: Sender): boolean {
    return chat.with.type === 'group' ? this.#options.groups.mayAsk(chat, accountId) : this.#isTrusted(chat, accountId);
  }

  /** An own device gave the first page of a chat, unasked; of how much, its digest tells. */
  #beginFilling(chat: Chat, batch: Batch): void {
    if (chat.filling !== undefined) return;
    chat.filling = chat.records + 1;
    batch.undo(() => {
      chat.filling = undefined;
    });
    this.#options.chats.save(batch, chat);
  }

  /** An own device has given all it has of the chat. */
  #endFilling(chat: Chat, batch: Batch): void {
    const before = chat.filling;
    if (before === undefined) return;
    chat.filling = undefined;
    batch.undo(() => {
      chat.filling = before;
    });
    this.#options.chats.save(batch, chat);
    batch.then(this.#options.filled);
  }

  /** The other side has given all it has of the chat. */
  #noteWhole(chat: Chat, batch: Batch): void {
    if (chat.isWhole) return;
    chat.isWhole = true;
    batch.undo(() => {
      chat.isWhole = false;
    });
    this.#options.chats.save(batch, chat);
  }

  async #ingest({ chat, changes, sender }: ChatNews, batch: Batch): Promise<Gained> {
    const { chats, projection, composer, withholding, now } = this.#options;
    const documents = await chats.documents(chat);
    const { nextN } = chat;
    // A counter that was taken to re-home a record which then was not stored must not leave a hole.
    batch.undo(() => {
      chat.nextN = nextN;
    });
    const ingested = await documents.ingest(changes, now());
    chats.noteOwn(chat, documents);
    const recovered = chats.takeRecovered(batch, chat, documents);
    await withholding.setApart(chat, { changes, applied: ingested.applied, recovered }, batch);
    const records = [...recovered, ...ingested.applied];
    if (isRoot(chat)) await this.#options.groups.govern(chat, records, batch);
    await this.#options.timers.take(chat, records, batch);
    const shown = this.#options.groups.shown(chat, records);
    this.#options.calls.take(chat, shown, batch);
    const applied = await projection.apply(chat.chatId, shown);
    batch.add(applied.ops);
    this.#options.released(applied.released, batch);
    batch.then(() => {
      projection.settle(chat.chatId);
    });
    if (this.#raiseReceived(chat, records, batch)) {
      chats.saveMarks(batch, chat);
      this.tellMarks(chat, batch, new Set(records.map(({ author }) => toBase64Url(author))));
    }
    this.#alarm(chat, ingested, sender, batch);
    // Who wrote them is said by whoever sent them, if it knows.
    if (sender !== undefined && ingested.refused.some(({ error }) => error.type === 'UnknownAuthor')) {
      await this.#options.repair.askForAuthors(chat, sender, batch);
      // Whose device it is may be known only when a device log was fetched.
      if (chat.with.type === 'group') this.#options.repair.want(chat.chatId);
    }
    if (ingested.carried.length > 0) composer.push(chat, ingested.carried, batch);
    const missing = ingested.missing + gapsOf(chat, documents, this.#options.groups.beganLate(chat));
    const { records: countBefore } = chat;
    chats.noteRecords(batch, chat, documents);
    // Whoever wrote it may have told it only to some.
    if (chat.with.type === 'group' && ingested.fresh > 0) chats.noteCompared(batch, chat, 0);
    if (missing !== chat.missing || countBefore !== chat.records || ingested.carried.length > 0)
      this.#noteMissing(chat, missing, batch);
    return { added: applied.added, isProgress: ingested.fresh + ingested.held > 0 };
  }

  #noteMissing(chat: Chat, missing: number, batch: Batch): void {
    const before = chat.missing;
    chat.missing = missing;
    batch.undo(() => {
      chat.missing = before;
    });
    this.#options.chats.save(batch, chat);
  }

  /** The highest counter of each author; a record below it that is not here is noticed as a gap and asked for. */
  #raiseReceived(chat: Chat, records: readonly VerifiedRecord[], batch: Batch): boolean {
    const own = chat.author && authorText(chat.author);
    return raiseMarks(batch, chat.received, records, (author) => author !== own);
  }

  /** Only what they say of our own records counts, and only of records that exist. */
  #raiseTheirMarks({ chat, received, read, ticks, marksBy }: ChatNews, batch: Batch): boolean {
    if (chat.with.type === 'group') return this.#raiseMemberMarks(chat, marksBy, batch);
    const counts = this.#areOurs(chat);
    const grewReceived = raiseMarks(
      batch,
      chat.theirReceived,
      [...received, ...read, ...ticks.received, ...ticks.read],
      counts,
    );
    return raiseMarks(batch, chat.theirRead, [...read, ...ticks.read], counts) || grewReceived;
  }

  /** Of records of this account, and of such as exist. */
  #areOurs(chat: Chat): (author: AuthorText, n: number) => boolean {
    const own = chat.author && authorText(chat.author);
    const isHere = (author: AuthorText, n: number): boolean =>
      author === own ? n < chat.nextN : n <= (chat.received.get(author) ?? 0) + UNDER_WAY;
    return (author, n) => chat.authors.get(author)?.accountId === this.#options.me && isHere(author, n);
  }

  /** What members say of this account's records. */
  #raiseMemberMarks(chat: Chat, marksBy: ChatNews['marksBy'], batch: Batch): boolean {
    const counts = this.#areOurs(chat);
    let grew = false;
    for (const [accountId, { received, read }] of marksBy) {
      const known = chat.byMember.get(accountId);
      const marks = known ?? { received: new Map(), read: new Map() };
      chat.byMember.set(accountId, marks);
      // That they know of the group is worth keeping too.
      grew ||= known === undefined;
      if (known === undefined) batch.undo(() => chat.byMember.delete(accountId));
      grew = raiseMarks(batch, marks.received, [...received, ...read], counts) || grew;
      grew = raiseMarks(batch, marks.read, read, counts) || grew;
    }
    return grew;
  }

  #alarm(chat: Chat, { refused }: Ingested, sender: Sender | undefined, batch: Batch): void {
    for (const { error } of refused) {
      const type = alarmOf(error);
      if (type === undefined) continue;
      const accountId = culpritOf(chat, error, sender);
      this.#options.alarms.raise(
        batch,
        { type, who: 'contact', ...(accountId !== undefined && { accountId }), chatId: talkIdOf(chat) },
        this.#options.now(),
      );
    }
  }
}

/**
 * Numbers that other authors used and that are not here. Most lost records are missed by those that depend on them, but
 * a record that was redone after a crash stands beside the others, and only its number tells.
 */
function gapsOf(chat: Chat, documents: ChatDocuments, beganLate: boolean): number {
  const own = chat.author && authorText(chat.author);
  const others = documents.gaps(beganLate).filter(({ author }) => toBase64Url(author) !== own);
  return Math.min(
    MOST_GAPS,
    others.reduce((sum, { missing }) => sum + missing, 0),
  );
}

/**
 * Whom an alarm is about. In a group it is who wrote what is refused, if a check found out who; else who sent it, since an
 * honest device passes on nothing that it would refuse itself.
 */
function culpritOf(chat: Chat, error: GuardError, sender: Sender | undefined): AccountId | undefined {
  if (chat.with.type !== 'group') return chat.with.peer;
  const author = isSigned(error) ? chat.authors.get(error.author)?.accountId : undefined;
  return author ?? sender?.accountId;
}

/** What is refused only after its signature was checked: it is its author's. */
function isSigned(error: GuardError): error is Extract<GuardError, { readonly type: SignedError }> {
  const { type } = error;
  return (
    type === 'Equivocation' ||
    type === 'TooManyForks' ||
    type === 'BrokenChain' ||
    type === 'CounterReused' ||
    type === 'BackDated'
  );
}

type SignedError = 'Equivocation' | 'TooManyForks' | 'BrokenChain' | 'CounterReused' | 'BackDated';

/** A group's acts are no chat that anybody sees. */
function talkIdOf(chat: Chat): ChatId {
  return chat.with.type === 'group' ? chat.with.groupId : chat.chatId;
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
