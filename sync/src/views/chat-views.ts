/** Chat list and chat header as the app sees them. A summary is computed once and again only when its chat changed. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Alarm, Avatar, ChatDetail, ChatSummary, Tick } from '../api.ts';
import { type Chat, type ChatBook, authorText, isRoot } from '../chats/chat-book.ts';
import type { Composer } from '../chats/composer.ts';
import type { Timers } from '../chats/timers.ts';
import type { Withholding } from '../chats/withholding.ts';
import { type People, asAvatar } from '../contacts/people.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { GroupState } from '../governance/index.ts';
import type { Groups } from '../groups/groups.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import type { CallListView } from './call-list-view.ts';
import { COMPLETE, type CompletenessView } from './completeness.ts';
import type { Pins } from './pins.ts';
import type { Receipts } from './receipts.ts';

const PREVIEW = 160;

const KINDS = { self: 'self', contact: 'direct', group: 'group' } as const;

export interface ChatViewsOptions {
  readonly chats: ChatBook;
  readonly people: People;
  readonly personal: PersonalDocuments;
  readonly projection: Projection;
  readonly outbox: Outbox;
  readonly composer: Composer;
  readonly withholding: Pick<Withholding, 'withholds'>;
  readonly groups: Pick<Groups, 'book'>;
  readonly receipts: Receipts;
  readonly pins: Pins;
  readonly timers: Pick<Timers, 'secondsOf'>;
  readonly completeness: CompletenessView;
  readonly calls: CallListView;
  /** This device came by the recovery phrase. */
  readonly isRestored: () => boolean;
  /** Who types in the chat. */
  readonly typists: (chatId: ChatId) => readonly AccountId[];
  readonly alarms: () => readonly Alarm[];
  readonly me: () => AccountId;
}

export class ChatViews {
  readonly #options: ChatViewsOptions;
  readonly #cache = new Map<ChatId, ChatSummary>();
  /** Counts what was forgotten: a summary that was being made meanwhile is out of date before it is there. */
  #forgotten = 0;

  constructor(options: ChatViewsOptions) {
    this.#options = options;
  }

  /** The chat changed: its summary is computed anew when next asked for. */
  forget(chatId: ChatId): void {
    this.#forgotten += 1;
    this.#cache.delete(chatId);
  }

  forgetAll(): void {
    this.#forgotten += 1;
    this.#cache.clear();
  }

  /** Pinned first, then newest first. */
  async list(): Promise<readonly ChatSummary[]> {
    const summaries: ChatSummary[] = [];
    for (const chat of this.#options.chats.all()) {
      if (isRoot(chat)) continue;
      const summary = await this.summary(chat);
      if (summary !== undefined) summaries.push(summary);
    }
    return summaries.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.time - a.time);
  }

  async detail(chatId: ChatId): Promise<ChatDetail | null> {
    const chat = this.#options.chats.get(chatId);
    const summary = chat && (await this.summary(chat));
    if (chat === undefined || summary === undefined) return null;
    const { peer, type } = chat.with;
    const isContact = type !== 'contact' || (peer !== undefined && this.#options.people.isContact(peer));
    const withheld = isContact && this.#options.withholding.withholds(chat);
    const awaitsHistory = this.#awaitsHistory(chat);
    // A stranger is asked for nothing until the user accepts: then nothing is "being asked for" either. What comes only when
    // the other side agrees has a line of its own.
    const completeness = isContact && !awaitsHistory ? this.#options.completeness.of(chat) : COMPLETE;
    const { pins } = this.#options;
    const [alarms, mayPin] = [this.#alarmsOf(chat), pins.may(chat)];
    return { ...summary, completeness, alarms, pins: await pins.of(chat), mayPin, withheld, awaitsHistory };
  }

  /** Alarms with the names of whom they are about. */
  alarms(): readonly Alarm[] {
    const { alarms, people } = this.#options;
    return alarms().map((alarm) =>
      alarm.accountId === undefined ? alarm : { ...alarm, name: people.nameOf(alarm.accountId as AccountId) },
    );
  }

  /** What happened in the chat, and what is about its other side without having happened in another. */
  #alarmsOf({ chatId, with: { peer } }: Chat): readonly Alarm[] {
    return this.alarms().filter((alarm) =>
      alarm.chatId === undefined ? peer !== undefined && alarm.accountId === peer : alarm.chatId === chatId,
    );
  }

  /** The other side has not told all, and what is here shows that something is missing, or nothing at all. */
  #awaitsHistory(chat: Chat): boolean {
    const { people, isRestored } = this.#options;
    const { peer } = chat.with;
    if (!isRestored() || chat.isWhole || chat.filling !== undefined) return false;
    if (peer === undefined || !people.isContact(peer)) return false;
    const own = chat.author && authorText(chat.author);
    const isUnread = [...chat.authors.keys()].some((author) => author !== own && !chat.received.has(author));
    return chat.missing > 0 || chat.received.size === 0 || isUnread;
  }

  async summary(chat: Chat): Promise<ChatSummary | undefined> {
    const known = this.#cache.get(chat.chatId);
    if (known !== undefined) return known;
    const forgotten = this.#forgotten;
    const { people, personal, projection, calls, typists } = this.#options;
    const { type, peer } = chat.with;
    const group = type === 'group' ? this.#options.groups.book.stateOf(chat.with.groupId) : undefined;
    // Until the founding is here there is nothing to show.
    if (type === 'group' && (group?.founder === undefined || !group.roles.has(this.#options.me()))) return undefined;
    const state = peer === undefined ? 'accepted' : people.stateOf(peer);
    if (state === undefined) return undefined;
    const entry = personal.chats.get().get(chat.chatId);
    const last = await projection.lastMessage(chat.chatId);
    const call = calls.last(chat.chatId);
    const marks = entry?.readMarks ?? new Map<string, number>();
    const unread = await projection.unread(chat.chatId, marks);
    const { count, mentioned } = calls.unread(chat.chatId, marks, unread);
    const avatar = this.#avatarOf(chat, group);
    const draft = entry?.draft ?? '';
    const summary: ChatSummary = {
      chatId: chat.chatId,
      kind: KINDS[type],
      title: this.titleOf(chat),
      state,
      verified: peer !== undefined && people.isVerified(peer),
      time: Math.max(last?.time ?? 0, call?.time ?? 0) || chat.createdAt,
      unread: count,
      mentioned: this.isMember(chat, this.#options.me()) ? mentioned : 0,
      pinned: entry?.pinned ?? false,
      muted: entry?.muted ?? false,
      archived: entry?.archived ?? false,
      typing: typists(chat.chatId).map((accountId) => people.nameOf(accountId)),
      timer: this.#options.timers.secondsOf(chat),
      ...(peer !== undefined && { peer }),
      ...(group !== undefined && { group: this.#standingIn(group) }),
      ...(avatar !== undefined && { avatar }),
      ...(draft !== '' && { draft }),
      ...(entry?.folder !== undefined && { folder: entry.folder }),
      ...this.#lastOf(chat, last, call),
    };
    if (forgotten === this.#forgotten) this.#cache.set(chat.chatId, summary);
    return summary;
  }

  /** How far a message of ours has come. Undefined for messages of others and for notes to oneself. */
  tickOf(chat: Chat, row: MessageRow): Tick | undefined {
    if (!row.mine || chat.with.type === 'self') return undefined;
    const { outbox, composer } = this.#options;
    const waiting = outbox.stateOf({ chatId: chat.chatId, recordId: row.id });
    if (waiting?.failure !== undefined) return 'failed';
    if (waiting !== undefined || composer.isPending(row.id)) return 'queued';
    if (chat.with.type === 'group') return this.#options.receipts.least(chat, row);
    if ((chat.theirRead.get(row.author) ?? 0) >= row.n) return 'read';
    return (chat.theirReceived.get(row.author) ?? 0) >= row.n ? 'delivered' : 'sent';
  }

  /** Empty for the note to self: the app has a name for it. */
  titleOf(chat: Chat): string {
    const { groups, people, me } = this.#options;
    if (chat.with.type === 'group') return groups.book.stateOf(chat.with.groupId)?.info.name ?? '';
    return people.nameOf(chat.with.peer ?? me());
  }

  /** Who can be mentioned in the chat: only in groups that is anybody. */
  isMember({ with: party }: Chat, account: AccountId): boolean {
    return party.type === 'group' && this.#options.groups.book.isMember(party.groupId, account);
  }

  #avatarOf(chat: Chat, group: GroupState | undefined): Avatar | undefined {
    const { people, me } = this.#options;
    return chat.with.type === 'group' ? asAvatar(group?.info.avatar) : people.avatarOf(chat.with.peer ?? me());
  }

  #standingIn(group: GroupState): NonNullable<ChatSummary['group']> {
    const role = group.members.get(this.#options.me())?.role;
    const mayWrite = role !== undefined && (group.permissions.write === 'everyone' || role !== 'member');
    const mayAnswer = role !== undefined && role !== 'member';
    const requests = mayAnswer ? group.requests.size : 0;
    return { members: group.members.size, mayWrite, requests, ...(role !== undefined && { role }) };
  }

  /** The last message or, when it came later, the last call. */
  #lastOf(
    chat: Chat,
    row: MessageRow | undefined,
    call: ReturnType<CallListView['last']>,
  ): Pick<ChatSummary, 'preview'> {
    if (call !== undefined && call.time >= (row?.time ?? 0))
      return { preview: { text: '', mine: call.mine, kind: 'system', call: call.event } };
    return row === undefined ? {} : { preview: this.#preview(chat, row) };
  }

  #preview(chat: Chat, row: MessageRow): NonNullable<ChatSummary['preview']> {
    const tick = this.tickOf(chat, row);
    const isOfOther = chat.with.type === 'group' && !row.mine;
    return {
      text: [...row.text.slice(0, PREVIEW * 2)].slice(0, PREVIEW).join(''),
      mine: row.mine,
      kind: row.deleted ? 'deleted' : row.poll === undefined ? 'message' : 'poll',
      ...(row.media?.[0] !== undefined && { media: { kind: row.media[0].kind, count: row.media.length } }),
      ...(row.viewOnce !== undefined && { viewOnce: true }),
      ...(isOfOther && { name: this.#options.people.nameOf(row.account as AccountId) }),
      ...(tick !== undefined && { tick }),
    };
  }
}
