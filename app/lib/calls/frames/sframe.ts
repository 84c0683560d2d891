/**
 * The cryptography of frames, as SFrame (RFC 9605) has it with cipher suite 4, AES_128_GCM_SHA256_128: key and salt from a base
 * key (4.4.2), the nonce of a counter (4.4.3). Knows nothing of how a frame is laid out. Runs where WebCrypto is.
 */

/** What one base key gives under one id. Nothing of it leaves the worker. */
export interface SFrameKey {
  readonly cipher: CryptoKey;
  readonly salt: Uint8Array;
}

export type Bytes = Uint8Array<ArrayBuffer>;

/** Of the tag at the end of what is sealed. */
export const TAG_BYTES = 16;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const SUITE = 4;

/** `id`: SFrame's KID, below 2^53. `base` of any length. */
export async function deriveKey(id: number, base: Uint8Array): Promise<SFrameKey> {
  const secret = await crypto.subtle.importKey('raw', Uint8Array.from(base), 'HKDF', false, ['deriveBits']);
  const expand = async (label: string, length: number): Promise<ArrayBuffer> => {
    const info = labelOf(label, id);
    const options = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
    return await crypto.subtle.deriveBits(options, secret, length * 8);
  };
  const key = await expand('SFrame 1.0 Secret key ', KEY_BYTES);
  return {
    cipher: await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']),
    salt: new Uint8Array(await expand('SFrame 1.0 Secret salt ', NONCE_BYTES)),
  };
}

/** The same key must never see one counter twice. */
export async function protect(key: SFrameKey, counter: number, content: Content): Promise<Bytes> {
  const sealed = await crypto.subtle.encrypt(parameters(key, counter, content), key.cipher, content.bytes);
  return new Uint8Array(sealed);
}

/** Undefined: it was not made of this by {@link protect}. */
export async function unprotect(key: SFrameKey, counter: number, content: Content): Promise<Bytes | undefined> {
  try {
    const opened = await crypto.subtle.decrypt(parameters(key, counter, content), key.cipher, content.bytes);
    return new Uint8Array(opened);
  } catch {
    return undefined;
  }
}

export interface Content {
  readonly bytes: Bytes;
  /** What stays readable, and is authenticated: header and metadata. */
  readonly aad: Bytes;
}

/** The salt with the counter, big-endian, laid over its end. `counter` below 2^53. Pure. */
export function nonceOf(salt: Uint8Array, counter: number): Bytes {
  const nonce = Uint8Array.from(salt);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(NONCE_BYTES - 8, view.getBigUint64(NONCE_BYTES - 8) ^ BigInt(counter));
  return nonce;
}

function parameters(key: SFrameKey, counter: number, { aad }: Content): AesGcmParams {
  return { name: 'AES-GCM', iv: nonceOf(key.salt, counter), additionalData: aad, tagLength: TAG_BYTES * 8 };
}

function labelOf(label: string, id: number): Bytes {
  const words = new TextEncoder().encode(label);
  const bytes = new Uint8Array(words.length + 10);
  bytes.set(words);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(words.length, BigInt(id));
  view.setUint16(words.length + 8, SUITE);
  return bytes;
}
