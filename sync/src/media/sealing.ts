/** A file that the user chose, sealed into the cache: read in slices, so that memory does not grow with it. */
import { type MediaBlob, startMediaDigest } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';

export interface SealingInput {
  readonly content: Blob;
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

/** Chunks that are read, sealed and written at a time: 1 MiB. */
const SLICE = 16;

/**
 * Seals the file and answers its digest. Durable when it resolves. Rejects with {@link Unreadable}, with the cache's error, or
 * with the signal's reason; what was written by then is the caller's to delete.
 */
export async function sealFile({ content, blob, cache, file, onProgress, signal }: SealingInput): Promise<Uint8Array> {
  const { layout } = blob;
  const digest = startMediaDigest();
  await cache.write(file, 0, blob.tag);
  for (let index = 0; index < layout.chunks; index += SLICE) {
    signal.throwIfAborted();
    const end = Math.min(index + SLICE, layout.chunks);
    const [first, last] = [layout.place(index), layout.place(end - 1)];
    const bytes = await readSlice(content, first.from, Math.min(layout.size, last.from + last.padded));
    digest.update(bytes);
    const sealed = new Uint8Array(last.blobTo - first.blobFrom);
    for (let at = index; at < end; at += 1) {
      const { from, content: length, blobFrom } = layout.place(at);
      sealed.set(
        blob.seal(at, bytes.subarray(from - first.from, from - first.from + length)),
        blobFrom - first.blobFrom,
      );
    }
    await cache.write(file, first.blobFrom, sealed);
    onProgress(last.blobTo);
  }
  await cache.flush(file);
  return digest.finish();
}

async function readSlice(content: Blob, from: number, to: number): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array(); // nothing but padding
  try {
    const bytes = new Uint8Array(await content.slice(from, to).arrayBuffer());
    if (bytes.length === to - from) return bytes;
  } catch {
    // The browser says in several ways that a file is not what it was.
  }
  throw new Unreadable('the file cannot be read any more');
}
