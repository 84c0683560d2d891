/**
 * What the recovery phrase opens: the account's seed, kept in the device log beside the recovery key, so that the relay
 * can hand it to whoever comes with the phrase and cannot read it. Knows nothing of the log.
 *
 *     escrow = AEAD(HKDF(salt 0, secret, "SecureChat recovery escrow v1"), account seed 32)       48 bytes
 *
 * A secret is made for one phrase of one account and seals one seed, so the nonce is zero.
 */
import { wipe } from '../bytes.ts';
import { type Account, accountFromSeed } from '../identity/account.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen, aeadSeal, NONCE_BYTES } from '../sodium.ts';
import { ESCROW_BYTES, type RecoverySecret } from './recovery-key.ts';

const ZERO_NONCE = new Uint8Array(NONCE_BYTES);
const NO_AD = new Uint8Array(0);

/** The account under the phrase. The same two always give the same bytes; never seal two accounts under one secret. */
export function sealEscrow(secret: RecoverySecret, account: Account): Uint8Array {
  const key = escrowKey(secret);
  const seed = account.secretKey.slice(0, KEY_BYTES);
  const escrow = aeadSeal(key, ZERO_NONCE, seed, NO_AD);
  wipe(key, seed);
  return escrow;
}

/** The account back. Compare its public key with the log's. `WrongPhrase`: of another phrase, or damaged. */
export function openEscrow(
  secret: RecoverySecret,
  escrow: Uint8Array,
): Result<Account, { readonly type: 'WrongPhrase' }> {
  const key = escrowKey(secret);
  const seed = escrow.length === ESCROW_BYTES ? aeadOpen(key, ZERO_NONCE, escrow, NO_AD) : undefined;
  wipe(key);
  if (seed === undefined) return err({ type: 'WrongPhrase' });
  const account = accountFromSeed(seed);
  wipe(seed);
  return ok(account);
}

function escrowKey(secret: RecoverySecret): Secret<'Escrow'> {
  return hkdf<'Escrow'>({ salt: NO_SALT, material: secret, info: LABELS.recoveryEscrow, length: KEY_BYTES });
}
