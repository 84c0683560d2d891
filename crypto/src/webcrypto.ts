/**
 * The one file that asks WebCrypto to seal and to hash, which is for what is long: a platform's AES and SHA-256 are instructions of the processor and run
 * beside the thread that asks (`docs/decisions/2026-11-29-files-are-sealed-by-the-platform.md`). Narrowed to the primitives that
 * this package uses, with `undefined` instead of exceptions for what an attacker can cause. Knows nothing of formats.
 *
 * Each function takes its own copy of what it is given before it answers a promise: the caller may overwrite a buffer at once.
 */

/** A key of AES-256-GCM: in the platform's keeping, and not to be read again. */
export type GcmKey = CryptoKey;

/** AES-GCM's lengths (NIST SP 800-38D): the nonce for which it needs no hashing, and its longest tag. */
export const GCM = { nonceBytes: 12, tagBytes: 16 } as const;
/** Of SHA-256. */
export const SHA256_BYTES = 32;

/** `key` has 32 bytes, and may be wiped once this is answered. */
export function gcmKey(key: Uint8Array): Promise<GcmKey> {
  return crypto.subtle.importKey('raw', unshared(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** AES-256-GCM; the ciphertext with its tag behind it. A nonce has one plaintext, ever. */
export async function gcmSeal(key: GcmKey, nonce: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const parameters = { name: 'AES-GCM', iv: unshared(nonce), tagLength: GCM.tagBytes * 8 };
  return new Uint8Array(await crypto.subtle.encrypt(parameters, key, unshared(plaintext)));
}

/** Inverse of {@link gcmSeal}; `undefined` when it does not authenticate. */
export async function gcmOpen(key: GcmKey, nonce: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined> {
  const parameters = { name: 'AES-GCM', iv: unshared(nonce), tagLength: GCM.tagBytes * 8 };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, unshared(sealed)));
  } catch (error) {
    if (error instanceof Error && error.name === 'OperationError') return undefined;
    throw error;
  }
}

/** SHA-256 over one buffer, for long ones: for a short one `sodium.ts` is there sooner. */
export async function sha256Beside(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', unshared(bytes)));
}

/** WebCrypto takes no shared memory, and nothing here is: only the types cannot tell. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
