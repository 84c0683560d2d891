/**
 * What a pointer announces of a file: SHA-256 of its blob in two levels, so that chunks are hashed beside this thread, in any order and
 * several at a time, and a file need not be opened to be known as the announced one.
 *
 *     digest = SHA-256("SecureChat media file v2" | SHA-256(chunk 0) | SHA-256(chunk 1) | ...)          of the sealed chunks
 *
 * How many there are, and how long each is, the size says that is announced beside it; the tag, the key. With the key, the
 * digest fixes the file: a sealed chunk opens to one content.
 */
import { concat, utf8 } from '../bytes.ts';
import { LABELS } from '../labels.ts';
import { SHA256_BYTES, sha256Beside } from '../webcrypto.ts';

/** A digest on its way. */
export interface MediaDigest {
  /** A sealed chunk, which has to stay as it is until this resolves. */
  add(index: number, sealed: Uint8Array): Promise<void>;
  /** When all chunks were added. Throws Error when one before the last was not. */
  finish(): Promise<Uint8Array>;
}

export function startMediaDigest(): MediaDigest {
  const hashes = new Map<number, Uint8Array>();
  return {
    add: async (index, sealed) => {
      hashes.set(index, await sha256Beside(sealed));
    },
    finish: () => {
      const inOrder = Array.from({ length: hashes.size }, (_, index) => {
        const hash = hashes.get(index);
        if (hash === undefined) throw new Error('media: a chunk is missing');
        return hash;
      });
      return sha256Beside(concat(utf8(LABELS.mediaFile), ...inOrder));
    },
  };
}

export const MEDIA_DIGEST_BYTES = SHA256_BYTES;
