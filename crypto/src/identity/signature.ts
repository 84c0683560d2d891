/**
 * Labelled Ed25519 signatures. Every signature in SecureChat is over
 *
 *     utf8(label) || 0x00 || body
 *
 * so that one made for one purpose never verifies for another (C-SIG-1). The relay verifies the same bytes with its own
 * Ed25519. Verification first refuses keys that are not points of the prime-order group: under a small-order key one
 * signature would verify for many bodies.
 */
import { concat, utf8 } from '../bytes.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { isSigningKey } from '../keys.ts';
import { sign, verify } from '../sodium.ts';
import type { Account } from './account.ts';
import type { Device } from './device.ts';

const SEPARATOR = Uint8Array.of(0);

/** Signs as the account: device-log entries, registrations. */
export function signAsAccount(account: Account, label: string, body: Open): Uint8Array {
  return signLabelled(account.secretKey, label, body);
}

/** Whether the account with this key signed `body` under `label`. */
export function verifyAsAccount(
  publicKey: Public<'Account'>,
  label: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, label, body, signature);
}

/** Signs as the device: pre-keys, sign-in. */
export function signAsDevice(device: Device, label: string, body: Open): Uint8Array {
  return signLabelled(device.secretKey, label, body);
}

/** Whether the device with this key signed `body` under `label`. */
export function verifyAsDevice(
  publicKey: Public<'Device'>,
  label: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, label, body, signature);
}

/** The construction itself, for keys of other names. */
export function signLabelled(secretKey: Secret<string>, label: string, body: Open): Uint8Array {
  return sign(secretKey, labelled(label, body));
}

/** Inverse of {@link signLabelled}. Wrong lengths and bad points are false, never an exception. */
export function verifyLabelled(
  publicKey: Public<string>,
  label: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  return isSigningKey(publicKey) && verify(publicKey, labelled(label, body), signature);
}

function labelled(label: string, body: Open): Uint8Array {
  if (label.includes('\0')) throw new RangeError('a label must not contain NUL');
  return concat(utf8(label), SEPARATOR, body);
}
