/**
 * The device log: what an account says about its devices, as a hash chain of signed entries (DESIGN 3). Only the holder
 * of the account key can extend it, and nobody can take entries out: a relay can at worst serve an older prefix, which
 * `compareLogs` and the views inside sealed messages expose. Decoding verifies everything, so a `DeviceLog` value is a
 * verified one. Knows nothing of relays.
 *
 *     log = version u8 | entry count u16 | entries
 */
import { equalBytes, utf8 } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, list } from '../fields.ts';
import type { Public } from '../keys.ts';
import { toDeviceKey } from '../keys.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import type { Account } from './account.ts';
import {
  type DeviceLogEntry,
  type DeviceLogStatement,
  ENTRY,
  type EntryPlace,
  genesisHead,
  NAME_BYTES,
  signEntry,
  storedEntry,
  verifyEntry,
} from './device-log-entry.ts';
import { type DeviceId, deviceIdOf } from './ids.ts';

/** A verified log; never empty. */
export interface DeviceLog {
  readonly accountKey: Public<'Account'>;
  readonly entries: readonly DeviceLogEntry[];
}

/** Length and head: enough to tell whether two sides know the same log. */
export interface LogView {
  readonly length: number;
  readonly head: Uint8Array;
}

/** A device that speaks for the account now. */
export interface ActiveDevice {
  readonly id: DeviceId;
  readonly publicKey: Public<'Device'>;
  readonly name: string;
  readonly addedAt: number;
}

/** Why a served log is refused. `index` is the first bad entry. */
export type DeviceLogError =
  | Malformed
  | { readonly type: 'BadEntry'; readonly index: number }
  | { readonly type: 'ImpossibleEntry'; readonly index: number };

/** What a new device brings into the log. */
export interface NewDevice {
  readonly deviceKey: Public<'Device'>;
  /** At most 64 bytes of UTF-8. The relay can read it. */
  readonly name: string;
  readonly time: number;
}

/** Caps of a log (C-LOG-5). */
export const DEVICE_LOG_LIMITS = { entries: 256, devices: 32, nameBytes: NAME_BYTES } as const;

const LOG = wireLayout({ version: constant(1), entries: list(ENTRY, DEVICE_LOG_LIMITS.entries) });

/** The log of a new account with its first device. */
export function startDeviceLog(account: Account, device: NewDevice): DeviceLog {
  return extend({ accountKey: account.publicKey, entries: [] }, account, { kind: 'add', ...device });
}

/** The log with one more device. Throws for a device that is or was in it, or over a cap: check before. */
export function addDevice(log: DeviceLog, account: Account, device: NewDevice): DeviceLog {
  return extend(log, account, { kind: 'add', ...device });
}

/** The log without the device. Throws when the device is not active: check before. Removal is for ever (C-LOG-4). */
export function removeDevice(log: DeviceLog, account: Account, deviceId: DeviceId, time: number): DeviceLog {
  const device = activeDevices(log).find(({ id }) => id === deviceId);
  if (device === undefined) throw new Error('removeDevice: not an active device');
  return extend(log, account, { kind: 'remove', deviceKey: device.publicKey, name: '', time });
}

/** The whole log as bytes for the relay and for peers. */
export function encodeDeviceLog({ accountKey, entries }: DeviceLog): Uint8Array {
  const stored = entries.map((entry, index) => storedEntry(entry, placeAt(accountKey, entries, index)));
  return LOG.encode({ version: 1, entries: stored });
}

/** A log that came from outside, verified entry by entry against the account's key (C-LOG-1 to C-LOG-5). */
export function decodeDeviceLog(bytes: Uint8Array, accountKey: Public<'Account'>): Result<DeviceLog, DeviceLogError> {
  const stored = LOG.decode(bytes);
  if (stored === undefined || stored.entries.length === 0) return err({ type: 'Malformed' });
  const entries: DeviceLogEntry[] = [];
  for (const [index, candidate] of stored.entries.entries()) {
    const place = placeAt(accountKey, entries, index);
    if (candidate.body.index !== index || !equalBytes(candidate.body.previous, place.previous)) {
      return err({ type: 'BadEntry', index });
    }
    const entry = verifyEntry(accountKey, candidate, place);
    if (entry === undefined) return err({ type: 'BadEntry', index });
    if (!isPossible(entries, entry)) return err({ type: 'ImpossibleEntry', index });
    entries.push(entry);
  }
  return ok({ accountKey, entries });
}

/** Length and head of the log. */
export function logView({ accountKey, entries }: DeviceLog): LogView {
  return { length: entries.length, head: placeAt(accountKey, entries, entries.length).previous };
}

/** The head that the log had when it held `length` entries; `undefined` for 0 and for more than it holds. */
export function headAt(log: DeviceLog, length: number): Uint8Array | undefined {
  return length < 1 ? undefined : log.entries[length - 1]?.head;
}

/**
 * How a served log relates to the one already known: `ahead` extends it, `behind` is a prefix of it (a relay that rolls
 * back), `forked` contradicts it (a ghost device, or two signers).
 */
export function compareLogs(known: DeviceLog, served: DeviceLog): 'same' | 'ahead' | 'behind' | 'forked' {
  if (!equalBytes(known.accountKey, served.accountKey)) return 'forked';
  const shared = Math.min(known.entries.length, served.entries.length);
  const [ours, theirs] = [headAt(known, shared), headAt(served, shared)];
  if (ours === undefined || theirs === undefined || !equalBytes(ours, theirs)) return 'forked';
  if (known.entries.length === served.entries.length) return 'same';
  return served.entries.length > known.entries.length ? 'ahead' : 'behind';
}

/** The devices that were added and not removed, in order of their adding. */
export function activeDevices({ entries }: DeviceLog): readonly ActiveDevice[] {
  const removed = new Set(
    entries.filter(({ kind }) => kind === 'remove').map(({ deviceKey }) => deviceIdOf(deviceKey)),
  );
  return entries
    .filter(({ kind }) => kind === 'add')
    .map(({ deviceKey, name, time }) => ({ id: deviceIdOf(deviceKey), publicKey: deviceKey, name, addedAt: time }))
    .filter(({ id }) => !removed.has(id));
}

function extend(log: DeviceLog, account: Account, statement: DeviceLogStatement): DeviceLog {
  if (!equalBytes(log.accountKey, account.publicKey)) throw new Error('device log of another account');
  if (utf8(statement.name).length > NAME_BYTES) throw new RangeError(`a device name has at most ${NAME_BYTES} bytes`);
  if (log.entries.length >= DEVICE_LOG_LIMITS.entries) throw new RangeError('device log is full');
  if (!isPossible(log.entries, statement)) throw new Error('device log: impossible entry');
  const place = placeAt(log.accountKey, log.entries, log.entries.length);
  return { ...log, entries: [...log.entries, signEntry(account, statement, place)] };
}

/**
 * Whether a statement can follow the entries: a device is added once, removed at most once and only after that, and never
 * are more active than the cap. A removed key never returns: its holder may be a thief, and old messages under it must
 * not become valid again. It follows that the first entry is an add.
 */
function isPossible(entries: readonly DeviceLogEntry[], { kind, deviceKey, name }: DeviceLogStatement): boolean {
  const about = entries.filter((entry) => equalBytes(entry.deviceKey, deviceKey));
  if (kind === 'remove') return name === '' && about.length === 1;
  const removals = entries.filter((entry) => entry.kind === 'remove').length;
  const active = entries.length - 2 * removals;
  return about.length === 0 && active < DEVICE_LOG_LIMITS.devices && toDeviceKey(deviceKey) !== undefined;
}

/** Where entry number `index` stands: behind the head of the one before, or behind the genesis head. */
function placeAt(accountKey: Public<'Account'>, entries: readonly DeviceLogEntry[], index: number): EntryPlace {
  return { index, previous: entries[index - 1]?.head ?? genesisHead(accountKey) };
}
