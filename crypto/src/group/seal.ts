/**
 * Sealing one message to a group, for all its devices at once. The caller persists `next` before the bytes leave, then
 * wipes `spent`. The nonce is random for the reason given in `ratchet/seal.ts`.
 */
import { signLabelled } from '../identity/signature.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import { step } from '../ratchet/chain.ts';
import { PLAINTEXT_BYTES } from '../ratchet/message.ts';
import { aeadSeal, NONCE_BYTES } from '../sodium.ts';
import { boundTo, encodeGroupMessage, signedPart } from './message.ts';
import type { SenderKey } from './sender-key.ts';

/** What to seal. `ad` is authenticated with it and not sent. */
export interface GroupSealInput {
  readonly plaintext: Uint8Array;
  readonly ad: Uint8Array;
  readonly random: Random;
}

/** A sealed message, the sender key after it, and the secrets that no state needs any more. */
export interface GroupSealed {
  readonly next: SenderKey;
  readonly spent: readonly Uint8Array[];
  readonly message: Uint8Array;
}

/** Seals `plaintext` as the next message of this sender key. Throws for more than `PLAINTEXT_BYTES`. */
export function sealToGroup(senderKey: SenderKey, { plaintext, ad, random }: GroupSealInput): GroupSealed {
  if (plaintext.length > PLAINTEXT_BYTES) throw new RangeError(`a message has at most ${PLAINTEXT_BYTES} bytes`);
  const { index, key } = senderKey.chain;
  const { next: chain, messageKey } = step(senderKey.chain);
  const nonce = random(NONCE_BYTES);
  const sealed = { index, nonce, ciphertext: aeadSeal(messageKey, nonce, plaintext, boundTo(index, ad)) };
  const signature = signLabelled(senderKey.secretKey, LABELS.groupMessage, signedPart(sealed, ad));
  return {
    next: { ...senderKey, chain },
    spent: [messageKey, key],
    message: encodeGroupMessage({ ...sealed, signature }),
  };
}
