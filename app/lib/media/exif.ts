/** The one thing of a picture's Exif that has to do with the picture: how it is to be turned. TIFF 6.0, Exif 2.3. */
import { type Bytes, ascii, hasText, join, viewOf } from './bytes.ts';

/** 1: as it is; 2 to 8: mirrored, turned or both. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const TAG = 0x0112;
const SHORT = 3;

/** Of Exif data with or without its "Exif" mark; 1 when it does not say, or cannot be read. */
export function orientationOf(exif: Uint8Array): Orientation {
  const tiff = hasText(exif, 0, 'Exif\0\0') ? exif.subarray(6) : exif;
  const little = hasText(tiff, 0, 'II*\0');
  if (!little && !hasText(tiff, 0, 'MM\0*')) return 1;
  const view = viewOf(tiff);
  if (view.byteLength < 8) return 1;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return 1;
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + i * 12;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) === TAG && view.getUint16(at + 2, little) === SHORT)
      return toOrientation(view.getUint16(at + 8, little));
  }
  return 1;
}

function toOrientation(value: number): Orientation {
  return isOrientation(value) ? value : 1;
}

function isOrientation(value: number): value is Orientation {
  return value >= 1 && value <= 8;
}

/** Exif data that says how to turn the picture and nothing else. */
export function exifOf(orientation: Orientation): Bytes {
  const header = [0, 0x2a, 0, 0, 0, 8];
  const entry = [0x01, 0x12, 0, SHORT, 0, 0, 0, 1, 0, orientation, 0, 0];
  return join([ascii('Exif\0\0MM'), Uint8Array.from([...header, 0, 1, ...entry, 0, 0, 0, 0])]);
}
