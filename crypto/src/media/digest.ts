/** What a pointer announces of a file: BLAKE2b-256 of its bytes, taken as they come. */
import { BLAKE2B, blake2bDigest, blake2bStart, blake2bUpdate } from '../sodium.ts';

/** A digest on its way. */
export interface MediaDigest {
  update(bytes: Uint8Array): void;
  /** Of everything so far; the end: throws Error when asked or fed again. */
  finish(): Uint8Array;
}

export function startMediaDigest(): MediaDigest {
  let state: Uint8Array | undefined = blake2bStart();
  const current = (): Uint8Array => {
    if (state === undefined) throw new Error('media: the digest is finished');
    return state;
  };
  return {
    update: (bytes) => {
      state = blake2bUpdate(current(), bytes);
    },
    finish: () => {
      const digest = blake2bDigest(current());
      state = undefined;
      return digest;
    },
  };
}

export const MEDIA_DIGEST_BYTES = BLAKE2B.digestBytes;
