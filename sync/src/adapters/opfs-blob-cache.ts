/**
 * Blob cache over the origin's private file system, with access handles: for a dedicated worker, which is where the engine
 * runs. A handle locks its file, so exactly one cache may be open on a folder; the engine's lock on its store sees to that.
 * A few handles stay open, because opening one costs more than a chunk's write.
 */
import {
  type BlobCache,
  type BlobFile,
  CacheUnavailableError,
  type Outgoing,
  type RequestBody,
  isFileId,
} from '../ports/blob-cache.ts';
import { QuotaExceededError } from '../ports/store-error.ts';

/** Files that are kept open. */
const OPEN_FILES = 8;
/** Begins the names of copies that are being sent; no id has a dot. */
const COPY = 'out.';
/** Of an upload: one is sent while the next is made. */
const COPIES = 2;
/** Bytes that are copied at a time: a browser has work for each write. */
const COPY_BYTES = 1024 * 1024;
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

/** What one request sends of a file. */
interface Copy {
  readonly file: FileSystemFileHandle;
  readonly handle: AccessHandle;
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
  readonly #copies = new Map<string, Copy>();
  #copied = 0;
  readonly #buffer = new Uint8Array(COPY_BYTES);
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

  /**
   * A browser sends what lies on its disk in half the time, and for half the work, that it takes for bytes of a worker. The file itself
   * may still be written to, and a browser does not send what has changed: so what goes out is a copy, of one request's bytes.
   */
  outgoing(id: string): Outgoing {
    const names = Array.from({ length: COPIES }, () => {
      this.#copied += 1;
      return `${COPY}${String(this.#copied)}`;
    });
    let [calls, isOver] = [0, false];
    return {
      read: (from, to) =>
        this.#next(async () => {
          const handle = await this.#handle(id, false);
          if (handle === undefined || isOver) return new Uint8Array();
          const name = names[calls % COPIES] ?? '';
          calls += 1;
          const end = Math.max(from, Math.min(to, handle.getSize()));
          // A full disk, or a browser that does not know how: then as bytes.
          return (await this.#copy(name, handle, from, end).catch(() => undefined)) ?? bytesOf(handle, from, end);
        }),
      end: () =>
        this.#next(async () => {
          isOver = true;
          for (const name of names) await this.#removeCopy(name);
        }),
    };
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
        if (isFile(entry) && isFileId(id))
          files.push({ id, size: this.#handles.get(id)?.getSize() ?? (await entry.getFile()).size });
      return files;
    });
  }

  clear(): Promise<void> {
    return this.#next(async () => {
      this.#closeAll();
      const folder = await this.#dir();
      for await (const [id] of entriesOf(folder)) await folder.removeEntry(id, { recursive: true });
    });
  }

  close(): Promise<void> {
    return this.#next(async () => {
      this.#closeAll();
    });
  }

  #dir(): Promise<FileSystemDirectoryHandle> {
    this.#folder ??= this.#openFolder().then(withoutCopies);
    return this.#folder;
  }

  async #copy(name: string, from: AccessHandle, start: number, end: number): Promise<RequestBody> {
    const copy = this.#copies.get(name) ?? (await this.#newCopy(name));
    for (let at = start; at < end; at += COPY_BYTES) {
      const part = this.#buffer.subarray(0, Math.min(COPY_BYTES, end - at));
      const read = part.subarray(0, from.read(part, { at }));
      if (copy.handle.write(read, { at: at - start }) < part.length) throw new QuotaExceededError('no room for a copy');
    }
    return (await copy.file.getFile()).slice(0, end - start);
  }

  async #newCopy(name: string): Promise<Copy> {
    const file = await (await this.#dir()).getFileHandle(name, { create: true });
    const copy = { file, handle: await accessTo(file) };
    this.#copies.set(name, copy);
    return copy;
  }

  async #removeCopy(name: string): Promise<void> {
    this.#copies.get(name)?.handle.close();
    this.#copies.delete(name);
    await (await this.#dir()).removeEntry(name).catch(ignoreAbsent);
  }

  #closeAll(): void {
    for (const id of [...this.#handles.keys()]) this.#close(id);
    for (const { handle } of this.#copies.values()) handle.close();
    this.#copies.clear();
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

function bytesOf(handle: AccessHandle, from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(to - from);
  return bytes.subarray(0, handle.read(bytes, { at: from }));
}

/** Whoever was killed while it sent left its copies. */
async function withoutCopies(folder: FileSystemDirectoryHandle): Promise<FileSystemDirectoryHandle> {
  const names: string[] = [];
  for await (const [name] of entriesOf(folder)) if (name.startsWith(COPY)) names.push(name);
  for (const name of names) await folder.removeEntry(name).catch(() => undefined);
  return folder;
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
