/**
 * A GIF with its picture and nothing else: comments, XMP and whatever else programs put into it go, and so does what is
 * behind the end. GIF89a.
 *
 *   "GIF89a" | screen 7 bytes, colours | block | block | ... | 3B
 *   block = 2C, place 9 bytes, colours, code size u8, data   or   21, label u8, data       data = (length u8, bytes)* 0
 */
import { type Bytes, hasText, join } from './bytes.ts';

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const END = 0x3b;
/** How a frame is shown; and, of applications, how often the film is. */
const CONTROL = 0xf9;
const APPLICATION = 0xff;
const LOOPS = ['NETSCAPE2.0', 'ANIMEXTS1.0'];

/** Undefined when it is not a GIF from its first byte to its end. */
export function stripGif(bytes: Uint8Array): Bytes | undefined {
  if (!hasText(bytes, 0, 'GIF87a') && !hasText(bytes, 0, 'GIF89a')) return undefined;
  let at = 13 + coloursLength(bytes[10] ?? 0);
  if (at > bytes.length) return undefined;
  const kept = [bytes.subarray(0, at)];
  while (bytes[at] !== END) {
    const end = blockEnd(bytes, at);
    if (end === undefined) return undefined;
    if (isOfThePicture(bytes, at)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return join([...kept, Uint8Array.of(END)]);
}

/** Of the table of colours that these flags announce. */
function coloursLength(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function blockEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === EXTENSION) return dataEnd(bytes, at + 2);
  if (bytes[at] === IMAGE) return dataEnd(bytes, at + 11 + coloursLength(bytes[at + 9] ?? 0));
  return undefined;
}

function dataEnd(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at < bytes.length;) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
  return undefined;
}

function isOfThePicture(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === IMAGE || bytes[at + 1] === CONTROL) return true;
  return bytes[at + 1] === APPLICATION && LOOPS.some((name) => hasText(bytes, at + 3, name));
}
