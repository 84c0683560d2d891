/**
 * What a device log amounts to: which devices there are and were, which recovery key is in force, what may be said next
 * and by whom. A fold over statements; knows nothing of bytes, signatures or the hash chain.
 */
import { equalBytes } from '../bytes.ts';
import { isSigningKey, type Public } from '../keys.ts';
import type { DeviceLogStatement } from './device-log-entry.ts';
import { type DeviceId, deviceIdOf } from './ids.ts';

/** A device that is or was in the log. */
export interface LoggedDevice {
  readonly id: DeviceId;
  readonly publicKey: Public<'Device'>;
  /** By the clock of the device that signed, milliseconds; so is `removedAt`. */
  readonly addedAt: number;
  /** What vouched for it: another device (the first one for itself), or the recovery phrase. */
  readonly by: 'device' | 'recovery';
  /** Absent while the device is active. */
  readonly removedAt?: number;
}

/** The recovery key in force. */
export interface Recovery {
  readonly recoveryKey: Public<'Recovery'>;
  /** The account's seed, sealed under the phrase. */
  readonly escrow: Uint8Array;
  readonly setAt: number;
  /** The device that set it: when that one was stolen, the phrase is the thief's. */
  readonly setBy: DeviceId;
}

/** The fold's state. */
export interface Membership {
  readonly entries: number;
  readonly devices: readonly LoggedDevice[];
  readonly recovery?: Recovery;
  /** Every key that the log named, the account's own among them: none may be given a second role. */
  readonly named: readonly Uint8Array[];
}

/** A statement and the key that vouches for it. */
export type Vouched = DeviceLogStatement & { readonly by: Public<'Authority'> };

/** Caps of a log (C-LOG-5). */
export const DEVICE_LOG_LIMITS = { entries: 256, devices: 32 } as const;

/** Before the first entry. */
export function noMembership(accountKey: Public<'Account'>): Membership {
  return { entries: 0, devices: [], named: [accountKey] };
}

/** The devices that were added and not removed, in order of their adding. */
export function activeOf({ devices }: Membership): readonly LoggedDevice[] {
  return devices.filter(({ removedAt }) => removedAt === undefined);
}

/**
 * Whether a statement can follow, whoever says it (C-LOG-4, C-LOG-5). A key gets one role, once: the holder of a removed
 * device or of a replaced phrase may be a thief, and what it signed before must not become valid again. It follows that
 * the first statement adds a device. No statement takes the room that removing every active device needs.
 */
export function isPossible(membership: Membership, statement: DeviceLogStatement): boolean {
  const { entries } = membership;
  const active = activeOf(membership).length;
  switch (statement.kind) {
    case 'add':
      return (
        isNew(membership, statement.deviceKey) &&
        active < DEVICE_LOG_LIMITS.devices &&
        entries + active + 2 <= DEVICE_LOG_LIMITS.entries
      );
    case 'remove':
      return activeOf(membership).some(({ publicKey }) => equalBytes(publicKey, statement.deviceKey));
    case 'recovery':
      return (
        active > 0 && isNew(membership, statement.recoveryKey) && entries + active + 1 <= DEVICE_LOG_LIMITS.entries
      );
  }
}

/**
 * As what the authority may say this: an active device anything, the recovery key in force an addition, the first device
 * its own. `undefined`: it may not (C-LOG-8).
 */
export function entitlementTo(membership: Membership, statement: Vouched): 'device' | 'recovery' | undefined {
  const isBy = (key: Uint8Array) => equalBytes(key, statement.by);
  if (membership.entries === 0) return statement.kind === 'add' && isBy(statement.deviceKey) ? 'device' : undefined;
  if (activeOf(membership).some(({ publicKey }) => isBy(publicKey))) return 'device';
  const { recovery } = membership;
  return statement.kind === 'add' && recovery !== undefined && isBy(recovery.recoveryKey) ? 'recovery' : undefined;
}

/** The state after a statement that {@link isPossible}, said by someone with this entitlement. */
export function advance(membership: Membership, statement: Vouched, by: 'device' | 'recovery'): Membership {
  const { named, devices } = membership;
  const next = { ...membership, entries: membership.entries + 1 };
  const { time } = statement;
  switch (statement.kind) {
    case 'add': {
      const { deviceKey: publicKey } = statement;
      const added = { id: deviceIdOf(publicKey), publicKey, addedAt: time, by };
      return { ...next, devices: [...devices, added], named: [...named, publicKey] };
    }
    case 'remove': {
      const isIt = (device: LoggedDevice) => equalBytes(device.publicKey, statement.deviceKey);
      return { ...next, devices: devices.map((device) => (isIt(device) ? { ...device, removedAt: time } : device)) };
    }
    case 'recovery': {
      const { recoveryKey, escrow } = statement;
      const setter = activeOf(membership).find(({ publicKey }) => equalBytes(publicKey, statement.by));
      if (setter === undefined) throw new Error('membership: only a device sets a recovery key');
      const recovery = { recoveryKey, escrow, setAt: time, setBy: setter.id };
      return { ...next, recovery, named: [...named, recoveryKey] };
    }
  }
}

function isNew({ named }: Membership, key: Uint8Array): boolean {
  return isSigningKey(key) && !named.some((other) => equalBytes(other, key));
}
