/**
 * That nobody stands between the two ends of a call: the caller commits to its certificate and a nonce when it rings, the
 * callee answers with its own, and only then the caller reveals. So whoever stands between has fixed each half before it
 * knows the other, and cannot try values until both sides show the same emoji (ZRTP, RFC 6189, sections 4.4.1.1 and 4.5.2).
 *
 *     commitment = SHA-256("SecureChat call ring v1" || call 16 || fingerprint 32 || nonce 32)
 *     comparison = the first four six-bit groups of SHA-256("SecureChat call comparison v1" || call 16 || caller's account 32,
 *                  device 32, fingerprint 32, nonce 32 || callee's account 32, device 32, fingerprint 32, nonce 32)
 */
import { equalBytes, fromBase64Url, hash } from '@securechat/crypto';
import type { CallId } from '../api-phone.ts';
import type { PhoneKeys } from '../payload/phone-parts.ts';
import type { Party } from './state.ts';

/** 64 pictures that have names of their own in any language, and of which no two look or sound alike. */
export const COMPARISON_EMOJI = [
  ...['🐶', '🐱', '🦁', '🐴', '🦄', '🐷', '🐘', '🐰'],
  ...['🐼', '🐓', '🐧', '🐢', '🐟', '🐙', '🦋', '🌷'],
  ...['🌳', '🌵', '🍄', '🌍', '🌙', '☁️', '🔥', '🍌'],
  ...['🍎', '🍓', '🌽', '🍕', '🎂', '❤️', '😀', '🤖'],
  ...['🎩', '👓', '🔧', '🎅', '👍', '☂️', '⌛', '⏰'],
  ...['🎁', '💡', '📕', '✏️', '📎', '✂️', '🔒', '🔑'],
  ...['🔨', '☎️', '🏁', '🚂', '🚲', '✈️', '🚀', '🏆'],
  ...['⚽', '🎸', '🎺', '🔔', '⚓', '🎧', '📁', '📌'],
] as const;

const BITS = 6;
const SHOWN = 4;

/** What the caller says when it rings: it hides the keys (32 random bytes) and binds to them. */
export function commitmentTo(callId: CallId, { fingerprint, nonce }: PhoneKeys): Uint8Array {
  return hash('SecureChat call ring v1', bytesOf(callId), fingerprint, nonce);
}

/** Whether the caller reveals what it had committed to. */
export function isCommitted(commitment: Uint8Array, callId: CallId, keys: PhoneKeys): boolean {
  return equalBytes(commitment, commitmentTo(callId, keys));
}

/** One end of a call: who it is, and what it said. */
export interface End extends Party {
  readonly keys: PhoneKeys;
}

/** Four emoji, the same at both ends unless somebody is in between. */
export function comparisonOf(callId: CallId, caller: End, callee: End): readonly string[] {
  const said = [caller, callee].flatMap(({ account, device, keys }) => [
    bytesOf(account),
    bytesOf(device),
    keys.fingerprint,
    keys.nonce,
  ]);
  const digest = hash('SecureChat call comparison v1', bytesOf(callId), ...said);
  const value = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  return Array.from({ length: SHOWN }, (_, at) => {
    const index = (value >>> (32 - BITS * (at + 1))) % COMPARISON_EMOJI.length;
    return COMPARISON_EMOJI[index] ?? '';
  });
}

/** Whether the first id's bytes come before the second's: of two calls at once that one is kept. */
export function isBefore(a: CallId, b: CallId): boolean {
  const [first, second] = [bytesOf(a), bytesOf(b)];
  const at = first.findIndex((byte, index) => byte !== second[index]);
  return at >= 0 && (first[at] ?? 0) < (second[at] ?? 0);
}

/** Ids are checked where they come in. */
function bytesOf(id: string): Uint8Array {
  return fromBase64Url(id) ?? new Uint8Array(0);
}
