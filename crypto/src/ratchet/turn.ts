/**
 * The Diffie-Hellman ratchet step (Double Ratchet, 2.3 and 3.5 DHRatchet), split in the two halves that each side takes
 * at its own moment. Every turn mixes a fresh shared secret into the root: that is what heals a session after a leak.
 */
import { wipe } from '../bytes.ts';
import { hkdfPair } from '../kdf.ts';
import type { KeyPair, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import { x25519, x25519Public } from '../sodium.ts';
import type { Chain } from './chain.ts';
import type { Ratchet } from './ratchet.ts';

/** The root after a turn, and the chain it opened. */
export interface Turn {
  readonly root: Secret<'Root'>;
  readonly chain: Chain;
}

/**
 * Our half, taken when we seal the first message of our turn (3.5 DHRatchet, second half): a new ratchet pair against the peer's newest key.
 * `undefined` for a weak key, or nobody to send to. The old pair is not needed any more: the peer's next turn will be
 * against the new one, because it must have heard of it to turn at all.
 */
export function turnSending(
  ratchet: Ratchet,
  random: Random,
): (Turn & { readonly self: KeyPair<'Ratchet'> }) | undefined {
  const secretKey = asSecret<'Ratchet'>(random(KEY_BYTES));
  const turn = ratchet.peer && turnRoot(ratchet.root, secretKey, ratchet.peer);
  return turn && { ...turn, self: { publicKey: asPublic<'Ratchet'>(x25519Public(secretKey)), secretKey } };
}

/**
 * The peer's half, taken when its new key arrives (3.5 DHRatchet, first half): that key against our current pair.
 * `undefined` for a weak key.
 */
export function turnReceiving(
  root: Secret<'Root'>,
  self: KeyPair<'Ratchet'>,
  peer: Public<'Ratchet'>,
): Turn | undefined {
  return turnRoot(root, self.secretKey, peer);
}

/** KDF_RK (Double Ratchet, 5.2): HKDF with the root as salt and the shared secret as input. */
function turnRoot(root: Secret<'Root'>, ours: Secret<'Ratchet'>, theirs: Public<'Ratchet'>): Turn | undefined {
  const material = x25519(ours, theirs);
  if (material === undefined) return undefined;
  const [next, key] = hkdfPair<'Root', 'Chain'>({ salt: root, material, info: LABELS.rootKey });
  wipe(material);
  return { root: next, chain: { key, index: 0 } };
}
