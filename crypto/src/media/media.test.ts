import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { blake2b } from '../../test/support/blake2b.ts';
import { gcmSeal, sha256 } from '../../test/support/independent.ts';
import { chiSquare } from '../../test/support/looks.ts';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  checkBlob,
  concat,
  createMediaKey,
  MEDIA,
  mediaBlob,
  type MediaKey,
  mediaLayout,
  mediaTag,
  ready,
  startMediaDigest,
  toMediaKey,
} from '../index.ts';
import { asSecret } from '../keys.ts';
import { paddedSize } from './layout.ts';

beforeAll(ready);

const KEY = asSecret<'Media'>(new Uint8Array(32).fill(7));

const fileOf = (size: number, seed = 1) => randomOf(seed)(size);

async function sealFile(file: Uint8Array, key: MediaKey = KEY): Promise<Uint8Array> {
  const blob = mediaBlob(key, file.length);
  const chunks = Array.from({ length: blob.layout.chunks }, (_, index) => {
    const { from, content } = blob.layout.place(index);
    return blob.seal(index, file.subarray(from, from + content));
  });
  return concat(blob.tag, ...(await Promise.all(chunks)));
}

/** Quicker than comparing byte by byte as the test framework does. */
function isSame(a: unknown, b: Uint8Array): boolean {
  return a instanceof Uint8Array && Buffer.from(a).equals(b);
}

/** The file, or the first error, as a reader that takes the blob from its beginning finds it. */
async function openFile(bytes: Uint8Array, size: number, key: MediaKey = KEY) {
  const blob = mediaBlob(key, size);
  const checked = checkBlob(blob, bytes, bytes.length);
  if (!checked.ok) return checked.error;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < blob.layout.chunks; index++) {
    const { blobFrom, blobTo } = blob.layout.place(index);
    const opened = await blob.open(index, bytes.subarray(blobFrom, blobTo));
    if (!opened.ok) return opened.error;
    parts.push(opened.value);
  }
  return concat(...parts);
}

const none = { ok: false, error: { type: 'none' } } as const;

describe('media', () => {
  it('C-MEDIA-1 a file comes back as it was, whatever its size', async () => {
    const { chunkBytes } = MEDIA;
    for (const size of [1, 2, 1023, 1025, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 5]) {
      const blob = await sealFile(fileOf(size));
      expect(blob.length, `${size}`).toBe(mediaLayout(size).blobBytes);
      expect(isSame(await openFile(blob, size), fileOf(size)), `${size}`).toBe(true);
    }
  });

  it('C-MEDIA-1 chunks that are sealed and opened at the same time do not mix', async () => {
    const size = 5 * MEDIA.chunkBytes + 5;
    const [blob, file] = [mediaBlob(KEY, size), fileOf(size)];
    const indices = Array.from({ length: blob.layout.chunks }, (_, index) => index);
    const contentOf = (index: number) => {
      const { from, content } = blob.layout.place(index);
      return file.subarray(from, from + content);
    };
    const sealed = await Promise.all(indices.map((index) => blob.seal(index, contentOf(index))));
    const opened = await Promise.all(sealed.map((chunk, index) => blob.open(index, chunk)));
    for (const index of indices) expect(isSame(must(opened[index] ?? none), contentOf(index)), `${index}`).toBe(true);
  });

  it('C-MEDIA-1 each chunk is what another implementation makes of it', async () => {
    const { chunkBytes } = MEDIA;
    const sizes = fc.integer({ min: 1, max: 3 * chunkBytes });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, seed) => {
        const [file, key] = [fileOf(size, seed), createMediaKey(randomOf(seed + 1))];
        const [blob, bytes] = [mediaBlob(key, size), await sealFile(file, key)];
        const sealing = blake2b(Buffer.from('SecureChat media chunks v2'), key);
        for (let index = 0; index < blob.layout.chunks; index++) {
          const { from, content, padded, blobFrom, blobTo, isLast } = blob.layout.place(index);
          const nonce = new Uint8Array(12);
          nonce[7] = index;
          nonce[8] = Number(isLast);
          const plain = new Uint8Array(padded);
          plain.set(file.subarray(from, from + content));
          expect(isSame(gcmSeal(sealing, nonce, plain), bytes.slice(blobFrom, blobTo))).toBe(true);
        }
      }),
      { seed: 4, numRuns: 10 },
    );
  });

  it('C-MEDIA-2 any chunk opens by itself', async () => {
    const file = fileOf(5 * MEDIA.chunkBytes + 100);
    const [bytes, blob] = [await sealFile(file), mediaBlob(KEY, file.length)];
    for (const index of [4, 0, 5, 2]) {
      const { from, content, blobFrom, blobTo } = blob.layout.place(index);
      const opened = must(await blob.open(index, bytes.slice(blobFrom, blobTo)));
      expect(isSame(opened, file.slice(from, from + content))).toBe(true);
    }
    await expect(blob.open(blob.layout.chunks, bytes.slice(0, 100))).rejects.toThrow(RangeError);
  });

  it('C-MEDIA-3 sealing again gives the same bytes; another key gives others', async () => {
    const file = fileOf(MEDIA.chunkBytes * 2);
    const [mine, again] = [await sealFile(file), await sealFile(file)];
    expect(isSame(mine, again)).toBe(true);
    const other = await sealFile(file, createMediaKey(randomOf(9)));
    expect(mine.filter((byte, at) => byte === other[at]).length / mine.length).toBeLessThan(0.01);
    await expect(mediaBlob(KEY, 10).seal(0, new Uint8Array(9))).rejects.toThrow(RangeError);
  });

  it('C-MEDIA-3 nothing is sealed or opened at the end', async () => {
    const blob = mediaBlob(KEY, 10);
    const sealed = await blob.seal(0, new Uint8Array(10));
    blob.end();
    await expect(blob.seal(0, new Uint8Array(10))).rejects.toThrow('at its end');
    await expect(blob.open(0, sealed)).rejects.toThrow('at its end');
  });

  it('C-MEDIA-4 a changed chunk, one in another place or of another file is ChunkDamaged with its index', async () => {
    const file = fileOf(2 * MEDIA.chunkBytes + 700);
    const bytes = await sealFile(file);
    const { layout } = mediaBlob(KEY, file.length);
    const sealedAt = (index: number) => bytes.slice(layout.place(index).blobFrom, layout.place(index).blobTo);
    for (let at = MEDIA.tagBytes; at < bytes.length; at += 7919) {
      const index = Math.floor((at - MEDIA.tagBytes) / (MEDIA.chunkBytes + 16));
      expect(await openFile(flip(bytes, at * 8 + 3), file.length)).toEqual({ type: 'ChunkDamaged', index });
    }
    for (let last = 1; last <= 16; last++)
      expect(await openFile(flip(bytes, (bytes.length - last) * 8), file.length)).toEqual({
        type: 'ChunkDamaged',
        index: layout.chunks - 1,
      });
    const swapped = concat(bytes.slice(0, 32), sealedAt(1), sealedAt(0), sealedAt(2));
    expect(await openFile(swapped, file.length)).toEqual({ type: 'ChunkDamaged', index: 0 });
    const doubled = concat(bytes.slice(0, 32), sealedAt(0), sealedAt(0), sealedAt(2));
    expect(await openFile(doubled, file.length)).toEqual({ type: 'ChunkDamaged', index: 1 });
    const foreign = concat(mediaTag(KEY), (await sealFile(file, createMediaKey(randomOf(3)))).slice(32));
    expect(await openFile(foreign, file.length)).toEqual({ type: 'ChunkDamaged', index: 0 });
  });

  it('C-MEDIA-4 a chunk that was not the last does not pass for the last', async () => {
    const size = 2 * MEDIA.chunkBytes;
    const bytes = await sealFile(fileOf(size));
    const shorter = mediaBlob(KEY, MEDIA.chunkBytes);
    const { blobFrom, blobTo } = shorter.layout.place(0);
    expect(await shorter.open(0, bytes.slice(blobFrom, blobTo))).toEqual({
      ok: false,
      error: { type: 'ChunkDamaged', index: 0 },
    });
  });

  it('C-MEDIA-5 another blob is WrongBlob, a cut one Truncated, a longer one TrailingBytes', async () => {
    const file = fileOf(MEDIA.chunkBytes + 900);
    const bytes = await sealFile(file);
    const other = await sealFile(file, createMediaKey(randomOf(8)));
    expect(await openFile(other, file.length)).toEqual({ type: 'WrongBlob' });
    for (let bit = 0; bit < 32 * 8; bit += 7)
      expect(await openFile(flip(bytes, bit), file.length)).toEqual({ type: 'WrongBlob' });
    for (const length of [0, 31, 32, 33, 5000, bytes.length - 1])
      expect(await openFile(bytes.slice(0, length), file.length)).toEqual({ type: 'Truncated' });
    expect(await openFile(concat(bytes, Uint8Array.of(0)), file.length)).toEqual({ type: 'TrailingBytes' });
    const blob = mediaBlob(KEY, file.length);
    const { blobFrom, blobTo } = blob.layout.place(0);
    const opened = (to: number) => blob.open(0, bytes.slice(blobFrom, to));
    expect(await opened(blobTo - 1)).toEqual({ ok: false, error: { type: 'Truncated' } });
    expect(await opened(blobTo + 1)).toEqual({ ok: false, error: { type: 'TrailingBytes' } });
  });

  it('C-MEDIA-6 padding that is not zeros is NotAsAnnounced: the size in the pointer is not that of the file', async () => {
    const bytes = await sealFile(new Uint8Array(700).fill(1));
    expect(await openFile(bytes, 700)).toHaveLength(700);
    expect(await openFile(bytes, 600)).toEqual({ type: 'NotAsAnnounced' });
  });

  it('C-MEDIA-6 the digest is SHA-256 of the hashes of all chunks, in whatever order they come', async () => {
    const chunks = [fileOf(1000, 1), fileOf(1000, 2), fileOf(30, 3)];
    const expected = sha256('SecureChat media file v2', ...chunks.map((chunk) => sha256(chunk)));
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ]) {
      const digest = startMediaDigest();
      await Promise.all(order.map((index) => digest.add(index, chunks[index] ?? new Uint8Array())));
      expect(isSame(await digest.finish(), expected)).toBe(true);
    }
    const other = startMediaDigest();
    for (const index of [0, 1, 2]) await other.add(index, chunks[2 - index] ?? new Uint8Array());
    expect(isSame(await other.finish(), expected), 'chunks that changed their places').toBe(false);
    const holed = startMediaDigest();
    await holed.add(1, fileOf(10));
    expect(() => holed.finish()).toThrow('a chunk is missing');
  });

  it('C-MEDIA-7 sizes are padded by at most 12 percent, or to 1 KiB, and few different ones are seen', () => {
    expect([1, 1024, 1025, 100_000, 1_000_000].map(paddedSize)).toEqual([1024, 1024, 1088, 100_352, 1_015_808]);
    const seen = new Set<number>();
    for (let size = 1; size < MEDIA.fileBytes; size = Math.ceil(size * 1.0007)) {
      const padded = paddedSize(size);
      expect(padded).toBeGreaterThanOrEqual(size);
      expect(padded).toBeLessThanOrEqual(Math.max(1024, size * 1.12));
      expect(paddedSize(padded)).toBe(padded);
      seen.add(padded);
    }
    expect(seen.size).toBeLessThan(22 * 32);
    expect(paddedSize(MEDIA.fileBytes)).toBe(MEDIA.fileBytes);
    for (const size of [0, -1, 1.5, NaN, MEDIA.fileBytes + 1]) expect(() => mediaLayout(size)).toThrow(RangeError);
  });

  it('C-MEDIA-8 blobs look random from the first byte to the last, and have nothing in common', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => createMediaKey(randomOf(index)));
    const blobs = await Promise.all(keys.map((key) => sealFile(new Uint8Array(3000), key)));
    const length = blobs[0]?.length ?? 0;
    // The value that 0.1 % of random files exceed, with room for looking at so many columns: 255 degrees of freedom.
    expect(chiSquare(blobs.flatMap((blob) => [...blob]))).toBeLessThan(350);
    for (let at = 0; at < length; at++)
      expect(new Set(blobs.map((blob) => blob[at])).size, `byte ${at}`).toBeGreaterThan(90);
    const big = await sealFile(new Uint8Array(300_000));
    expect(chiSquare([...big])).toBeLessThan(350);
  });

  it('C-MEDIA-9 a key has 32 bytes', () => {
    expect(toMediaKey(new Uint8Array(31))).toBeUndefined();
    expect(toMediaKey(new Uint8Array(32))).toHaveLength(32);
    expect(createMediaKey(randomOf(1))).not.toEqual(createMediaKey(randomOf(2)));
  });
});
