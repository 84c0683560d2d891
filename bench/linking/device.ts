/**
 * One device of the benchmark as a process of its own, so that its memory can be read: does what its parent says, one
 * thing after another. All it stores is in its memory.
 */
import { WebSocket, WebSocketServer } from 'ws';
import { createMemoryStore } from '../../sync/src/adapters/memory-store.ts';
import type { Client } from '../../sync/src/client.ts';
import { createMemoryStorageAdapter } from '../../sync/src/documents/index.ts';
import { must, until } from '../../sync/test/real/asking.ts';
import { emptyStored, nodeLink, openStored } from '../../sync/test/real/made-account.ts';
import { type Traffic, countedLink } from '../processes/counted-link.ts';
import { serve } from '../processes/serve.ts';
import { PASSPHRASE, type SeededDevice, seedDevice } from '../seeded-device.ts';

const PAGE = 30;
const SAMPLE_MS = 20;
/** Largest piece of the raw copy in one frame. */
const RAW_PIECE = 150 * 1024;

/** What the parent can ask for; every answer is JSON. */
export interface Acts {
  /** Writes a chat of this length. */
  seed(relayUrl: string, length: number): Promise<{ chatId: string; last: string; documentBytes: number }>;
  online(): Promise<null>;
  showCode(relayUrl: string): Promise<string>;
  readCode(qr: string): Promise<{ messages: number }>;
  confirm(): Promise<null>;
  /** When the newest page and all of the chat were here, in milliseconds since the epoch. */
  filled(chatId: string, last: string, length: number): Promise<{ page: number; all: number }>;
  /** Since the last call. */
  usage(): Promise<Usage>;
  /** Offers the stored documents over a plain WebSocket; answers its address. */
  offerRaw(): Promise<string>;
  /** Takes and stores them; answers the milliseconds. */
  takeRaw(url: string): Promise<{ ms: number; bytes: number }>;
}

export interface Usage {
  readonly sent: number;
  readonly received: number;
  /** Bytes of resident memory: when the last reading began, and the most since. */
  readonly before: number;
  readonly peak: number;
  /** Seconds of CPU. */
  readonly cpu: number;
}

let seeded: SeededDevice | undefined;
let client: Client | undefined;
const traffic: Traffic = { sent: 0, received: 0, posts: 0 };
let usage = startUsage();

function startUsage(): { before: number; peak: number; cpu: NodeJS.CpuUsage } {
  globalThis.gc?.();
  Object.assign(traffic, { sent: 0, received: 0, posts: 0 });
  const { rss } = process.memoryUsage();
  return { before: rss, peak: rss, cpu: process.cpuUsage() };
}

setInterval(() => {
  usage.peak = Math.max(usage.peak, process.memoryUsage.rss());
}, SAMPLE_MS).unref();

const acts: Acts = {
  async seed(relayUrl, length) {
    seeded = await seedDevice(relayUrl, length);
    return { chatId: seeded.chatId, last: seeded.last, documentBytes: seeded.documents.size() };
  },
  async online() {
    if (seeded === undefined) throw new Error('nothing was seeded');
    // The store it was made in is closed.
    const store = createMemoryStore({ snapshot: seeded.store.snapshot() });
    client = await openStored({ store, documents: seeded.documents }, countedLink(nodeLink(), traffic));
    await until(client, 'phase', null, ({ type }) => type === 'Locked');
    await must(client.call('unlock', { passphrase: PASSPHRASE }));
    await until(client, 'connection', null, ({ state }) => state === 'online');
    return null;
  },
  async showCode(relayUrl) {
    client = await openStored(emptyStored(), countedLink(nodeLink(), traffic));
    await until(client, 'phase', null, ({ type }) => type === 'Empty');
    await must(client.call('startLinking', { relayUrl, deviceName: 'Guest' }));
    const linking = await until(client, 'linking', null, ({ type }) => type === 'Waiting');
    if (linking.type !== 'Waiting') throw new Error(linking.type);
    return linking.qr;
  },
  async readCode(qr) {
    return must(theClient().call('readLinkCode', { text: qr }));
  },
  async confirm() {
    await must(theClient().call('confirmLink', null));
    return null;
  },
  async filled(chatId, last, length) {
    const args = { chatId, anchor: 'end', older: PAGE, newer: 0 };
    const here = theClient();
    await until(here, 'timeline', args, ({ items }) => {
      const newest = items.at(-1);
      return items.length >= PAGE && newest?.type === 'message' && newest.text === last;
    });
    const page = Date.now();
    await until(here, 'history', null, (history) => history === null);
    const all = Date.now();
    const use = await must(here.call('storageUse', null));
    if (use.messages !== length) throw new Error(`${String(use.messages)} messages, not ${String(length)}`);
    return { page, all };
  },
  usage() {
    const { before, peak, cpu } = usage;
    const { sent, received } = traffic;
    const { user, system } = process.cpuUsage(cpu);
    usage = startUsage();
    return Promise.resolve({ sent, received, before, peak, cpu: (user + system) / 1e6 });
  },
  offerRaw() {
    const values = [...(seeded?.documents.snapshot() ?? [])];
    return new Promise((resolve) => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
        const address = server.address();
        resolve(`ws://127.0.0.1:${String(typeof address === 'object' ? address?.port : address)}`);
      });
      server.on('connection', (socket) => {
        for (const [key, value] of values)
          for (let at = 0; at < value.length; at += RAW_PIECE) {
            socket.send(`${String(at)} ${key}`);
            socket.send(value.subarray(at, at + RAW_PIECE));
          }
        socket.close();
        server.close();
      });
    });
  },
  takeRaw(url) {
    const start = performance.now();
    const copy = new Map<string, Uint8Array[]>();
    let bytes = 0;
    let key = '';
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.on('error', reject);
      socket.on('message', (data, isBinary) => {
        if (!(data instanceof Buffer)) return;
        if (!isBinary) key = data.toString().replace(/^\d+ /, '');
        else copy.set(key, [...(copy.get(key) ?? []), data]);
        if (isBinary) bytes += data.length;
      });
      socket.on('close', () => {
        createMemoryStorageAdapter({ snapshot: new Map([...copy].map(([name, all]) => [name, Buffer.concat(all)])) });
        resolve({ ms: performance.now() - start, bytes });
      });
    });
  },
};

function theClient(): Client {
  if (client === undefined) throw new Error('not open');
  return client;
}

serve(acts);
