/**
 * Where randomness comes from. Every function that needs some takes a {@link Random}, so that a simulation can replay
 * a whole world from one seed and the vectors can be regenerated. Knows nothing of what the bytes are for.
 */
import { KEY_BYTES } from './keys.ts';
import { chacha20 } from './sodium.ts';

/** Answers `length` fresh, unpredictable bytes. */
export type Random = (length: number) => Uint8Array;

/** WebCrypto's cap on one request. */
const REQUEST_BYTES = 65_536;

/**
 * The platform's generator: the same source that libsodium's `randombytes_buf` reads, without its byte-by-byte copy
 * (15,000 against 570,000 draws a second, measured on Node 20).
 */
export const systemRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += REQUEST_BYTES) crypto.getRandomValues(bytes.subarray(at, at + REQUEST_BYTES));
  return bytes;
};

/**
 * A deterministic stream for tests, vectors and simulation: draw number n is ChaCha20(seed, nonce = n).
 * Never for real keys.
 */
export function seededRandom(seed: Uint8Array): Random {
  if (seed.length !== KEY_BYTES) throw new RangeError('seededRandom takes a seed of 32 bytes');
  const key = seed.slice();
  let draws = 0;
  return (length) => {
    const nonce = new Uint8Array(8);
    new DataView(nonce.buffer).setUint32(0, draws++, true);
    return length === 0 ? new Uint8Array(0) : chacha20(length, key, nonce);
  };
}
