/**
 * Fetching one blob into the cache, checked on the way: its tag, its length, and at the end its digest, for which nothing of it need
 * be opened: that is done once, by `reading.ts`, when it is shown. Goes on where an earlier try ended, by range.
 */
import {
  MEDIA,
  type MediaBlob,
  type MediaDigest,
  type MediaError,
  type Result,
  checkBlob,
  equalBytes,
  err,
  ok,
  startMediaDigest,
} from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import { madeAhead } from './ahead.ts';
import { LargeWrites } from './large-writes.ts';
import { letGo } from './let-go.ts';
import { TURN_CHUNKS, nextTurn } from './next-turn.ts';
import { AT_ONCE, type Part, partsAhead, without } from './parts.ts';

export interface DownloadInput {
  readonly url: string;
  readonly blob: MediaBlob;
  /** The file's, as the pointer announces it. */
  readonly digest: Uint8Array;
  readonly cache: BlobCache;
  readonly file: string;
  /** Bytes of the blob that the cache has: none, or up to the end of a chunk. */
  readonly have: number;
  readonly link: Pick<StorageLink, 'get'>;
  /** Whether this tag is that of another blob that this device knows of. */
  readonly isOfAnother: (tag: Uint8Array) => Promise<boolean>;
  readonly clock: Pick<Clock, 'now'>;
  /** So many bytes are in the cache: none, or up to the end of a chunk. Awaited, so that whoever writes it down is not overrun. */
  readonly onProgress: (have: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** `ReplayedBlob`: the one of another file, which the server had before. `Expired`: the server has it no more. `Unavailable`: no answer, or none that says anything. */
export type DownloadError =
  MediaError | { readonly type: 'ReplayedBlob' } | { readonly type: 'Expired' } | { readonly type: 'Unavailable' };

/** Milliseconds since the last write after which a part is written when it comes, with what waited for it. */
const MOST_PAUSE = 500;

/** Resolves when the whole file is here and is what was announced. Rejects with the cache's errors, and when it is stopped. */
export async function downloadBlob(input: DownloadInput): Promise<Result<null, DownloadError>> {
  const { blob, have, signal, cache, file } = input;
  const digest = startMediaDigest();
  const here = await openCached(input, have, digest);
  if (!here.ok) return here;
  if (have < blob.layout.blobBytes) {
    const fetched = await fetchRest(input, digest, here.value);
    signal.throwIfAborted();
    if (!fetched.ok) return fetched;
  }
  await cache.flush(file);
  if (equalBytes(await digest.finish(), input.digest)) return ok(null);
  // The chunk that is to blame is named, if it is one.
  const opened = await openCached(input, blob.layout.blobBytes);
  return opened.ok ? err({ type: 'NotAsAnnounced' }) : opened;
}

/** Opens what is in the cache up to `to`, and adds it to `digest`; answers the number of its chunks. */
async function openCached(
  { blob, cache, file, signal }: DownloadInput,
  to: number,
  digest?: MediaDigest,
): Promise<Result<number, DownloadError>> {
  const chunks = Array.from({ length: blob.layout.chunks }, (_, index) => ({ index, ...blob.layout.place(index) }));
  const here = chunks.filter(({ blobTo }) => blobTo <= to);
  const outcomes = madeAhead(here, AT_ONCE, async ({ index, blobFrom, blobTo }) => {
    const sealed = await cache.read(file, blobFrom, blobTo);
    await digest?.add(index, sealed);
    const opened = await blob.open(index, sealed);
    letGo(sealed);
    if (opened.ok) letGo(opened.value);
    return opened;
  });
  for await (const opened of outcomes) {
    signal.throwIfAborted();
    if (!opened.ok) return opened;
  }
  return ok(here.length);
}

async function fetchRest(
  input: DownloadInput,
  digest: MediaDigest,
  firstChunk: number,
): Promise<Result<null, DownloadError>> {
  const { url, blob, have, link } = input;
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  try {
    const answer = await link.get(url, { from: have, signal }).catch(() => undefined);
    if (answer === undefined) return err({ type: 'Unavailable' });
    const refusal = refusalOf(answer.status);
    if (refusal !== undefined) return err(refusal);
    if (answer.from > have) return err({ type: 'Unavailable' });
    // A server that knows no ranges gives all of it.
    const known = have - answer.from;
    const body = known === 0 ? answer.body : without(known, answer.body);
    const total = answer.total ?? blob.layout.blobBytes;
    return await takeIn({ ...input, hashed: digest, total, firstChunk }, body);
  } finally {
    // Whatever is still to come of it, nobody waits for.
    stop.abort();
  }
}

function refusalOf(status: number): DownloadError | undefined {
  if (status === 200 || status === 206) return undefined;
  if (status === 404 || status === 410) return { type: 'Expired' };
  return status === 416 ? { type: 'Truncated' } : { type: 'Unavailable' };
}

interface Taking extends DownloadInput {
  readonly hashed: MediaDigest;
  /** Of the blob, as the server says. */
  readonly total: number;
  /** The first that is not here; before chunk 0 comes the tag. */
  readonly firstChunk: number;
}

/** A part of the blob: what is in the place of a chunk that is none is more than there should be. */
type BlobPart =
  | { readonly type: 'Tag'; readonly bytes: Uint8Array }
  | { readonly type: 'Chunk'; readonly index: number; readonly bytes: Uint8Array }
  | { readonly type: 'More' };

/** Parts are hashed beside the thread; each is written when all before it are. What came when the line breaks is written, too. */
async function takeIn(input: Taking, body: AsyncIterable<Uint8Array>): Promise<Result<null, DownloadError>> {
  const { blob, total, firstChunk } = input;
  const shelving = new Shelving(input);
  let chunks = firstChunk;
  const check = async (cut: Part) => {
    const part = partOf(input, cut);
    return { part, checked: await checkPart(input, part).catch(notOfTheLine) };
  };
  try {
    for await (const { part, checked } of partsAhead(body, lengthsOf(input), check)) {
      if (!checked.ok) return checked;
      if (part.type === 'More') return err({ type: 'TrailingBytes' });
      await shelving.add(part.bytes).catch(notOfTheLine);
      if (part.type === 'Tag') continue;
      chunks += 1;
      if (chunks % TURN_CHUNKS === 0) await nextTurn();
    }
  } catch (error) {
    if (error instanceof NotOfTheLine) throw error.cause;
    await shelving.end();
    return err({ type: 'Unavailable' });
  }
  await shelving.end();
  if (total < blob.layout.blobBytes) return err({ type: 'Truncated' });
  return chunks === blob.layout.chunks ? ok(null) : err({ type: 'Unavailable' });
}

/** Into the cache, in large writes; on a slow line in smaller ones, so that whoever waits sees that it comes. */
class Shelving {
  readonly #input: Taking;
  readonly #writes: LargeWrites;
  /** The first chunk that is not in the cache. */
  #nextChunk: number;
  #lastWrite: number;

  constructor(input: Taking) {
    const { cache, file, have, blob, firstChunk, clock } = input;
    this.#input = input;
    this.#nextChunk = firstChunk;
    this.#writes = new LargeWrites({ cache, file, from: have, to: blob.layout.blobBytes });
    this.#lastWrite = clock.now();
  }

  async add(part: Uint8Array): Promise<void> {
    await this.#writes.add(part);
    if (this.#input.clock.now() - this.#lastWrite >= MOST_PAUSE) await this.#writes.write();
    await this.#tell();
  }

  async end(): Promise<void> {
    await this.#writes.write();
    await this.#tell();
  }

  async #tell(): Promise<void> {
    const { blob, clock, onProgress } = this.#input;
    let have = 0;
    for (; this.#nextChunk < blob.layout.chunks; this.#nextChunk += 1) {
      const { blobTo } = blob.layout.place(this.#nextChunk);
      if (blobTo > this.#writes.written) break;
      have = blobTo;
    }
    if (have === 0) return;
    this.#lastWrite = clock.now();
    await onProgress(have);
  }
}

/** Of the parts that are still to come. */
function lengthsOf({ blob: { layout }, firstChunk }: Taking): readonly number[] {
  const chunks = Array.from({ length: layout.chunks - firstChunk }, (_, at) => {
    const { blobFrom, blobTo } = layout.place(firstChunk + at);
    return blobTo - blobFrom;
  });
  return firstChunk === 0 ? [MEDIA.tagBytes, ...chunks] : chunks;
}

function partOf({ blob: { layout }, firstChunk }: Taking, { index: nth, bytes }: Part): BlobPart {
  if (firstChunk === 0 && nth === 0) return { type: 'Tag', bytes };
  const index = firstChunk === 0 ? nth - 1 : firstChunk + nth;
  if (index >= layout.chunks) return { type: 'More' };
  return { type: 'Chunk', index, bytes };
}

async function checkPart(input: Taking, part: BlobPart): Promise<Result<null, DownloadError>> {
  if (part.type === 'More') return ok(null);
  if (part.type === 'Chunk') {
    await input.hashed.add(part.index, part.bytes);
    return ok(null);
  }
  const checked = checkBlob(input.blob, part.bytes, input.total);
  if (checked.ok || checked.error.type !== 'WrongBlob') return checked;
  return (await input.isOfAnother(part.bytes)) ? err({ type: 'ReplayedBlob' }) : checked;
}

/** Carries what failed on this device past what the network throws. */
class NotOfTheLine extends Error {
  override readonly name = 'NotOfTheLine';
}

function notOfTheLine(cause: unknown): never {
  throw new NotOfTheLine('the cache or the store failed', { cause });
}
