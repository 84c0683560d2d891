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
  const files = new Map<string, GrowingFile>();
  return {
    write: async (id, at, bytes) => {
      if (!isFileId(id)) throw new RangeError('not a file id');
      beforeWrite?.(id, bytes);
      const file = files.get(id) ?? new GrowingFile();
      files.set(id, file);
      file.write(at, bytes);
    },
    flush: async () => undefined,
    read: async (id, from, to, into) => {
      const bytes = files.get(id)?.bytes.subarray(from, Math.max(from, to)) ?? new Uint8Array();
      into?.set(bytes);
      return into?.subarray(0, bytes.length) ?? bytes.slice();
    },
    outgoing: (id) => {
      let isOver = false;
      return {
        read: async (from, to) =>
          ((isOver ? undefined : files.get(id)?.bytes) ?? new Uint8Array()).slice(from, Math.max(from, to)),
        end: async () => {
          isOver = true;
        },
      };
    },
    size: async (id) => files.get(id)?.bytes.length,
    delete: async (id) => {
      files.delete(id);
    },
    list: async () => [...files].map(([id, { bytes }]) => ({ id, size: bytes.length })),
    clear: async () => {
      files.clear();
    },
    close: async () => undefined,
    snapshot: () => new Map([...files].map(([id, { bytes }]) => [id, bytes.slice()])),
  };
}

/** Twice as large whenever it is too small, so that a file that is written in many pieces is not copied for each. */
class GrowingFile {
  #buffer = new Uint8Array(1024);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  write(at: number, bytes: Uint8Array): void {
    const end = Math.max(this.#length, at + bytes.length);
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, at);
    this.#length = end;
  }
}
