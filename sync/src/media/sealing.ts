/** A file that the user chose, sealed into the cache: read as a stream, so that memory does not grow with it. */
import { type MediaBlob, letGo, startMediaDigest } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';
import { madeAhead } from './ahead.ts';
import { nextTurn } from './next-turn.ts';
import { type Part, cutParts } from './parts.ts';
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

/** What was chosen was changed or taken away. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Chunks that are sealed at a time. */
const AT_ONCE = 4;

/**
 * Seals the file and answers its blob's digest. Durable when it resolves. Rejects with {@link Unreadable}, with the cache's error, or
 * with the signal's reason; what was written by then is the caller's to delete.
 */
export async function sealFile({ content, blob, cache, file, onProgress, signal }: SealingInput): Promise<Uint8Array> {
  const digest = startMediaDigest();
  const seal = async ({ index, bytes }: Part) => {
    const sealed = await blob.seal(index, bytes);
    await digest.add(index, sealed);
    return { at: blob.layout.place(index).blobFrom, sealed };
  };
  await cache.write(file, 0, blob.tag);
  for await (const { at, sealed } of madeAhead(chunksOf(content, blob.layout), AT_ONCE, seal)) {
    signal.throwIfAborted();
    const done = at + sealed.length;
    await cache.write(file, at, sealed);
    letGo(sealed);
    onProgress(done);
    await nextTurn();
  }
  await cache.flush(file);
  return digest.finish();
}

/** What of the file is in each chunk. Besides those that are being sealed there is one that is written, and one that is read. */
async function* chunksOf(content: Content, layout: MediaBlob['layout']): AsyncGenerator<Part, void, undefined> {
  const all = Array.from({ length: layout.chunks }, (_, index) => layout.place(index).content);
  const lengths = all.filter((length) => length > 0);
  let count = 0;
  try {
    for await (const part of cutParts(piecesOf(content.stream()), {
      lengths,
      longest: all[0] ?? 0,
      buffers: AT_ONCE + 2,
    })) {
      if (part.index >= lengths.length) throw new Error('more than there was');
      count += 1;
      yield part;
    }
  } catch (cause) {
    // The browser says in several ways that a file is not what it was.
    throw new Unreadable('the file cannot be read any more', { cause });
  }
  if (count !== lengths.length) throw new Unreadable('the file is not as long as it was');
  for (let index = count; index < layout.chunks; index += 1) yield { index, bytes: new Uint8Array() };
}
