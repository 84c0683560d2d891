/**
 * Whether the authority of a registration has a say in it. The account key signs every registration, and every own device
 * holds it, also one that was removed; so what is stored decides who may change it, never what is newly said.
 */
import { sameBytes } from '../bytes.ts';
import type { AccountEntry } from './port.ts';

type Registered = Pick<AccountEntry, 'version' | 'devices' | 'recovery' | 'by'>;

/** `account` is fresh (`freshness.ts`) after `before`, and the secret half of its `by` signed it. */
export function isAuthorised(before: Registered | undefined, account: Registered): boolean {
  if (before === undefined) return hasDevice(account, account.by);
  if (account.version > before.version) return hasDevice(before, account.by) || hasRecoveryKey(before, account.by);
  // Said again, it changes nothing: also by the one whose word it was, although that may since be removed or replaced.
  return hasDevice(account, account.by) || sameBytes(before.by, account.by);
}

function hasDevice({ devices }: Registered, key: Uint8Array): boolean {
  return devices.some((device) => sameBytes(device.deviceKey, key));
}

function hasRecoveryKey({ recovery }: Registered, key: Uint8Array): boolean {
  return recovery !== undefined && sameBytes(recovery.recoveryKey, key);
}
