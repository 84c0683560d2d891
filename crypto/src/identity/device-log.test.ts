import { beforeAll, describe, expect, it } from 'vitest';
import { as, asRecovery, forge, newDevice, newRecovery, rearranged } from '../../test/support/logs.ts';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  type Account,
  activeDevices,
  addDevice,
  allDevices,
  compareLogs,
  createAccount,
  createDevice,
  createRecovery,
  decodeDeviceLog,
  type Device,
  deviceIdOf,
  DEVICE_LOG_LIMITS,
  type DeviceLog,
  encodeDeviceLog,
  headAt,
  logView,
  ready,
  recoveryKeyOf,
  removeDevice,
  setRecovery,
  startDeviceLog,
} from '../index.ts';
import { asPublic } from '../keys.ts';
import type { DeviceLogStatement } from './device-log-entry.ts';

beforeAll(ready);

const random = randomOf(3);
let account: Account;
let log: DeviceLog;
let phone: Device;
let laptop: Device;
let tablet: Device;

beforeAll(() => {
  account = createAccount(random);
  [phone, laptop, tablet] = [createDevice(random), createDevice(random), createDevice(random)];
  log = startDeviceLog(account, phone, 1);
  log = addDevice(log, account, as(phone), { deviceKey: laptop.publicKey, time: 2 });
  log = removeDevice(log, account, as(laptop), phone.id, 3);
  log = setRecovery(log, account, as(laptop), newRecovery(createRecovery(random), 4));
  log = addDevice(log, account, as(laptop), { deviceKey: tablet.publicKey, time: 5 });
});

const decode = (bytes: Uint8Array) => decodeDeviceLog(bytes, account.publicKey);
const refusal = (type: string, index: number) => ({ ok: false, error: { type, index } });

describe('a device log', () => {
  it('C-LOG-1 comes back whole, chained from the account key', () => {
    expect(must(decode(encodeDeviceLog(log)))).toEqual(log);
    expect(logView(log)).toEqual({ length: 5, head: log.entries[4]?.head });
    expect(new Set(log.entries.map(({ head }) => Buffer.from(head).toString('hex'))).size).toBe(5);
  });

  it('C-LOG-2 is refused under another account, and at the entry that another signed', () => {
    const mallory = createAccount(random);
    const foreign = decodeDeviceLog(encodeDeviceLog(log), mallory.publicKey);
    expect(foreign).toEqual(refusal('BadEntry', 0));
    const ghost = forge(log, mallory, as(laptop), { kind: 'add', ...newDevice(random, 6) });
    expect(decode(encodeDeviceLog(ghost))).toEqual(refusal('BadEntry', 5));
    expect(() => addDevice(log, mallory, as(laptop), newDevice(random, 6))).toThrow('another account');
  });

  it('C-LOG-2 neither signature stands in for the other, and neither is optional', () => {
    const zero = new Uint8Array(64);
    for (const index of [0, 2, 4]) {
      const changed = (change: (a: Uint8Array, b: Uint8Array) => readonly [Uint8Array, Uint8Array]) =>
        rearranged(log, (entries) =>
          entries.map((entry, at) => {
            const [accountSignature, authoritySignature] = change(entry.accountSignature, entry.authoritySignature);
            return at === index ? { ...entry, accountSignature, authoritySignature } : entry;
          }),
        );
      expect(decode(changed((a, b) => [b, a]))).toEqual(refusal('BadEntry', index));
      expect(decode(changed((a) => [a, a]))).toEqual(refusal('BadAuthority', index));
      expect(decode(changed((_, b) => [b, b]))).toEqual(refusal('BadEntry', index));
      expect(decode(changed((a) => [a, zero]))).toEqual(refusal('BadAuthority', index));
      expect(decode(changed((_, b) => [zero, b]))).toEqual(refusal('BadEntry', index));
    }
  });

  it('C-LOG-3 may lose its end, and nothing else', () => {
    for (let length = 1; length <= 5; length++) {
      const prefix = rearranged(log, (entries) => entries.slice(0, length));
      expect(must(decode(prefix)).entries).toEqual(log.entries.slice(0, length));
    }
    const bad = [
      rearranged(log, (entries) => entries.slice(1)),
      rearranged(log, ([first, ...others]) => (first ? [first, ...others.reverse()] : [])),
      rearranged(log, (entries) => [...entries.slice(0, 1), ...entries.slice(2)]),
      rearranged(log, (entries) => [...entries, ...entries.slice(-1)]),
    ];
    for (const bytes of bad) expect(decode(bytes)).toMatchObject({ error: { type: 'BadEntry' } });
  });

  it('C-LOG-3 with any bit changed is refused', () => {
    const bytes = encodeDeviceLog(log);
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      expect(decode(flip(bytes, bit)).ok, `bit ${bit}`).toBe(false);
    }
  });

  it('C-LOG-4 gives every key one role, once', () => {
    const known = log.entries.find(({ kind }) => kind === 'recovery');
    if (known?.kind !== 'recovery') throw new Error('no recovery');
    const { recoveryKey, escrow } = known;
    const time = 6;
    const nobody = asPublic<'Device'>(new Uint8Array(32));
    const impossible: readonly DeviceLogStatement[] = [
      { kind: 'add', time, deviceKey: phone.publicKey },
      { kind: 'add', time, deviceKey: laptop.publicKey },
      { kind: 'add', time, deviceKey: asPublic<'Device'>(account.publicKey) },
      { kind: 'add', time, deviceKey: asPublic<'Device'>(recoveryKey) },
      { kind: 'add', time, deviceKey: nobody },
      { kind: 'remove', time, deviceKey: phone.publicKey },
      { kind: 'remove', time, deviceKey: createDevice(random).publicKey },
      { kind: 'remove', time, deviceKey: asPublic<'Device'>(recoveryKey) },
      { kind: 'recovery', time, escrow, recoveryKey },
      { kind: 'recovery', time, escrow, recoveryKey: asPublic<'Recovery'>(laptop.publicKey) },
      { kind: 'recovery', time, escrow, recoveryKey: asPublic<'Recovery'>(phone.publicKey) },
      { kind: 'recovery', time, escrow, recoveryKey: asPublic<'Recovery'>(account.publicKey) },
      { kind: 'recovery', time, escrow, recoveryKey: asPublic<'Recovery'>(nobody) },
    ];
    for (const statement of impossible) {
      const forged = forge(log, account, as(laptop), statement);
      expect(decode(encodeDeviceLog(forged))).toEqual(refusal('ImpossibleEntry', 5));
      if (statement.kind === 'add') expect(() => addDevice(log, account, as(laptop), statement)).toThrow('Impossible');
      if (statement.kind === 'recovery')
        expect(() => setRecovery(log, account, as(laptop), statement)).toThrow('Impossible');
    }
    expect(() => removeDevice(log, account, as(laptop), phone.id, 6)).toThrow('not an active device');
  });

  it('C-LOG-4 begins with a device', () => {
    const empty = { accountKey: account.publicKey, entries: [] };
    const recovery = createRecovery(random);
    for (const [statement, by] of [
      [{ kind: 'remove', time: 1, deviceKey: phone.publicKey }, as(phone)],
      [{ kind: 'recovery', ...newRecovery(recovery, 1) }, as(phone)],
      [{ kind: 'recovery', ...newRecovery(recovery, 1) }, asRecovery(recovery)],
    ] as const) {
      const forged = forge({ ...log, ...empty }, account, by, statement);
      expect(decode(encodeDeviceLog(forged))).toEqual(refusal('ImpossibleEntry', 0));
    }
  });

  it('C-LOG-5 keeps within its caps', () => {
    const { devices, entries } = DEVICE_LOG_LIMITS;
    expect(decode(rearranged(log, () => []))).toEqual({ ok: false, error: { type: 'Malformed' } });
    let full = log;
    while (activeDevices(full).length < devices) full = addDevice(full, account, as(laptop), newDevice(random, 9));
    expect(() => addDevice(full, account, as(laptop), newDevice(random, 9))).toThrow('Impossible');
    const ghost = forge(full, account, as(laptop), { kind: 'add', ...newDevice(random, 9) });
    expect(decode(encodeDeviceLog(ghost))).toEqual(refusal('ImpossibleEntry', full.entries.length));
    const repeated = (count: number) =>
      rearranged(log, (stored) => Array.from({ length: count }, () => stored.slice(0, 1)).flat());
    expect(decode(repeated(entries))).toEqual(refusal('BadEntry', 1));
    expect(decode(repeated(entries + 1))).toEqual({ ok: false, error: { type: 'Malformed' } });
  });

  it('C-LOG-5 always leaves room to remove every device, and fits the relay when full', () => {
    let full = log;
    const phrase = () => newRecovery(createRecovery(random), 9);
    for (;;) {
      const room = DEVICE_LOG_LIMITS.entries - full.entries.length - activeDevices(full).length;
      if (room === 0) break;
      full = setRecovery(full, account, as(laptop), phrase());
    }
    expect(() => setRecovery(full, account, as(laptop), phrase())).toThrow('Impossible');
    expect(() => addDevice(full, account, as(laptop), newDevice(random, 9))).toThrow('Impossible');
    for (const statement of [
      { kind: 'recovery', ...phrase() } as const,
      { kind: 'add', ...newDevice(random, 9) } as const,
    ]) {
      const forged = encodeDeviceLog(forge(full, account, as(laptop), statement));
      expect(decode(forged)).toEqual(refusal('ImpossibleEntry', full.entries.length));
    }
    full = removeDevice(full, account, as(laptop), tablet.id, 9);
    full = removeDevice(full, account, as(laptop), laptop.id, 9);
    expect(full.entries).toHaveLength(256);
    expect(activeDevices(full)).toEqual([]);
    expect(encodeDeviceLog(full).length).toBeLessThanOrEqual(64 * 1024);
    expect(must(decode(encodeDeviceLog(full)))).toEqual(full);
  });

  it('C-LOG-6 says how a served log relates to the known one', () => {
    const older = { ...log, entries: log.entries.slice(0, 2) };
    const fork = addDevice(older, account, as(laptop), newDevice(random, 3));
    expect(compareLogs(log, log)).toBe('same');
    expect(compareLogs(older, log)).toBe('ahead');
    expect(compareLogs(log, older)).toBe('behind');
    expect(compareLogs(log, fork)).toBe('forked');
    expect(compareLogs(fork, log)).toBe('forked');
    expect(compareLogs(log, startDeviceLog(createAccount(random), phone, 1))).toBe('forked');
  });

  it('C-LOG-6 a removed device can only part from the log, never go on with it', () => {
    const removed = log.entries.findIndex(({ kind }) => kind === 'remove');
    const before = { ...log, entries: log.entries.slice(0, removed) };
    const parted = addDevice(before, account, as(phone), newDevice(random, 9));
    expect(decode(encodeDeviceLog(parted)).ok).toBe(true);
    expect(compareLogs(log, parted)).toBe('forked');
    expect(compareLogs({ ...log, entries: log.entries.slice(0, removed + 1) }, parted)).toBe('forked');
  });

  it('C-LOG-7 tells which head it had at a length', () => {
    expect([1, 2, 3, 4, 5].map((length) => headAt(log, length))).toEqual(log.entries.map(({ head }) => head));
    expect([headAt(log, 0), headAt(log, 6), headAt(log, -1)]).toEqual([undefined, undefined, undefined]);
  });

  it('C-LOG-10 tells which devices there are and were, and when', () => {
    const [first, second, third] = [phone, laptop, tablet].map(({ publicKey }) => ({
      id: deviceIdOf(publicKey),
      publicKey,
    }));
    expect(activeDevices(log)).toEqual([
      { ...second, addedAt: 2, by: 'device' },
      { ...third, addedAt: 5, by: 'device' },
    ]);
    expect(allDevices(log)).toEqual([{ ...first, addedAt: 1, removedAt: 3, by: 'device' }, ...activeDevices(log)]);
  });

  it('C-LOG-10 tells which device came by the phrase', () => {
    const recovery = createRecovery(random);
    let restored = setRecovery(log, account, as(laptop), newRecovery(recovery, 6));
    restored = addDevice(restored, account, asRecovery(recovery), newDevice(random, 7));
    expect(activeDevices(restored).map(({ by, addedAt }) => ({ by, addedAt }))).toEqual([
      { by: 'device', addedAt: 2 },
      { by: 'device', addedAt: 5 },
      { by: 'recovery', addedAt: 7 },
    ]);
    expect(restored.entries.at(-1)?.by).toEqual(recoveryKeyOf(recovery));
  });
});
