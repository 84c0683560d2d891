/**
 * A second, deliberately plain implementation of the key schedule on `node:crypto`, against which ours is checked. It
 * takes ML-KEM from libsodium (Node 20 has none) and everything else from OpenSSL, and writes labels out in full.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';
import { identityPublic, identitySecret } from '../../src/identity/device.ts';
import type { HandshakeHeader } from '../../src/handshake/pqxdh.ts';
import { oneTimePairs, signedPairs } from '../../src/handshake/pre-key-secrets.ts';
import { findOneTime, findSigned } from '../../src/handshake/pre-keys.ts';
import type { Public } from '../../src/keys.ts';
import { kemDecapsulate } from '../../src/sodium.ts';
import type { Party } from './world.ts';

const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** X25519 by OpenSSL. */
export function dh(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const own = createPrivateKey({ key: Buffer.concat([X25519_PKCS8, secretKey]), format: 'der', type: 'pkcs8' });
  const theirs = createPublicKey({ key: Buffer.concat([X25519_SPKI, publicKey]), format: 'der', type: 'spki' });
  return new Uint8Array(diffieHellman({ privateKey: own, publicKey: theirs }));
}

export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

export function hkdf(salt: Uint8Array, material: Uint8Array, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, salt, Buffer.from(info), length));
}

/** Bob's half of PQXDH, with every intermediate value. */
export function agreeIndependently(
  bob: Pick<Party, 'device' | 'preKeys'>,
  alice: Public<'Device'>,
  header: HandshakeHeader,
) {
  const signed = findSigned(bob.preKeys, header.signedId);
  const identity = identityPublic(alice);
  if (signed === undefined || identity === undefined) throw new Error('unknown pre-key');
  const oneTimePreKey = findOneTime(bob.preKeys, header.oneTimeId);
  const [pairs, oneTime] = [signedPairs(signed), oneTimePreKey && oneTimePairs(oneTimePreKey)];
  const dh1 = dh(pairs.dh.secretKey, identity);
  const dh2 = dh(identitySecret(bob.device), header.ephemeral);
  const dh3 = dh(pairs.dh.secretKey, header.ephemeral);
  const dh4 = oneTime && dh(oneTime.dh.secretKey, header.ephemeral);
  const ss = kemDecapsulate((oneTime?.kem ?? pairs.kem).secretKey, header.kemCiphertext);
  const parts = [new Uint8Array(32).fill(255), dh1, dh2, dh3, ...(dh4 ? [dh4] : []), ss];
  const root = hkdf(new Uint8Array(32), Buffer.concat(parts), 'SecureChat_X25519_SHA-256_ML-KEM-768 v1', 32);
  const ids = Buffer.alloc(8);
  ids.writeUInt32BE(header.signedId, 0);
  ids.writeUInt32BE(header.oneTimeId, 4);
  const transcript = sha256(
    'SecureChat handshake transcript v1',
    alice,
    bob.device.publicKey,
    ids,
    header.ephemeral,
    pairs.dh.publicKey,
    oneTime?.dh.publicKey ?? new Uint8Array(32),
    (oneTime?.kem ?? pairs.kem).publicKey,
    header.kemCiphertext,
  );
  return { dh1, dh2, dh3, dh4, ss, root, transcript };
}

/** KDF_RK. */
export function turn(root: Uint8Array, shared: Uint8Array): { readonly root: Uint8Array; readonly chain: Uint8Array } {
  const out = hkdf(root, shared, 'SecureChat ratchet root v1', 64);
  return { root: out.slice(0, 32), chain: out.slice(32) };
}

/** AES-256-GCM, with the tag behind it. */
export function gcmSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** XChaCha20-Poly1305 from OpenSSL's ChaCha20-Poly1305 and HChaCha20 (draft-irtf-cfrg-xchacha, 2.2 and 2.3). */
export function xchachaSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, ad: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', hchacha20(key, nonce), shortNonce(nonce), { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: plaintext.length });
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** Inverse of {@link xchachaSeal}; throws when it does not authenticate. */
export function xchachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, ad: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('chacha20-poly1305', hchacha20(key, nonce), shortNonce(nonce), {
    authTagLength: 16,
  });
  decipher.setAuthTag(sealed.slice(-16));
  decipher.setAAD(ad, { plaintextLength: sealed.length - 16 });
  return new Uint8Array(Buffer.concat([decipher.update(sealed.slice(0, -16)), decipher.final()]));
}

function shortNonce(nonce: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, ...nonce.slice(16));
}

/** HChaCha20 (draft-irtf-cfrg-xchacha, 2.2): the key of a nonce's first 16 bytes. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const words = new Uint32Array(16);
  words.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  const view = new DataView(Uint8Array.of(...key, ...nonce.slice(0, 16)).buffer);
  for (let at = 0; at < 12; at++) words[4 + at] = view.getUint32(4 * at, true);
  for (let round = 0; round < 10; round++) {
    for (let column = 0; column < 4; column++) quarter(words, [column, 4 + column, 8 + column, 12 + column]);
    for (let row = 0; row < 4; row++)
      quarter(words, [row, 4 + ((row + 1) & 3), 8 + ((row + 2) & 3), 12 + ((row + 3) & 3)]);
  }
  const out = new DataView(new ArrayBuffer(32));
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, at) => out.setUint32(4 * at, words[word] ?? 0, true));
  return new Uint8Array(out.buffer);
}

function quarter(words: Uint32Array, [a, b, c, d]: readonly [number, number, number, number]): void {
  const mix = (sum: number, with_: number, into: number, bits: number) => {
    words[sum] = (words[sum] ?? 0) + (words[with_] ?? 0);
    const mixed = (words[into] ?? 0) ^ (words[sum] ?? 0);
    words[into] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  mix(a, b, d, 16);
  mix(c, d, b, 12);
  mix(a, b, d, 8);
  mix(c, d, b, 7);
}
