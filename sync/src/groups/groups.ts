/**
 * What happens around a group's acts: being told of a group, taking in acts and what follows from them (who is written to,
 * from where new members get what was said, lines in the chat), telling others of it. Decides nothing itself: who may do
 * what is the fold's.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  acceptDistribution,
  accountIdOf,
  equalBytes,
  toAccountKey,
  toBase64Url,
  toGroupSecret,
} from '@securechat/crypto';
import type { GroupEvent } from '../api.ts';
import type { Batch } from '../batch.ts';
import { type Chat, type ChatBook, authorText, rootChatId } from '../chats/chat-book.ts';
import { authorParts } from '../chats/composer.ts';
import type { WireChange } from '../documents/index.ts';
import { type GroupState, verdictOf } from '../governance/index.ts';
import type { Sender } from '../inbox/intake.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import { isRelayUrl } from '../peers/introduction.ts';
import { type Peer, type Peers, newPeer } from '../peers/peers.ts';
import type { Act, VerifiedRecord } from '../records/index.ts';
import { eventsOf } from './group-events.ts';
import type { Group, GroupBook } from './group-book.ts';
import type { Joining } from './joining.ts';

/** Sender keys kept of accounts that are no members yet, as far as is known here: their acts may come later. */
const EARLY_KEYS = 64;

/** So long it is for whoever added somebody to tell them. */
const ADDER_TIME = 24 * 3600_000;

export interface GroupsOptions {
  readonly book: GroupBook;
  readonly chats: ChatBook;
  readonly peers: Peers;
  readonly outbox: Outbox;
  readonly me: AccountId;
  readonly now: () => number;
  readonly isContact: (accountId: AccountId) => boolean;
  readonly joining: Joining;
  readonly introduce: (accountId: AccountId) => void;
  /** A question about a chat to whoever told of it. Part of the same job. */
  readonly ask: (chat: Chat, batch: Batch, to: Sender) => Promise<void>;
  /** Tells a member what is here of the acts they wrote, and so that the group is known here. Part of the same job. */
  readonly confirm: (root: Chat, accountId: AccountId, batch: Batch) => void;
  /** A line in the group's chat. Part of the same job. */
  readonly note: (batch: Batch, chatId: ChatId, event: GroupEvent, time: number, id: string) => Promise<void>;
  /** After the commit: what is held may be opened now. */
  readonly keyCame: () => void;
  /** After the commit: the group looks different. */
  readonly changed: (groupId: ChatId) => void;
  /** Other records of the chat are shown than before, once this is committed. */
  readonly redraw: (groupId: ChatId, batch: Batch) => void;
}

export class Groups {
  readonly #options: GroupsOptions;
  /** Groups of which no record is left out, as far as is known since the start: elsewhere somebody may turn out to have been a member. */
  readonly #isWhole = new Set<ChatId>();

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  get book(): GroupBook {
    return this.#options.book;
  }

  /** Everybody else who is in the chat's group now. */
  othersIn(chat: Chat): readonly AccountId[] {
    if (chat.with.type !== 'group') return [];
    const members = this.book.stateOf(chat.with.groupId)?.members.keys() ?? [];
    return [...members].filter((accountId) => accountId !== this.#options.me);
  }

  /** Accounts that are in any group with this one. */
  isCompanion(accountId: AccountId): boolean {
    for (const { groupId } of this.book.all())
      if (this.book.isMember(groupId, accountId) && this.book.isMember(groupId, this.#options.me)) return true;
    return false;
  }

  /**
   * Whether the account may speak of this group chat: as a member, or as the one who told of the group. Of the acts whoever
   * ever was a member may: they may have done something before they knew that they were removed, or undo that.
   */
  mayTell(chat: Chat, accountId: AccountId): boolean {
    if (chat.with.type !== 'group') return false;
    const { groupId, part } = chat.with;
    const wasMember = part === 'root' && this.book.wasMember(groupId, accountId);
    return wasMember || this.mayAsk(chat, accountId);
  }

  /** Whether the account may be told what is here: who was removed may not. */
  mayAsk(chat: Chat, accountId: AccountId): boolean {
    if (chat.with.type !== 'group') return false;
    const { groupId } = chat.with;
    const isStarting = this.book.stateOf(groupId)?.founder === undefined || !this.isMine(groupId);
    const isSponsor = isStarting && this.book.get(groupId)?.sponsors.includes(accountId) === true;
    return accountId === this.#options.me || isSponsor || this.book.isMember(groupId, accountId);
  }

  /**
   * Members who have not shown that they heard of the group and whom this device is to tell: those whom its account let in,
   * and after a while, if whoever did that has not told them, this account's contacts, who believe it.
   */
  unaware(root: Chat): readonly AccountId[] {
    if (root.with.type !== 'group') return [];
    const { groupId } = root.with;
    const { me, now, isContact, chats } = this.#options;
    const talk = chats.get(groupId);
    return this.othersIn(root).filter((accountId) => {
      if (root.byMember.has(accountId) || talk?.byMember.has(accountId) === true) return false;
      const member = this.book.stateOf(groupId)?.members.get(accountId);
      if (member === undefined) return false;
      const isOld = Math.abs(now() - member.since.ms) > ADDER_TIME;
      return this.book.actOf(groupId, member.grant)?.account === me || (isOld && isContact(accountId));
    });
  }

  isMine(groupId: ChatId): boolean {
    return this.book.isMember(groupId, this.#options.me);
  }

  /** Why this account may not write to the group's talk now; undefined when it may. */
  refusalToWrite(groupId: ChatId): { readonly type: 'NotMember' | 'NotAllowed' } | undefined {
    if (!this.isMine(groupId)) return { type: 'NotMember' };
    return this.book.mayWrite(groupId, this.#options.me) ? undefined : { type: 'NotAllowed' };
  }

  /** Makes the two chats of a group. Lane job's part. */
  open(batch: Batch, groupId: ChatId, secret: Group['secret'], sponsor: AccountId): { talk: Chat; root: Chat } {
    const { chats } = this.#options;
    this.book.add(batch, groupId, secret, sponsor);
    const talk = chats.openGroup(batch, { groupId, part: 'talk', secret });
    const root = chats.openGroup(batch, { groupId, part: 'root', secret });
    this.#isWhole.add(groupId);
    return { talk, root };
  }

  /** Somebody says that this account is in a group: a contact, an own device, who was asked to let it in. The acts are asked for. */
  async join(part: Extract<Part, { type: 'group' }>, from: Sender, batch: Batch): Promise<void> {
    const { me, isContact, ask, joining, chats } = this.#options;
    const secret = toGroupSecret(part.secret);
    const known = this.book.get(part.chatId) && chats.get(rootChatId(part.chatId));
    // They do not know that it was heard.
    if (known !== undefined && this.book.isMember(part.chatId, from.accountId) && from.accountId !== me)
      this.#options.confirm(known, from.accountId, batch);
    const isWanted = from.accountId === me || joining.awaits(part.chatId, from.accountId) || isContact(from.accountId);
    if (secret === undefined || !isWanted) return;
    if (known === undefined) {
      joining.end(batch, part.chatId);
      this.open(batch, part.chatId, secret, from.accountId);
    } else if (!this.#believesToo(part.chatId, secret, from.accountId, batch)) return;
    for (const { accountKey, relayUrl } of part.accounts) this.#meet(accountKey, relayUrl, batch);
    for (const chatId of [rootChatId(part.chatId), part.chatId]) {
      const chat = chats.get(chatId);
      if (chat !== undefined) await ask(chat, batch, from);
    }
  }

  /** Who told of the group first may keep its acts back: every other one is asked for them as long as none is here. */
  #believesToo(groupId: ChatId, secret: Group['secret'], accountId: AccountId, batch: Batch): boolean {
    const group = this.book.get(groupId);
    const isStarted = this.book.stateOf(groupId)?.founder !== undefined;
    if (group === undefined || isStarted || group.sponsors.includes(accountId)) return false;
    if (!equalBytes(group.secret, secret)) return false;
    this.book.addSponsor(batch, group, accountId);
    return true;
  }

  /** A device told the key that it seals with. */
  takeKey(part: Extract<Part, { type: 'senderKey' }>, from: Sender, batch: Batch): void {
    const { keyCame } = this.#options;
    const groupId = part.chatId;
    const isMember = this.book.isMember(groupId, from.accountId);
    if (this.book.get(groupId) === undefined || (!isMember && this.#countEarlyKeys(groupId) >= EARLY_KEYS)) return;
    const accepted = acceptDistribution(part.distribution, { chatId: groupId, deviceId: from.deviceId });
    // An older place of a key that is known would open messages again.
    if (!accepted.ok || this.book.senderKey(accepted.value.keyId) !== undefined) return;
    this.book.putSenderKey(batch, { groupId, ...from, key: accepted.value });
    batch.then(keyCame);
  }

  /** What members need to find each other: told to whoever was added, and to own devices. */
  tell(batch: Batch, groupId: ChatId, to: { readonly accountId: AccountId; readonly deviceId?: DeviceId }): void {
    const parts = this.introduction(groupId, batch);
    if (parts.length > 0) this.#options.outbox.add(batch, { ...to, parts });
  }

  /** The same to a member who has not shown that it was heard. */
  tellAgain(batch: Batch, groupId: ChatId, accountId: AccountId): void {
    const parts = this.introduction(groupId, batch);
    if (parts.length > 0) this.#options.outbox.tell(batch, { accountId, parts, topic: `group:${groupId}` });
  }

  /** What a device that has nothing of a group has to be told first. */
  introduction(groupId: ChatId, batch?: Batch): readonly Part[] {
    const { peers, chats } = this.#options;
    const [group, root] = [this.book.get(groupId), chats.get(rootChatId(groupId))];
    if (group === undefined || root === undefined) return [];
    // Whose acts have to be checked; all others are named by those acts.
    const actors = new Set([...root.authors.values()].map(({ accountId }) => accountId));
    const accounts = [...actors].flatMap((accountId) => {
      const peer = peers.get(accountId, batch);
      return peer === undefined ? [] : [{ accountKey: peer.publicKey, relayUrl: peer.relayUrl }];
    });
    return [{ type: 'group', chatId: groupId, secret: group.secret, accounts }];
  }

  /** Records of a group's root that are new here, whoever wrote them. Lane job's part. */
  async govern(root: Chat, records: readonly VerifiedRecord[], batch: Batch): Promise<void> {
    if (root.with.type !== 'group' || records.length === 0) return;
    const { groupId } = root.with;
    const before = this.book.stateOf(groupId);
    const isOther = this.book.takeActs(batch, groupId, records, (author) => root.authors.get(author)?.accountId);
    const after = this.book.stateOf(groupId);
    if (!isOther || before === undefined || after === undefined) return;
    this.#meetFormer(groupId, after, batch);
    await this.#follow(groupId, before, after, batch);
    this.#tellComers(root, groupId, records, batch);
    this.#tellDeclined(groupId, before, after, batch);
    for (const { id, time, event } of eventsOf(records, root, after))
      await this.#options.note(batch, groupId, event, time, id);
    // In the batch, so that a crash before it is done does not leave what was shown before.
    if (isRedrawn(before, after, !this.#isWhole.has(groupId))) this.#options.redraw(groupId, batch);
    batch.then(() => {
      this.#options.changed(groupId);
    });
  }

  /**
   * After an act of ours: who was added hears of the group, and who was removed gets the act itself. No longer a member,
   * they get nothing else.
   */
  tellConcerned(root: Chat, act: Act, change: WireChange, batch: Batch): void {
    const { me, outbox } = this.#options;
    if (root.with.type !== 'group') return;
    if (act.type === 'add')
      for (const { accountKey } of act.members) {
        const key = toAccountKey(accountKey);
        if (key !== undefined) this.tell(batch, root.with.groupId, { accountId: accountIdOf(key) });
      }
    if (act.type !== 'remove' || act.account === me) return;
    // It may be our first act: nobody answers them afterwards whose it is.
    const author = root.author === undefined ? [] : authorParts(root, [authorText(root.author)]);
    const parts: Part[] = [...author, { type: 'changes', chatId: root.chatId, of: 'push', changes: [change] }];
    outbox.add(batch, { accountId: act.account, parts });
  }

  /** All records of the group's talk are about to be shown anew. */
  beginRedraw(groupId: ChatId): void {
    this.#isWhole.add(groupId);
  }

  /** The records of the chat that are shown: all but those of who was no member, or may not write. */
  shown(chat: Chat, records: readonly VerifiedRecord[]): readonly VerifiedRecord[] {
    if (chat.with.type !== 'group') return records;
    const state = this.book.stateOf(chat.with.groupId);
    const { groupId, part } = chat.with;
    if (state === undefined || part === 'root') return [];
    const shown = records.filter(({ author, n, time }) => {
      const name = toBase64Url(author);
      const account = chat.authors.get(name)?.accountId;
      return account !== undefined && verdictOf(state, { account, author: name, n, time }) === 'shown';
    });
    if (shown.length < records.length) this.#isWhole.delete(groupId);
    return shown;
  }

  /**
   * The lowest segment of the talk that this account may be told of; 0 for everything. Who saw them come began a segment at
   * that moment; who only heard of it goes by what records are dated. Lane job's part.
   */
  async floorFor(chat: Chat, accountId: AccountId, batch: Batch): Promise<number> {
    if (chat.with.type !== 'group' || chat.with.part === 'root' || accountId === this.#options.me) return 0;
    const { groupId } = chat.with;
    const member = this.book.stateOf(groupId)?.members.get(accountId);
    if (member === undefined) return Infinity;
    const { grant, history, since } = member;
    if (history.from === 'all') return 0;
    const known = this.book.floorOf(groupId, grant, accountId);
    if (known !== undefined) return known;
    const documents = await this.#options.chats.documents(chat);
    const { segment, isFinal } = await documents.segmentSince(history.from === 'time' ? history.ms : since.ms);
    if (isFinal) this.book.setFloor(batch, groupId, { grant, accountId, segment });
    return segment;
  }

  /**
   * Before this account writes to the talk: who may not have all of it is told what comes, also by those who saw them come
   * earlier than this device, so it goes into a segment that they may have. Lane job's part.
   */
  async makeRoom(chat: Chat): Promise<void> {
    if (chat.with.type !== 'group' || chat.with.part === 'root') return;
    const { groupId } = chat.with;
    const starts = [...(this.book.stateOf(groupId)?.members ?? [])].flatMap(
      ([accountId, { grant, history, since }]) => {
        if (accountId === this.#options.me || history.from === 'all') return [];
        if (this.book.floorOf(groupId, grant, accountId) !== undefined) return [];
        return history.from === 'time' ? history.ms : since.ms;
      },
    );
    if (starts.length > 0) await (await this.#options.chats.documents(chat)).turnIfOlder(Math.max(...starts));
  }

  /** This account came later, and does not get what was written before: that it is not here means nothing. */
  beganLate(chat: Chat): boolean {
    if (chat.with.type !== 'group' || chat.with.part === 'root') return false;
    const member = this.book.stateOf(chat.with.groupId)?.members.get(this.#options.me);
    return member !== undefined && member.history.from !== 'all';
  }

  /** Members are known as peers; who came gets what was said only from here on, unless they were given all. */
  async #follow(groupId: ChatId, before: GroupState, after: GroupState, batch: Batch): Promise<void> {
    const { chats, me, joining } = this.#options;
    const came = [...after.members].filter(([accountId]) => !before.members.has(accountId));
    const left = [...before.members.keys()].filter((accountId) => !after.members.has(accountId));
    if (came.length + left.length === 0) return;
    // Who comes back has the group already, and is told of it by no introduction.
    if (after.members.has(me)) joining.end(batch, groupId);
    for (const [, { accountKey, relayUrl }] of came) this.#meet(accountKey, relayUrl, batch);
    const talk = chats.get(groupId);
    if (talk === undefined || before.founder === undefined) return;
    if (left.includes(me)) chats.renewAuthor(batch, talk);
    const segment = await (await chats.documents(talk)).turn();
    for (const [accountId, { grant, history }] of came)
      if (history.from === 'nothing' && accountId !== me)
        this.book.setFloor(batch, groupId, { grant, accountId, segment });
  }

  /** Who came and was out again before this device heard of either: what they wrote in between counts, and has to be checked. */
  #meetFormer(groupId: ChatId, { former }: GroupState, batch: Batch): void {
    const unknown = new Set([...former.keys()].filter((id) => this.#options.peers.get(id, batch) === undefined));
    if (unknown.size === 0) return;
    for (const { accountKey, relayUrl } of this.book.everAdded(groupId)) {
      const key = toAccountKey(accountKey);
      if (key !== undefined && unknown.has(accountIdOf(key))) this.#meet(accountKey, relayUrl, batch);
    }
  }

  /** Who came by a link of this account waits to hear from it, also when somebody else let them in. */
  #tellComers(root: Chat, groupId: ChatId, records: readonly VerifiedRecord[], batch: Batch): void {
    const { me } = this.#options;
    const state = this.book.stateOf(groupId);
    for (const { author, body } of records) {
      const isOwn = root.authors.get(toBase64Url(author))?.accountId === me;
      if (state === undefined || isOwn || body.kind !== 'act' || body.act.type !== 'add') continue;
      for (const { accountKey, via } of body.act.members) {
        const key = toAccountKey(accountKey);
        const accountId = key && accountIdOf(key);
        const isOurs = via !== undefined && state.invites.get(toBase64Url(via.invite))?.creator === me;
        if (isOurs && accountId !== undefined && state.members.has(accountId)) this.tell(batch, groupId, { accountId });
      }
    }
  }

  /** Whose request was declined, if they came by a link of this account. */
  #tellDeclined(groupId: ChatId, before: GroupState, after: GroupState, batch: Batch): void {
    const { me, outbox } = this.#options;
    for (const [accountId, { invite }] of before.requests) {
      const isOver = !after.requests.has(accountId) && !after.members.has(accountId);
      if (!isOver || after.invites.get(invite)?.creator !== me) continue;
      outbox.add(batch, { accountId, parts: [{ type: 'joinAnswer', chatId: groupId, answer: 'refused' }] });
    }
  }

  #meet(accountKey: Uint8Array, relayUrl: string, batch: Batch): void {
    const { peers, introduce, me } = this.#options;
    const key = toAccountKey(accountKey);
    if (key === undefined || !isRelayUrl(relayUrl)) return;
    const accountId = accountIdOf(key);
    if (accountId === me) return;
    const known: Peer | undefined = peers.get(accountId, batch);
    if (known === undefined) peers.put(batch, newPeer(accountId, key, relayUrl));
    if (known?.log === undefined)
      batch.then(() => {
        introduce(accountId);
      });
  }

  #countEarlyKeys(groupId: ChatId): number {
    return this.book.countKeys(groupId, (accountId) => !this.book.isMember(groupId, accountId));
  }
}

/** Whether records that were left out are shown now, or the other way round. */
function isRedrawn(before: GroupState, after: GroupState, hasLeftOut: boolean): boolean {
  if (before.cuts !== after.cuts || before.writes !== after.writes || before.former !== after.former) return true;
  return hasLeftOut && before.members !== after.members;
}
