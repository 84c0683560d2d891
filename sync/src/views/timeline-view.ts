/** One window of a chat as the app sees it: rows, quotes, reactions with names, ticks, and the chat's system lines. */
import type { AccountId } from '@securechat/crypto';
import type {
  CollectionPage,
  CollectionQuery,
  MediaAbout,
  MessageItem,
  Quote,
  Reaction,
  RecordId,
  StatusQuote,
  SystemItem,
  TimelineItem,
  TimelinePage,
  TimelineQuery,
} from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { ChatEvents } from '../chats/events.ts';
import type { People } from '../contacts/people.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Projection } from '../projection/projection.ts';
import type { MessageRow } from '../projection/row.ts';
import type { MediaPointer, StatusRef } from '../records/index.ts';
import type { RowPage } from '../projection/timeline.ts';
import type { CallListView } from './call-list-view.ts';
import type { ChatViews } from './chat-views.ts';
import type { GroupView } from './group-view.ts';
import type { Pins } from './pins.ts';
import { mentionsIn, type Naming, pollIn } from './message-fields.ts';

const QUOTE = 300;

export interface TimelineViewOptions {
  readonly projection: Projection;
  readonly people: People;
  readonly personal: PersonalDocuments;
  readonly outbox: Outbox;
  readonly events: ChatEvents;
  readonly calls: CallListView;
  readonly views: ChatViews;
  readonly groups: GroupView;
  readonly pins: Pins;
  readonly statusQuote: (chat: Chat, ref: StatusRef, isMine: boolean) => StatusQuote;
  readonly me: () => AccountId;
}

export class TimelineView {
  readonly #options: TimelineViewOptions;

  constructor(options: TimelineViewOptions) {
    this.#options = options;
  }

  /** The first message, or missed call, that is unread now; asked once, when a watch opens. */
  async firstUnread(chat: Chat): Promise<RecordId | undefined> {
    const { projection, personal, calls } = this.#options;
    const marks = personal.chats.get().get(chat.chatId)?.readMarks ?? new Map<string, number>();
    return calls.unread(chat.chatId, marks, await projection.unread(chat.chatId, marks)).first;
  }

  async page(chat: Chat, query: TimelineQuery, firstUnread: RecordId | undefined): Promise<TimelinePage> {
    const { projection, events: log, calls } = this.#options;
    const page = await projection.page({ ...query, chatId: chat.chatId });
    const lines = [...(await log.of(chat.chatId)), ...calls.lines(chat.chatId)];
    const events = inWindow(lines, page).map((item) => this.#named(item));
    const items: TimelineItem[] = [...page.rows.map((row) => this.#message(chat, row, page)), ...events];
    return {
      items: items.sort((a, b) => a.time - b.time),
      hasOlder: page.hasOlder,
      hasNewer: page.hasNewer,
      ...(firstUnread !== undefined && { firstUnread }),
    };
  }

  /** Messages of one sort, newest first, as they show in the timeline; quotes are left out. */
  async collection(chat: Chat, query: CollectionQuery): Promise<CollectionPage> {
    const { rows, hasOlder } = await this.#options.projection.collection({ ...query, chatId: chat.chatId });
    return { items: rows.map((row) => this.#message(chat, row, { quoted: new Map() })), hasOlder };
  }

  #named(item: SystemItem): SystemItem {
    const { groups, people, me } = this.#options;
    const { event } = item;
    if (event.type === 'Group') return { ...item, event: groups.named(event) };
    if (event.type !== 'Timer') return item;
    const names = { by: people.nameOf(event.by as AccountId), byMe: event.by === me() };
    return { ...item, event: { ...event, names } };
  }

  #message(chat: Chat, row: MessageRow, page: Pick<RowPage, 'quoted'>): MessageItem {
    const { personal, people, outbox, views } = this.#options;
    const tick = views.tickOf(chat, row);
    const failure = outbox.stateOf({ chatId: chat.chatId, recordId: row.id })?.failure;
    const naming = this.#naming(chat);
    const mentions = mentionsIn(row, naming);
    return {
      type: 'message',
      id: row.id,
      author: row.account,
      mine: row.mine,
      name: people.nameOf(row.account as AccountId),
      time: row.time,
      text: row.text,
      edited: row.edited,
      deleted: row.deleted,
      starred: personal.chats.get().get(chat.chatId)?.starred.has(row.id) ?? false,
      pinned: this.#options.pins.has(chat, row.id),
      reactions: this.#reactions(row),
      ...mediaOf(row),
      ...(row.replyTo !== undefined && { replyTo: this.#quote(row.replyTo, page) }),
      ...(row.status !== undefined && { status: this.#options.statusQuote(chat, row.status, row.mine) }),
      ...(row.expires !== undefined && { expiresAt: row.time + row.expires * 1000 }),
      ...(mentions.length > 0 && { mentions }),
      ...(row.poll !== undefined && { poll: pollIn(row.poll, naming) }),
      ...(tick !== undefined && { tick }),
      ...(failure !== undefined && { failure }),
    };
  }

  #naming(chat: Chat): Naming {
    const { people, views, me } = this.#options;
    return {
      me: me(),
      nameOf: (account) => people.nameOf(account),
      isMember: (account) => views.isMember(chat, account),
    };
  }

  #quote(id: RecordId, page: Pick<RowPage, 'quoted'>): Quote {
    const target = page.quoted.get(id);
    if (target === undefined) return { id, missing: true };
    return {
      id,
      missing: false,
      mine: target.mine,
      name: this.#options.people.nameOf(target.account as AccountId),
      text: target.text.slice(0, QUOTE),
      ...(target.media?.[0] !== undefined && { media: target.media[0].kind }),
    };
  }

  #reactions(row: MessageRow): readonly Reaction[] {
    const byEmoji = new Map<string, AccountId[]>();
    for (const { emoji, account } of row.reactions)
      byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), account as AccountId]);
    return [...byEmoji].map(([emoji, accounts]) => ({
      emoji,
      count: accounts.length,
      mine: accounts.includes(this.#options.me()),
      names: accounts.map((account) => this.#options.people.nameOf(account)),
    }));
  }
}

/** What a message says of its files, without what opens them. */
function mediaOf({ media, forwarded, viewOnce }: MessageRow): Pick<MessageItem, 'media' | 'forwarded' | 'viewOnce'> {
  return {
    ...(media !== undefined && { media: media.map(aboutOf) }),
    ...(forwarded !== undefined && { forwarded }),
    ...(viewOnce !== undefined && { viewOnce: media === undefined ? 'opened' : 'closed' }),
  };
}

function aboutOf({ url: _, blob: _blob, key: _key, digest: _digest, ...about }: MediaPointer): MediaAbout {
  return about;
}

/** System lines between the window's ends; an end that is the chat's own end is open. */
function inWindow(events: readonly SystemItem[], page: RowPage): readonly SystemItem[] {
  const from = page.hasOlder ? (page.rows[0]?.time ?? 0) : -Infinity;
  const to = page.hasNewer ? (page.rows.at(-1)?.time ?? 0) : Infinity;
  return events.filter((event) => event.time >= from && event.time <= to);
}
