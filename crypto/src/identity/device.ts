/**
 * A device: its own Ed25519 identity key, never copied to another device. For Diffie-Hellman the same key is used as
 * X25519 (libsodium's birational map), which is X3DH's identity key `IK` with one key for both roles. Knows nothing of
 * the account it belongs to: the device log says that.
 */
import { stateLayout } from '../codec.ts';
import { constant, secret } from '../fields.ts';
import type { Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { decoded } from '../result.ts';
import { signingPair, toX25519Public, toX25519Secret } from '../sodium.ts';
import { type DeviceId, deviceIdOf } from './ids.ts';

/** The device's key pair and its id. `secretKey` is libsodium's 64 bytes: seed, then public key. */
export interface Device {
  readonly id: DeviceId;
  readonly publicKey: Public<'Device'>;
  readonly secretKey: Secret<'Device'>;
}

const STORED = stateLayout({ version: constant(1), seed: secret<'Device'>() });
/** Converted keys kept: a conversion costs as much as an X25519, and every envelope needs one. */
const REMEMBERED_KEYS = 512;
const convertedKeys = new Map<string, Public<'Identity'> | undefined>();

/** A new device. */
export function createDevice(random: Random): Device {
  return deviceFromSeed(random(KEY_BYTES));
}

/** The device for sealed storage: 33 secret bytes. */
export function encodeDevice(device: Device): Secret<'StoredDevice'> {
  const seed = asSecret<'Device'>(device.secretKey.slice(0, KEY_BYTES));
  return asSecret<'StoredDevice'>(STORED.encode({ version: 1, seed }));
}

/** Inverse of {@link encodeDevice}. */
export function decodeDevice(bytes: Uint8Array): Result<Device, Malformed> {
  const stored = STORED.decode(bytes);
  return decoded(stored && deviceFromSeed(stored.seed));
}

/** The device's key as an X25519 secret (`IK` of X3DH, section 2.4). */
export function identitySecret(device: Device): Secret<'Identity'> {
  return asSecret<'Identity'>(toX25519Secret(device.secretKey));
}

/** An Ed25519 device or account key as an X25519 public key; `undefined` for a point that must not be used. */
export function identityPublic(publicKey: Public<'Device'> | Public<'Account'>): Public<'Identity'> | undefined {
  if (publicKey.length !== KEY_BYTES) return undefined;
  const name = String.fromCharCode(...publicKey);
  if (convertedKeys.has(name)) return convertedKeys.get(name);
  const bytes = toX25519Public(publicKey);
  const converted = bytes && asPublic<'Identity'>(bytes);
  if (convertedKeys.size >= REMEMBERED_KEYS) convertedKeys.clear();
  convertedKeys.set(name, converted);
  return converted;
}

/** The device of a 32-byte seed; the same seed always gives the same device. */
export function deviceFromSeed(seed: Uint8Array): Device {
  const pair = signingPair(seed);
  const publicKey = asPublic<'Device'>(pair.publicKey);
  return { id: deviceIdOf(publicKey), publicKey, secretKey: asSecret<'Device'>(pair.secretKey) };
}
