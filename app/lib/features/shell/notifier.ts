/**
 * Notifications while the app is open in a tab that nobody looks at; they go when the chat was read, wherever that was.
 * One page of all tabs does it: the one that holds the lock. The unread count goes on the icon.
 */
import type { CallView, ChatSummary, Settings } from '@securechat/sync/api';
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
  let ringing: CallView | undefined;
  const stops = [
    app.api.watch('settings', null, (next) => {
      settings = next;
    }),
    app.api.watch('chats', null, (chats) => {
      showBadge(countUnread(chats));
      const arrived = before ? newlyUnread(before, chats) : [];
      const read = noLongerUnread(before, chats);
      before = chats;
      if (read.length > 0) void closeNotifications(new Set(read.map(({ chatId }) => chatId)));
      if (settings?.notifications && document.visibilityState === 'hidden')
        arrived.forEach((chat) => void notify(chat));
    }),
    app.api.watch('call', null, (call) => {
      const next = call?.phase === 'ringing' && !call.outgoing ? call : undefined;
      if (ringing && ringing.callId !== next?.callId) void closeNotifications(new Set([tagOf(ringing)]));
      const isNew = next !== undefined && next.callId !== ringing?.callId;
      ringing = next;
      if (isNew && settings?.notifications && document.visibilityState === 'hidden') void notifyCall(next);
    }),
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

/** Stays until somebody answers or it is over. */
function notifyCall(call: CallView): Promise<void> {
  const { chatId } = call;
  const words = { body: text.incoming.kind(call.video), tag: tagOf(call), data: { chatId } };
  return show(call.name || text.calls.unnamed, { ...words, requireInteraction: true });
}

const tagOf = ({ callId }: CallView): string => `call-${callId}`;

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
