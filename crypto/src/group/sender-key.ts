/**
 * A sender key: what one device seals all its messages to one group with, so that one ciphertext serves every member. A
 * chain that yields one message key a step, and a signing key, because every member knows the chain. It never heals by
 * itself: the caller makes a new one when somebody leaves, and when {@link needsNewSenderKey} says so. Knows nothing of
 * members, nor of how the key reaches them.
 */
import { type SenderKeyId, senderKeyIdBytes, senderKeyIdFrom } from '../identity/ids.ts';
import type { Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import type { Chain } from '../ratchet/chain.ts';
import type { Gap } from '../ratchet/skipped.ts';
import { signingPair } from '../sodium.ts';

/** The sender's own. Plain data, never mutated. `secretKey` is libsodium's 64 bytes: seed, then public key. */
export interface SenderKey {
  /** Of the signing key; names the sender key to those who have it. */
  readonly keyId: SenderKeyId;
  readonly publicKey: Public<'SenderKey'>;
  readonly secretKey: Secret<'SenderKey'>;
  /** Its index is the number of messages that were sealed. */
  readonly chain: Chain;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** What a member keeps of another's sender key. Plain data, never mutated. */
export interface ReceivedSenderKey {
  readonly keyId: SenderKeyId;
  readonly publicKey: Public<'SenderKey'>;
  readonly chain: Chain;
  /** Keys of messages not seen yet, rising. */
  readonly gaps: readonly Gap[];
}

/** When a sender key has served long enough (C-GROUP-9). */
export const SENDER_KEY_LIMITS = {
  /** Messages. Below what may be skipped, so that a member who was away never finds one too far ahead. */
  messages: 1_000,
  /** Milliseconds: as long as a signed pre-key serves. */
  age: 7 * 24 * 60 * 60 * 1000,
} as const;

/** A new sender key, for one device in one group. */
export function createSenderKey({ random, now }: { readonly random: Random; readonly now: number }): SenderKey {
  const seed = random(KEY_BYTES);
  const chain = { key: asSecret<'Chain'>(random(KEY_BYTES)), index: 0 };
  return senderKeyFrom(seed, chain, now);
}

/** The sender key with this signing seed at this place of its chain. */
export function senderKeyFrom(seed: Uint8Array, chain: Chain, createdAt: number): SenderKey {
  const pair = signingPair(seed);
  const publicKey = asPublic<'SenderKey'>(pair.publicKey);
  const secretKey = asSecret<'SenderKey'>(pair.secretKey);
  return { keyId: senderKeyIdOf(publicKey), publicKey, secretKey, chain, createdAt };
}

/** The id of the sender key with this signing key (C-GROUP-1). */
export function senderKeyIdOf(publicKey: Public<'SenderKey'>): SenderKeyId {
  return senderKeyIdFrom(senderKeyIdBytes(publicKey));
}

/** Whether it is time for a new one: whoever copied this one reads on until then. */
export function needsNewSenderKey({ chain, createdAt }: SenderKey, now: number): boolean {
  return chain.index >= SENDER_KEY_LIMITS.messages || now - createdAt >= SENDER_KEY_LIMITS.age;
}
