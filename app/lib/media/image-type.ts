/** What a picture is, by its first bytes: names and media types lie. */
import { hasText, textAt, viewOf, type Bytes } from './bytes.ts';
import { stripGif } from './gif.ts';
import { stripJpeg } from './jpeg.ts';
import { stripPng } from './png.ts';
import { stripWebp } from './webp.ts';

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif' | 'image/avif' | 'image/bmp';

/** Undefined: none of those that are shown. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (hasText(bytes, 1, 'PNG\r\n')) return 'image/png';
  if (hasText(bytes, 0, 'RIFF') && hasText(bytes, 8, 'WEBP')) return 'image/webp';
  if (hasText(bytes, 0, 'GIF87a') || hasText(bytes, 0, 'GIF89a')) return 'image/gif';
  if (hasText(bytes, 4, 'ftypavif') || hasText(bytes, 4, 'ftypavis')) return 'image/avif';
  return hasText(bytes, 0, 'BM') ? 'image/bmp' : undefined;
}

/** The same picture byte for byte, without what is said about it. Undefined: this cannot be done, or not for sure. */
export function stripImage(bytes: Uint8Array): Bytes | undefined {
  switch (imageTypeOf(bytes)) {
    case 'image/jpeg':
      return stripJpeg(bytes);
    case 'image/png':
      return stripPng(bytes);
    case 'image/webp':
      return stripWebp(bytes);
    case 'image/gif':
      return stripGif(bytes);
    default:
      return undefined;
  }
}

/** It moves: drawing it anew would leave one frame. */
export function isAnimated(bytes: Uint8Array): boolean {
  switch (imageTypeOf(bytes)) {
    case 'image/gif':
      return true;
    case 'image/webp':
      return hasText(bytes, 12, 'VP8X') && ((bytes[20] ?? 0) & 0x02) !== 0;
    case 'image/png':
      return hasAnimationControl(bytes);
    default:
      return false;
  }
}

/** Before the picture's data, or it does not count. */
function hasAnimationControl(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = textAt(bytes, at + 4, 4);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}
