/**
 * Big files, chunk by chunk: libsodium's secretstream (XChaCha20-Poly1305). Each chunk opens only in its place: chunks that
 * are changed, dropped, doubled or in another order do not, and the last one says that it is the last, so that a file that
 * was cut is told from a whole one. Knows nothing of files, and where a chunk ends.
 *
 *     header 24 (random) | chunk + 17 | chunk + 17 | ... | last chunk + 17
 *
 * The header makes every stream's keys its own, so one key may seal many.
 */
import { wipe } from '../bytes.ts';
import type { Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { STREAM, streamPull, streamPush, streamState } from '../sodium.ts';

/** Lengths: of the header, of what sealing adds to a chunk, and the longest chunk (4 MiB). */
export const STREAM_LIMITS = {
  headerBytes: STREAM.headerBytes,
  overheadBytes: STREAM.overheadBytes,
  chunkBytes: 4 * 1024 * 1024,
} as const;

/** A file being sealed. It keeps its place: `push` in the order of the file. */
export interface SealingStream {
  /** Goes first, in the clear. */
  readonly header: Uint8Array;
  /**
   * The sealed chunk, 17 bytes longer. `final` with the last one, which may be empty. Throws RangeError over 4 MiB, and Error
   * after the final one.
   */
  push(chunk: Uint8Array, final: boolean, ad?: Uint8Array): Uint8Array;
}

/** A file being opened. It keeps its place: `pull` in the order of the file. */
export interface OpeningStream {
  /**
   * The chunk. `Damaged`: not the next one of this stream under this key and `ad`; the place stays, so the right one may
   * still come. After the final one everything is `Damaged`. A file whose bytes end before `final` was cut: the caller
   * must check that.
   */
  pull(
    bytes: Uint8Array,
    ad?: Uint8Array,
  ): Result<{ readonly chunk: Uint8Array; readonly final: boolean }, { readonly type: 'Damaged' }>;
}

const NO_AD = new Uint8Array(0);

/** Starts a stream under a 32-byte key. */
export function startSealing(key: Secret<string>, random: Random): SealingStream {
  const header = random(STREAM.headerBytes);
  const place = createPlace(key, header);
  const push = (chunk: Uint8Array, final: boolean, ad = NO_AD) => {
    const state = place.state();
    if (state === undefined) throw new Error('stream: nothing follows the final chunk');
    if (chunk.length > STREAM_LIMITS.chunkBytes) throw new RangeError('stream: the chunk is too long');
    const { next, bytes } = streamPush(state, chunk, ad, final);
    place.move(next, final);
    return bytes;
  };
  return { header: header.slice(), push };
}

/** Starts opening a stream; `Malformed` when the header has not 24 bytes. Whether the key fits, the first chunk shows. */
export function startOpening(key: Secret<string>, header: Uint8Array): Result<OpeningStream, Malformed> {
  if (header.length !== STREAM.headerBytes) return err({ type: 'Malformed' });
  const place = createPlace(key, header);
  const pull = (bytes: Uint8Array, ad = NO_AD) => {
    const state = place.state();
    const isTooLong = bytes.length > STREAM_LIMITS.chunkBytes + STREAM.overheadBytes;
    const opened = state && !isTooLong ? streamPull(state, bytes, ad) : undefined;
    if (opened === undefined) return err({ type: 'Damaged' } as const);
    const { next, chunk, final } = opened;
    place.move(next, final);
    return ok({ chunk, final });
  };
  return ok({ pull });
}

/** Where a stream is; nowhere after its final chunk. What it left is wiped. */
function createPlace(key: Secret<string>, header: Uint8Array) {
  if (key.length !== KEY_BYTES) throw new RangeError('stream: a key has 32 bytes');
  let state: Uint8Array | undefined = streamState(key, header);
  const move = (next: Uint8Array, final: boolean) => {
    if (state !== undefined) wipe(state);
    if (final) wipe(next);
    state = final ? undefined : next;
  };
  return { state: () => state, move };
}
