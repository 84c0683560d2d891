/** The blob cache in a real browser's private files, through the same suite as every other. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BlobCache } from '../../sync/src/ports/blob-cache.ts';
import { testBlobCache } from '../../sync/src/ports/blob-cache.contract.ts';
import { WorkerPage } from './world/worker-page.ts';

/** Access handles are for workers only: one holds the cache and does what it is told. Bytes travel as lists of numbers. */
const WORKER = `
  import { createOpfsBlobCache } from './adapters/opfs-blob-cache.ts';
  const cache = createOpfsBlobCache('test');
  const sending = new Map();
  const own = {
    async send(id, nth, from, to) {
      if (!sending.has(nth)) sending.set(nth, cache.outgoing(id));
      const body = await sending.get(nth).read(from, to);
      return body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
    },
    async sent(nth) {
      await sending.get(nth)?.end();
    },
    async kindOfBody(id) {
      const outgoing = cache.outgoing(id);
      const body = await outgoing.read(0, 9);
      await outgoing.end();
      return body.constructor.name;
    },
    /** As a browser that cannot read a file that somebody writes to. */
    async forgetHow() {
      FileSystemFileHandle.prototype.getFile = () => Promise.reject(new DOMException('no', 'NoModificationAllowedError'));
    },
    async names() {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('test');
      const names = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    },
  };
  const plain = (value) => (value instanceof Uint8Array ? { bytes: [...value] } : value);
  addEventListener('message', async ({ data: { id, name, args } }) => {
    try {
      const given = args.map((arg) => (Array.isArray(arg) ? Uint8Array.from(arg) : arg));
      postMessage({ id, value: plain(await (own[name] ? own[name](...given) : cache[name](...given))) });
    } catch (error) {
      postMessage({ id, error: error.name });
    }
  });`;

interface Told {
  readonly value?: unknown;
  readonly error?: string;
}
type WithCache = typeof globalThis & {
  tell(name: string, args: readonly unknown[]): Promise<Told>;
  worker?: Worker;
};

let whole: WorkerPage;
let page: Page;

beforeAll(async () => {
  whole = await WorkerPage.create({ script: WORKER });
  ({ page } = whole);
  await page.evaluate(startWorker);
});

afterAll(async () => {
  await whole.end();
});

/** In the page. Whatever the one before was doing, it does no more. */
function startWorker(): void {
  (globalThis as WithCache).worker?.terminate();
  const worker = new Worker('/worker.js');
  (globalThis as WithCache).worker = worker;
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

async function tell(
  name: keyof BlobCache | 'send' | 'sent' | 'kindOfBody' | 'forgetHow' | 'names',
  ...args: readonly unknown[]
): Promise<unknown> {
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

/** Each has a number, by which the worker knows it. */
let uploads = 0;

/** The cache in the page. What it answers is of its interface: the same code is at both ends. */
const cache: BlobCache = {
  write: async (...args) => void (await tell('write', ...args)),
  flush: async (...args) => void (await tell('flush', ...args)),
  read: async (...args) => (await tell('read', ...args)) as Uint8Array,
  outgoing: (id) => {
    uploads += 1;
    const nth = uploads;
    return {
      read: async (from, to) => Uint8Array.from((await tell('send', id, nth, from, to)) as Uint8Array),
      end: async () => void (await tell('sent', nth)),
    };
  },
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

describe('what goes out of private files', () => {
  beforeEach(async () => {
    await cache.clear();
    await cache.write('a', 0, Uint8Array.of(1, 2, 3));
  });

  it('S-CACHE-5 lies on the disk, where the browser sends it from, and is gone when it is sent', async () => {
    expect(await tell('kindOfBody', 'a')).toBe('Blob');
    expect(await tell('names')).toEqual(['a']);
  });

  it('S-CACHE-5 is not made when somebody asks for it after the end', async () => {
    await tell('send', 'a', 'late', 0, 3);
    await tell('sent', 'late');
    expect(await tell('send', 'a', 'late', 0, 3)).toEqual(new Uint8Array());
    expect(await tell('names')).toEqual(['a']);
  });

  it('S-CACHE-5 is gone, too, after whoever sent it was killed', async () => {
    await tell('send', 'a', 'first', 0, 3);
    expect(await tell('names')).toHaveLength(2);
    await page.evaluate(startWorker);
    expect(await cache.list()).toEqual([{ id: 'a', size: 3 }]);
    expect(await tell('names')).toEqual(['a']);
  });

  it('S-CACHE-5 is sent as bytes where the browser cannot', async () => {
    await tell('forgetHow');
    expect(await tell('kindOfBody', 'a')).toBe('Uint8Array');
    expect(await tell('send', 'a', 'first', 1, 3)).toEqual(Uint8Array.of(2, 3));
    await page.evaluate(startWorker);
    expect(await tell('kindOfBody', 'a')).toBe('Blob');
  });
});
