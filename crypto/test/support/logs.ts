/** Device logs for the tests, and logs that only a cheat would make: signed and encoded without any check. */
import {
  type Account,
  type Authority,
  createDevice,
  type Device,
  type DeviceLog,
  ESCROW_BYTES,
  logView,
  type NewDevice,
  type NewRecovery,
  type Random,
  recoveryKeyOf,
  type RecoverySecret,
} from '../../src/index.ts';
import { wireLayout } from '../../src/codec.ts';
import { constant, list } from '../../src/fields.ts';
import {
  type DeviceLogStatement,
  ENTRY,
  genesisHead,
  signEntry,
  storedEntry,
} from '../../src/identity/device-log-entry.ts';

/** The device as an authority. */
export function as(device: Device): Authority {
  return { type: 'device', device };
}

/** The recovery phrase as an authority. */
export function asRecovery(recovery: RecoverySecret): Authority {
  return { type: 'recovery', recovery };
}

/** A device that nobody will use, to be added. */
export function newDevice(random: Random, time: number): NewDevice {
  return { deviceKey: createDevice(random).publicKey, time };
}

/** A recovery key to be set, with an escrow that opens to nothing. */
export function newRecovery(recovery: RecoverySecret, time: number): NewRecovery {
  return { recoveryKey: recoveryKeyOf(recovery), escrow: new Uint8Array(ESCROW_BYTES).fill(time), time };
}

/** One more entry, signed in its place by whoever is given, whatever it says. */
export function forge(log: DeviceLog, account: Account, by: Authority, statement: DeviceLogStatement): DeviceLog {
  const { length, head } = logView(log);
  const place = { index: length, previous: length === 0 ? genesisHead(log.accountKey) : head };
  return { ...log, entries: [...log.entries, signEntry({ account, by }, statement, place)] };
}

type Stored = ReturnType<typeof storedEntry>;

/** The log with its stored entries changed, encoded without a check. */
export function rearranged(log: DeviceLog, change: (entries: Stored[]) => readonly Stored[]): Uint8Array {
  const layout = wireLayout({ version: constant(2), entries: list(ENTRY, 512) });
  return layout.encode({ version: 2, entries: change(log.entries.map(storedEntry)) });
}
