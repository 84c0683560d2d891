/**
 * Notifications while the app is open in a tab that nobody looks at; they go when the chat was read, wherever that was.
 * One page of all tabs does it: the one that holds the lock. The unread count goes on the icon.
 */
import type { CallView, ChatSummary, GroupCallView, Settings } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describePreview, text } from '$lib/text/index.ts';
import { countUnread } from '$lib/features/chats/chat-order.ts';
import { newlyUnread, noLongerUnread } from './newly-unread.ts';

/** Starts; returns the function that stops it. */
export function startNotifier(app: App): () => void {
  const stopping = new AbortController();
  navigator.locks
    .request('securechat/notifier', { signal: stopping.signal }, () => notifyUntil(app, stopping.signal))
    .catch(() => undefined); // aborted while it waited: another page notifies
  return () => stopping.abort();
}

function notifyUntil(app: App, signal: AbortSignal): Promise<void> {
  let settings: Settings | undefined;
  let before: readonly ChatSummary[] | undefined;
  const mayShow = (): boolean => settings?.notifications === true && document.visibilityState === 'hidden';
  const [calls, groupCalls] = [new Rings(mayShow), new Rings(mayShow)];
  /** Somebody looks away while it rings, or wants notifications only now. */
  const notifyOfRings = (): void => {
    calls.notify();
    groupCalls.notify();
  };
  document.addEventListener('visibilitychange', notifyOfRings, { signal });
  const stops = [
    app.api.watch('settings', null, (next) => {
      settings = next;
      notifyOfRings();
    }),
    app.api.watch('chats', null, (chats) => {
      showBadge(countUnread(chats));
      const arrived = before ? newlyUnread(before, chats) : [];
      const read = noLongerUnread(before, chats);
      before = chats;
      if (read.length > 0) void closeNotifications(new Set(read.map(({ chatId }) => chatId)));
      if (mayShow()) arrived.forEach((chat) => void notify(chat));
    }),
    app.api.watch('call', null, (call) => calls.follow(call ? ringsOf(call) : [])),
    app.api.watch('groupCalls', null, (now) => groupCalls.follow(now.flatMap(ringsOfGroup))),
  ];
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      for (const stop of stops) stop();
      resolve();
    });
  });
}

/** In no standard yet, and not in every browser. */
interface Badged {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

function showBadge(count: number): void {
  const badged: Badged = navigator;
  const change = count > 0 ? badged.setAppBadge?.(count) : badged.clearAppBadge?.();
  void change?.catch(() => undefined); // not installed: there is no icon to put it on
}

function notify(chat: ChatSummary): Promise<void> {
  return show(chat.title, { body: bodyOf(chat), tag: chat.chatId, data: { chatId: chat.chatId } });
}

/** Something that rings, of one person or of a group. */
interface Ring extends Pick<CallView, 'callId' | 'chatId' | 'video'> {
  readonly name: string;
}

function ringsOf({ phase, outgoing, callId, chatId, video, name }: CallView): readonly Ring[] {
  const ring = { callId, chatId, video, name: name || text.calls.unnamed };
  return phase === 'ringing' && !outgoing ? [ring] : [];
}

function ringsOfGroup({ ringing, holder, callId, chatId, video, title }: GroupCallView): readonly Ring[] {
  return ringing && holder === undefined ? [{ callId, chatId, video, name: title }] : [];
}

/** Of what rings each is shown once, as soon as it may be, and taken away when it rings no more. */
class Rings {
  readonly #mayShow: () => boolean;
  #now: readonly Ring[] = [];
  #shown: readonly Ring[] = [];

  constructor(mayShow: () => boolean) {
    this.#mayShow = mayShow;
  }

  follow(now: readonly Ring[]): void {
    const gone = this.#now.filter((ring) => !isIn(now, ring));
    if (gone.length > 0) void closeNotifications(new Set(gone.map(tagOf)));
    this.#shown = this.#shown.filter((ring) => isIn(now, ring));
    this.#now = now;
    this.notify();
  }

  notify(): void {
    if (!this.#mayShow()) return;
    for (const ring of this.#now) if (!isIn(this.#shown, ring)) void notifyCall(ring);
    this.#shown = this.#now;
  }
}

const isIn = (rings: readonly Ring[], ring: Ring): boolean => rings.some(({ callId }) => callId === ring.callId);

/** Stays until somebody answers or it is over. */
function notifyCall(ring: Ring): Promise<void> {
  const { chatId } = ring;
  const words = { body: text.incoming.kind(ring.video), tag: tagOf(ring), data: { chatId } };
  return show(ring.name, { ...words, requireInteraction: true });
}

const tagOf = ({ callId }: Ring): string => `call-${callId}`;

async function show(title: string, options: NotificationOptions): Promise<void> {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.showNotification(title, {
    icon: '/icons/icon-192.png',
    badge: '/icons/badge.png',
    ...options,
  });
}

/** In a group, who wrote it as well. */
function bodyOf({ preview }: ChatSummary): string {
  if (preview === undefined) return '';
  const words = describePreview(preview);
  return preview.name === undefined ? words : `${preview.name}: ${words}`;
}

/** Also those that an earlier run of the app has shown: the tag is the chat, or the call. */
async function closeNotifications(tags: ReadonlySet<string>): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const shown = (await registration?.getNotifications()) ?? [];
  for (const notification of shown) if (tags.has(notification.tag)) notification.close();
}
