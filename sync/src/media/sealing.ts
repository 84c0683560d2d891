/** A file that the user chose, sealed into the cache: read as a stream, so that memory does not grow with it. */
import { type MediaBlob, startMediaDigest } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import { letGo } from './let-go.ts';
import { nextTurn } from './next-turn.ts';
import { type Part, partsAhead } from './parts.ts';
import { piecesOf } from './pieces.ts';

/** The part of a `Blob` that is asked here. */
export interface Content {
  stream(): ReadableStream<Uint8Array>;
}

export interface SealingInput {
  readonly content: Content;
  readonly blob: MediaBlob;
  readonly cache: BlobCache;
  /** Where in the cache. */
  readonly file: string;
  /** Bytes of the sealed file that are written. */
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** A flush may hold the thread until the disk has all of it, and with the thread what is being uploaded: so a bit at a time. */
const FLUSH_BYTES = 4 * 1024 * 1024;

/** What was chosen was changed or taken away. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Seals the file and answers its blob's digest. Durable when it resolves. Rejects with {@link Unreadable}, with the cache's error, or
 * with the signal's reason; what was written by then is the caller's to delete.
 */
export async function sealFile({ content, blob, cache, file, onProgress, signal }: SealingInput): Promise<Uint8Array> {
  const { layout } = blob;
  const digest = startMediaDigest();
  const lengths = Array.from({ length: layout.chunks }, (_, index) => layout.place(index).content);
  const seal = async ({ index, bytes }: Part): Promise<Uint8Array> => {
    if (index >= layout.chunks) throw new Unreadable('the file is longer than it was');
    const sealed = await blob.seal(index, bytes);
    await digest.add(index, sealed);
    return sealed;
  };
  let [done, flushed] = [blob.tag.length, 0];
  await cache.write(file, 0, blob.tag);
  for await (const sealed of partsAhead(piecesOfFile(content), lengths, seal)) {
    signal.throwIfAborted();
    await cache.write(file, done, sealed);
    done += sealed.length;
    letGo(sealed);
    if (done - flushed >= FLUSH_BYTES) {
      await cache.flush(file);
      flushed = done;
    }
    onProgress(done);
    await nextTurn();
  }
  if (done < layout.blobBytes) throw new Unreadable('the file is shorter than it was');
  await cache.flush(file);
  return digest.finish();
}

/** A browser says in several ways that a file is not what it was. */
async function* piecesOfFile(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* piecesOf(content.stream());
  } catch (cause) {
    throw new Unreadable('the file cannot be read any more', { cause });
  }
}
