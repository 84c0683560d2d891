/**
 * Parts of a file, opened chunk by chunk: from the cache as far as it is there, else by range from the server, so that a film
 * plays while it is being fetched. What was fetched for that is kept in memory only, a few megabytes of it.
 */
import { type ChunkPlace, type MediaBlob, type Result, err, ok } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import type { DownloadError } from './download.ts';

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
const AHEAD = 16;
const KEPT = 128;

export class Reading {
  readonly #cache: BlobCache;
  readonly #link: Pick<StorageLink, 'get'>;
  /** Opened chunks, the least recently used first. */
  readonly #kept = new Map<string, Uint8Array>();
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
    for (let index = blob.layout.chunkOf(from); bytes.length > 0 && index <= blob.layout.chunkOf(end - 1); index += 1) {
      const place = blob.layout.place(index);
      const chunk = await this.#chunk(input, index, place);
      if (!chunk.ok) return chunk;
      const part = chunk.value.subarray(Math.max(0, from - place.from), end - place.from);
      bytes.set(part, Math.max(0, place.from - from));
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
  }

  async #chunk(input: ReadInput, index: number, place: ChunkPlace): Promise<Result<Uint8Array, DownloadError>> {
    const { blob, file, have } = input;
    if (file !== undefined && place.blobTo <= have) {
      return blob.open(index, await this.#cache.read(file, place.blobFrom, place.blobTo));
    }
    const kept = this.#recall(keyOf(input.name, index));
    return kept === undefined ? this.#fetch(input, index, place) : ok(kept);
  }

  /** Fetches this chunk and some after it. */
  async #fetch(input: ReadInput, index: number, place: ChunkPlace): Promise<Result<Uint8Array, DownloadError>> {
    const { blob, url, name } = input;
    const end = Math.min(index + AHEAD, blob.layout.chunks);
    const to = blob.layout.place(end - 1).blobTo;
    const fetched = await fetchRange(this.#link, url, { from: place.blobFrom, to, signal: this.#stopped.signal });
    if (!fetched.ok) return fetched;
    let first: Uint8Array | undefined;
    for (let at = index; at < end; at += 1) {
      const { blobFrom, blobTo } = blob.layout.place(at);
      const opened = blob.open(at, fetched.value.subarray(blobFrom - place.blobFrom, blobTo - place.blobFrom));
      if (!opened.ok) return opened;
      this.#keep(keyOf(name, at), opened.value);
      first ??= opened.value;
    }
    return first === undefined ? err({ type: 'Unavailable' }) : ok(first);
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
