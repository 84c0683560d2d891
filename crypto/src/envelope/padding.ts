/**
 * Padding to buckets, so that a length says little about a content. Bytes are `content | 0x80 | zeros` (ISO/IEC 7816-4).
 *
 *     buckets: 512, 1024, 2048, 4096, then 1.5 and 2 times each power of two: 6144, 8192, 12288, ... 262144
 */
const MARK = 0x80;
const SMALLEST = 512;
/** From here on there is a bucket between each two powers of two, which halves what padding costs. */
const FINER_FROM = 4096;

/** The largest bucket: the relay's cap on one envelope. */
export const LARGEST_BUCKET = 256 * 1024;

/**
 * `content`, padded so that its length plus `overhead` is a bucket. Throws when no bucket is large enough: the caller
 * knows the cap.
 */
export function padToBucket(content: Uint8Array, overhead = 0): Uint8Array {
  const padded = new Uint8Array(bucketFor(content.length + 1 + overhead) - overhead);
  padded.set(content);
  padded[content.length] = MARK;
  return padded;
}

/** The content; `undefined` when the padding is not as {@link padToBucket} makes it. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (padded[end] === 0) end--;
  return padded[end] === MARK ? padded.slice(0, end) : undefined;
}

/** The smallest bucket that holds `length` bytes. */
export function bucketFor(length: number): number {
  if (length > LARGEST_BUCKET) throw new RangeError(`${length} bytes do not fit the largest bucket`);
  let bucket = SMALLEST;
  while (bucket < length) {
    const between = bucket * 1.5;
    if (bucket >= FINER_FROM && between >= length) return between;
    bucket *= 2;
  }
  return bucket;
}
