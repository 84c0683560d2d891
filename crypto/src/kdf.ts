/**
 * Key derivation: HKDF-SHA-256 (RFC 5869) and the chain step of the Double Ratchet. Labels come from `labels.ts`.
 * Knows nothing of what the derived keys are used for.
 */
import { concat, concatSecrets, utf8 } from './bytes.ts';
import type { Secret } from './keys.ts';
import { asSecret, KEY_BYTES } from './keys.ts';
import { hmac } from './sodium.ts';

/** A salt of zeros, which RFC 5869 (2.2) prescribes where there is none. */
export const NO_SALT = new Uint8Array(KEY_BYTES);

const MESSAGE_KEY_INPUT = Uint8Array.of(1);
const CHAIN_KEY_INPUT = Uint8Array.of(2);

/** What {@link hkdf} derives from. `salt` is 32 bytes; `info` is the label. */
export interface HkdfInput {
  readonly salt: Uint8Array;
  readonly material: Uint8Array;
  readonly info: string;
  readonly length: number;
}

/** HKDF-SHA-256: extract (2.2), then expand (2.3). `length` is at most 255 * 32. */
export function hkdf<Name extends string>({ salt, material, info, length }: HkdfInput): Secret<Name> {
  return expand<Name>(hmac(salt, material), utf8(info), length);
}

/** HKDF-Expand (RFC 5869, 2.3) from a key that is already uniform. */
export function expand<Name extends string>(key: Uint8Array, info: Uint8Array, length: number): Secret<Name> {
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += KEY_BYTES, counter++) {
    block = hmac(key, concat(block, info, Uint8Array.of(counter)));
    out.set(block.subarray(0, length - at), at);
  }
  return asSecret<Name>(out);
}

/** HKDF with two 32-byte outputs, split. */
export function hkdfPair<A extends string, B extends string>(
  input: Omit<HkdfInput, 'length'>,
): readonly [Secret<A>, Secret<B>] {
  const bytes = hkdf<A>({ ...input, length: 2 * KEY_BYTES });
  return [asSecret<A>(bytes.slice(0, KEY_BYTES)), asSecret<B>(bytes.slice(KEY_BYTES))];
}

/** KDF_CK, first half (Double Ratchet, 5.2): the message key at this place in the chain. */
export function messageKeyOf(chainKey: Secret<'Chain'>): Secret<'Message'> {
  return asSecret<'Message'>(hmac(chainKey, MESSAGE_KEY_INPUT));
}

/** KDF_CK, second half (Double Ratchet, 5.2): the chain key of the next place. It cannot be run backwards. */
export function nextChainKey(chainKey: Secret<'Chain'>): Secret<'Chain'> {
  return asSecret<'Chain'>(hmac(chainKey, CHAIN_KEY_INPUT));
}

/** Joins shared secrets for {@link hkdf}, behind the 32 bytes of 0xFF that X3DH and PQXDH (section 2.2, `F`) ask for. */
export function handshakeMaterial(...shared: readonly Uint8Array[]): Secret<'Handshake'> {
  return concatSecrets<'Handshake'>(new Uint8Array(KEY_BYTES).fill(0xff), ...shared);
}
