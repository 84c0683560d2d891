/** When a registration may replace the stored one. */
import { sameBytes } from '../bytes.ts';
import type { AccountEntry, DeviceEntry } from './port.ts';

type Registered = Pick<AccountEntry, 'version' | 'deviceLog' | 'devices' | 'recovery'>;

/** A later version, or the same one said again. */
export function isFresh(before: Registered, account: Registered): boolean {
  return account.version > before.version || (account.version === before.version && isSame(before, account));
}

function isSame(a: Registered, b: Registered): boolean {
  const byId = new Map(a.devices.map((device) => [device.deviceId, device]));
  const isKnown = (device: DeviceEntry): boolean => {
    const other = byId.get(device.deviceId);
    return other !== undefined && sameBytes(other.mailbox, device.mailbox);
  };
  return (
    sameBytes(a.deviceLog, b.deviceLog) &&
    a.recovery?.recoveryId === b.recovery?.recoveryId &&
    a.devices.length === b.devices.length &&
    b.devices.every(isKnown)
  );
}
