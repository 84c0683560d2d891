/** A file that the user chose, sealed into the cache: read as a stream, so that memory does not grow with it. */
import { type MediaBlob, startMediaDigest } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import { LargeWrites } from './large-writes.ts';
import { letGo } from './let-go.ts';
import { TURN_CHUNKS, nextTurn } from './next-turn.ts';
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
  /** Bytes of the sealed file that are written: they may be sent, and are durable when all are. */
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Bytes that are written at most before the disk has to have them. */
export const FLUSH_BYTES = 16 * 1024 * 1024;

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
  const writes = new LargeWrites({ cache, file, from: 0, to: layout.blobBytes });
  await writes.add(blob.tag);
  let [chunks, done, flushed] = [0, 0, 0];
  for await (const sealed of partsAhead(piecesOfFile(content), lengths, seal)) {
    signal.throwIfAborted();
    await writes.add(sealed);
    letGo(sealed);
    if (writes.written > done) {
      done = writes.written;
      onProgress(done);
      // Holds the thread until the disk has all of it, and with the thread what is being uploaded: so a bit at a time.
      if (done - flushed >= FLUSH_BYTES || done === layout.blobBytes) {
        await cache.flush(file);
        flushed = done;
      }
    }
    chunks += 1;
    if (chunks % TURN_CHUNKS === 0) await nextTurn();
  }
  if (done < layout.blobBytes) throw new Unreadable('the file is shorter than it was');
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
