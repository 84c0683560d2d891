/**
 * Cold open of a long chat in Chromium, to its painted last page, and the longest task of the UI thread on the way. The
 * history is written by the real engine in Node (notes to self, sealed), carried into the browser's IndexedDB as it is,
 * and opened by the built app from the real relay: a reload of the chat's own address, then scrolling back and a search.
 */
import { ready, systemRandom } from '@securechat/crypto';
import type { Page } from 'playwright-core';
import { Browser } from '../app/e2e/world/browser.ts';
import { RelayProcess } from '../app/e2e/world/relay-process.ts';
import { webApp } from '../app/e2e/world/web-app.ts';
import { createMemoryDeviceSecret } from '../sync/src/adapters/memory-device-secret.ts';
import { createMemoryStore } from '../sync/src/adapters/memory-store.ts';
import { type Client, createClient } from '../sync/src/client.ts';
import { createMemoryStorageAdapter, initAutomerge } from '../sync/src/documents/index.ts';
import { nodeAutomergeWasm } from '../sync/src/documents/node-wasm.ts';
import { systemClock } from '../sync/src/ports/clock.ts';
import { TABLES } from '../sync/src/ports/store.ts';
import { type BenchTable, median, short } from './table.ts';

const PASSPHRASE = 'an easily guessed one';
const LENGTHS = [1_000, 100_000] as const;
const ROUNDS = 3;
/** Rows carried into the page at a time. */
const PORTION = 2_000;
const RARE = 'Xylophone';

interface Figures {
  readonly shell: number;
  readonly painted: number;
  readonly longestTask: number;
  readonly search: number;
}

export async function run(): Promise<BenchTable> {
  await Promise.all([ready(), initAutomerge(await nodeAutomergeWasm())]);
  const relay = await RelayProcess.create(await webApp());
  try {
    const history = await History.create(relay.url);
    const columns: Figures[] = [];
    for (const length of LENGTHS) {
      await history.growTo(length);
      columns.push(await measure(relay.url, history));
    }
    await history.close();
    return table(columns);
  } finally {
    await relay.destroy();
  }
}

function table(columns: readonly Figures[]): BenchTable {
  const row = (what: string, pick: (figures: Figures) => number): (string | number)[] => {
    const [small, large] = columns.map(pick);
    return [what, short(small ?? NaN), short(large ?? NaN), short((large ?? NaN) / (small ?? NaN))];
  };
  return {
    title: 'Cold open of a chat in Chromium',
    columns: ['ms', ...LENGTHS.map((n) => `at ${n.toLocaleString('en')}`), 'ratio'],
    rows: [
      row('reload to first paint', ({ shell }) => shell),
      row('reload to painted last page', ({ painted }) => painted),
      row('search for a word of the first message', ({ search }) => search),
      row('longest UI-thread task (open, scroll back, search)', ({ longestTask }) => longestTask),
    ],
    notes: [
      `medians of ${String(ROUNDS)} reloads; the longest task is the longest of all rounds, 0 where none exceeded 50 ms`,
      'one device, no passphrase, relay on the same machine; the service worker serves the app',
    ],
  };
}

/** A device's storage as the engine in Node leaves it. */
class History {
  readonly #store = createMemoryStore();
  readonly #storage = createMemoryStorageAdapter();
  #client: Client | undefined;
  #length = 0;
  chatId = '';

  static async create(relayUrl: string): Promise<History> {
    const history = new History();
    history.#client = await createClient({
      store: history.#store,
      storage: history.#storage,
      eraseStorage: () => Promise.resolve(),
      deviceSecret: createMemoryDeviceSecret(systemRandom),
      // Offline for good: the account is made and used without any relay.
      link: { openSocket: noSocket, request: () => Promise.reject(new Error('offline')) },
      clock: systemClock,
      random: systemRandom,
    });
    await history.#client.call('createAccount', { name: 'Ann', passphrase: PASSPHRASE, relayUrl });
    const chat = [...(history.#client.engine?.chats.all() ?? [])].find(({ isSelf }) => isSelf);
    history.chatId = chat?.chatId ?? '';
    return history;
  }

  async growTo(length: number): Promise<void> {
    const client = this.#client;
    for (; this.#length < length; this.#length += 1) {
      const n = this.#length + 1;
      const text =
        n === 1
          ? `${RARE} of the first day`
          : `Note ${String(n)}: the train leaves at seven, bring coffee and the paper map please`;
      const sent = await client?.call('sendMessage', { id: String(n).padStart(22, '0'), chatId: this.chatId, text });
      if (sent?.ok !== true) throw new Error('not sent');
      if (n % 500 === 0) await client?.engine?.idle();
    }
    await client?.engine?.idle();
  }

  /** Raw rows by table, as sealed as they are. */
  async rows(): Promise<readonly { table: string; key: string; value: Uint8Array }[]> {
    const all: { table: string; key: string; value: Uint8Array }[] = [];
    for (const name of TABLES)
      for (const { key, value } of await this.#store.range(name, {})) all.push({ table: name, key, value });
    return all;
  }

  async chunks(): Promise<readonly { key: readonly string[]; value: Uint8Array }[]> {
    return (await this.#storage.loadRange([])).map(({ key, data }) => ({ key, value: data ?? new Uint8Array(0) }));
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}

function noSocket(_url: string, events: { onClose(): void }): { send: () => boolean; close: () => void } {
  queueMicrotask(() => {
    events.onClose();
  });
  return { send: () => false, close: () => undefined };
}

async function measure(url: string, history: History): Promise<Figures> {
  const browser = await Browser.create({ viewport: { width: 1280, height: 800 } });
  try {
    const context = await browser.open();
    context.setDefaultTimeout(120_000);
    const page = context.pages()[0] ?? (await context.newPage());
    await watchTasks(page);
    await page.goto(url);
    await page.getByLabel('Your name').waitFor();
    await carry(page, history);
    await unlockForGood(page, url);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const rounds: Figures[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await openOnce(page, `${url}/chat/${history.chatId}`));
    return {
      shell: median(rounds.map(({ shell }) => shell)),
      painted: median(rounds.map(({ painted }) => painted)),
      search: median(rounds.map(({ search }) => search)),
      longestTask: Math.max(...rounds.map(({ longestTask }) => longestTask)),
    };
  } finally {
    await browser.destroy();
  }
}

/** Long tasks are those over 50 ms: the browser reports no shorter ones. */
async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ type: 'longtask', buffered: true });
  });
}

/** Puts the history's sealed rows and chunks where the engine in the worker will look for them. */
async function carry(page: Page, history: History): Promise<void> {
  const rows = (await history.rows()).map(({ table: store, key, value }) => [store, key, base64(value)] as const);
  const chunks = (await history.chunks()).map(({ key, value }) => [key, base64(value)] as const);
  for (let from = 0; from < rows.length; from += PORTION) {
    await page.evaluate(
      async (portion) => {
        const open = indexedDB.open('securechat');
        await new Promise((resolve) => (open.onsuccess = resolve));
        const transaction = open.result.transaction([...open.result.objectStoreNames], 'readwrite');
        for (const [store, key, value] of portion) {
          transaction.objectStore(store).put(
            Uint8Array.from(atob(value), (c) => c.charCodeAt(0)),
            key,
          );
        }
        await new Promise((resolve) => (transaction.oncomplete = resolve));
        open.result.close();
      },
      rows.slice(from, from + PORTION),
    );
  }
  for (let from = 0; from < chunks.length; from += PORTION) {
    await page.evaluate(
      async (portion) => {
        const open = indexedDB.open('securechat-documents');
        await new Promise((resolve) => (open.onsuccess = resolve));
        const store = open.result.transaction('documents', 'readwrite').objectStore('documents');
        for (const [key, value] of portion) {
          store.put({ key, binary: Uint8Array.from(atob(value), (c) => c.charCodeAt(0)) }, [...key]);
        }
        await new Promise((resolve) => (store.transaction.oncomplete = resolve));
        open.result.close();
      },
      chunks.slice(from, from + PORTION),
    );
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Opens with the passphrase and takes it away, so that a reload opens without asking. */
async function unlockForGood(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/settings`);
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Current passphrase').fill(PASSPHRASE);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Passphrase removed').waitFor();
}

async function openOnce(page: Page, address: string): Promise<Figures> {
  await page.goto('about:blank');
  await page.goto(address, { waitUntil: 'commit' });
  await page.getByRole('region', { name: 'Messages' }).getByRole('listitem').last().waitFor();
  const painted = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now();
  });
  const shell = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  await scrollBack(page);
  const search = await searchOnce(page);
  const longestTask = await page.evaluate(() =>
    Math.max(0, ...((globalThis as { longTasks?: number[] }).longTasks ?? [])),
  );
  return { shell, painted, longestTask, search };
}

async function scrollBack(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Messages' }).hover();
  for (let turn = 0; turn < 20; turn += 1) {
    await page.mouse.wheel(0, -1_500);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
}

async function searchOnce(page: Page): Promise<number> {
  const box = page.getByRole('searchbox', { name: 'Search messages and people' });
  const started = performance.now();
  await box.fill(RARE);
  await page.getByRole('complementary', { name: 'Chats' }).getByText('of the first day').first().waitFor();
  return performance.now() - started;
}
