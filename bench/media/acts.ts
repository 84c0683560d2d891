/**
 * What a device of the benchmark does, in Node and in a browser alike: sends and fetches one file, sealed as the engine does it, or the
 * same bytes as they are.
 */
import { type MediaKey, fromBase64Url, mediaBlob, systemRandom, toBase64Url, toMediaKey } from '@securechat/crypto';
import { createWebStorageLink } from '../../sync/src/adapters/web-storage-link.ts';
import { MEDIA_LIMITS } from '../../sync/src/api.ts';
import { madeAhead } from '../../sync/src/media/ahead.ts';
import { downloadBlob } from '../../sync/src/media/download.ts';
import { LargeWrites } from '../../sync/src/media/large-writes.ts';
import { letGo } from '../../sync/src/media/let-go.ts';
import { nextTurn } from '../../sync/src/media/next-turn.ts';
import { piecesOf } from '../../sync/src/media/pieces.ts';
import { Reading } from '../../sync/src/media/reading.ts';
import { SealedPart } from '../../sync/src/media/sealed-part.ts';
import { type Content, FLUSH_BYTES, type SealingInput, sealFile } from '../../sync/src/media/sealing.ts';
import { type UploadInput, uploadBlob } from '../../sync/src/media/upload.ts';
import type { BlobCache } from '../../sync/src/ports/blob-cache.ts';
import { systemClock } from '../../sync/src/ports/clock.ts';
import { timed } from '../table.ts';

/** Where the file is by now, and what opens it. */
export interface Sent {
  readonly url: string;
  readonly key: string;
  readonly digest: string;
}

/** A file that came, and was then read from beginning to end as it is to be shown: milliseconds of each. */
export interface Shown {
  readonly fetched: number;
  readonly read: number;
}

/** Times are milliseconds by the clock. */
export interface Acts {
  /** Where uploads are created, and the right to. */
  begin(endpoint: string, token: string): Promise<null>;
  sendSealed(file: string, size: number): Promise<{ ms: number; sent: Sent }>;
  sendPlain(file: string, size: number): Promise<{ ms: number; url: string }>;
  /** As it is, and a copy of it stays on the device: all that sending a file takes here, without its encryption. */
  sendKept(file: string, size: number): Promise<{ ms: number }>;
  fetchSealed(sent: Sent, size: number): Promise<Shown>;
  fetchPlain(url: string): Promise<Shown>;
}

/** What is different in a browser. */
export interface Platform {
  newCache(): BlobCache;
  /** A file that is to be sent, by the name that the parent has for it. */
  open(file: string): Promise<Chosen>;
  /** What is to be awaited before anything is sealed. */
  ready(): Promise<unknown>;
}

export interface Chosen {
  readonly content: Content;
  /** As it is, by the tus client; answers where it is. */
  sendPlain(where: Where, size: number): Promise<string>;
  close(): Promise<void>;
}

export interface Where {
  readonly endpoint: string;
  readonly token: string;
}

/** A file of the user's on its way into the cache; `onProgress` hears of bytes that may be sent. */
type Copying = Pick<SealingInput, 'content' | 'cache' | 'onProgress'>;

const FILE = 'file';
const KEY_BYTES = 32;
/** What a screen reads at a time of a file that is here. */
const PART = MEDIA_LIMITS.readBytes;
const PARTS_AHEAD = 2;
/** Aborted by nobody; one for each act, since some listen to theirs until it is gone. */
const never = (): AbortSignal => new AbortController().signal;
const nothing = (): undefined => undefined;

/** By the engine's own way: what `read` gives, in its pieces. */
export async function uploadTo(where: Where, size: number, read: UploadInput['read']): Promise<string> {
  const onCreated = (): Promise<void> => Promise.resolve();
  const outcome = await uploadBlob({
    ...where,
    size,
    read,
    onCreated,
    clock: systemClock,
    signal: never(),
    uploadUrl: undefined,
    onProgress: nothing,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
}

export function actsOn(platform: Platform): Acts {
  const link = createWebStorageLink();
  let where: Where = { endpoint: '', token: '' };
  /** Makes a copy of so many bytes in the cache, and sends it while it is made. */
  const sendCopy = async <T>(file: string, bytes: number, copy: (copying: Copying) => Promise<T>) => {
    const cache = platform.newCache();
    const chosen = await platform.open(file);
    const part = new SealedPart(never());
    const onProgress = (done: number): void => {
      part.reached(done);
    };
    const start = performance.now();
    const making = copy({ content: chosen.content, cache, onProgress });
    const outgoing = cache.outgoing(FILE);
    const sending = uploadTo(where, bytes, async (from, to) => {
      await part.upTo(to);
      return outgoing.read(from, to);
    });
    const [made, url] = await Promise.all([making, sending]);
    await outgoing.end();
    const ms = performance.now() - start;
    await chosen.close();
    await emptied(cache);
    return { ms, made, url };
  };
  return {
    begin: async (endpoint, token) => {
      where = { endpoint, token };
      await platform.ready();
      return null;
    },
    sendSealed: async (file, size) => {
      const key = systemRandom(KEY_BYTES);
      const blob = mediaBlob(mediaKey(key), size);
      const { ms, url, made } = await sendCopy(file, blob.layout.blobBytes, (copying) =>
        sealFile({ ...copying, blob, file: FILE, signal: never() }),
      );
      return { ms, sent: { url, key: toBase64Url(key), digest: toBase64Url(made) } };
    },
    sendPlain: async (file, size) => {
      const chosen = await platform.open(file);
      const sent = { url: '' };
      const ms = await timed(async () => {
        sent.url = await chosen.sendPlain(where, size);
      });
      await chosen.close();
      return { ms, url: sent.url };
    },
    sendKept: async (file, size) => {
      const { ms } = await sendCopy(file, size, (copying) => keep(copying, size));
      return { ms };
    },
    fetchSealed: async ({ url, key, digest }, size) => {
      const cache = platform.newCache();
      const blob = mediaBlob(mediaKey(fromBase64Url(key) ?? new Uint8Array()), size);
      const fetched = await timed(async () => {
        const outcome = await downloadBlob({
          ...{ url, blob, digest: fromBase64Url(digest) ?? new Uint8Array() },
          ...{ cache, file: FILE, have: 0, link, signal: never(), clock: systemClock },
          isOfAnother: () => Promise.resolve(false),
          onProgress: () => Promise.resolve(),
        });
        if (!outcome.ok) throw new Error(outcome.error.type);
      });
      const reading = new Reading(cache, link);
      const all = { url, name: url, blob, file: FILE, have: blob.layout.blobBytes };
      const read = await timed(() =>
        show(size, async (from, to) => {
          const part = await reading.read({ ...all, from, to });
          if (!part.ok) throw new Error(part.error.type);
          return part.value;
        }),
      );
      await emptied(cache);
      return { fetched, read };
    },
    fetchPlain: async (url) => {
      const cache = platform.newCache();
      let size = 0;
      const fetched = await timed(async () => {
        const { body } = await link.get(url, { from: 0, signal: never() });
        for await (const piece of body) {
          await cache.write(FILE, size, piece);
          size += piece.length;
        }
        await cache.flush(FILE);
      });
      const read = await timed(() => show(size, (from, to) => cache.read(FILE, from, to)));
      await emptied(cache);
      return { fetched, read };
    },
  };
}

/** As `sealFile` does it, but that nothing is sealed and nothing hashed, and the thread is given up after each write. */
async function keep({ content, cache, onProgress }: Copying, size: number): Promise<void> {
  const writes = new LargeWrites({ cache, file: FILE, from: 0, to: size });
  let [done, flushed] = [0, 0];
  for await (const piece of piecesOf(content.stream())) {
    await writes.add(piece);
    if (writes.written === done) continue;
    done = writes.written;
    onProgress(done);
    if (done - flushed >= FLUSH_BYTES || done === size) {
      await cache.flush(FILE);
      flushed = done;
    }
    await nextTurn();
  }
}

/**
 * As a screen asks for a file: in parts, some of them ahead (app/lib/features/media/whole-files.ts). What carrying them to it costs is
 * not in here; afterwards the engine is rid of them.
 */
async function show(size: number, read: (from: number, to: number) => Promise<Uint8Array>): Promise<void> {
  const parts = Array.from({ length: Math.ceil(size / PART) }, (_, at) => at * PART);
  for await (const part of madeAhead(parts, PARTS_AHEAD, (from) => read(from, Math.min(size, from + PART))))
    letGo(part);
}

async function emptied(cache: BlobCache): Promise<void> {
  await cache.clear();
  await cache.close();
}

/** Told to the parent, as a message tells it to its recipient. */
function mediaKey(bytes: Uint8Array): MediaKey {
  const key = toMediaKey(bytes);
  if (key === undefined) throw new Error('no key');
  return key;
}
