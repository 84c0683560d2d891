/**
 * Telling a sender key to a member's device, over the pairwise session with it:
 *
 *     version u8 | chain key 32 | index u32 | signing key 32 | proof 64
 *
 *     proof = signature by the signing key, "SecureChat sender key proof v1", over chat id || 0x00 || device id
 *
 * The chain key is the one at the present index, so whoever gets it opens nothing older. The proof says whose key it is and
 * where: a member cannot pass on another's as its own and have the other's messages count as its own.
 */
import { concat, utf8 } from '../bytes.ts';
import { stateLayout } from '../codec.ts';
import { constant, fixed, publicKey } from '../fields.ts';
import type { ChatId, DeviceId } from '../identity/ids.ts';
import { signLabelled, verifyLabelled } from '../identity/signature.ts';
import type { Secret } from '../keys.ts';
import { asSecret } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { CHAIN } from '../ratchet/ratchet-state.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { SIGNATURE_BYTES } from '../sodium.ts';
import { type ReceivedSenderKey, type SenderKey, senderKeyIdOf } from './sender-key.ts';

/** Whose sender key, in which group. The receiver takes the device from the session that the distribution came in. */
export interface SenderKeyOwner {
  readonly chatId: ChatId;
  readonly deviceId: DeviceId;
}

/** Not a wire layout, because it carries a chain key: it leaves the device as the plaintext of a session message only. */
const DISTRIBUTION = stateLayout({
  version: constant(1),
  chain: CHAIN,
  publicKey: publicKey<'SenderKey'>(),
  proof: fixed(SIGNATURE_BYTES),
});
const SEPARATOR = Uint8Array.of(0);

/**
 * What each member's device is told before, or together with, the first message that it shall read: 133 bytes. They are as
 * secret as the messages, and go nowhere but into `sealMessage` for that device.
 */
export function distributionOf(senderKey: SenderKey, owner: SenderKeyOwner): Secret<'SenderKeyDistribution'> {
  const { secretKey, publicKey, chain } = senderKey;
  const proof = signLabelled(secretKey, LABELS.senderKeyProof, claim(owner));
  return asSecret<'SenderKeyDistribution'>(DISTRIBUTION.encode({ version: 1, chain, publicKey, proof }));
}

/**
 * The sender key that a session message of `owner.deviceId` told. `Forged`: it is not that device's, or not for this chat.
 * For a key id that is known already the caller keeps what it has: an older place of the chain would open messages again.
 */
export function acceptDistribution(
  bytes: Uint8Array,
  owner: SenderKeyOwner,
): Result<ReceivedSenderKey, Malformed | { readonly type: 'Forged' }> {
  const told = DISTRIBUTION.decode(bytes);
  if (told === undefined) return err({ type: 'Malformed' });
  const { publicKey, chain, proof } = told;
  if (!verifyLabelled(publicKey, LABELS.senderKeyProof, claim(owner), proof)) return err({ type: 'Forged' });
  return ok({ keyId: senderKeyIdOf(publicKey), publicKey, chain, gaps: [] });
}

function claim({ chatId, deviceId }: SenderKeyOwner): Uint8Array {
  return concat(utf8(chatId), SEPARATOR, utf8(deviceId));
}
