/**
 * A PNG with its picture and nothing else: of its chunks those stay, byte for byte, that a decoder draws from; texts, times,
 * Exif and private chunks go, and so does what is behind the end. PNG, third edition.
 *
 *   signature | chunk | chunk | ...      chunk = length u32, type (4 letters), data, crc u32
 */
import { type Bytes, join, textAt, viewOf } from './bytes.ts';
import { orientationOf } from './exif.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const OF_THE_PICTURE = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sRGB sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' '),
);

/** Undefined when it is not a PNG from its first byte to its end, or has to be turned, which only what goes says. */
export function stripPng(bytes: Uint8Array): Bytes | undefined {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) return undefined;
  const kept: Uint8Array[] = [SIGNATURE];
  const view = viewOf(bytes);
  let at = SIGNATURE.length;
  while (at + 12 <= bytes.length) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    const type = textAt(bytes, at + 4, 4);
    if (type === 'eXIf' && orientationOf(bytes.subarray(at + 8, end - 4)) !== 1) return undefined;
    if (OF_THE_PICTURE.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') return join(kept);
    at = end;
  }
  return undefined;
}
