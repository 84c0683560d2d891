/**
 * A WebP with its picture and nothing else: Exif, XMP and unknown chunks go, those that are drawn from stay. RFC 9649.
 *
 *   "RIFF" | size u32le | "WEBP" | chunk | chunk | ...      chunk = type (4 letters), size u32le, data, padding to even
 */
import { type Bytes, ascii, hasText, join, textAt, viewOf } from './bytes.ts';
import { orientationOf } from './exif.ts';

const OF_THE_PICTURE = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const OF_A_FRAME = new Set(['VP8 ', 'VP8L', 'ALPH']);
/** Bits of VP8X that announce Exif and XMP. */
const ANNOUNCED = 0x08 | 0x04;
const FRAME_HEADER = 16;

/** Undefined when it is not a WebP that ends where it says, or has to be turned, which only what goes says. */
export function stripWebp(bytes: Uint8Array): Bytes | undefined {
  if (!hasText(bytes, 0, 'RIFF') || !hasText(bytes, 8, 'WEBP')) return undefined;
  const end = 8 + viewOf(bytes).getUint32(4, true);
  if (end < 12 || end > bytes.length) return undefined;
  const chunks = readChunks(bytes.subarray(12, end));
  if (!chunks || chunks.some(({ type, data }) => type === 'EXIF' && orientationOf(data) !== 1)) return undefined;
  const kept: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (!OF_THE_PICTURE.has(chunk.type)) continue;
    const data = cleanChunk(chunk);
    if (!data) return undefined;
    kept.push(chunkOf(chunk.type, data));
  }
  const body = join([ascii('WEBP'), ...kept]);
  return kept.length === 0 ? undefined : chunkOf('RIFF', body);
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

function readChunks(bytes: Uint8Array): Chunk[] | undefined {
  const chunks: Chunk[] = [];
  const view = viewOf(bytes);
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return undefined;
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (end > bytes.length) return undefined;
    chunks.push({ type: textAt(bytes, at, 4), data: bytes.subarray(at + 8, end) });
    at = end + (size % 2);
  }
  return chunks;
}

function cleanChunk({ type, data }: Chunk): Uint8Array | undefined {
  if (type === 'VP8X') return data.length < 10 ? undefined : withoutAnnouncements(data);
  return type === 'ANMF' ? cleanFrame(data) : data;
}

function withoutAnnouncements(data: Uint8Array): Uint8Array {
  const [flags = 0] = data;
  return join([Uint8Array.of(flags & ~ANNOUNCED), data.subarray(1)]);
}

/** A frame of an animation has chunks of its own. */
function cleanFrame(data: Uint8Array): Uint8Array | undefined {
  const chunks = data.length < FRAME_HEADER ? undefined : readChunks(data.subarray(FRAME_HEADER));
  const kept = chunks?.filter(({ type }) => OF_A_FRAME.has(type)).map((chunk) => chunkOf(chunk.type, chunk.data));
  return kept && join([data.subarray(0, FRAME_HEADER), ...kept]);
}

function chunkOf(type: string, data: Uint8Array): Bytes {
  const head = new Uint8Array(8);
  head.set(ascii(type));
  viewOf(head).setUint32(4, data.length, true);
  return join([head, data, new Uint8Array(data.length % 2)]);
}
