/** Blob cache in memory, for Node and tests. Owns fault injection; bytes are copied in and out, as a disk would. */
import { type BlobCache, isFileId } from '../ports/blob-cache.ts';

export interface MemoryBlobCacheOptions {
  /** Called before each write; when it throws, nothing is written and `write` rejects with that error. */
  readonly beforeWrite?: (id: string, bytes: Uint8Array) => void;
}

export interface MemoryBlobCache extends BlobCache {
  /** The bytes of all files, as somebody with the disk sees them. */
  snapshot(): ReadonlyMap<string, Uint8Array>;
}

export function createMemoryBlobCache({ beforeWrite }: MemoryBlobCacheOptions = {}): MemoryBlobCache {
  const files = new Map<string, Uint8Array>();
  return {
    write: async (id, at, bytes) => {
      if (!isFileId(id)) throw new RangeError('not a file id');
      beforeWrite?.(id, bytes);
      const before = files.get(id) ?? new Uint8Array();
      const after = new Uint8Array(Math.max(before.length, at + bytes.length));
      after.set(before);
      after.set(bytes, at);
      files.set(id, after);
    },
    flush: async () => undefined,
    read: async (id, from, to) => (files.get(id) ?? new Uint8Array()).slice(from, Math.max(from, to)),
    size: async (id) => files.get(id)?.length,
    delete: async (id) => {
      files.delete(id);
    },
    list: async () => [...files].map(([id, { length }]) => ({ id, size: length })),
    clear: async () => {
      files.clear();
    },
    close: async () => undefined,
    snapshot: () => new Map(files),
  };
}
