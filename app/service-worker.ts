/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />

/**
 * Keeps the whole app on the device: every file of one build, in one cache named by their content. A page is always
 * answered with the files of one build; a new build waits until a page asks for it ("Reload to update").
 * Messages never pass through here: the relay's paths are left alone. What a player asks for is answered by the page that
 * plays it, and is never stored.
 */
import { build, files, version } from '$service-worker';
import { MEDIA_PATH, replyToResponse, type MediaReply, type MediaRequest } from './lib/media/playing.ts';

declare const self: ServiceWorkerGlobalScope;

const SHELL = '/';
const ASSETS = [SHELL, ...build, ...files.filter((file) => file !== '/robots.txt')];
const CACHE = `securechat-${version}-${fingerprint(ASSETS.join('\n'))}`;

/** Build files carry a hash of their content in their name, so the list names the content. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** Answered by the relay, which may be the server of this app too. */
function isRelayPath(path: string): boolean {
  return path.startsWith('/v1/') || path === '/healthz' || path === '/metrics';
}

async function fillCache(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the HTTP cache for what has no hash in its name, or an old shell could be kept with new files.
  await cache.addAll(ASSETS.map((url) => (build.includes(url) ? url : new Request(url, { cache: 'reload' }))));
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith('securechat-') && name !== CACHE).map((name) => caches.delete(name)),
  );
}

async function answer(request: Request, key: string): Promise<Response> {
  const cached = await caches.match(key, { cacheName: CACHE });
  return cached ?? fetch(request);
}

self.addEventListener('install', (event) => {
  event.waitUntil(fillCache());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  if (event.data === 'activate') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || isRelayPath(url.pathname)) return;
  if (isPlayer(request, url.pathname)) event.respondWith(askPage(event.clientId, request, url.pathname));
  else if (request.mode === 'navigate') event.respondWith(answer(request, SHELL));
  else if (ASSETS.includes(url.pathname)) event.respondWith(answer(request, url.pathname));
});

function isPlayer({ destination }: Request, path: string): boolean {
  return path.startsWith(MEDIA_PATH) && (destination === 'video' || destination === 'audio');
}

async function askPage(clientId: string, request: Request, path: string): Promise<Response> {
  const page = await self.clients.get(clientId);
  if (!page) return new Response(null, { status: 404 });
  const { port1, port2 } = new MessageChannel();
  const reply = new Promise<MediaReply>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<MediaReply>) => resolve(data);
  });
  const range = request.headers.get('range');
  const message: MediaRequest = { type: 'media', key: path.slice(MEDIA_PATH.length), ...(range ? { range } : {}) };
  page.postMessage(message, [port2]);
  const response = replyToResponse(await reply);
  port1.close();
  return response;
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { chatId } = event.notification.data as { chatId: string };
  event.waitUntil(openChat(chatId));
});

async function openChat(chatId: string): Promise<void> {
  const [open] = await self.clients.matchAll({ type: 'window' });
  if (!open) {
    await self.clients.openWindow(`/chat/${chatId}`);
    return;
  }
  await open.focus();
  open.postMessage({ type: 'open', chatId });
}
