/**
 * One symmetric-key chain (Double Ratchet, 2.2): a key that steps forward and yields one message key a step. Stepping
 * cannot be undone, so what was used cannot be had again. Knows nothing of messages or of Diffie-Hellman.
 */
import { wipe } from '../bytes.ts';
import { messageKeyOf, nextChainKey } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';

/** `key` yields the message with number `index`. */
export interface Chain {
  readonly key: Secret<'Chain'>;
  readonly index: number;
}

/** A step taken: the chain after it, and the key that it yielded. */
export interface Step {
  readonly next: Chain;
  readonly messageKey: Secret<'Message'>;
}

/** One step (KDF_CK). */
export function step(chain: Chain): Step {
  return {
    messageKey: messageKeyOf(chain.key),
    next: { key: nextChainKey(chain.key), index: chain.index + 1 },
  };
}

/**
 * All steps up to `index`, their keys packed one behind the other (Double Ratchet, 3.5 SkipMessageKeys). The caller has
 * bounded the distance. Chain keys passed on the way are wiped; the one given belongs to a state that is still true.
 */
export function skipTo(chain: Chain, index: number): { readonly next: Chain; readonly keys: Secret<'Skipped'> } {
  const keys = new Uint8Array((index - chain.index) * KEY_BYTES);
  let current = chain;
  for (let at = 0; at < keys.length; at += KEY_BYTES) {
    const { next, messageKey } = step(current);
    keys.set(messageKey, at);
    wipe(messageKey);
    if (current !== chain) wipe(current.key);
    current = next;
  }
  return { next: current, keys: asSecret<'Skipped'>(keys) };
}
