/**
 * A second implementation of libsodium's secretstream (its documentation, "Encrypted streams and file encryption"), on
 * OpenSSL's ChaCha20 and a Poly1305 in big integers. Seals only: what it makes must be what ours makes.
 */
import { createCipheriv } from 'node:crypto';
import { hchacha20 } from './independent.ts';

/** A chunk as the stream takes it. */
export interface PlainChunk {
  readonly chunk: Uint8Array;
  readonly ad: Uint8Array;
  readonly final: boolean;
  /** Another tag than `final` asks for. */
  readonly tag?: number;
}

const TAG_FINAL = 3;

/** The sealed chunks of a whole stream (none so long that the counter wraps). */
export function sealStream(key: Uint8Array, header: Uint8Array, chunks: readonly PlainChunk[]): Uint8Array[] {
  const streamKey = hchacha20(key, header);
  const inner = Buffer.from(header.slice(16));
  return chunks.map(({ chunk, ad, final, tag = final ? TAG_FINAL : 0 }, index) => {
    const nonce = Buffer.concat([littleEndian(index + 1, 4), inner]);
    const block = Buffer.alloc(64);
    block[0] = tag;
    // Block 0 keys the authenticator, block 1 hides the tag, the content begins with block 2.
    const sealed = chacha20(streamKey, nonce, Buffer.concat([Buffer.alloc(64), block, chunk]));
    const [polyKey, head, body] = [sealed.subarray(0, 32), sealed.subarray(64, 128), sealed.subarray(128)];
    const lengths = Buffer.concat([littleEndian(ad.length, 8), littleEndian(64 + chunk.length, 8)]);
    // Not `(16 - length) % 16` zeros as the paper would have it: libsodium pads by `(16 - 64 + length) & 15`.
    const padding = Buffer.alloc((16 - 64 + chunk.length) & 15);
    const bound = Buffer.concat([ad, Buffer.alloc((16 - (ad.length % 16)) % 16), head, body, padding, lengths]);
    const authenticator = poly1305(polyKey, bound);
    for (let at = 0; at < 8; at++) inner[at] = (inner[at] ?? 0) ^ (authenticator[at] ?? 0);
    return new Uint8Array(Buffer.concat([head.subarray(0, 1), body, authenticator]));
  });
}

function chacha20(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20', key, Buffer.concat([Buffer.alloc(4), nonce]));
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

/** RFC 8439, 2.5. */
function poly1305(key: Uint8Array, message: Uint8Array): Buffer {
  const prime = 2n ** 130n - 5n;
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16)
    sum = ((sum + number(Buffer.concat([message.subarray(at, at + 16), Buffer.of(1)]))) * r) % prime;
  const hex = ((sum + number(key.subarray(16, 32))) & (2n ** 128n - 1n)).toString(16).padStart(32, '0');
  return Buffer.from(hex, 'hex').reverse();
}

function number(littleEndianBytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(littleEndianBytes).reverse().toString('hex')}`);
}

function littleEndian(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(value);
  return bytes;
}
