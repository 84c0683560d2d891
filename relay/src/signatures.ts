/** Ed25519 verification and the hash ids, with Node's own crypto. The only keys the relay ever touches are public. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { ID_LABELS, signedMessage, toBase64Url } from '@securechat/relay-protocol';
import type { AccountId, DeviceId, RecoveryId } from '@securechat/relay-protocol';

/** Whether `signature` over (`label`, `body`) was made with the secret half of `publicKey`. */
export function isSignedBy(publicKey: Uint8Array, label: string, body: Uint8Array, signature: Uint8Array): boolean {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
    return verify(null, signedMessage(label, body), createPublicKey({ key: jwk, format: 'jwk' }), signature);
  } catch {
    return false;
  }
}

/** The id of an account key. */
export function accountIdOf(publicKey: Uint8Array): AccountId {
  return hashId(ID_LABELS.account, publicKey);
}

/** The id of a device key. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
  return hashId(ID_LABELS.device, publicKey);
}

/** The id of a recovery key. */
export function recoveryIdOf(publicKey: Uint8Array): RecoveryId {
  return hashId(ID_LABELS.recovery, publicKey);
}

function hashId(label: string, publicKey: Uint8Array): string {
  return createHash('sha256').update(label).update(publicKey).digest('base64url');
}
