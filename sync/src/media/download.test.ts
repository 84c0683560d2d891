import { createMediaKey, MEDIA, mediaBlob, ready, seededRandom, startMediaDigest } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryBlobCache } from '../adapters/memory-blob-cache.ts';
import { QuotaExceededError } from '../ports/store-error.ts';
import type { BlobAnswer, BlobRequest } from '../ports/storage-link.ts';
import { type DownloadInput, downloadBlob } from './download.ts';
import { Reading } from './reading.ts';
import { sealFile } from './sealing.ts';

beforeAll(ready);

/** Five chunks, the last of them short. */
const SIZE = 1_100_000;
const SEALED = MEDIA.chunkBytes + MEDIA.overheadBytes;
const random = seededRandom(new Uint8Array(32).fill(4));

/** A file at a server that gives it in pieces of this size. */
async function createWorld(piece = 10_000) {
  const content = random(SIZE);
  const blob = mediaBlob(createMediaKey(random), SIZE);
  const server = createMemoryBlobCache();
  const [signal, file] = [new AbortController().signal, 'served'];
  const onSealed = (): undefined => undefined;
  const digest = await sealFile({
    ...{ content: new Blob([content.slice()]), blob, cache: server, file, onProgress: onSealed, signal },
  });
  const served = server.snapshot().get(file) ?? new Uint8Array();
  const cache = createMemoryBlobCache();
  const progress: number[] = [];
  const clock = { time: 0, now: () => clock.time };
  const asked: BlobRequest[] = [];
  const link = {
    /** After how many bytes the line breaks. */
    breaksAt: Infinity,
    get: async (_url: string, request: BlobRequest): Promise<BlobAnswer> => {
      asked.push(request);
      const body = pieces(served.subarray(request.from), piece, link.breaksAt);
      return { status: 206, total: served.length, from: request.from, body };
    },
  };
  const input: DownloadInput = {
    ...{ url: 'https://files.example/files/a', blob, digest, cache, file: 'mine', have: 0, link, signal, clock },
    isOfAnother: async () => false,
    onProgress: async (have) => {
      progress.push(have);
    },
  };
  return { input, served, cache, progress, asked, link, clock };
}

/** Quicker than comparing byte by byte as the test framework does. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.from(a).equals(b);
}

async function* pieces(bytes: Uint8Array, size: number, breaksAt: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    if (at >= breaksAt) throw new TypeError('network error');
    yield bytes.slice(at, at + size);
  }
}

describe('downloading', () => {
  it('S-FETCH-1 in pieces of any size the cache gets what the server holds', async () => {
    for (const size of [2_000_000, SEALED, MEDIA.chunkBytes, 997, 4_099]) {
      const { input, served, cache } = await createWorld(size);
      expect(await downloadBlob(input)).toEqual({ ok: true, value: null });
      expect(isSame(cache.snapshot().get('mine'), served), String(size)).toBe(true);
    }
  });

  it('S-FETCH-3 what came before the line broke is here, and the next try asks for the rest only', async () => {
    const { input, served, cache, progress, asked, link } = await createWorld();
    link.breaksAt = 600_000;
    expect(await downloadBlob(input)).toMatchObject({ error: { type: 'Unavailable' } });
    const have = progress.at(-1) ?? 0;
    expect(have).toBe(32 + 2 * SEALED);
    link.breaksAt = Infinity;
    expect(await downloadBlob({ ...input, have })).toEqual({ ok: true, value: null });
    expect(asked.map(({ from }) => from)).toEqual([0, have]);
    expect(isSame(cache.snapshot().get('mine'), served)).toBe(true);
  });

  it('S-FETCH-3 on a slow line each chunk is here when it comes, on a fast one many at once', async () => {
    const { input, served, cache, progress, clock } = await createWorld();
    await downloadBlob(input);
    expect(progress).toEqual([served.length]);
    progress.length = 0;
    const onProgress = async (have: number): Promise<void> => {
      progress.push(have);
      expect(await cache.size('slow')).toBeGreaterThanOrEqual(have);
    };
    // Half a second between any two looks at it.
    const slow = { now: () => (clock.time += 500) };
    await downloadBlob({ ...input, file: 'slow', clock: slow, onProgress });
    expect(progress).toEqual([1, 2, 3, 4, 5].map((chunks) => Math.min(served.length, 32 + chunks * SEALED)));
    expect(isSame(cache.snapshot().get('slow'), served)).toBe(true);
  });

  it('S-FETCH-3 a server that knows no ranges gives all of it again, and that is fine too', async () => {
    const { input, served, cache, progress, link } = await createWorld();
    link.breaksAt = 600_000;
    await downloadBlob(input);
    const whole = async (): Promise<BlobAnswer> => {
      return { status: 200, total: served.length, from: 0, body: pieces(served, 9_999, Infinity) };
    };
    const again = await downloadBlob({ ...input, have: progress.at(-1) ?? 0, link: { get: whole } });
    expect(again).toEqual({ ok: true, value: null });
    expect(isSame(cache.snapshot().get('mine'), served)).toBe(true);
  });

  it('S-FETCH-2 what is sealed rightly and yet not what was announced is NotAsAnnounced', async () => {
    const { input } = await createWorld();
    const digest = input.digest.map((byte, at) => (at === 7 ? byte ^ 1 : byte));
    expect(await downloadBlob({ ...input, digest })).toEqual({ ok: false, error: { type: 'NotAsAnnounced' } });
  });

  it('S-FETCH-2 a chunk that came damaged is named, though only the digest of all tells that one is', async () => {
    const { input, served } = await createWorld();
    const damaged = served.map((byte, at) => (at === 32 + 3 * SEALED + 5 ? byte ^ 1 : byte));
    const get = async (): Promise<BlobAnswer> => {
      return { status: 200, total: served.length, from: 0, body: pieces(damaged, 50_000, Infinity) };
    };
    const outcome = await downloadBlob({ ...input, link: { get } });
    expect(outcome).toEqual({ ok: false, error: { type: 'ChunkDamaged', index: 3 } });
  });

  it('S-FETCH-1 what its own sender sealed wrongly comes as announced, and is refused when it is to be shown', async () => {
    const [blob, file] = [mediaBlob(createMediaKey(random), SIZE), 'mine'];
    const { layout } = blob;
    const served = new Uint8Array(layout.blobBytes);
    served.set(blob.tag);
    const digest = startMediaDigest();
    for (let index = 0; index < layout.chunks; index += 1) {
      const { from, content, blobFrom } = layout.place(index);
      const sealed = await blob.seal(index, new Uint8Array(content).fill(from % 200));
      if (index === 2) sealed.reverse();
      served.set(sealed, blobFrom);
      await digest.add(index, sealed);
    }
    const { input, cache } = await createWorld();
    const get = async (): Promise<BlobAnswer> => {
      return { status: 200, total: served.length, from: 0, body: pieces(served, 50_000, Infinity) };
    };
    const announced = { ...input, blob, digest: await digest.finish(), link: { get } };
    expect(await downloadBlob(announced)).toEqual({ ok: true, value: null });
    const reading = new Reading(cache, { get });
    const all = { url: input.url, name: 'a', blob, file, have: layout.blobBytes };
    const [good, bad] = [MEDIA.chunkBytes, 2 * MEDIA.chunkBytes];
    expect(await reading.read({ ...all, from: good, to: good + 10 })).toMatchObject({ ok: true });
    expect(await reading.read({ ...all, from: bad, to: bad + 10 })).toEqual({
      ok: false,
      error: { type: 'ChunkDamaged', index: 2 },
    });
    expect(await reading.read({ ...all, from: 0, to: SIZE })).toMatchObject({ ok: false });
  });

  it('S-FETCH-2 bytes behind the blob are TrailingBytes, also when the server says that there are none', async () => {
    const { input, served } = await createWorld();
    const longer = Uint8Array.from([...served, 1]);
    const get = async (): Promise<BlobAnswer> => {
      return { status: 200, total: served.length, from: 0, body: pieces(longer, 50_000, Infinity) };
    };
    expect(await downloadBlob({ ...input, link: { get } })).toEqual({ ok: false, error: { type: 'TrailingBytes' } });
  });

  it('S-FETCH-2 what was damaged on this device is found out before more is fetched', async () => {
    const { input, cache, progress, asked, link } = await createWorld();
    link.breaksAt = 600_000;
    await downloadBlob(input);
    await cache.write('mine', 300_000, new Uint8Array([1, 2, 3]));
    const again = await downloadBlob({ ...input, have: progress.at(-1) ?? 0 });
    expect(again).toEqual({ ok: false, error: { type: 'ChunkDamaged', index: 1 } });
    expect(asked).toHaveLength(1);
  });

  it('S-FETCH-3 statuses have their meanings, and no answer is Unavailable', async () => {
    const { input } = await createWorld();
    const answer = async (status: number) => {
      const get = async (): Promise<BlobAnswer> => {
        return { status, total: undefined, from: 0, body: pieces(new Uint8Array(), 1, 0) };
      };
      const outcome = await downloadBlob({ ...input, link: { get } });
      return outcome.ok ? undefined : outcome.error.type;
    };
    expect(await answer(404)).toBe('Expired');
    expect(await answer(410)).toBe('Expired');
    expect(await answer(416)).toBe('Truncated');
    expect(await answer(500)).toBe('Unavailable');
    expect(await answer(200)).toBe('Unavailable');
    const get = () => Promise.reject(new TypeError('offline'));
    expect(await downloadBlob({ ...input, link: { get } })).toMatchObject({ error: { type: 'Unavailable' } });
  });

  it('S-CACHE-4 a full disk is told from the network, and a stopped download rejects', async () => {
    const { input } = await createWorld();
    const full = createMemoryBlobCache({
      beforeWrite: () => {
        throw new QuotaExceededError('full');
      },
    });
    await expect(downloadBlob({ ...input, cache: full })).rejects.toThrow(QuotaExceededError);
    const stop = new AbortController();
    const onProgress = async (): Promise<void> => {
      stop.abort();
    };
    const link = {
      get: async (url: string, request: BlobRequest) => {
        const answer = await input.link.get(url, request);
        return { ...answer, body: untilStopped(answer.body, stop.signal) };
      },
    };
    await expect(downloadBlob({ ...input, link, onProgress, signal: stop.signal })).rejects.toThrow('abort');
  });
});

async function* untilStopped(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  for await (const piece of body) {
    signal.throwIfAborted();
    yield piece;
  }
}
