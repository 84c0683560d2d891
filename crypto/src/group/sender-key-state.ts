/**
 * Sender keys for sealed storage, own and received:
 *
 *     own      = version u8 | signing seed 32 | chain key 32 | index u32 | created u48                           75 bytes
 *     received = version u8 | signing key 32  | chain key 32 | index u32 | gaps u16 + each (see ratchet-state.ts)
 *
 * The key id is derived from the signing key.
 */
import { stateLayout } from '../codec.ts';
import { constant, publicKey, secret, time } from '../fields.ts';
import type { Secret } from '../keys.ts';
import { asSecret, isSigningKey, KEY_BYTES } from '../keys.ts';
import { areGaps, CHAIN, GAPS } from '../ratchet/ratchet-state.ts';
import type { Malformed, Result } from '../result.ts';
import { decoded, err, ok } from '../result.ts';
import { type ReceivedSenderKey, type SenderKey, senderKeyFrom, senderKeyIdOf } from './sender-key.ts';

const OWN = stateLayout({ version: constant(1), seed: secret<'SenderKey'>(), chain: CHAIN, createdAt: time });
const RECEIVED = stateLayout({
  version: constant(1),
  publicKey: publicKey<'SenderKey'>(),
  chain: CHAIN,
  gaps: GAPS,
});

/** An own sender key for sealed storage. */
export function encodeSenderKey({ secretKey, chain, createdAt }: SenderKey): Secret<'StoredSenderKey'> {
  const seed = asSecret<'SenderKey'>(secretKey.slice(0, KEY_BYTES));
  return asSecret<'StoredSenderKey'>(OWN.encode({ version: 1, seed, chain, createdAt }));
}

/** Inverse of {@link encodeSenderKey}. */
export function decodeSenderKey(bytes: Uint8Array): Result<SenderKey, Malformed> {
  const stored = OWN.decode(bytes);
  return decoded(stored && senderKeyFrom(stored.seed, stored.chain, stored.createdAt));
}

/** Another's sender key for sealed storage; 71 bytes without skipped keys, 88 KB at most. */
export function encodeReceivedSenderKey(received: ReceivedSenderKey): Secret<'StoredReceivedSenderKey'> {
  const { publicKey, chain, gaps } = received;
  return asSecret<'StoredReceivedSenderKey'>(RECEIVED.encode({ version: 1, publicKey, chain, gaps }));
}

/** Inverse of {@link encodeReceivedSenderKey}; `Malformed` for a state that no opening leaves behind. */
export function decodeReceivedSenderKey(bytes: Uint8Array): Result<ReceivedSenderKey, Malformed> {
  const stored = RECEIVED.decode(bytes);
  if (stored === undefined || !isSigningKey(stored.publicKey) || !areGaps(stored.gaps, stored.chain))
    return err({ type: 'Malformed' });
  const { publicKey, chain, gaps } = stored;
  return ok({ keyId: senderKeyIdOf(publicKey), publicKey, chain, gaps });
}
