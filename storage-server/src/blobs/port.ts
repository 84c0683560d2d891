/** Where the bytes of blobs are kept. The file store is the one adapter today; an S3 one has to pass the same contract. */
import type { DataStore } from '@tus/utils';
import type { BlobId } from './blob-id.ts';

/** A part of a blob: from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The bytes of blobs, by name. It knows nothing of owners, quotas or times. */
export interface BlobStore {
  /** What the upload protocol writes to. */
  readonly uploads: DataStore;
  /** Makes a complete blob survive a power cut. */
  settle(id: BlobId): Promise<void>;
  /** How many bytes of a blob are here; undefined when there is no such blob. */
  sizeOf(id: BlobId): Promise<number | undefined>;
  /** The bytes of a range that exists. */
  read(id: BlobId, range: ByteRange): ReadableStream<Uint8Array>;
  /** Removes a blob; nothing happens when it is not there. */
  remove(id: BlobId): Promise<void>;
  /** The names of everything that is here. */
  names(): Promise<readonly string[]>;
  /** Bytes that may still be written. */
  freeBytes(): Promise<number>;
}
