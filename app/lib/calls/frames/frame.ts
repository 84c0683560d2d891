/**
 * How a sealed frame of sound or picture is laid out. Pure, but for WebCrypto.
 *
 * ```
 * head                what a packetizer reads; as it was
 * sealed              the rest of the frame, and a tag of 16 bytes
 * key id u8           \ the header of SFrame, at the end: what comes first has to be
 * counter u64         / what the browser expects there
 * ```
 * Authenticated besides: the header, the kind of the stream, the head. A frame of one stream is none of the other.
 */
import { protect, TAG_BYTES, unprotect, type Bytes, type SFrameKey } from './sframe.ts';

export type Kind = 'audio' | 'video';

const HEADER_BYTES = 9;
/** How much longer a sealed frame is. */
export const OVERHEAD_BYTES = TAG_BYTES + HEADER_BYTES;

/** Which key, and the how manyth frame under it. */
export interface Header {
  readonly id: number;
  readonly counter: number;
}

/** `header` must never come twice with one key. */
export async function sealFrame(key: SFrameKey, header: Header, kind: Kind, frame: Bytes): Promise<Bytes> {
  const head = headOf(kind, frame);
  const tail = writeHeader(header);
  const bytes = frame.subarray(head.length);
  return join(head, await protect(key, header.counter, { bytes, aad: aadOf(tail, kind, head) }), tail);
}

/** Undefined: nobody who has this key sealed it for a stream of this kind. */
export async function openFrame(key: SFrameKey, kind: Kind, sealed: Bytes): Promise<Bytes | undefined> {
  const header = readHeader(sealed);
  if (!header) return undefined;
  const tail = sealed.subarray(sealed.length - HEADER_BYTES);
  const head = headOf(kind, sealed.subarray(0, sealed.length - OVERHEAD_BYTES));
  const bytes = sealed.subarray(head.length, sealed.length - HEADER_BYTES);
  const opened = await unprotect(key, header.counter, { bytes, aad: aadOf(tail, kind, head) });
  return opened && join(head, opened);
}

/** Undefined: it is too short for a sealed frame, or its counter is beyond what is ever sent. Not authenticated yet. */
export function readHeader(sealed: Uint8Array): Header | undefined {
  if (sealed.length < OVERHEAD_BYTES) return undefined;
  const view = new DataView(sealed.buffer, sealed.byteOffset + sealed.length - HEADER_BYTES, HEADER_BYTES);
  const counter = Number(view.getBigUint64(1));
  return Number.isSafeInteger(counter) ? { id: view.getUint8(0), counter } : undefined;
}

function writeHeader({ id, counter }: Header): Bytes {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint8(0, id);
  view.setBigUint64(1, BigInt(counter));
  return header;
}

/**
 * Opus: its first byte, which says how it is coded. VP8 (RFC 6386, 9.1): three bytes, and in a key frame, where the lowest bit of
 * the first one is 0, seven more with the size of the picture.
 */
function headOf(kind: Kind, frame: Bytes): Bytes {
  const isKeyFrame = ((frame[0] ?? 0) & 1) === 0;
  return frame.subarray(0, kind === 'audio' ? 1 : isKeyFrame ? 10 : 3);
}

function aadOf(header: Bytes, kind: Kind, head: Bytes): Bytes {
  return join(header, Uint8Array.of(kind === 'audio' ? 0 : 1), head);
}

function join(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
