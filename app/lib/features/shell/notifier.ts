/**
 * Notifications while the app is open in a tab that nobody looks at. One page of all tabs does it: the one that holds
 * the lock. The unread count goes on the icon.
 */
import type { ChatSummary, Settings } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { countUnread } from '$lib/features/chats/chat-order.ts';
import { newlyUnread } from './newly-unread.ts';

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
  const stops = [
    app.api.watch('settings', null, (next) => {
      settings = next;
    }),
    app.api.watch('chats', null, (chats) => {
      showBadge(countUnread(chats));
      const arrived = before ? newlyUnread(before, chats) : [];
      before = chats;
      if (settings?.notifications && document.visibilityState === 'hidden')
        arrived.forEach((chat) => void notify(chat));
    }),
  ];
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      for (const stop of stops) stop();
      resolve();
    });
  });
}

function showBadge(count: number): void {
  const badged = navigator as Navigator & { setAppBadge?: (count: number) => Promise<void> };
  void badged.setAppBadge?.(count).catch(() => undefined); // not installed: there is no icon to put it on
}

async function notify(chat: ChatSummary): Promise<void> {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.showNotification(chat.title, {
    body: chat.preview?.text ?? '',
    tag: chat.chatId,
    icon: '/icons/icon-192.png',
    badge: '/icons/badge.png',
    data: { chatId: chat.chatId },
  });
}
