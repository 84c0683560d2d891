import { createMediaKey, MEDIA, mediaBlob, ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryBlobCache } from '../adapters/memory-blob-cache.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import { type Content, Unreadable, sealFile } from './sealing.ts';

beforeAll(ready);

const random = seededRandom(new Uint8Array(32).fill(6));
const KEY = createMediaKey(random);

/** A file that gives these pieces, and then perhaps fails. */
function contentOf(pieces: readonly Uint8Array[], failure?: Error): Content {
  const left = [...pieces];
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const piece = left.shift();
    if (piece !== undefined) controller.enqueue(piece);
    else if (failure !== undefined) controller.error(failure);
    else controller.close();
  };
  return { stream: () => new ReadableStream({ pull }) };
}

function sealing(content: Content, size: number, signal = new AbortController().signal) {
  const [cache, blob] = [createMemoryBlobCache(), mediaBlob(KEY, size)];
  const progress: number[] = [];
  const onProgress = (done: number): void => {
    progress.push(done);
  };
  return { cache, blob, progress, done: sealFile({ content, blob, cache, file: 'f', onProgress, signal }) };
}

describe('sealing', () => {
  it('S-SEND-2 in pieces of any size the same bytes come out, padding and all', async () => {
    // Twelve percent of padding is more than a chunk of it.
    const size = 9 * MEDIA.chunkBytes + 1;
    const file = random(size);
    const sealed: Buffer[] = [];
    const digests: Uint8Array[] = [];
    for (const step of [size, MEDIA.chunkBytes, 70_001]) {
      const pieces = Array.from({ length: Math.ceil(size / step) }, (_, at) => file.slice(at * step, (at + 1) * step));
      const { cache, blob, progress, done } = sealing(contentOf(pieces), size);
      digests.push(await done);
      sealed.push(Buffer.from(cache.snapshot().get('f') ?? new Uint8Array()));
      expect(progress.at(-1)).toBe(blob.layout.blobBytes);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
    }
    const [first] = sealed;
    expect(first?.length).toBe(mediaBlob(KEY, size).layout.blobBytes);
    for (const other of sealed) expect(first?.equals(other)).toBe(true);
    expect(new Set(digests.map((digest) => Buffer.from(digest).toString('hex'))).size).toBe(1);
  });

  it('a file that became shorter or longer, or is gone, is Unreadable', async () => {
    const size = MEDIA.chunkBytes + 10;
    for (const length of [10, MEDIA.chunkBytes, size - 1, size + 1, size + MEDIA.chunkBytes])
      await expect(sealing(contentOf([random(length)]), size).done, String(length)).rejects.toThrow(Unreadable);
    const gone = contentOf([random(100)], new DOMException('gone', 'NotReadableError'));
    await expect(sealing(gone, size).done).rejects.toThrow(Unreadable);
  });

  it('S-SEND-6 may be sent as soon as it is written, and all of it is on the disk in the end', async () => {
    const size = 40 * 1024 * 1024;
    const [cache, blob] = [createMemoryBlobCache(), mediaBlob(KEY, size)];
    const seen = { written: 0, told: 0, onDisk: 0, most: 0 };
    const watched: BlobCache = {
      ...cache,
      write: async (id, at, bytes) => {
        await cache.write(id, at, bytes);
        seen.written = at + bytes.length;
        seen.most = Math.max(seen.most, seen.written - seen.onDisk);
      },
      flush: async (id) => {
        await cache.flush(id);
        seen.onDisk = seen.written;
      },
    };
    const onProgress = (done: number): void => {
      expect(done).toBe(seen.written);
      seen.told += 1;
    };
    const content = new Blob([new Uint8Array(size)]);
    await sealFile({ content, blob, cache: watched, file: 'f', onProgress, signal: new AbortController().signal });
    expect(seen.told).toBeGreaterThanOrEqual(size / (4 * 1024 * 1024));
    expect(seen.onDisk).toBe(blob.layout.blobBytes);
    expect(seen.most).toBe(16 * 1024 * 1024);
  });

  it('what is stopped goes no further, and lets go of the file', async () => {
    const stop = new AbortController();
    let isLetGo = false;
    const content: Content = {
      stream: () =>
        new ReadableStream({
          pull: (controller) => {
            controller.enqueue(random(1000));
            stop.abort();
          },
          cancel: () => {
            isLetGo = true;
          },
        }),
    };
    const { done, progress } = sealing(content, MEDIA.chunkBytes, stop.signal);
    await expect(done).rejects.toThrow('abort');
    expect(progress).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isLetGo).toBe(true);
  });
});
