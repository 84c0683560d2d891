/**
 * One device of the benchmark as a process of its own, so that its memory can be read: sends and fetches one file, sealed as the
 * engine does it, or the same bytes as they are.
 */
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import {
  type MediaKey,
  fromBase64Url,
  mediaBlob,
  ready,
  systemRandom,
  toBase64Url,
  toMediaKey,
} from '@securechat/crypto';
import { MEDIA_LIMITS } from '../../sync/src/api.ts';
import { createWebStorageLink } from '../../sync/src/adapters/web-storage-link.ts';
import { downloadBlob } from '../../sync/src/media/download.ts';
import { Reading } from '../../sync/src/media/reading.ts';
import { SealedPart } from '../../sync/src/media/sealed-part.ts';
import { type Content, sealFile } from '../../sync/src/media/sealing.ts';
import { type UploadInput, uploadBlob } from '../../sync/src/media/upload.ts';
import { serve } from '../processes/serve.ts';
import { timed } from '../table.ts';
import { createFolderCache } from './folder-cache.ts';

/** Where the file is by now, and what opens it. */
export interface Sent {
  readonly url: string;
  readonly key: string;
  readonly digest: string;
}

/** Milliseconds by the clock, and of CPU of this process. */
export interface Took {
  readonly ms: number;
  readonly cpu: number;
}

/** A file that came, and was then read from beginning to end as it is to be shown. */
export interface Shown {
  readonly fetched: Took;
  readonly read: Took;
}

export interface Acts {
  /** A folder for its cache, and the right to write at a storage server. */
  begin(folder: string, endpoint: string, token: string): Promise<null>;
  sendSealed(file: string, size: number): Promise<Took & { sent: Sent }>;
  sendPlain(file: string, size: number): Promise<Took & { url: string }>;
  fetchSealed(sent: Sent, size: number): Promise<Shown>;
  fetchPlain(url: string): Promise<Shown>;
  /** Resident MiB now; the peak is counted from here on. */
  rest(): Promise<number>;
  peak(): Promise<number>;
}

await ready();
const link = createWebStorageLink();
const { signal } = new AbortController();
const place = { folder: '', endpoint: '', token: '' };
const FILE = 'file';
const KEY_BYTES = 32;
const PIECE_BYTES = 262_144;
/** What a screen reads at a time of a file that is here. */
const PART = MEDIA_LIMITS.readBytes;
const nothing = (): undefined => undefined;

async function upload(size: number, read: UploadInput['read']): Promise<string> {
  const { endpoint, token } = place;
  const onCreated = (): Promise<void> => Promise.resolve();
  const outcome = await uploadBlob({
    ...{ endpoint, token, size, read, onCreated, signal, uploadUrl: undefined, onProgress: nothing },
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
}

const acts: Acts = {
  begin: (folder, endpoint, token) => {
    Object.assign(place, { folder, endpoint, token });
    return Promise.resolve(null);
  },
  sendSealed: async (file, size) => {
    const cache = createFolderCache(place.folder);
    const key = systemRandom(KEY_BYTES);
    const blob = mediaBlob(mediaKey(key), size);
    const handle = await open(file);
    const part = new SealedPart(signal);
    const onProgress = (done: number): void => {
      part.reached(done);
    };
    const sealed: { digest: Uint8Array; url: string } = { digest: new Uint8Array(), url: '' };
    const took = await measured(async () => {
      const sealing = sealFile({ content: contentOf(handle), blob, cache, file: FILE, onProgress, signal });
      const uploading = upload(blob.layout.blobBytes, async (from, to, into) => {
        await part.upTo(to);
        return cache.read(FILE, from, to, into);
      });
      [sealed.digest, sealed.url] = await Promise.all([sealing, uploading]);
    });
    await handle.close();
    await cache.clear();
    const sent = { url: sealed.url, key: toBase64Url(key), digest: toBase64Url(sealed.digest) };
    return { ...took, sent };
  },
  sendPlain: async (file, size) => {
    const handle = await open(file);
    const sent = { url: '' };
    const took = await measured(async () => {
      sent.url = await upload(size, (from, to) => readPart(handle, from, to));
    });
    await handle.close();
    return { ...took, url: sent.url };
  },
  fetchSealed: async ({ url, key, digest }, size) => {
    const cache = createFolderCache(place.folder);
    const blob = mediaBlob(mediaKey(fromBase64Url(key) ?? new Uint8Array()), size);
    const fetched = await measured(async () => {
      const outcome = await downloadBlob({
        ...{ url, blob, digest: fromBase64Url(digest) ?? new Uint8Array() },
        ...{ cache, file: FILE, have: 0, link, signal },
        isOfAnother: () => Promise.resolve(false),
        onProgress: () => Promise.resolve(),
      });
      if (!outcome.ok) throw new Error(outcome.error.type);
    });
    const reading = new Reading(cache, link);
    const all = { url, name: url, blob, file: FILE, have: blob.layout.blobBytes };
    const read = await measured(async () => {
      for (let from = 0; from < size; from += PART) {
        const part = await reading.read({ ...all, from, to: from + PART });
        if (!part.ok) throw new Error(part.error.type);
      }
    });
    await cache.clear();
    return { fetched, read };
  },
  fetchPlain: async (url) => {
    const cache = createFolderCache(place.folder);
    let size = 0;
    const fetched = await measured(async () => {
      const { body } = await link.get(url, { from: 0, signal });
      for await (const piece of body) {
        await cache.write(FILE, size, piece);
        size += piece.length;
      }
      await cache.flush(FILE);
    });
    const read = await measured(async () => {
      for (let from = 0; from < size; from += PART) await cache.read(FILE, from, Math.min(size, from + PART));
    });
    await cache.clear();
    return { fetched, read };
  },
  rest: async () => {
    globalThis.gc?.();
    // "Reset the peak resident set size", says proc(5).
    await writeFile('/proc/self/clear_refs', '5');
    return memory('VmRSS');
  },
  peak: () => memory('VmHWM'),
};

async function measured(work: () => Promise<unknown>): Promise<Took> {
  const before = process.cpuUsage();
  const ms = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { ms, cpu: (user + system) / 1000 };
}

/** Both ways of sending read the file like this: Node's own blob of a file costs more than sealing it. */
async function readPart(handle: FileHandle, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const { bytesRead, buffer } = await handle.read(new Uint8Array(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

/** What a browser gives of a file: pieces of 256 KiB. */
function contentOf(handle: FileHandle): Content {
  let at = 0;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const piece = await readPart(handle, at, at + PIECE_BYTES);
    at += piece.length;
    if (piece.length === 0) controller.close();
    else controller.enqueue(piece);
  };
  return { stream: () => new ReadableStream({ pull }) };
}

/** Told to the parent, as a message tells it to its recipient. */
function mediaKey(bytes: Uint8Array): MediaKey {
  const key = toMediaKey(bytes);
  if (key === undefined) throw new Error('no key');
  return key;
}

/** MiB. */
async function memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

serve<Acts>(acts);
