/**
 * What a recovery phrase stands for: 128 random bits, and the Ed25519 key that they give. The account's device log names
 * the key, so that whoever has the phrase may add a device when every other is lost. The secret is shown once as words
 * and kept on no device. Knows nothing of words (`words.ts`) or of what is sealed under it (`escrow.ts`).
 *
 *     Ed25519 seed = HKDF(salt 0, secret 16, "SecureChat recovery key v1")
 *     id at the relay = base64url(SHA-256("SecureChat recovery v1" || recovery key))       43 characters
 *
 * Nothing stretches the secret: at 128 random bits there is nothing to guess.
 */
import { hash, toBase64Url, wipe } from '../bytes.ts';
import { signLabelled, verifyLabelled } from '../identity/signature.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import { signingPair, TAG_BYTES } from '../sodium.ts';

/** The 128 bits behind a recovery phrase. Made anew for every phrase: one secret seals one account, once. */
export type RecoverySecret = Secret<'Recovery'>;

/** Bytes of a {@link RecoverySecret}. */
export const RECOVERY_BYTES = 16;
/** Bytes of an escrow, which a device log keeps beside the recovery key: a sealed account seed. */
export const ESCROW_BYTES = KEY_BYTES + TAG_BYTES;

/** A new secret. */
export function createRecovery(random: Random): RecoverySecret {
  return asSecret<'Recovery'>(random(RECOVERY_BYTES));
}

/** The public key that a device log names for the secret. */
export function recoveryKeyOf(secret: RecoverySecret): Public<'Recovery'> {
  const { publicKey, secretKey } = pairOf(secret);
  wipe(secretKey);
  return asPublic<'Recovery'>(publicKey);
}

/** Where a relay keeps the account that this key recovers. */
export function recoveryIdOf(publicKey: Public<'Recovery'>): string {
  return toBase64Url(hash(LABELS.recoveryId, publicKey));
}

/** Signs with the recovery key: a device-log entry, a registration. */
export function signAsRecovery(secret: RecoverySecret, label: string, body: Open): Uint8Array {
  const { secretKey } = pairOf(secret);
  const signature = signLabelled(secretKey, label, body);
  wipe(secretKey);
  return signature;
}

/** Whether the holder of this recovery key signed `body` under `label`. */
export function verifyAsRecovery(
  publicKey: Public<'Recovery'>,
  label: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, label, body, signature);
}

function pairOf(secret: RecoverySecret): { readonly publicKey: Uint8Array; readonly secretKey: Secret<'RecoveryKey'> } {
  const seed = hkdf<'RecoverySeed'>({ salt: NO_SALT, material: secret, info: LABELS.recoveryKey, length: KEY_BYTES });
  const { publicKey, secretKey } = signingPair(seed);
  wipe(seed);
  return { publicKey, secretKey: asSecret<'RecoveryKey'>(secretKey) };
}
