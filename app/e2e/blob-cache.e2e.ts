/** The blob cache in a real browser's private files, through the same suite as every other. */
import { build } from 'esbuild';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { BlobCache } from '../../sync/src/ports/blob-cache.ts';
import { testBlobCache } from '../../sync/src/ports/blob-cache.contract.ts';
import { Browser } from './world/browser.ts';
import { ROOT } from './world/root.ts';

/** Access handles are for workers only: one holds the cache and does what it is told. Bytes travel as lists of numbers. */
const WORKER = `
  import { createOpfsBlobCache } from './adapters/opfs-blob-cache.ts';
  const cache = createOpfsBlobCache('test');
  const plain = (value) => (value instanceof Uint8Array ? { bytes: [...value] } : value);
  addEventListener('message', async ({ data: { id, name, args } }) => {
    try {
      const given = args.map((arg) => (Array.isArray(arg) ? Uint8Array.from(arg) : arg));
      postMessage({ id, value: plain(await cache[name](...given)) });
    } catch (error) {
      postMessage({ id, error: error.name });
    }
  });`;

interface Told {
  readonly value?: unknown;
  readonly error?: string;
}
type WithCache = typeof globalThis & { tell(name: string, args: readonly unknown[]): Promise<Told> };

let browser: Browser;
let server: Server;
let page: Page;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: path.join(ROOT, 'sync/src') },
    ...{ bundle: true, write: false, format: 'iife' },
  });
  server = createServer(({ url }, response) => {
    const isScript = url === '/worker.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><title>cache</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await Browser.create({});
  page = await (await browser.open()).newPage();
  await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
  await page.evaluate(startWorker);
});

afterAll(async () => {
  await browser.destroy();
  server.close();
});

/** In the page. */
function startWorker(): void {
  const worker = new Worker('/worker.js');
  const waiting = new Map<number, (told: Told) => void>();
  let calls = 0;
  worker.onmessage = ({ data }: MessageEvent<Told & { readonly id: number }>) => waiting.get(data.id)?.(data);
  (globalThis as WithCache).tell = (name, args) =>
    new Promise((resolve) => {
      calls += 1;
      waiting.set(calls, resolve);
      worker.postMessage({ id: calls, name, args });
    });
}

async function tell(name: keyof BlobCache, ...args: readonly unknown[]): Promise<unknown> {
  const plain = args.map((arg) => (arg instanceof Uint8Array ? [...arg] : arg));
  const told = await page.evaluate(([called, given]) => (globalThis as WithCache).tell(called, given), [
    name,
    plain,
  ] as const);
  if (told.error === 'RangeError') throw new RangeError(told.error);
  if (told.error !== undefined) throw new Error(told.error);
  const { value } = told;
  return typeof value === 'object' && value !== null && 'bytes' in value && Array.isArray(value.bytes)
    ? Uint8Array.from(value.bytes as number[])
    : value;
}

/** The cache in the page. What it answers is of its interface: the same code is at both ends. */
const cache: BlobCache = {
  write: async (...args) => void (await tell('write', ...args)),
  flush: async (...args) => void (await tell('flush', ...args)),
  read: async (...args) => (await tell('read', ...args)) as Uint8Array,
  size: async (...args) => (await tell('size', ...args)) as number | undefined,
  delete: async (...args) => void (await tell('delete', ...args)),
  list: async () => (await tell('list')) as Awaited<ReturnType<BlobCache['list']>>,
  clear: async () => void (await tell('clear')),
  close: async () => void (await tell('close')),
};

testBlobCache('blob cache in private files', async () => {
  await cache.clear();
  return cache;
});
