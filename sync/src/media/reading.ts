/**
 * Parts of a file, opened chunk by chunk: from the cache as far as it is there, else by range from the server, so that a film
 * plays while it is being fetched. What was fetched for that is kept in memory only, a few megabytes of it.
 */
import { type ChunkPlace, MEDIA, type MediaBlob, type Result, err, ok } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import { madeAhead } from './ahead.ts';
import type { DownloadError } from './download.ts';
import { letGo } from './let-go.ts';
import { AT_ONCE } from './parts.ts';

export interface ReadInput {
  readonly url: string;
  /** Its name: what is kept in memory is kept under it. */
  readonly name: string;
  readonly blob: MediaBlob;
  /** Undefined: nothing of it is in the cache. */
  readonly file: string | undefined;
  /** Bytes of the blob that the cache has. */
  readonly have: number;
  readonly from: number;
  readonly to: number;
}

/** Chunks that one request fetches ahead (1 MiB), and that are kept (8 MiB). */
const AHEAD = 4;
const KEPT = 32;
/** Buffers for sealed chunks that are kept: of two reads that are under way. */
const SPARE = 2 * AT_ONCE;

export class Reading {
  readonly #cache: BlobCache;
  readonly #link: Pick<StorageLink, 'get'>;
  /** Opened chunks, the least recently used first. */
  readonly #kept = new Map<string, Uint8Array>();
  /** Buffers for sealed chunks: made anew for each they would be garbage by the megabyte. */
  readonly #spare: Uint8Array[] = [];
  readonly #stopped = new AbortController();

  constructor(cache: BlobCache, link: Pick<StorageLink, 'get'>) {
    this.#cache = cache;
    this.#link = link;
  }

  /** Bytes [from, to) of the file, cut at its end. Each chunk of it was verified. */
  async read(input: ReadInput): Promise<Result<Uint8Array, DownloadError>> {
    const { blob, from, to } = input;
    const end = Math.min(to, blob.layout.size);
    const bytes = new Uint8Array(Math.max(0, end - from));
    if (bytes.length === 0) return ok(bytes);
    const [first, last] = [blob.layout.chunkOf(from), blob.layout.chunkOf(end - 1)];
    const indices = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    // One request brings several chunks: only what is here is opened several at a time.
    const atOnce = fileWith(input, blob.layout.place(last)) === undefined ? 1 : AT_ONCE;
    for await (const { place, chunk, isKept } of madeAhead(indices, atOnce, (index) => this.#chunk(input, index))) {
      if (!chunk.ok) return chunk;
      const part = chunk.value.subarray(Math.max(0, from - place.from), end - place.from);
      bytes.set(part, Math.max(0, place.from - from));
      if (!isKept) letGo(chunk.value);
    }
    return ok(bytes);
  }

  /** Nothing of this blob is kept any more. */
  forget(name: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(`${name}:`)) this.#kept.delete(key);
  }

  stop(): void {
    this.#stopped.abort();
    this.#kept.clear();
    this.#spare.length = 0;
  }

  async #chunk(
    input: ReadInput,
    index: number,
  ): Promise<{ place: ChunkPlace; chunk: Result<Uint8Array, DownloadError>; isKept: boolean }> {
    const { blob, name } = input;
    const place = blob.layout.place(index);
    const file = fileWith(input, place);
    if (file !== undefined) {
      const buffer = this.#spare.pop() ?? new Uint8Array(MEDIA.chunkBytes + MEDIA.overheadBytes);
      const chunk = await blob.open(index, await this.#cache.read(file, place.blobFrom, place.blobTo, buffer));
      if (this.#spare.length < SPARE) this.#spare.push(buffer);
      return { place, chunk, isKept: false };
    }
    const kept = this.#recall(keyOf(name, index));
    return { place, chunk: kept === undefined ? await this.#fetch(input, index, place) : ok(kept), isKept: true };
  }

  /** Fetches this chunk and some after it. */
  async #fetch(input: ReadInput, index: number, place: ChunkPlace): Promise<Result<Uint8Array, DownloadError>> {
    const { blob, url, name } = input;
    const end = Math.min(index + AHEAD, blob.layout.chunks);
    const to = blob.layout.place(end - 1).blobTo;
    const fetched = await fetchRange(this.#link, url, { from: place.blobFrom, to, signal: this.#stopped.signal });
    if (!fetched.ok) return fetched;
    const indices = Array.from({ length: end - index }, (_, at) => index + at);
    const chunks = await Promise.all(
      indices.map((at) => {
        const { blobFrom, blobTo } = blob.layout.place(at);
        return blob.open(at, fetched.value.subarray(blobFrom - place.blobFrom, blobTo - place.blobFrom));
      }),
    );
    for (const [at, chunk] of chunks.entries()) {
      if (!chunk.ok) return chunk;
      this.#keep(keyOf(name, index + at), chunk.value);
    }
    return chunks[0] ?? err({ type: 'Unavailable' });
  }

  #recall(key: string): Uint8Array | undefined {
    const chunk = this.#kept.get(key);
    if (chunk !== undefined) this.#keep(key, chunk);
    return chunk;
  }

  #keep(key: string, chunk: Uint8Array): void {
    this.#kept.delete(key);
    this.#kept.set(key, chunk);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > KEPT) this.#kept.delete(oldest);
  }
}

/** The cache's file, when the chunk is in it. */
function fileWith({ file, have }: ReadInput, { blobTo }: ChunkPlace): string | undefined {
  return blobTo <= have ? file : undefined;
}

function keyOf(name: string, index: number): string {
  return `${name}:${String(index)}`;
}

type RangeRequest = { readonly from: number; readonly to: number; readonly signal: AbortSignal };

/** The bytes of one range; fewer when the blob ends before. */
async function fetchRange(
  link: Pick<StorageLink, 'get'>,
  url: string,
  { from, to, signal }: RangeRequest,
): Promise<Result<Uint8Array, DownloadError>> {
  const bytes = new Uint8Array(to - from);
  let at = 0;
  try {
    const answer = await link.get(url, { from, to, signal });
    if (answer.status === 404 || answer.status === 410) return err({ type: 'Expired' });
    if (answer.status === 416) return err({ type: 'Truncated' });
    if (answer.status !== 206 && answer.status !== 200) return err({ type: 'Unavailable' });
    let skip = from - answer.from;
    if (skip < 0) return err({ type: 'Unavailable' });
    for await (const piece of answer.body) {
      const part = piece.subarray(Math.min(skip, piece.length)).subarray(0, bytes.length - at);
      skip -= Math.min(skip, piece.length);
      bytes.set(part, at);
      at += part.length;
      if (at === bytes.length) break;
    }
  } catch {
    return err({ type: 'Unavailable' });
  }
  return ok(bytes.subarray(0, at));
}
