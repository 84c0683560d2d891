/**
 * The passphrase lock: the vault's master key, wrapped under Argon2id of a passphrase (RFC 9106). Without a lock the
 * master key is wrapped by a non-extractable platform key instead; that is asynchronous and belongs to `sync`.
 *
 *     wrapped = version u8 | operations u32 | memory KiB u32 | salt 16 | nonce 24 | sealed master key 48
 *               [------------------ authenticated -----------------]
 *
 * The cost is stored with the salt, so it can be raised later; when unwrapping it is capped, because whoever can write
 * the stored bytes must not choose how long this device computes.
 */
import { concat, utf8 } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, fixed, unsigned } from '../fields.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen, aeadSeal, argon2id, NONCE_BYTES, type PassphraseCost, TAG_BYTES } from '../sodium.ts';

/** The key above all vault keys of one device. */
export type MasterKey = Secret<'Master'>;

/** Second recommended option of RFC 9106 (section 4) with libsodium's single lane: about a quarter of a second here. */
export const DEFAULT_COST: PassphraseCost = { operations: 3, memoryKiB: 64 * 1024 };

/** Bounds on the stored cost (C-VAULT-3). */
export const COST_LIMITS = { operations: 16, memoryKiB: 1024 * 1024, leastMemoryKiB: 8 } as const;

const SALT_BYTES = 16;
const PARAMETERS = wireLayout({
  version: constant(1),
  operations: unsigned(4),
  memoryKiB: unsigned(4),
  salt: fixed(SALT_BYTES),
});
const WRAPPED = wireLayout({ parameters: PARAMETERS, nonce: fixed(NONCE_BYTES), sealed: fixed(KEY_BYTES + TAG_BYTES) });

/** What to wrap and with what; `cost` is for tests and for raising it. */
export interface WrapInput {
  readonly passphrase: string;
  readonly master: MasterKey;
  readonly random: Random;
  readonly cost?: PassphraseCost;
}

/** A new master key. */
export function createMasterKey(random: Random): MasterKey {
  return asSecret<'Master'>(random(KEY_BYTES));
}

/** The master key under a passphrase: 97 bytes that may lie in the open. */
export function wrapMasterKey({ passphrase, master, random, cost = DEFAULT_COST }: WrapInput): Uint8Array {
  const parameters = { version: 1, ...cost, salt: random(SALT_BYTES) } as const;
  if (!isWithinLimits(parameters)) throw new RangeError('passphrase cost out of bounds');
  const nonce = random(NONCE_BYTES);
  const key = passphraseKey(passphrase, parameters.salt, cost);
  return WRAPPED.encode({ parameters, nonce, sealed: aeadSeal(key, nonce, master, PARAMETERS.encode(parameters)) });
}

/** The master key back. A wrong passphrase and a damaged wrapping of the right length cannot be told apart. */
export function unwrapMasterKey(
  passphrase: string,
  wrapped: Uint8Array,
): Result<MasterKey, Malformed | { readonly type: 'WrongPassphrase' }> {
  const parsed = WRAPPED.decode(wrapped);
  if (parsed === undefined || !isWithinLimits(parsed.parameters)) return err({ type: 'Malformed' });
  const { parameters, nonce, sealed } = parsed;
  const key = passphraseKey(passphrase, parameters.salt, parameters);
  const master = aeadOpen(key, nonce, sealed, PARAMETERS.encode(parameters));
  return master === undefined ? err({ type: 'WrongPassphrase' }) : ok(asSecret<'Master'>(master));
}

/** NFKC, so that the same words typed on another keyboard are the same passphrase. Throws when memory cannot be had. */
function passphraseKey(passphrase: string, salt: Uint8Array, cost: PassphraseCost): Secret<'Passphrase'> {
  const stretched = argon2id(concat(utf8(passphrase.normalize('NFKC'))), salt, cost);
  if (stretched === undefined) throw new Error('Argon2id: not enough memory');
  return hkdf<'Passphrase'>({ salt: NO_SALT, material: stretched, info: LABELS.vaultWrap, length: KEY_BYTES });
}

function isWithinLimits({ operations, memoryKiB }: PassphraseCost): boolean {
  const { leastMemoryKiB } = COST_LIMITS;
  const possible = operations >= 1 && memoryKiB >= leastMemoryKiB;
  return possible && operations <= COST_LIMITS.operations && memoryKiB <= COST_LIMITS.memoryKiB;
}
