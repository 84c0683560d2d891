/** A file that the user chose, sealed into the cache: read in slices, so that memory does not grow with it. */
import { type MediaBlob, startMediaDigest } from '@securechat/crypto';
import type { BlobCache } from '../ports/blob-cache.ts';

/** The part of a `Blob` that is asked here. */
export interface Content {
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
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

/** Chunks that are read, sealed and written at a time: 1 MiB. */
const SLICE = 16;

/**
 * Seals the file and answers its digest. Durable when it resolves. Rejects with {@link Unreadable}, with the cache's error, or
 * with the signal's reason; what was written by then is the caller's to delete.
 */
export async function sealFile({ content, blob, cache, file, onProgress, signal }: SealingInput): Promise<Uint8Array> {
  const slices = slicesOf(blob.layout);
  const digest = startMediaDigest();
  const read = (slice: Slice | undefined): Promise<Uint8Array> | undefined =>
    slice && ahead(readSlice(content, slice.from, slice.to));
  let next = read(slices[0]);
  // The cache copies what it is given, so one buffer does for all of them.
  const sealed = new Uint8Array(slices.reduce((most, { blobFrom, blobTo }) => Math.max(most, blobTo - blobFrom), 0));
  await cache.write(file, 0, blob.tag);
  for (const [index, slice] of slices.entries()) {
    signal.throwIfAborted();
    const bytes = (await next) ?? new Uint8Array();
    // Read by others while this one seals.
    next = read(slices[index + 1]);
    digest.update(bytes);
    await cache.write(file, slice.blobFrom, sealSlice(blob, slice, { bytes, sealed }));
    onProgress(slice.blobTo);
  }
  await cache.flush(file);
  return digest.finish();
}

/** Some chunks: the first and the last of them, where they are in the file, and in the blob. */
interface Slice {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
  readonly blobFrom: number;
  readonly blobTo: number;
}

function slicesOf({ chunks, size, place }: MediaBlob['layout']): readonly Slice[] {
  return Array.from({ length: Math.ceil(chunks / SLICE) }, (_, index) => {
    const [first, last] = [index * SLICE, Math.min((index + 1) * SLICE, chunks) - 1];
    const [{ from, blobFrom }, end] = [place(first), place(last)];
    return { first, last, from, to: Math.min(size, end.from + end.padded), blobFrom, blobTo: end.blobTo };
  });
}

/** Answers as much of `sealed` as the slice fills. */
function sealSlice(
  blob: MediaBlob,
  { first, last, from, blobFrom, blobTo }: Slice,
  { bytes, sealed }: { readonly bytes: Uint8Array; readonly sealed: Uint8Array },
): Uint8Array {
  for (let index = first; index <= last; index += 1) {
    const place = blob.layout.place(index);
    const content = bytes.subarray(place.from - from, place.from - from + place.content);
    blob.seal(index, content, sealed.subarray(place.blobFrom - blobFrom, place.blobTo - blobFrom));
  }
  return sealed.subarray(0, blobTo - blobFrom);
}

/** What is read ahead may fail before anybody waits for it. */
function ahead<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined);
  return reading;
}

async function readSlice(content: Content, from: number, to: number): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array(); // nothing but padding
  try {
    const bytes = new Uint8Array(await content.slice(from, to).arrayBuffer());
    if (bytes.length === to - from) return bytes;
  } catch {
    // The browser says in several ways that a file is not what it was.
  }
  throw new Unreadable('the file cannot be read any more');
}
