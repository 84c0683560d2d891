/**
 * Port: sealed files of this device, by a random id. What is in them is what the storage server holds, byte for byte, so
 * nothing here is in the clear and nobody needs a further key. Adapters: `adapters/opfs-blob-cache.ts` (a browser's private
 * files, in a worker), `adapters/memory-blob-cache.ts`. One contract suite (`ports/blob-cache.contract.ts`) runs on both.
 */

export interface BlobFile {
  readonly id: string;
  readonly size: number;
}

/** The body of a request. */
export type RequestBody = Uint8Array<ArrayBuffer> | Blob;

/** A file on its way to a server, by one request after another. */
export interface Outgoing {
  /** Bytes [from, to), cut at the file's end, in the form that costs the platform least to send. Good until the call after the next. None after {@link end}. */
  read(from: number, to: number): Promise<RequestBody>;
  /** Nothing of it is sent any more: lets go of what {@link read} needed. Harmless when it is called twice. */
  end(): Promise<void>;
}

export interface BlobCache {
  /**
   * Writes bytes at a place of the file, which begins with the first write; a gap is zeros. Durable after {@link flush}.
   * Rejects with an error whose name is `QuotaExceededError` when the disk is full: the file is then as it was, or has a part.
   */
  write(id: string, at: number, bytes: Uint8Array): Promise<void>;
  /** Resolves when everything that was written to the file is on the disk. */
  flush(id: string): Promise<void>;
  /** Bytes [from, to), cut at the file's end; none of a file that is not there. In `into` if that is given, which has room for them. */
  read(id: string, from: number, to: number, into?: Uint8Array): Promise<Uint8Array>;
  /** To send the file, or what there is of it by now; as often as one likes at the same time. {@link Outgoing.end} has to be called. */
  outgoing(id: string): Outgoing;
  /** Undefined: no such file. */
  size(id: string): Promise<number | undefined>;
  /** Harmless when there is none. */
  delete(id: string): Promise<void>;
  list(): Promise<readonly BlobFile[]>;
  /** Deletes all, for "erase this device". */
  clear(): Promise<void>;
  /** Lets go of what is open; the files stay. */
  close(): Promise<void>;
}

/** The cache cannot be used: what is in it may be fetched again, and the engine goes on without. */
export class CacheUnavailableError extends Error {
  override readonly name = 'CacheUnavailableError';
}

/** The ids that a cache takes: base64url. */
export function isFileId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}
