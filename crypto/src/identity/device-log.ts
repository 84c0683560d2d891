/**
 * The device log: what an account says about its devices, as a hash chain of entries that the account and an authority
 * sign (DESIGN 3). Only who holds the account key *and* is an active device, or has the recovery phrase, can extend it, and
 * nobody can take entries out: a relay can at worst serve an older prefix, which `compareLogs` and the views inside sealed
 * messages expose. Decoding verifies everything, so a `DeviceLog` value is a verified one. Knows nothing of relays.
 *
 *     log = version u8 = 2 | entry count u16 | entries
 *
 * What no log can show by itself: a device that was removed can still sign a log that parts from the true one before its
 * removal. Whoever knows the true log sees a fork.
 */
import { equalBytes } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, list } from '../fields.ts';
import type { Public } from '../keys.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import type { Account } from './account.ts';
import { type Authority, authorityKeyOf } from './authority.ts';
import {
  type DeviceLogEntry,
  type DeviceLogStatement,
  ENTRY,
  type EntryPlace,
  genesisHead,
  signEntry,
  storedEntry,
  verifyEntry,
} from './device-log-entry.ts';
import type { Device } from './device.ts';
import type { DeviceId } from './ids.ts';
import {
  activeOf,
  advance,
  DEVICE_LOG_LIMITS,
  entitlementTo,
  isPossible,
  type LoggedDevice,
  type Membership,
  noMembership,
  type Recovery,
  type Vouched,
} from './membership.ts';

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

/**
 * Why a served log is refused. `index` is the first bad entry: the account did not sign it there (`BadEntry`), the
 * authority did not or may not (`BadAuthority`), or it cannot follow the entries before it (`ImpossibleEntry`).
 */
export type DeviceLogError =
  | Malformed
  | { readonly type: 'BadEntry'; readonly index: number }
  | { readonly type: 'BadAuthority'; readonly index: number }
  | { readonly type: 'ImpossibleEntry'; readonly index: number };

/** What a new device brings into the log. */
export interface NewDevice {
  readonly deviceKey: Public<'Device'>;
  readonly time: number;
}

/** What a new recovery phrase brings into the log: its key, and the account's seed sealed under it (48 bytes). */
export interface NewRecovery {
  readonly recoveryKey: Public<'Recovery'>;
  readonly escrow: Uint8Array;
  readonly time: number;
}

const LOG = wireLayout({ version: constant(2), entries: list(ENTRY, DEVICE_LOG_LIMITS.entries) });

/** The log of a new account with its first device, which vouches for itself. */
export function startDeviceLog(account: Account, device: Device, time: number): DeviceLog {
  const empty = { accountKey: account.publicKey, entries: [] };
  return extend(empty, account, { type: 'device', device }, { kind: 'add', deviceKey: device.publicKey, time });
}

/** The log with one more device. Throws when the authority may not, for a key that is or was in it, or over a cap. */
export function addDevice(log: DeviceLog, account: Account, by: Authority, device: NewDevice): DeviceLog {
  const { deviceKey, time } = device;
  return extend(log, account, by, { kind: 'add', deviceKey, time });
}

/**
 * The log without the device. Throws when that is not active or `by` is not an active device: check before. Removal is
 * for ever (C-LOG-4). A device may remove itself, be it the last one: then only the recovery phrase leads back.
 */
export function removeDevice(
  log: DeviceLog,
  account: Account,
  by: Authority,
  deviceId: DeviceId,
  time: number,
): DeviceLog {
  const device = activeDevices(log).find(({ id }) => id === deviceId);
  if (device === undefined) throw new Error('removeDevice: not an active device');
  return extend(log, account, by, { kind: 'remove', deviceKey: device.publicKey, time });
}

/** The log with this recovery key in force instead of any before. Throws when `by` is not an active device. */
export function setRecovery(log: DeviceLog, account: Account, by: Authority, recovery: NewRecovery): DeviceLog {
  const { recoveryKey, escrow, time } = recovery;
  return extend(log, account, by, { kind: 'recovery', recoveryKey, escrow: escrow.slice(), time });
}

/** The whole log as bytes for the relay and for peers; at most 63,491. */
export function encodeDeviceLog({ entries }: DeviceLog): Uint8Array {
  return LOG.encode({ version: 2, entries: entries.map(storedEntry) });
}

/** A log that came from outside, verified entry by entry against the account's key (C-LOG-1 to C-LOG-5, C-LOG-8). */
export function decodeDeviceLog(bytes: Uint8Array, accountKey: Public<'Account'>): Result<DeviceLog, DeviceLogError> {
  const stored = LOG.decode(bytes);
  if (stored === undefined || stored.entries.length === 0) return err({ type: 'Malformed' });
  const entries: DeviceLogEntry[] = [];
  let membership = noMembership(accountKey);
  for (const [index, candidate] of stored.entries.entries()) {
    const entry = verifyEntry(accountKey, candidate, placeAt(accountKey, entries, index));
    if (typeof entry === 'string') return err({ type: entry, index });
    const next = follow(membership, entry);
    if (typeof next === 'string') return err({ type: next, index });
    entries.push(entry);
    membership = next;
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
 * back), `forked` contradicts it (a ghost device, a removed device that goes on signing, or two signers at once).
 */
export function compareLogs(known: DeviceLog, served: DeviceLog): 'same' | 'ahead' | 'behind' | 'forked' {
  if (!equalBytes(known.accountKey, served.accountKey)) return 'forked';
  const shared = Math.min(known.entries.length, served.entries.length);
  const [ours, theirs] = [headAt(known, shared), headAt(served, shared)];
  if (ours === undefined || theirs === undefined || !equalBytes(ours, theirs)) return 'forked';
  if (known.entries.length === served.entries.length) return 'same';
  return served.entries.length > known.entries.length ? 'ahead' : 'behind';
}

/** The devices that speak for the account now, in order of their adding. */
export function activeDevices(log: DeviceLog): readonly LoggedDevice[] {
  return activeOf(membershipOf(log));
}

/** Every device that ever was in the log, in order of its adding. */
export function allDevices(log: DeviceLog): readonly LoggedDevice[] {
  return membershipOf(log).devices;
}

/** The recovery key in force, with the device that set it; `undefined` when none was ever set. */
export function recoveryOf(log: DeviceLog): Recovery | undefined {
  return membershipOf(log).recovery;
}

function extend(log: DeviceLog, account: Account, by: Authority, statement: DeviceLogStatement): DeviceLog {
  if (!equalBytes(log.accountKey, account.publicKey)) throw new Error('device log of another account');
  const next = follow(membershipOf(log), { ...statement, by: authorityKeyOf(by) });
  if (typeof next === 'string') throw new Error(`device log: ${next}`);
  const place = placeAt(log.accountKey, log.entries, log.entries.length);
  return { ...log, entries: [...log.entries, signEntry({ account, by }, statement, place)] };
}

/** The state after one more statement, or why it cannot follow. */
function follow(membership: Membership, statement: Vouched): Membership | 'BadAuthority' | 'ImpossibleEntry' {
  if (!isPossible(membership, statement)) return 'ImpossibleEntry';
  const entitlement = entitlementTo(membership, statement);
  return entitlement === undefined ? 'BadAuthority' : advance(membership, statement, entitlement);
}

/** Folded once for each log, which never changes: who the devices are is asked for every envelope. */
const MEMBERSHIPS = new WeakMap<DeviceLog, Membership>();

function membershipOf(log: DeviceLog): Membership {
  const known = MEMBERSHIPS.get(log);
  if (known !== undefined) return known;
  const membership = log.entries.reduce((before, entry) => {
    const next = follow(before, entry);
    if (typeof next === 'string') throw new Error(`a device log that was not verified: ${next}`);
    return next;
  }, noMembership(log.accountKey));
  MEMBERSHIPS.set(log, membership);
  return membership;
}

/** Where entry number `index` stands: behind the head of the one before, or behind the genesis head. */
function placeAt(accountKey: Public<'Account'>, entries: readonly DeviceLogEntry[], index: number): EntryPlace {
  return { index, previous: entries[index - 1]?.head ?? genesisHead(accountKey) };
}
