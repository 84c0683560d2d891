/**
 * Sealing one message (Double Ratchet, 3.4 RatchetEncrypt). The caller persists `next` before the bytes leave, then
 * wipes `spent`.
 *
 * Each message key is used once, so a fixed nonce would do; the nonce is random all the same, so that a state restored
 * from a backup, which would seal two plaintexts under one key, does not also repeat a nonce.
 */
import { concat } from '../bytes.ts';
import type { Random } from '../random.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadSeal, NONCE_BYTES } from '../sodium.ts';
import type { WeakKey } from '../keys.ts';
import { step } from './chain.ts';
import { HEADER, PLAINTEXT_BYTES } from './message.ts';
import type { Ratchet } from './ratchet.ts';
import { turnSending } from './turn.ts';

/** What to seal. `ad` is authenticated with it and not sent. */
export interface SealInput {
  readonly plaintext: Uint8Array;
  readonly ad: Uint8Array;
  readonly random: Random;
}

/** A sealed message, the state after it, and the secrets that no state needs any more. */
export interface Sealed {
  readonly next: Ratchet;
  readonly spent: readonly Uint8Array[];
  readonly message: Uint8Array;
}

/** Seals `plaintext` as the next message. `WeakKey`: the peer's ratchet key is of small order. */
export function seal(ratchet: Ratchet, { plaintext, ad, random }: SealInput): Result<Sealed, WeakKey> {
  if (plaintext.length > PLAINTEXT_BYTES) throw new RangeError(`a message has at most ${PLAINTEXT_BYTES} bytes`);
  const ready = ratchet.sending === undefined ? withNewChain(ratchet, random) : ratchet;
  if (ready?.sending === undefined || ready.self === undefined) return err({ type: 'WeakKey' });
  const { index, key } = ready.sending;
  const { next, messageKey } = step(ready.sending);
  const header = HEADER.encode({ ratchetKey: ready.self.publicKey, previousCount: ready.previousCount, index });
  const nonce = random(NONCE_BYTES);
  const ciphertext = aeadSeal(messageKey, nonce, plaintext, concat(header, ad));
  const replaced = ready === ratchet ? [] : [ratchet.root, ...(ratchet.self ? [ratchet.self.secretKey] : [])];
  return ok({
    next: { ...ready, sending: next },
    spent: [messageKey, key, ...replaced],
    message: concat(header, nonce, ciphertext),
  });
}

/** Our turn: a new pair and a new sending chain (Double Ratchet, 3.5 DHRatchet, second half). */
function withNewChain(ratchet: Ratchet, random: Random): Ratchet | undefined {
  const turn = turnSending(ratchet, random);
  return turn && { ...ratchet, root: turn.root, self: turn.self, sending: turn.chain };
}
