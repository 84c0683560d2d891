/**
 * Blob cache over the origin's private file system, with access handles: for a dedicated worker, which is where the engine
 * runs. A handle locks its file, so exactly one cache may be open on a folder; the engine's lock on its store sees to that.
 * A few handles stay open, because opening one costs more than a chunk's write.
 */
import { type BlobCache, type BlobFile, CacheUnavailableError, isFileId } from '../ports/blob-cache.ts';
import { QuotaExceededError } from '../ports/store-error.ts';

/** Files that are kept open. */
const OPEN_FILES = 8;
/** How often a file that somebody holds is tried, and the pauses between. */
const ATTEMPTS = 20;
const HELD_PAUSE = 100;

/** The part of a file's access handle that is used here. The compiler's library has no types for workers. */
interface AccessHandle {
  read(bytes: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  flush(): void;
  getSize(): number;
  close(): void;
}

/** Opens the folder, which is made if need be. Nothing is touched before the first call. */
export function createOpfsBlobCache(folderName: string): BlobCache {
  const folder = async (): Promise<FileSystemDirectoryHandle> =>
    (await navigator.storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
  return new OpfsBlobCache(folder);
}

class OpfsBlobCache implements BlobCache {
  readonly #openFolder: () => Promise<FileSystemDirectoryHandle>;
  #folder: Promise<FileSystemDirectoryHandle> | undefined;
  /** The one that was used last is the last. */
  readonly #handles = new Map<string, AccessHandle>();
  /** One call after the other: a handle must not be closed under another one's hands. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(openFolder: () => Promise<FileSystemDirectoryHandle>) {
    this.#openFolder = openFolder;
  }

  write(id: string, at: number, bytes: Uint8Array): Promise<void> {
    if (!isFileId(id)) return Promise.reject(new RangeError('not a file id'));
    return this.#next(async () => {
      const handle = await this.#handle(id, true);
      if (handle === undefined) throw new CacheUnavailableError('no file');
      if (handle.write(bytes, { at }) < bytes.length) throw new QuotaExceededError('the file took a part only');
    });
  }

  flush(id: string): Promise<void> {
    return this.#next(async () => this.#handles.get(id)?.flush());
  }

  read(id: string, from: number, to: number, into?: Uint8Array): Promise<Uint8Array> {
    return this.#next(async () => {
      const handle = await this.#handle(id, false);
      if (handle === undefined) return new Uint8Array();
      const length = Math.max(0, Math.min(to, handle.getSize()) - from);
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      return bytes.subarray(0, handle.read(bytes, { at: from }));
    });
  }

  size(id: string): Promise<number | undefined> {
    return this.#next(async () => (await this.#handle(id, false))?.getSize());
  }

  delete(id: string): Promise<void> {
    return this.#next(async () => {
      this.#close(id);
      await (await this.#dir()).removeEntry(id).catch(ignoreAbsent);
    });
  }

  list(): Promise<readonly BlobFile[]> {
    return this.#next(async () => {
      const files: BlobFile[] = [];
      for await (const [id, entry] of entriesOf(await this.#dir()))
        if (isFile(entry)) files.push({ id, size: this.#handles.get(id)?.getSize() ?? (await entry.getFile()).size });
      return files;
    });
  }

  clear(): Promise<void> {
    return this.#next(async () => {
      for (const id of [...this.#handles.keys()]) this.#close(id);
      const folder = await this.#dir();
      for await (const [id] of entriesOf(folder)) await folder.removeEntry(id, { recursive: true });
    });
  }

  close(): Promise<void> {
    return this.#next(async () => {
      for (const id of [...this.#handles.keys()]) this.#close(id);
    });
  }

  #dir(): Promise<FileSystemDirectoryHandle> {
    this.#folder ??= this.#openFolder();
    return this.#folder;
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(act).catch((error: unknown) => {
      throw named(error);
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #handle(id: string, create: boolean): Promise<AccessHandle | undefined> {
    const open = this.#handles.get(id);
    if (open !== undefined) {
      this.#handles.delete(id);
      this.#handles.set(id, open);
      return open;
    }
    const file = await (await this.#dir()).getFileHandle(id, { create }).catch(ignoreAbsent);
    if (file === undefined) return undefined;
    const [oldest] = this.#handles.keys();
    if (oldest !== undefined && this.#handles.size >= OPEN_FILES) this.#close(oldest);
    const handle = await accessTo(file);
    this.#handles.set(id, handle);
    return handle;
  }

  #close(id: string): void {
    const handle = this.#handles.get(id);
    this.#handles.delete(id);
    handle?.flush();
    handle?.close();
  }
}

/** A worker that ended a moment ago may still hold the file. */
async function accessTo(file: FileSystemFileHandle): Promise<AccessHandle> {
  const { createSyncAccessHandle } = file as unknown as { createSyncAccessHandle?: () => Promise<AccessHandle> };
  if (createSyncAccessHandle === undefined) throw new CacheUnavailableError('no private files in this browser');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createSyncAccessHandle.call(file);
    } catch (error) {
      const isHeld = error instanceof Error && error.name === 'NoModificationAllowedError';
      if (!isHeld || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, HELD_PAUSE));
    }
  }
}

function entriesOf(folder: FileSystemDirectoryHandle): AsyncIterable<readonly [string, FileSystemHandle]> {
  return folder as unknown as AsyncIterable<readonly [string, FileSystemHandle]>;
}

function isFile(entry: FileSystemHandle): entry is FileSystemFileHandle {
  return entry.kind === 'file';
}

function ignoreAbsent(error: unknown): undefined {
  if (error instanceof Error && error.name === 'NotFoundError') return undefined;
  throw error;
}

const FAULTS = new Set(['NoModificationAllowedError', 'InvalidStateError', 'SecurityError', 'NotAllowedError']);

/** Faults of the files get one name; a full disk has the one that the engine knows already. */
function named(error: unknown): unknown {
  const name = error instanceof Error ? error.name : '';
  return FAULTS.has(name) ? new CacheUnavailableError(name) : error;
}
