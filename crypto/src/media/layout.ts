/**
 * Where in a blob which bytes of a file are. A function of the file's size alone, so that any part can be fetched and opened
 * by itself. Knows nothing of keys.
 *
 *     blob  = tag 32 | chunk 0 | chunk 1 | ... | chunk last       what the storage server holds
 *     chunk = 262,144 bytes of the padded file (the last one: what is left) | authenticator 16
 *
 * A file is padded with zeros to a size of Padmé's (Nikitin, Barman, Lueks, Underwood, Hubaux, Ford 2019, "Reducing Metadata
 * Leakage from Encrypted Files and Communication with PURBs", 4): sizes then tell O(log log size) bits, for at most 12 %.
 */
import { GCM } from '../webcrypto.ts';

/** Lengths, and the size that a file may have (4 GiB). */
export const MEDIA = {
  tagBytes: 32,
  chunkBytes: 262_144,
  overheadBytes: GCM.tagBytes,
  fileBytes: 4 * 1024 ** 3,
  /** The smallest padded file: nothing shorter is told apart. */
  leastPadded: 1024,
} as const;

export interface MediaLayout {
  /** Of the file. */
  readonly size: number;
  readonly chunks: number;
  /** Of the whole blob. */
  readonly blobBytes: number;
  /** Throws RangeError for an index that is none. */
  place(index: number): ChunkPlace;
  /** In which chunk byte `at` of the file is. */
  chunkOf(at: number): number;
}

/** One chunk: what of the file is in it, and where it is in the blob. */
export interface ChunkPlace {
  readonly from: number;
  /** Bytes of the file in it; none when it is all padding. */
  readonly content: number;
  readonly padded: number;
  readonly blobFrom: number;
  readonly blobTo: number;
  readonly isLast: boolean;
}

/** Throws RangeError unless `size` is a whole number from 1 to 4 GiB: decoders of pointers let nothing else through. */
export function mediaLayout(size: number): MediaLayout {
  if (!Number.isSafeInteger(size) || size < 1 || size > MEDIA.fileBytes) throw new RangeError('media: size');
  const { tagBytes, chunkBytes, overheadBytes } = MEDIA;
  const total = paddedSize(size);
  const chunks = Math.ceil(total / chunkBytes);
  const place = (index: number): ChunkPlace => {
    if (!Number.isInteger(index) || index < 0 || index >= chunks) throw new RangeError('media: no such chunk');
    const from = index * chunkBytes;
    const padded = Math.min(chunkBytes, total - from);
    const blobFrom = tagBytes + index * (chunkBytes + overheadBytes);
    return {
      ...{ from, padded, blobFrom, blobTo: blobFrom + padded + overheadBytes },
      content: Math.max(0, Math.min(padded, size - from)),
      isLast: index === chunks - 1,
    };
  };
  const chunkOf = (at: number): number => Math.floor(at / chunkBytes);
  return { size, chunks, blobBytes: tagBytes + total + chunks * overheadBytes, place, chunkOf };
}

/** Padmé: of a size's binary digits only about as many stay as its exponent has. */
export function paddedSize(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  const unit = 2 ** Math.max(0, exponent - Math.floor(Math.log2(Math.max(1, exponent))) - 1);
  return Math.max(MEDIA.leastPadded, Math.ceil(size / unit) * unit);
}
