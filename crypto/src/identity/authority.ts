/**
 * Who vouches for a change of an account's devices. Every device holds the account secret, so the account's signature
 * does not tell a device that was unlinked and kept its keys from one that may speak. Each change therefore needs a second
 * signature: by a device that is active just before it, or, only to add one, by the recovery key in force. Knows nothing of
 * which keys those are: `membership.ts` does.
 */
import type { Open, Public } from '../keys.ts';
import { asPublic } from '../keys.ts';
import { recoveryKeyOf, type RecoverySecret, signAsRecovery } from '../recovery/recovery-key.ts';
import type { Device } from './device.ts';
import { signAsDevice, verifyLabelled } from './signature.ts';

/** An own device with its secret, or the secret of the recovery phrase. */
export type Authority =
  | { readonly type: 'device'; readonly device: Device }
  | { readonly type: 'recovery'; readonly recovery: RecoverySecret };

/** The public key that the authority's signatures verify under. */
export function authorityKeyOf(by: Authority): Public<'Authority'> {
  return asPublic<'Authority'>(by.type === 'device' ? by.device.publicKey : recoveryKeyOf(by.recovery));
}

/** Signs as the authority: a device-log entry, a registration. */
export function signAsAuthority(by: Authority, label: string, body: Open): Uint8Array {
  return by.type === 'device' ? signAsDevice(by.device, label, body) : signAsRecovery(by.recovery, label, body);
}

/** Whether the authority with this key signed `body` under `label`. Says nothing of whether it was entitled to. */
export function verifyAsAuthority(
  publicKey: Public<'Authority'>,
  label: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, label, body, signature);
}
