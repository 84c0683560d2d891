/** A blob cache in a folder, by synchronous calls: what a browser's access handles are to its private files. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { BlobCache } from '../../sync/src/ports/blob-cache.ts';

export function createFolderCache(folder: string): BlobCache {
  mkdirSync(folder, { recursive: true });
  const handles = new Map<string, number>();
  const handleOf = (id: string): number => {
    const handle = handles.get(id) ?? openSync(path.join(folder, id), 'w+');
    handles.set(id, handle);
    return handle;
  };
  const forget = (id: string): void => {
    const handle = handles.get(id);
    if (handle === undefined) return;
    closeSync(handle);
    handles.delete(id);
    rmSync(path.join(folder, id));
  };
  return {
    write: (id, at, bytes) => {
      writeSync(handleOf(id), bytes, 0, bytes.length, at);
      return Promise.resolve();
    },
    flush: (id) => {
      fsyncSync(handleOf(id));
      return Promise.resolve();
    },
    read: (id, from, to, into) => {
      const length = Math.max(0, to - from);
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      return Promise.resolve(bytes.subarray(0, readSync(handleOf(id), bytes, 0, bytes.length, from)));
    },
    outgoing: (id) => {
      // One is sent while the next is read.
      let buffers = [new Uint8Array(), new Uint8Array()] as const;
      return {
        read: (from, to) => {
          const [sent, free] = buffers;
          const buffer = free.length < to - from ? new Uint8Array(to - from) : free;
          buffers = [buffer, sent];
          const bytes = buffer.subarray(0, to - from);
          return Promise.resolve(bytes.subarray(0, readSync(handleOf(id), bytes, 0, bytes.length, from)));
        },
        end: () => Promise.resolve(),
      };
    },
    size: (id) => Promise.resolve(handles.has(id) ? fstatSync(handleOf(id)).size : undefined),
    delete: (id) => Promise.resolve(forget(id)),
    list: () => Promise.resolve([...handles].map(([id, handle]) => ({ id, size: fstatSync(handle).size }))),
    clear: () => Promise.resolve([...handles.keys()].forEach(forget)),
    close: () => Promise.resolve(),
  };
}
