/**
 * Sealing values at rest, and blinding names. One master key, one derived key per purpose; a value is bound to its place
 * by `ad`, so that stored values cannot be swapped. Knows nothing of the store.
 *
 *     sealed = nonce 24 | XChaCha20-Poly1305 ciphertext with tag
 */
import { concat, toBase64Url, utf8 } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { fixed, rest, unsigned } from '../fields.ts';
import { expand } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen, aeadSeal, keyedBlake2b, NONCE_BYTES } from '../sodium.ts';
import type { MasterKey } from './passphrase.ts';

/** Cap of one stored value: 64 MiB. */
const VALUE_BYTES = 64 * 1024 * 1024;
const BLINDED_BYTES = 16;
const SEALED = wireLayout({ nonce: fixed(NONCE_BYTES), ciphertext: rest(VALUE_BYTES) });
const LENGTH = wireLayout({ length: unsigned(4) });

/** The vault key for one purpose: HKDF-Expand of the master key, which is uniform, under the purpose's label. */
export function deriveKey(master: MasterKey, label: string): Secret<'Vault'> {
  return expand<'Vault'>(master, utf8(`${LABELS.vaultKey}: ${label}`), KEY_BYTES);
}

/** Seals a value for the place that `ad` names. The nonce is random: 192 bits, so keys need not count their uses. */
export function sealValue(key: Secret<'Vault'>, plaintext: Uint8Array, ad: Uint8Array, random: Random): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return SEALED.encode({ nonce, ciphertext: aeadSeal(key, nonce, plaintext, ad) });
}

/** The value back. `Damaged`: cut, changed, moved to another place, or sealed under another key. */
export function openValue(
  key: Secret<'Vault'>,
  sealed: Uint8Array,
  ad: Uint8Array,
): Result<Uint8Array, { readonly type: 'Damaged' }> {
  const parsed = SEALED.decode(sealed);
  const plaintext = parsed && aeadOpen(key, parsed.nonce, parsed.ciphertext, ad);
  return plaintext === undefined ? err({ type: 'Damaged' }) : ok(plaintext);
}

/** A name that says nothing: keyed BLAKE2b-128 of the parts, each behind its u32 length, as base64url (22 characters). */
export function blind(key: Secret<'Vault'>, parts: readonly string[]): string {
  const pieces = parts.map(utf8).flatMap((part) => [LENGTH.encode({ length: part.length }), part]);
  return toBase64Url(keyedBlake2b(BLINDED_BYTES, key, concat(...pieces)));
}
