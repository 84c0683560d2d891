/**
 * An account with a past, made in seconds: the engine itself in Node, over the real relay, writes and receives what people
 * would need days for. What it stored is then moved byte for byte into a browser profile (app/e2e/world/carry.ts).
 */
import { ready, systemRandom } from '@securechat/crypto';
import { WebSocket } from 'ws';
import { createMemoryDeviceSecret } from '../../src/adapters/memory-device-secret.ts';
import { createMemoryStore, type MemoryStore } from '../../src/adapters/memory-store.ts';
import { createWebLink } from '../../src/adapters/web-link.ts';
import { createClient, type Client } from '../../src/client.ts';
import { createMemoryStorageAdapter, initAutomerge, type MemoryStorageAdapter } from '../../src/documents/index.ts';
import { nodeAutomergeWasm } from '../../src/documents/node-wasm.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { RelayLink } from '../../src/ports/relay-link.ts';
import { befriend, must, until } from './asking.ts';

/** Of every made account: its databases can be opened elsewhere with it. */
export const PASSPHRASE = 'a passphrase for the move';
/** In the oldest message of each chat only. */
export const RARE_WORD = 'Xylophone';

/** What a device stores, all of it sealed. */
export interface Stored {
  readonly store: MemoryStore;
  readonly documents: MemoryStorageAdapter;
}

export interface MadeChat {
  readonly chatId: string;
  readonly title: string;
  readonly oldest: string;
  readonly newest: string;
}

export interface MadeAccount {
  readonly ann: Stored;
  /** Ann's contact of the chat with this title. */
  readonly bob: Stored;
  readonly chats: readonly MadeChat[];
}

/** The engine in Node on what a device stored. */
export async function openStored({ store, documents }: Stored, link = nodeLink()): Promise<Client> {
  await ready();
  await initAutomerge(await nodeAutomergeWasm());
  return createClient({
    store,
    storage: documents,
    eraseStorage: () => Promise.resolve(),
    deviceSecret: createMemoryDeviceSecret(systemRandom),
    link,
    clock: systemClock,
    random: systemRandom,
  });
}

export function emptyStored(): Stored {
  return { store: createMemoryStore(), documents: createMemoryStorageAdapter() };
}

/** The relay by real requests and sockets. */
export function nodeLink(): RelayLink {
  return createWebLink({ WebSocket: WebSocket as unknown as typeof globalThis.WebSocket });
}

/** No relay can be reached: nothing leaves the engine. */
export const NO_NETWORK: RelayLink = {
  openSocket(_relayUrl, events) {
    queueMicrotask(() => {
      events.onClose();
    });
    return { send: () => false, close: () => undefined };
  },
  request: () => Promise.reject(new Error('no network')),
};

/**
 * Ann with a note to self and two contacts, each chat of `length` messages; contacts write every other one. Each has
 * `filler` characters more, which nothing makes smaller.
 */
export async function makeAccount(relayUrl: string, length: number, filler = 0): Promise<MadeAccount> {
  const stored = { ann: emptyStored(), bob: emptyStored(), cara: emptyStored() };
  const [ann, bob, cara] = await Promise.all([
    begin(stored.ann, 'Ann', relayUrl),
    begin(stored.bob, 'Bob', relayUrl),
    begin(stored.cara, 'Cara', relayUrl),
  ]);
  const self = await until(ann, 'chats', null, (chats) => chats.length > 0);
  const chats = [
    { title: 'Bob', chatId: await befriend(ann, bob), other: bob },
    { title: 'Cara', chatId: await befriend(ann, cara), other: cara },
    { title: 'Note to self', chatId: self[0]?.chatId ?? '', other: ann },
  ];
  const made = await Promise.all(
    chats.map(async ({ title, chatId, other }): Promise<MadeChat> => {
      const more = (n: number): string =>
        filler > 0 && n > 1 && n < length ? Buffer.from(systemRandom(filler)).toString('base64').slice(0, filler) : '';
      for (let n = 1; n <= length; n += 1) await send(n % 2 === 1 ? ann : other, chatId, textOf(title, n) + more(n), n);
      return { chatId, title, oldest: textOf(title, 1), newest: textOf(title, length) };
    }),
  );
  for (const client of [ann, bob, cara]) {
    await until(client, 'connection', null, ({ state, waiting }) => state === 'online' && waiting === 0);
    await until(client, 'chats', null, (all) => all.every(({ preview }) => preview?.tick !== 'queued'));
  }
  for (const { chatId, other } of chats)
    for (const client of [ann, other])
      await until(client, 'chat', { chatId }, (chat) => chat?.completeness.missing === 0);
  for (const { title, chatId, other } of chats) {
    const lastTwo = [length - 1, length].filter((n) => n > 0).map((n) => textOf(title, n));
    for (const client of new Set([ann, other])) await readAll(client, chatId, lastTwo);
  }
  await count(ann, length * chats.length);
  await Promise.all([ann, bob, cara].map((client) => client.close()));
  return { ann: stored.ann, bob: stored.bob, chats: made };
}

/** What they write. */
export const LOREM =
  'yellow paper and the garden by the river, coffee at the station, 東京 in the evening, maybe a photo';

/** Message `n` of the chat with this title. */
function textOf(title: string, n: number): string {
  return `${title} ${String(n)}: ${LOREM}${n === 1 ? ` ${RARE_WORD}` : ''}`;
}

async function begin(stored: Stored, name: string, relayUrl: string): Promise<Client> {
  const client = await openStored(stored);
  await must(client.call('createAccount', { name, passphrase: PASSPHRASE, relayUrl, deviceName: `${name}’s laptop` }));
  await until(client, 'connection', null, ({ state }) => state === 'online');
  return client;
}

async function send(from: Client, chatId: string, text: string, n: number): Promise<void> {
  await must(from.call('sendMessage', { id: `${String(n).padStart(10, '0')}${chatId.slice(0, 12)}`, chatId, text }));
}

/** Nothing of it is unread. Of the last two messages one is of each side: who has both has all. */
async function readAll(client: Client, chatId: string, lastTwo: readonly string[]): Promise<void> {
  const { items } = await until(client, 'timeline', { chatId, anchor: 'end', older: 10, newer: 0 }, (page) =>
    lastTwo.every((text) => page.items.some((item) => item.type === 'message' && item.text.startsWith(text))),
  );
  await must(client.call('markRead', { chatId, upTo: items.at(-1)?.id ?? '' }));
}

async function count(client: Client, messages: number): Promise<void> {
  const use = await must(client.call('storageUse', null));
  if (use.messages !== messages) throw new Error(`${String(use.messages)} messages, not ${String(messages)}`);
}
