/**
 * Port: a storage server, as far as it is asked for blobs and to forget them. Adapter: `adapters/web-storage-link.ts`. Uploads go
 * by the tus client (`media/upload.ts`), which has its own.
 */

export interface BlobAnswer {
  readonly status: number;
  /** Of the whole blob, as the server says; undefined when it does not. */
  readonly total: number | undefined;
  /** Where in the blob the body begins. */
  readonly from: number;
  /** Throws when the line is lost before its end. */
  /** Each piece is good until the next is asked for: the memory may be used again. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface BlobRequest {
  readonly from: number;
  /** Exclusive; absent: to the end. */
  readonly to?: number;
  readonly signal: AbortSignal;
}

export interface StorageLink {
  /** Rejects only when there was no answer at all, or `signal` aborted it. */
  get(url: string, request: BlobRequest): Promise<BlobAnswer>;
  /** Asks the server to forget a blob or an upload; answers the status. Rejects when there was no answer. */
  remove(url: string, token: string): Promise<number>;
}
