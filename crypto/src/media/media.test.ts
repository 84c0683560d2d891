import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { blake2b } from '../../test/support/blake2b.ts';
import { xchachaSeal } from '../../test/support/independent.ts';
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

function sealFile(file: Uint8Array, key: MediaKey = KEY): Uint8Array {
  const blob = mediaBlob(key, file.length);
  const chunks = Array.from({ length: blob.layout.chunks }, (_, index) => {
    const { from, content } = blob.layout.place(index);
    return blob.seal(index, file.subarray(from, from + content));
  });
  return concat(blob.tag, ...chunks);
}

/** Quicker than comparing byte by byte as the test framework does. */
function isSame(a: unknown, b: Uint8Array): boolean {
  return a instanceof Uint8Array && Buffer.from(a).equals(b);
}

/** The file, or the first error, as a reader that takes the blob from its beginning finds it. */
function openFile(bytes: Uint8Array, size: number, key: MediaKey = KEY) {
  const blob = mediaBlob(key, size);
  const checked = checkBlob(blob, bytes, bytes.length);
  if (!checked.ok) return checked.error;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < blob.layout.chunks; index++) {
    const { blobFrom, blobTo } = blob.layout.place(index);
    const opened = blob.open(index, bytes.subarray(blobFrom, blobTo));
    if (!opened.ok) return opened.error;
    parts.push(opened.value);
  }
  return concat(...parts);
}

describe('media', () => {
  it('C-MEDIA-1 a file comes back as it was, whatever its size', () => {
    const { chunkBytes } = MEDIA;
    for (const size of [1, 2, 1023, 1025, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 5]) {
      const blob = sealFile(fileOf(size));
      expect(blob.length, `${size}`).toBe(mediaLayout(size).blobBytes);
      expect(isSame(openFile(blob, size), fileOf(size)), `${size}`).toBe(true);
    }
  });

  it('C-MEDIA-1 a buffer that is used again for each chunk changes nothing', () => {
    const size = 2 * MEDIA.chunkBytes + 5;
    const [blob, file] = [mediaBlob(KEY, size), fileOf(size)];
    const [sealed, opened] = [new Uint8Array(MEDIA.chunkBytes + MEDIA.overheadBytes), new Uint8Array(MEDIA.chunkBytes)];
    for (let index = 0; index < blob.layout.chunks; index++) {
      const { from, content, blobFrom, blobTo } = blob.layout.place(index);
      const bytes = file.subarray(from, from + content);
      const chunk = blob.seal(index, bytes, sealed.subarray(0, blobTo - blobFrom));
      expect(isSame(chunk, blob.seal(index, bytes)), `sealed ${index}`).toBe(true);
      expect(isSame(must(blob.open(index, chunk, opened)), bytes), `opened ${index}`).toBe(true);
      const kept = opened.slice();
      expect(blob.open(index, flip(chunk, 3), opened)).toEqual({ ok: false, error: { type: 'ChunkDamaged', index } });
      expect(isSame(opened, kept), 'nothing of a damaged chunk is shown').toBe(true);
    }
    const short = sealed.subarray(0, 100);
    expect(() => blob.seal(0, file.subarray(0, MEDIA.chunkBytes), short)).toThrow(RangeError);
  });

  it('C-MEDIA-1 each chunk is what another implementation makes of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), fc.nat(), (size, seed) => {
        const [file, key] = [fileOf(size, seed), createMediaKey(randomOf(seed + 1))];
        const [blob, bytes] = [mediaBlob(key, size), sealFile(file, key)];
        const sealing = blake2b(Buffer.from('SecureChat media chunks v1'), key);
        for (let index = 0; index < blob.layout.chunks; index++) {
          const { from, content, padded, blobFrom, blobTo, isLast } = blob.layout.place(index);
          const nonce = new Uint8Array(24);
          nonce[7] = index;
          nonce[8] = Number(isLast);
          const plain = new Uint8Array(padded);
          plain.set(file.subarray(from, from + content));
          const expected = xchachaSeal(sealing, nonce, plain, new Uint8Array());
          expect(isSame(expected, bytes.slice(blobFrom, blobTo))).toBe(true);
        }
      }),
      { seed: 4, numRuns: 10 },
    );
  });

  it('C-MEDIA-2 any chunk opens by itself', () => {
    const file = fileOf(5 * MEDIA.chunkBytes + 100);
    const [bytes, blob] = [sealFile(file), mediaBlob(KEY, file.length)];
    for (const index of [4, 0, 5, 2]) {
      const { from, content, blobFrom, blobTo } = blob.layout.place(index);
      const opened = must(blob.open(index, bytes.slice(blobFrom, blobTo)));
      expect(isSame(opened, file.slice(from, from + content))).toBe(true);
    }
    expect(() => blob.open(blob.layout.chunks, bytes.slice(0, 100))).toThrow(RangeError);
  });

  it('C-MEDIA-3 sealing again gives the same bytes; another key gives others', () => {
    const file = fileOf(MEDIA.chunkBytes * 2);
    expect(isSame(sealFile(file), sealFile(file))).toBe(true);
    const other = sealFile(file, createMediaKey(randomOf(9)));
    const mine = sealFile(file);
    expect(mine.filter((byte, at) => byte === other[at]).length / mine.length).toBeLessThan(0.01);
    expect(() => mediaBlob(KEY, 10).seal(0, new Uint8Array(9))).toThrow(RangeError);
  });

  it('C-MEDIA-4 a changed chunk, one in another place or of another file is ChunkDamaged with its index', () => {
    const file = fileOf(2 * MEDIA.chunkBytes + 700);
    const bytes = sealFile(file);
    const { layout } = mediaBlob(KEY, file.length);
    const sealedAt = (index: number) => bytes.slice(layout.place(index).blobFrom, layout.place(index).blobTo);
    for (let at = MEDIA.tagBytes; at < bytes.length; at += 997) {
      const index = Math.floor((at - MEDIA.tagBytes) / (MEDIA.chunkBytes + 16));
      expect(openFile(flip(bytes, at * 8 + 3), file.length)).toEqual({ type: 'ChunkDamaged', index });
    }
    const swapped = concat(bytes.slice(0, 32), sealedAt(1), sealedAt(0), sealedAt(2));
    expect(openFile(swapped, file.length)).toEqual({ type: 'ChunkDamaged', index: 0 });
    const doubled = concat(bytes.slice(0, 32), sealedAt(0), sealedAt(0), sealedAt(2));
    expect(openFile(doubled, file.length)).toEqual({ type: 'ChunkDamaged', index: 1 });
    const foreign = concat(mediaTag(KEY), sealFile(file, createMediaKey(randomOf(3))).slice(32));
    expect(openFile(foreign, file.length)).toEqual({ type: 'ChunkDamaged', index: 0 });
  });

  it('C-MEDIA-4 a chunk that was not the last does not pass for the last', () => {
    const size = 2 * MEDIA.chunkBytes;
    const bytes = sealFile(fileOf(size));
    const shorter = mediaBlob(KEY, MEDIA.chunkBytes);
    const { blobFrom, blobTo } = shorter.layout.place(0);
    expect(shorter.open(0, bytes.slice(blobFrom, blobTo))).toEqual({
      ok: false,
      error: { type: 'ChunkDamaged', index: 0 },
    });
  });

  it('C-MEDIA-5 another blob is WrongBlob, a cut one Truncated, a longer one TrailingBytes', () => {
    const file = fileOf(MEDIA.chunkBytes + 900);
    const bytes = sealFile(file);
    const other = sealFile(file, createMediaKey(randomOf(8)));
    expect(openFile(other, file.length)).toEqual({ type: 'WrongBlob' });
    for (let bit = 0; bit < 32 * 8; bit += 7)
      expect(openFile(flip(bytes, bit), file.length)).toEqual({ type: 'WrongBlob' });
    for (const length of [0, 31, 32, 33, 5000, bytes.length - 1])
      expect(openFile(bytes.slice(0, length), file.length)).toEqual({ type: 'Truncated' });
    expect(openFile(concat(bytes, Uint8Array.of(0)), file.length)).toEqual({ type: 'TrailingBytes' });
    const blob = mediaBlob(KEY, file.length);
    const { blobFrom, blobTo } = blob.layout.place(0);
    expect(blob.open(0, bytes.slice(blobFrom, blobTo - 1))).toEqual({ ok: false, error: { type: 'Truncated' } });
    expect(blob.open(0, bytes.slice(blobFrom, blobTo + 1))).toEqual({ ok: false, error: { type: 'TrailingBytes' } });
  });

  it('C-MEDIA-6 padding that is not zeros is NotAsAnnounced: the size in the pointer is not that of the file', () => {
    const bytes = sealFile(new Uint8Array(700).fill(1));
    expect(openFile(bytes, 700)).toHaveLength(700);
    expect(openFile(bytes, 600)).toEqual({ type: 'NotAsAnnounced' });
  });

  it('C-MEDIA-6 the digest is BLAKE2b-256 of the file, however it comes in parts', () => {
    // The second implementation is itself checked against OpenSSL's, which has 64 bytes only.
    const [file, part] = [fileOf(100_000), fileOf(300)];
    expect(Buffer.from(blake2b(part, undefined, 64))).toEqual(createHash('blake2b512').update(part).digest());
    for (const step of [1 << 16, 7_001, 128, 100_000]) {
      const digest = startMediaDigest();
      for (let at = 0; at < file.length; at += step) digest.update(file.subarray(at, at + step));
      expect(Buffer.from(digest.finish()).toString('hex'), `${step}`).toBe(blake2b256(file));
      expect(() => digest.finish()).toThrow('finished');
    }
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

  it('C-MEDIA-8 blobs look random from the first byte to the last, and have nothing in common', () => {
    const blobs = Array.from({ length: 200 }, (_, index) =>
      sealFile(new Uint8Array(3000), createMediaKey(randomOf(index))),
    );
    const length = blobs[0]?.length ?? 0;
    // The value that 0.1 % of random files exceed, with room for looking at so many columns: 255 degrees of freedom.
    expect(chiSquare(blobs.flatMap((blob) => [...blob]))).toBeLessThan(350);
    for (let at = 0; at < length; at++)
      expect(new Set(blobs.map((blob) => blob[at])).size, `byte ${at}`).toBeGreaterThan(90);
    const big = sealFile(new Uint8Array(300_000));
    expect(chiSquare([...big])).toBeLessThan(350);
  });

  it('C-MEDIA-9 a key has 32 bytes', () => {
    expect(toMediaKey(new Uint8Array(31))).toBeUndefined();
    expect(toMediaKey(new Uint8Array(32))).toHaveLength(32);
    expect(createMediaKey(randomOf(1))).not.toEqual(createMediaKey(randomOf(2)));
  });
});

function blake2b256(bytes: Uint8Array): string {
  return Buffer.from(blake2b(bytes)).toString('hex');
}
