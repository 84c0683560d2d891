/**
 * Pre-keys for sealed storage: secrets in the clear, so the bytes must go into the vault and nowhere else (their type is
 * `Secret`).
 *
 *     version u8 | device key 32 | signed | retired u16 + each | one-time u16 + each | fresh from u32 | next id u32
 *     signed = id u32 | created u48 | seed 32          one-time = id u32 | seed 32
 */
import { stateLayout } from '../codec.ts';
import { constant, list, publicKey, secret, time, unsigned } from '../fields.ts';
import type { Secret } from '../keys.ts';
import { asSecret } from '../keys.ts';
import type { Malformed, Result } from '../result.ts';
import { decoded } from '../result.ts';
import { PRE_KEY_LIMITS, type PreKeys } from './pre-keys.ts';

const SIGNED = stateLayout({ id: unsigned(4), createdAt: time, seed: secret<'SignedPreKey'>() });
const ONE_TIME = stateLayout({ id: unsigned(4), seed: secret<'OneTimePreKey'>() });
const STATE = stateLayout({
  version: constant(1),
  deviceKey: publicKey<'Device'>(),
  signed: SIGNED,
  retired: list(SIGNED, PRE_KEY_LIMITS.retired),
  oneTime: list(ONE_TIME, PRE_KEY_LIMITS.oneTime),
  freshFrom: unsigned(4),
  nextId: unsigned(4),
});

/** All pre-key secrets as bytes; about 3.7 KB for a hundred one-time pre-keys. */
export function encodePreKeys(preKeys: PreKeys): Secret<'StoredPreKeys'> {
  return asSecret<'StoredPreKeys'>(STATE.encode({ version: 1, ...preKeys }));
}

/** Inverse of {@link encodePreKeys}. */
export function decodePreKeys(bytes: Uint8Array): Result<PreKeys, Malformed> {
  const state = STATE.decode(bytes);
  if (state === undefined) return decoded<PreKeys>(undefined);
  const { version: _version, ...preKeys } = state;
  return decoded<PreKeys>(preKeys);
}
