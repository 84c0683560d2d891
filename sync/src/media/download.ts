/**
 * Fetching one blob into the cache, checked on the way: its tag, each chunk, its length, and at the end the file's digest. Goes
 * on where an earlier try ended, by range. Nothing of it is shown before it is whole, but what `reading.ts` opens chunk by chunk.
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
import type { BlobAnswer, StorageLink } from '../ports/storage-link.ts';

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
  /** So many bytes are in the cache. Awaited, so that whoever writes it down is not overrun. */
  readonly onProgress: (have: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** `ReplayedBlob`: the one of another file, which the server had before. `Expired`: the server has it no more. `Unavailable`: no answer, or none that says anything. */
export type DownloadError =
  MediaError | { readonly type: 'ReplayedBlob' } | { readonly type: 'Expired' } | { readonly type: 'Unavailable' };

/** Resolves when the whole file is here and is what was announced. Rejects with the cache's errors, and when it is stopped. */
export async function downloadBlob(input: DownloadInput): Promise<Result<null, DownloadError>> {
  const { blob, have, signal } = input;
  const digest = startMediaDigest();
  const again = await digestOfCached(input, digest);
  if (!again.ok) return again;
  if (have < blob.layout.blobBytes) {
    const fetched = await fetchRest(input, digest, again.value);
    signal.throwIfAborted();
    if (!fetched.ok) return fetched;
  }
  await input.cache.flush(input.file);
  return equalBytes(digest.finish(), input.digest) ? ok(null) : err({ type: 'NotAsAnnounced' });
}

/** What is here from before, opened once more; answers the number of its chunks. */
async function digestOfCached(input: DownloadInput, digest: MediaDigest): Promise<Result<number, DownloadError>> {
  const { blob, cache, file, have, signal } = input;
  const chunk = new Uint8Array(MEDIA.chunkBytes);
  for (let index = 0; index < blob.layout.chunks; index += 1) {
    const { blobFrom, blobTo } = blob.layout.place(index);
    if (blobTo > have) return ok(index);
    signal.throwIfAborted();
    const opened = blob.open(index, await cache.read(file, blobFrom, blobTo), chunk);
    if (!opened.ok) return opened;
    digest.update(opened.value);
  }
  return ok(blob.layout.chunks);
}

async function fetchRest(
  input: DownloadInput,
  digest: MediaDigest,
  firstChunk: number,
): Promise<Result<null, DownloadError>> {
  const { url, blob, have, link, signal } = input;
  let answer: BlobAnswer;
  try {
    answer = await link.get(url, { from: have, signal });
  } catch {
    return err({ type: 'Unavailable' });
  }
  const refusal = refusalOf(answer.status);
  if (refusal !== undefined) return err(refusal);
  const total = answer.total ?? blob.layout.blobBytes;
  const intake = new ChunkIntake(input, digest, { firstChunk, total });
  return intake.takeAll(answer);
}

function refusalOf(status: number): DownloadError | undefined {
  if (status === 200 || status === 206) return undefined;
  if (status === 404 || status === 410) return { type: 'Expired' };
  return status === 416 ? { type: 'Truncated' } : { type: 'Unavailable' };
}

/** Cuts what arrives into the tag and chunks, and takes each in when it is complete. */
class ChunkIntake {
  readonly #input: DownloadInput;
  readonly #digest: MediaDigest;
  readonly #total: number;
  #index: number;
  #isTagSeen: boolean;
  /** One chunk sealed, and opened: used again for each, since the cache copies what it is given. */
  readonly #sealed = new Uint8Array(MEDIA.chunkBytes + MEDIA.overheadBytes);
  readonly #opened = new Uint8Array(MEDIA.chunkBytes);
  #pieces: Uint8Array[] = [];
  #held = 0;

  constructor(input: DownloadInput, digest: MediaDigest, { firstChunk, total }: { firstChunk: number; total: number }) {
    this.#input = input;
    this.#digest = digest;
    this.#total = total;
    this.#index = firstChunk;
    this.#isTagSeen = input.have > 0;
  }

  async takeAll({ body, from }: BlobAnswer): Promise<Result<null, DownloadError>> {
    const { blob, have } = this.#input;
    if (from > have) return err({ type: 'Unavailable' });
    // A server that knows no ranges gives all of it.
    let skip = have - from;
    try {
      for await (const piece of body) {
        const bytes = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - bytes.length;
        const taken = await this.#take(bytes);
        if (!taken.ok) return taken;
      }
    } catch (error) {
      if (error instanceof StorageFailed) throw error.cause;
      return err({ type: 'Unavailable' });
    }
    if (this.#total < blob.layout.blobBytes) return err({ type: 'Truncated' });
    return this.#index === blob.layout.chunks ? ok(null) : err({ type: 'Unavailable' });
  }

  async #take(bytes: Uint8Array): Promise<Result<null, DownloadError>> {
    const { layout } = this.#input.blob;
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    for (;;) {
      if (!this.#isTagSeen) {
        if (this.#held < MEDIA.tagBytes) return ok(null);
        const tag = this.#cut(MEDIA.tagBytes);
        const checked = checkBlob(this.#input.blob, tag, this.#total);
        if (!checked.ok) return this.#named(checked.error, tag);
        this.#isTagSeen = true;
        await this.#write(0, tag);
      }
      if (this.#index === layout.chunks) return this.#held > 0 ? err({ type: 'TrailingBytes' }) : ok(null);
      const { blobFrom, blobTo } = layout.place(this.#index);
      if (this.#held < blobTo - blobFrom) return ok(null);
      const sealed = this.#cut(blobTo - blobFrom);
      const opened = this.#input.blob.open(this.#index, sealed, this.#opened);
      if (!opened.ok) return opened;
      this.#digest.update(opened.value);
      await this.#write(blobFrom, sealed);
      this.#index += 1;
      await this.#input.onProgress(blobTo).catch(storageFailed);
    }
  }

  async #named(error: MediaError, tag: Uint8Array): Promise<Result<null, DownloadError>> {
    const isReplay = error.type === 'WrongBlob' && (await this.#input.isOfAnother(tag).catch(storageFailed));
    return err(isReplay ? { type: 'ReplayedBlob' } : error);
  }

  async #write(at: number, bytes: Uint8Array): Promise<void> {
    const { cache, file } = this.#input;
    await cache.write(file, at, bytes).catch(storageFailed);
  }

  /** The first `length` bytes of what is held, until the next call. */
  #cut(length: number): Uint8Array {
    const out = this.#sealed.subarray(0, length);
    let at = 0;
    while (at < length) {
      const [piece] = this.#pieces;
      if (piece === undefined) break;
      const part = piece.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.#held -= length;
    return out;
  }
}

/** Carries an error of the device's storage past what the network throws. */
class StorageFailed extends Error {
  override readonly name = 'StorageFailed';
}

function storageFailed(cause: unknown): never {
  throw new StorageFailed('the cache or the store failed', { cause });
}
