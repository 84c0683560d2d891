/** Which watch shows what: the topics it listens to and how its snapshot is made. */
import { type AccountId, type ChatId, activeDevices } from '@securechat/crypto';
import type {
  HistoryProgress,
  OwnDevice,
  Profile,
  SearchHit,
  SearchQuery,
  SearchResults,
  WatchArgs,
  WatchName,
  WatchValue,
} from '../api.ts';
import { settingsOf } from '../calls/device-calls.ts';
import { asAvatar } from '../contacts/people.ts';
import type { Engine } from '../engine.ts';
import type { RowHit } from '../projection/search/search.ts';
import { protectionOf } from './protection.ts';
import { showMedia } from './media-view.ts';
import { statusItems, statusViewers, statusesOf } from './status-view.ts';
import { type Topic, openView } from './topics.ts';

const HISTORY_LOOK = 15_000;

type Show<K extends WatchName> = (
  engine: Engine,
  args: WatchArgs<K>,
  onValue: (value: WatchValue<K>) => void,
  onError: (error: unknown) => void,
) => () => void;

type EngineWatch = Exclude<WatchName, 'phase' | 'linking'>;

/** Starts a watch on an open engine; returns the stop function. */
export function watchOf<K extends WatchName>(
  engine: Engine,
  name: K,
  args: WatchArgs<K>,
  onValue: (value: WatchValue<K>) => void,
  onError: (error: unknown) => void,
): () => void {
  const show = WATCHES[name as EngineWatch] as unknown as Show<K>;
  return show(engine, args, onValue, onError);
}

/** A watch that needs no arguments and shows what `compute` says whenever a topic moved. */
function plain<K extends EngineWatch>(
  on: readonly Topic[],
  compute: (engine: Engine) => WatchValue<K> | Promise<WatchValue<K>>,
): Show<K> {
  return (engine, _args, onValue, onError) =>
    openView<WatchValue<K>>({ topics: engine.topics, on, compute: () => compute(engine), onValue, onError });
}

/** Of what is asked about more often than it changes. */
function news<K extends EngineWatch>(
  on: readonly Topic[],
  compute: (engine: Engine) => WatchValue<K> | Promise<WatchValue<K>>,
): Show<K> {
  const show = plain<K>(on, compute);
  return (engine, args, onValue, onError) => show(engine, args, onNews(onValue), onError);
}

/** What of statuses is over is told by the engine at that moment. */
const STATUS_TOPICS = ['statuses', 'contacts'] as const;

const WATCHES: { readonly [K in EngineWatch]: Show<K> } = {
  connection: plain(['connection'], (engine) => engine.connection),
  profile: plain(['profile'], profileOf),
  settings: plain(['settings'], (engine) => settingsOf(engine.personal)),
  contacts: plain(['contacts'], (engine) => engine.people.all()),
  chats: plain(['chats'], (engine) => engine.views.list()),
  alarms: plain(['alarms', 'contacts'], (engine) => engine.views.alarms()),
  devices: plain(['devices'], ownDevicesOf),
  history: (engine, _args, onValue, onError) => {
    let shown: string | undefined;
    const show = (value: HistoryProgress | null): void => {
      const text = JSON.stringify(value);
      if (text !== shown) onValue(value);
      shown = text;
    };
    const compute = (): HistoryProgress | null => engine.history.progress;
    const stop = openView({ topics: engine.topics, on: ['history'], compute, onValue: show, onError });
    // Silence is no event, and has to be shown too.
    let cancel = (): void => undefined;
    const look = (): void => {
      show(compute());
      cancel = engine.clock.after(HISTORY_LOOK, look);
    };
    cancel = engine.clock.after(HISTORY_LOOK, look);
    return () => {
      stop();
      cancel();
    };
  },
  protection: plain(['protection', 'devices', 'chats'], protectionOf),
  chat: (engine, { chatId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: [`chat:${chatId as ChatId}`, 'alarms'],
      compute: () => engine.views.detail(chatId as ChatId),
      onValue,
      onError,
    }),
  joins: plain(['joins'], (engine) =>
    engine.joining.joins.map(({ groupId: chatId, name, state }) => ({ chatId, name, state })),
  ),
  group: (engine, { chatId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: [`chat:${chatId as ChatId}`, 'contacts'],
      compute: () => engine.groupView.detail(chatId as ChatId),
      onValue,
      onError,
    }),
  receipts: (engine, { chatId, recordId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: [`chat:${chatId as ChatId}`, 'contacts'],
      compute: async () => {
        const chat = engine.chats.get(chatId as ChatId);
        return chat === undefined ? null : engine.receipts.of(chat, recordId);
      },
      onValue,
      onError,
    }),
  timeline: (engine, query, onValue, onError) => {
    const chatId = query.chatId as ChatId;
    let firstUnread: { readonly is: string | undefined } | undefined;
    return openView({
      topics: engine.topics,
      on: [`chat:${chatId}`],
      compute: async () => {
        const chat = engine.chats.get(chatId);
        if (chat === undefined) return { items: [], hasOlder: false, hasNewer: false };
        firstUnread ??= { is: await engine.timeline.firstUnread(chat) };
        return engine.timeline.page(chat, query, firstUnread.is);
      },
      onValue,
      onError,
    });
  },
  collection: (engine, query, onValue, onError) => {
    const chatId = query.chatId as ChatId;
    return openView({
      topics: engine.topics,
      on: [`chat:${chatId}`],
      compute: async () => {
        const chat = engine.chats.get(chatId);
        return chat === undefined ? { items: [], hasOlder: false } : engine.timeline.collection(chat, query);
      },
      onValue: onNews(onValue),
      onError,
    });
  },
  sendings: (engine, { chatId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: ['sendings'],
      compute: () => engine.media.sendings.list(chatId as ChatId | undefined),
      onValue,
      onError,
    }),
  media: showMedia,
  statuses: plain([...STATUS_TOPICS, 'sendings'], statusesOf),
  statusesOf: (engine, { accountId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: STATUS_TOPICS,
      compute: () => statusItems(engine, accountId as AccountId),
      onValue,
      onError,
    }),
  statusViewers: (engine, { statusId }, onValue, onError) =>
    openView({
      topics: engine.topics,
      on: STATUS_TOPICS,
      compute: () => statusViewers(engine, statusId as ChatId),
      onValue,
      onError,
    }),
  call: news(['call', 'contacts'], (engine) => engine.telephony.call),
  callElsewhere: news(['call', 'contacts'], (engine) => engine.telephony.elsewhere),
  callWire: (engine, { holder }, onValue, onError) =>
    openView({
      ...{ topics: engine.topics, on: ['call'], onValue: onNews(onValue), onError },
      compute: () => engine.telephony.wire(holder),
    }),
  groupCalls: news(['groupCalls', 'contacts', 'chats'], (engine) => engine.groupTelephony.calls),
  groupCallWire: (engine, { holder }, onValue, onError) =>
    openView({
      ...{ topics: engine.topics, on: ['groupCalls'], onValue: onNews(onValue), onError },
      compute: () => engine.groupTelephony.wire(holder),
    }),
  callList: news(['calls', 'contacts', 'chats'], (engine) => engine.callList.list()),
  statusAudience: plain(['statuses'], (engine) => engine.statuses.audience),
  search: (engine, query, onValue, onError) => {
    let stop = startSearch(engine, query, onValue, onError);
    const off = engine.topics.on('expired', () => {
      stop();
      stop = startSearch(engine, query, onValue, onError);
    });
    return () => {
      off();
      stop();
    };
  },
};

/** Of a page that is seldom another one: publishes those that are. A thumbnail is its file's for ever. */
function onNews<T>(onValue: (value: T) => void): (value: T) => void {
  let shown: string | undefined;
  return (page) => {
    const text = JSON.stringify(page, (key, value: unknown) => (key === 'thumbnail' ? undefined : value));
    if (text !== shown) onValue(page);
    shown = text;
  };
}

function profileOf(engine: Engine): Profile {
  const { account, relayUrl } = engine.self.identity;
  const { name, avatar, handle } = engine.personal.profile.get();
  const shown = asAvatar(avatar);
  return {
    accountId: account.id,
    name,
    locked: engine.isLocked(),
    relayUrl,
    ...(handle !== undefined && { handle }),
    ...(shown !== undefined && { avatar: shown }),
  };
}

/** This device first, then by when they came. */
function ownDevicesOf(engine: Engine): readonly OwnDevice[] {
  const { device, log } = engine.self.identity;
  const named = engine.personal.devices.get();
  const devices = activeDevices(log).map(({ id, addedAt, by }): OwnDevice => {
    const { name = '', lastSeen } = named.get(id) ?? {};
    const isThis = id === device.id;
    return {
      ...{ deviceId: id, name, isThis, addedAt, restored: by === 'recovery' },
      ...(!isThis && lastSeen !== undefined && { lastSeen }),
    };
  });
  return devices.sort((a, b) => Number(b.isThis) - Number(a.isThis) || a.addedAt - b.addedAt);
}

/** Looks once through everything; returns the stop function. */
function startSearch(
  engine: Engine,
  query: SearchQuery,
  onValue: (value: SearchResults) => void,
  onError: (error: unknown) => void,
): () => void {
  const controller = new AbortController();
  const publish = ({ hits, done, more }: { hits: readonly RowHit[]; done: boolean; more: boolean }): void => {
    if (!controller.signal.aborted) onValue(searchResults(engine, hits, done, more));
  };
  engine.projection.search(query, publish, controller.signal).catch((error: unknown) => {
    if (!controller.signal.aborted) onError(error);
  });
  return () => {
    controller.abort();
  };
}

function searchResults(engine: Engine, hits: readonly RowHit[], done: boolean, more: boolean): SearchResults {
  return { hits: hits.map((hit) => searchHit(engine, hit)), done, more };
}

function searchHit(engine: Engine, hit: RowHit): SearchHit {
  const chat = engine.chats.get(hit.chatId as ChatId);
  return {
    chatId: hit.chatId,
    chatTitle: chat === undefined || chat.with.type === 'self' ? '' : engine.views.titleOf(chat),
    id: hit.id,
    mine: hit.mine,
    name: engine.people.nameOf(hit.account as Parameters<Engine['people']['nameOf']>[0]),
    time: hit.time,
    excerpt: hit.excerpt,
    ranges: hit.ranges,
  };
}
