/**
 * A file as the storage server may hold it: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015, "Online Authenticated-Encryption
 * and its Nonce-Reuse Misuse-Resistance", 7: a nonce per chunk that counts and says which is the last) over AES-256-GCM (NIST
 * SP 800-38D), under a key that is fresh for each file.
 *
 *     tag     = BLAKE2b-256(file key, "SecureChat media tag v2")          begins the blob, and says whose it is
 *     sealing = BLAKE2b-256(file key, "SecureChat media chunks v2")
 *     nonce   = chunk index u64 | last u8 | 3 zeros
 *
 * Key and file fix the blob: sealing a chunk again gives the same bytes, so an upload may go on at any chunk and no nonce ever
 * has two plaintexts. Each chunk opens by itself, in its place only. To whoever lacks the key all of it looks random.
 */
import { equalBytes, utf8, wipe } from '../bytes.ts';
import { asPublic, asSecret, KEY_BYTES, type Public, type Secret } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import { err, ok, type Result } from '../result.ts';
import { keyedBlake2b } from '../sodium.ts';
import { GCM, type GcmKey, gcmKey, gcmOpen, gcmSeal } from '../webcrypto.ts';
import { MEDIA, type MediaLayout, mediaLayout } from './layout.ts';

export type MediaKey = Secret<'Media'>;

/**
 * Why bytes are not the file that was announced. `WrongBlob`: another one's. `ChunkDamaged`: changed, or not in its place.
 * `Truncated` and `TrailingBytes`: shorter or longer than the size says. `NotAsAnnounced`: sealed by who has the key, and yet
 * another file.
 */
export type MediaError =
  | { readonly type: 'WrongBlob' }
  | { readonly type: 'ChunkDamaged'; readonly index: number }
  | { readonly type: 'Truncated' }
  | { readonly type: 'TrailingBytes' }
  | { readonly type: 'NotAsAnnounced' };

/**
 * One file's blob, being sealed or opened: chunks in any order, and best a few at a time, for the work is done beside this thread.
 * What is given has to stay as it is until the promise resolves.
 */
export interface MediaBlob {
  readonly layout: MediaLayout;
  /** The blob's first 32 bytes. */
  readonly tag: Public<'BlobTag'>;
  /** The sealed chunk. Rejects with RangeError when `content` is not as long as the chunk's place says. */
  seal(index: number, content: Uint8Array): Promise<Uint8Array>;
  /** The file's bytes in a chunk, without padding. Rejects with RangeError for an index that is none. */
  open(index: number, sealed: Uint8Array): Promise<Result<Uint8Array, MediaError>>;
  /** Forgets the keys; what is sealed or opened after it rejects. */
  end(): void;
}

/** A key for one file; never for a second one. */
export function createMediaKey(random: Random): MediaKey {
  return asSecret<'Media'>(random(KEY_BYTES));
}

/** A key that a pointer told; undefined unless it is 32 bytes. */
export function toMediaKey(bytes: Uint8Array): MediaKey | undefined {
  return bytes.length === KEY_BYTES ? asSecret<'Media'>(bytes.slice()) : undefined;
}

/** What the blob under this key begins with. */
export function mediaTag(key: MediaKey): Public<'BlobTag'> {
  return asPublic<'BlobTag'>(keyedBlake2b(MEDIA.tagBytes, key, utf8(LABELS.mediaTag)));
}

/** The blob of a file of `size` bytes. Throws RangeError for a size that no file has. */
export function mediaBlob(key: MediaKey, size: number): MediaBlob {
  const layout = mediaLayout(size);
  const sealing = sealingKey(key);
  return {
    layout,
    tag: mediaTag(key),
    seal: async (index, content) => {
      const place = layout.place(index);
      if (content.length !== place.content) throw new RangeError('media: not the content of this chunk');
      return gcmSeal(await sealing.get(), chunkNonce(index, place.isLast), paddedTo(place.padded, content));
    },
    open: async (index, sealed) => {
      const { content, padded, isLast } = layout.place(index);
      if (sealed.length < padded + MEDIA.overheadBytes) return err({ type: 'Truncated' });
      if (sealed.length > padded + MEDIA.overheadBytes) return err({ type: 'TrailingBytes' });
      const opened = await gcmOpen(await sealing.get(), chunkNonce(index, isLast), sealed);
      if (opened === undefined) return err({ type: 'ChunkDamaged', index });
      const isPadded = opened.subarray(content).every((byte) => byte === 0);
      return isPadded ? ok(opened.subarray(0, content)) : err({ type: 'NotAsAnnounced' });
    },
    end: () => {
      sealing.end();
    },
  };
}

/** Whether a blob that begins so and is so long can be this one. */
export function checkBlob(blob: MediaBlob, head: Uint8Array, blobBytes: number): Result<null, MediaError> {
  if (head.length < MEDIA.tagBytes) return err({ type: 'Truncated' });
  if (!equalBytes(head.subarray(0, MEDIA.tagBytes), blob.tag)) return err({ type: 'WrongBlob' });
  if (blobBytes < blob.layout.blobBytes) return err({ type: 'Truncated' });
  return blobBytes > blob.layout.blobBytes ? err({ type: 'TrailingBytes' }) : ok(null);
}

/** Made when it is first asked for, since a blob may be wanted for its layout only. */
function sealingKey(key: MediaKey): { readonly get: () => Promise<GcmKey>; readonly end: () => void } {
  const raw = keyedBlake2b(KEY_BYTES, key, utf8(LABELS.mediaChunks));
  let made: Promise<GcmKey> | undefined;
  let isOver = false;
  return {
    get: async () => {
      if (isOver) throw new Error('media: this blob is at its end');
      made ??= gcmKey(raw);
      return made;
    },
    end: () => {
      isOver = true;
      made = undefined;
      wipe(raw);
    },
  };
}

/** Most chunks are full, and not copied. */
function paddedTo(length: number, content: Uint8Array): Uint8Array {
  if (content.length === length) return content;
  const padded = new Uint8Array(length);
  padded.set(content);
  return padded;
}

function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(GCM.nonceBytes);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(0, BigInt(index));
  view.setUint8(8, isLast ? 1 : 0);
  return nonce;
}
