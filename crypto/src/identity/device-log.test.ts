import { beforeAll, describe, expect, it } from 'vitest';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  type Account,
  activeDevices,
  addDevice,
  compareLogs,
  createAccount,
  createDevice,
  decodeDeviceLog,
  deviceIdOf,
  DEVICE_LOG_LIMITS,
  type DeviceLog,
  encodeDeviceLog,
  headAt,
  logView,
  ready,
  removeDevice,
  startDeviceLog,
} from '../index.ts';
import { wireLayout } from '../codec.ts';
import { list, constant } from '../fields.ts';
import { ENTRY, signEntry, storedEntry } from './device-log-entry.ts';

beforeAll(ready);

const random = randomOf(3);
let account: Account;
let log: DeviceLog;

beforeAll(() => {
  account = createAccount(random);
  const first = newDevice('phone', 1);
  log = startDeviceLog(account, first);
  log = addDevice(log, account, newDevice('laptop', 2));
  log = removeDevice(log, account, deviceIdOf(first.deviceKey), 3);
  log = addDevice(log, account, newDevice('tablet', 4));
});

function newDevice(name: string, time: number) {
  return { deviceKey: createDevice(random).publicKey, name, time };
}

/** The log with its entries rearranged, encoded without the checks of `encodeDeviceLog`. */
function rearranged(change: (entries: ReturnType<typeof stored>) => ReturnType<typeof stored>): Uint8Array {
  return wireLayout({ version: constant(1), entries: list(ENTRY, 512) }).encode({
    version: 1,
    entries: change(stored()),
  });
}

function stored() {
  return log.entries.map((entry, index) =>
    storedEntry(entry, { index, previous: log.entries[index - 1]?.head ?? genesis() }),
  );
}

/** The head before the first entry, read from the encoded log: version 1, count 2, kind 1, index 4. */
function genesis(): Uint8Array {
  return encodeDeviceLog(log).slice(8, 40);
}

describe('a device log', () => {
  it('C-LOG-1 comes back whole, chained from the account key', () => {
    expect(must(decodeDeviceLog(encodeDeviceLog(log), account.publicKey))).toEqual(log);
    expect(logView(log)).toEqual({ length: 4, head: log.entries[3]?.head });
    expect(new Set(log.entries.map(({ head }) => Buffer.from(head).toString('hex'))).size).toBe(4);
    expect(activeDevices(log).map(({ name, addedAt }) => ({ name, addedAt }))).toEqual([
      { name: 'laptop', addedAt: 2 },
      { name: 'tablet', addedAt: 4 },
    ]);
  });

  it('C-LOG-2 is refused under another account, and at the entry that another signed', () => {
    const mallory = createAccount(random);
    expect(decodeDeviceLog(encodeDeviceLog(log), mallory.publicKey)).toEqual({
      ok: false,
      error: { type: 'BadEntry', index: 0 },
    });
    const place = { index: 4, previous: logView(log).head };
    const ghost = signEntry(mallory, { kind: 'add', ...newDevice('ghost', 5) }, place);
    const forged = rearranged((entries) => [...entries, storedEntry(ghost, place)]);
    expect(decodeDeviceLog(forged, account.publicKey)).toEqual({ ok: false, error: { type: 'BadEntry', index: 4 } });
  });

  it('C-LOG-3 may lose its end, and nothing else', () => {
    for (let length = 1; length <= 4; length++) {
      const prefix = rearranged((entries) => entries.slice(0, length));
      expect(must(decodeDeviceLog(prefix, account.publicKey)).entries).toEqual(log.entries.slice(0, length));
    }
    const bad = [
      rearranged((entries) => entries.slice(1)),
      rearranged(([first, ...others]) => (first ? [first, ...others.reverse()] : [])),
      rearranged((entries) => [...entries.slice(0, 1), ...entries.slice(2)]),
      rearranged((entries) => [...entries, ...entries.slice(-1)]),
    ];
    for (const bytes of bad)
      expect(decodeDeviceLog(bytes, account.publicKey)).toMatchObject({ error: { type: 'BadEntry' } });
  });

  it('C-LOG-3 with any bit changed is refused', () => {
    const bytes = encodeDeviceLog(log);
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      expect(decodeDeviceLog(flip(bytes, bit), account.publicKey).ok, `bit ${bit}`).toBe(false);
    }
  });

  it('C-LOG-4 adds a device once, removes it once, and never takes it back', () => {
    const [laptop] = activeDevices(log);
    const phone = log.entries[0];
    if (laptop === undefined || phone === undefined) throw new Error('no devices');
    expect(() => addDevice(log, account, { deviceKey: laptop.publicKey, name: '', time: 5 })).toThrow(Error);
    expect(() => addDevice(log, account, { deviceKey: phone.deviceKey, name: '', time: 5 })).toThrow(Error);
    const without = removeDevice(log, account, laptop.id, 5);
    expect(() => removeDevice(without, account, laptop.id, 6)).toThrow(Error);
    const place = { index: 4, previous: logView(log).head };
    for (const statement of [
      { kind: 'add', deviceKey: phone.deviceKey, name: '', time: 5 },
      { kind: 'add', deviceKey: laptop.publicKey, name: '', time: 5 },
      { kind: 'remove', deviceKey: phone.deviceKey, name: '', time: 5 },
      { kind: 'remove', deviceKey: laptop.publicKey, name: 'x', time: 5 },
      { kind: 'remove', ...newDevice('', 5) },
    ] as const) {
      const impossible = rearranged((entries) => [
        ...entries,
        storedEntry(signEntry(account, statement, place), place),
      ]);
      expect(decodeDeviceLog(impossible, account.publicKey)).toEqual({
        ok: false,
        error: { type: 'ImpossibleEntry', index: 4 },
      });
    }
  });

  it('C-LOG-5 keeps within its caps', () => {
    expect(
      decodeDeviceLog(
        rearranged(() => []),
        account.publicKey,
      ),
    ).toEqual({ ok: false, error: { type: 'Malformed' } });
    expect(() => addDevice(log, account, newDevice('x'.repeat(65), 5))).toThrow(RangeError);
    let full = log;
    for (let count = 2; count < DEVICE_LOG_LIMITS.devices; count++) full = addDevice(full, account, newDevice('', 9));
    expect(activeDevices(full)).toHaveLength(32);
    expect(() => addDevice(full, account, newDevice('', 9))).toThrow(Error);
    while (full.entries.length < DEVICE_LOG_LIMITS.entries) {
      const [oldest] = activeDevices(full);
      if (oldest === undefined) throw new Error('no device');
      full = removeDevice(full, account, oldest.id, 9);
      if (full.entries.length < DEVICE_LOG_LIMITS.entries) full = addDevice(full, account, newDevice('', 9));
    }
    expect(() => addDevice(full, account, newDevice('', 9))).toThrow(RangeError);
    expect(must(decodeDeviceLog(encodeDeviceLog(full), account.publicKey)).entries).toHaveLength(256);
    expect(encodeDeviceLog(full).length).toBeLessThanOrEqual(64 * 1024);
  });

  it('C-LOG-6 says how a served log relates to the known one', () => {
    const older = { ...log, entries: log.entries.slice(0, 2) };
    const fork = addDevice(older, account, newDevice('ghost', 3));
    expect(compareLogs(log, log)).toBe('same');
    expect(compareLogs(older, log)).toBe('ahead');
    expect(compareLogs(log, older)).toBe('behind');
    expect(compareLogs(log, fork)).toBe('forked');
    expect(compareLogs(fork, log)).toBe('forked');
    const stranger = createAccount(random);
    expect(compareLogs(log, startDeviceLog(stranger, newDevice('', 1)))).toBe('forked');
  });

  it('C-LOG-7 tells which head it had at a length', () => {
    expect([1, 2, 3, 4].map((length) => headAt(log, length))).toEqual(log.entries.map(({ head }) => head));
    expect([headAt(log, 0), headAt(log, 5), headAt(log, -1)]).toEqual([undefined, undefined, undefined]);
  });
});
