/**
 * The key of an account's backup files: it follows from the account, so that every own device, and whoever restores the
 * account with the phrase, opens them. It never changes: a device that was removed and kept the account secret opens a
 * backup that it gets hold of. Knows nothing of the files' format.
 *
 *     key = HKDF(salt 0, account seed 32, "SecureChat backup key v1")
 */
import { wipe } from '../bytes.ts';
import type { Account } from '../identity/account.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';

/** 32 bytes, for a stream (`stream/stream.ts`). */
export function backupKey(account: Account): Secret<'Backup'> {
  const seed = account.secretKey.slice(0, KEY_BYTES);
  const key = hkdf<'Backup'>({ salt: NO_SALT, material: seed, info: LABELS.backupKey, length: KEY_BYTES });
  wipe(seed);
  return key;
}
