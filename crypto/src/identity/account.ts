/**
 * An account: one Ed25519 key made on the first device (DESIGN 3). It signs the device log and registrations and
 * nothing else; messages are never encrypted to it. Knows nothing of devices.
 */
import type { Malformed, Result } from '../result.ts';
import { decoded } from '../result.ts';
import { stateLayout } from '../codec.ts';
import { constant, secret } from '../fields.ts';
import type { Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import { signingPair } from '../sodium.ts';
import { type AccountId, accountIdOf } from './ids.ts';

/** The account's key pair and its id. `secretKey` is libsodium's 64 bytes: seed, then public key. */
export interface Account {
  readonly id: AccountId;
  readonly publicKey: Public<'Account'>;
  readonly secretKey: Secret<'Account'>;
}

const STORED = stateLayout({ version: constant(1), seed: secret<'Account'>() });

/** A new account. */
export function createAccount(random: Random): Account {
  return accountFromSeed(random(KEY_BYTES));
}

/** The account of a 32-byte seed; the same seed always gives the same account. */
export function accountFromSeed(seed: Uint8Array): Account {
  const pair = signingPair(seed);
  const publicKey = asPublic<'Account'>(pair.publicKey);
  return { id: accountIdOf(publicKey), publicKey, secretKey: asSecret<'Account'>(pair.secretKey) };
}

/** The account for sealed storage: 33 secret bytes. */
export function encodeAccount(account: Account): Secret<'StoredAccount'> {
  const seed = asSecret<'Account'>(account.secretKey.slice(0, KEY_BYTES));
  return asSecret<'StoredAccount'>(STORED.encode({ version: 1, seed }));
}

/** Inverse of {@link encodeAccount}. */
export function decodeAccount(bytes: Uint8Array): Result<Account, Malformed> {
  const stored = STORED.decode(bytes);
  return decoded(stored && accountFromSeed(stored.seed));
}
