/**
 * A JPEG with its picture and nothing else: every segment that no decoder needs goes (Exif, XMP, IPTC, comments, previews,
 * further pictures behind the end), the rest stays byte for byte. ITU T.81, annex B.
 *
 *   FFD8 | segment | segment | ... | FFD9
 *   segment = FF, marker, length u16 (of itself and what follows), data; after FFDA the coded picture up to the next marker
 */
import { type Bytes, hasText, join, viewOf } from './bytes.ts';
import { exifOf, orientationOf, type Orientation } from './exif.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Tables, frame headers, restart interval, number of lines. */
const OF_THE_PICTURE = new Set([
  0xdb,
  0xc4,
  0xcc,
  0xdd,
  0xdc,
  ...range(0xc0, 0xc3),
  ...range(0xc5, 0xc7),
  ...range(0xc9, 0xcb),
  ...range(0xcd, 0xcf),
]);

/** Undefined when it is not a JPEG from its first byte to its end. */
export function stripJpeg(bytes: Uint8Array): Bytes | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  const kept: Uint8Array[] = [];
  let orientation: Orientation = 1;
  let at = 2;
  for (;;) {
    const segment = readSegment(bytes, at);
    if (!segment) return undefined;
    if (segment.marker === EOI) break;
    if (segment.marker === 0xe1 && hasText(segment.data, 0, 'Exif\0\0')) orientation = orientationOf(segment.data);
    kept.push(...keepSegment(bytes, segment));
    at = segment.end;
  }
  return join([Uint8Array.of(0xff, SOI), ...exifSegment(orientation), ...kept, Uint8Array.of(0xff, EOI)]);
}

interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
}

function readSegment(bytes: Uint8Array, from: number): Segment | undefined {
  if (bytes[from] !== 0xff) return undefined;
  let start = from;
  // Any number of FF may fill up before a marker.
  while (bytes[start + 1] === 0xff) start++;
  const marker = bytes[start + 1];
  if (marker === undefined) return undefined;
  if (marker === EOI) return { marker, start, end: start + 2, data: bytes.subarray(0, 0) };
  if (marker < 0xc0 || (marker >= 0xd0 && marker <= SOI) || start + 4 > bytes.length) return undefined;
  const length = viewOf(bytes).getUint16(start + 2);
  const dataEnd = start + 2 + length;
  if (length < 2 || dataEnd > bytes.length) return undefined;
  const end = marker === SOS ? codedEnd(bytes, dataEnd) : dataEnd;
  return { marker, start, end, data: bytes.subarray(start + 4, dataEnd) };
}

/** Where the coded picture ends: at the first marker that is neither a stuffed FF nor a restart. */
function codedEnd(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at = bytes.indexOf(0xff, at + (next === 0xff ? 1 : 2));
  }
  return bytes.length;
}

function keepSegment(bytes: Uint8Array, { marker, start, end, data }: Segment): Uint8Array[] {
  const whole = bytes.subarray(start, end);
  if (marker === SOS || OF_THE_PICTURE.has(marker)) return [whole];
  // Colours: the profile, and how Adobe's programs have turned them round.
  if (marker === 0xe2 && hasText(data, 0, 'ICC_PROFILE\0')) return [whole];
  if (marker === 0xee && hasText(data, 0, 'Adobe')) return [segmentOf(marker, data.subarray(0, 12))];
  if (marker === 0xe0 && hasText(data, 0, 'JFIF\0') && data.length >= 14) return [jfif(data)];
  return [];
}

/** Its version and density, without the preview. */
function jfif(data: Uint8Array): Uint8Array {
  return segmentOf(0xe0, join([data.subarray(0, 12), Uint8Array.of(0, 0)]));
}

function exifSegment(orientation: Orientation): Uint8Array[] {
  return orientation === 1 ? [] : [segmentOf(0xe1, exifOf(orientation))];
}

function segmentOf(marker: number, data: Uint8Array): Uint8Array {
  const length = data.length + 2;
  return join([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), data]);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
