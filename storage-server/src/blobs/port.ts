/** Where the bytes of blobs are kept. The adapters, a folder and an S3 bucket, pass one contract (`store.contract.ts`). */
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
  /** Makes a blob, of which all bytes are here, survive a power cut. */
  settle(id: BlobId): Promise<void>;
  /** How many bytes of a blob are here; undefined when there is no such blob. */
  sizeOf(id: BlobId): Promise<number | undefined>;
  /** The bytes of a range that exists. Rejects when there is no such blob. */
  read(id: BlobId, range: ByteRange): Promise<ReadableStream<Uint8Array>>;
  /** Removes a blob, finished or not, and all that there is of it; nothing happens when it is not there. */
  remove(id: BlobId): Promise<void>;
  /** The names of everything that is here, with its bytes; undefined where only `sizeOf` can tell. */
  contents(): Promise<ReadonlyMap<string, number | undefined>>;
  /** Whether `bytes` more can be taken with `spare` bytes of this machine's disk left alone. */
  hasRoom(bytes: number, spare: number): Promise<boolean>;
  /** Rejects when blobs cannot be kept and read at the moment. */
  check(): Promise<void>;
  /** Lets go of connections. */
  close(): void;
}
