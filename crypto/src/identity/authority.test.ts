/** Who may change an account's devices, against adversaries that hold the account secret. */
import { beforeAll, describe, expect, it } from 'vitest';
import { as, asRecovery, forge, newDevice, newRecovery } from '../../test/support/logs.ts';
import { must, randomOf } from '../../test/support/world.ts';
import {
  type Account,
  activeDevices,
  addDevice,
  type Authority,
  authorityKeyOf,
  createAccount,
  createDevice,
  createRecovery,
  decodeDeviceLog,
  type Device,
  type DeviceLog,
  encodeDeviceLog,
  ready,
  recoveryOf,
  type RecoverySecret,
  removeDevice,
  setRecovery,
  signAsAuthority,
  startDeviceLog,
  utf8,
  verifyAsAuthority,
} from '../index.ts';
import type { DeviceLogStatement } from './device-log-entry.ts';

beforeAll(ready);

const random = randomOf(8);
let account: Account;
let log: DeviceLog;
let phone: Device;
let laptop: Device;
let stolen: Device;
let former: RecoverySecret;
let phrase: RecoverySecret;

/** Phone and laptop are active; `stolen` was removed; `phrase` replaced `former`. */
beforeAll(() => {
  account = createAccount(random);
  [phone, laptop, stolen] = [createDevice(random), createDevice(random), createDevice(random)];
  [former, phrase] = [createRecovery(random), createRecovery(random)];
  log = startDeviceLog(account, phone, 1);
  log = addDevice(log, account, as(phone), { deviceKey: stolen.publicKey, time: 2 });
  log = addDevice(log, account, as(stolen), { deviceKey: laptop.publicKey, time: 3 });
  log = setRecovery(log, account, as(laptop), newRecovery(former, 4));
  log = setRecovery(log, account, as(phone), newRecovery(phrase, 5));
  log = removeDevice(log, account, as(phone), stolen.id, 6);
});

/** All that can be said: an addition, a removal, another phrase. */
function statements(): readonly DeviceLogStatement[] {
  return [
    { kind: 'add', ...newDevice(random, 7) },
    { kind: 'remove', time: 7, deviceKey: laptop.publicKey },
    { kind: 'recovery', ...newRecovery(createRecovery(random), 7) },
  ];
}

/** What the statement makes of the log when this authority signs it, the account key being known to everyone here. */
function outcome(by: Authority, statement: DeviceLogStatement, from = log): string {
  const decoded = decodeDeviceLog(encodeDeviceLog(forge(from, account, by, statement)), account.publicKey);
  if (decoded.ok) return 'accepted';
  const { error } = decoded;
  return 'index' in error ? `${error.type} ${error.index - from.entries.length}` : error.type;
}

describe('authority', () => {
  it('C-LOG-8 an active device may say everything, itself removed included', () => {
    for (const device of [phone, laptop])
      expect(statements().map((statement) => outcome(as(device), statement))).toEqual(Array(3).fill('accepted'));
    const alone = removeDevice(log, account, as(laptop), laptop.id, 7);
    expect(activeDevices(alone).map(({ id }) => id)).toEqual([phone.id]);
    expect(outcome(as(laptop), { kind: 'add', ...newDevice(random, 8) }, alone)).toBe('BadAuthority 0');
  });

  it('C-LOG-8 a removed device that kept the account secret may say nothing', () => {
    for (const statement of statements()) expect(outcome(as(stolen), statement)).toBe('BadAuthority 0');
    expect(() => addDevice(log, account, as(stolen), newDevice(random, 7))).toThrow('BadAuthority');
    expect(() => removeDevice(log, account, as(stolen), phone.id, 7)).toThrow('BadAuthority');
    expect(() => setRecovery(log, account, as(stolen), newRecovery(createRecovery(random), 7))).toThrow('BadAuthority');
  });

  it('C-LOG-8 a device that was never in the log vouches for nobody, not even itself', () => {
    const ghost = createDevice(random);
    for (const statement of statements()) expect(outcome(as(ghost), statement)).toBe('BadAuthority 0');
    expect(outcome(as(ghost), { kind: 'add', time: 7, deviceKey: ghost.publicKey })).toBe('BadAuthority 0');
  });

  it('C-LOG-8 the phrase in force adds devices and does nothing else', () => {
    expect(statements().map((statement) => outcome(asRecovery(phrase), statement))).toEqual([
      'accepted',
      'BadAuthority 0',
      'BadAuthority 0',
    ]);
    expect(() => removeDevice(log, account, asRecovery(phrase), phone.id, 7)).toThrow('BadAuthority');
    expect(() => setRecovery(log, account, asRecovery(phrase), newRecovery(createRecovery(random), 7))).toThrow(
      'BadAuthority',
    );
  });

  it('C-LOG-8 a phrase that was replaced, or never set, does nothing', () => {
    for (const secret of [former, createRecovery(random)])
      for (const statement of statements()) expect(outcome(asRecovery(secret), statement)).toBe('BadAuthority 0');
    expect(() => addDevice(log, account, asRecovery(former), newDevice(random, 7))).toThrow('BadAuthority');
  });

  it('C-LOG-8 a statement takes effect after itself: a new device or phrase cannot have signed it', () => {
    const [device, secret] = [createDevice(random), createRecovery(random)];
    expect(outcome(as(device), { kind: 'add', time: 7, deviceKey: device.publicKey })).toBe('BadAuthority 0');
    expect(outcome(asRecovery(secret), { kind: 'recovery', ...newRecovery(secret, 7) })).toBe('BadAuthority 0');
  });

  it('C-LOG-8 the first entry is vouched for by the device that it adds, and by no other', () => {
    const empty = { accountKey: account.publicKey, entries: [] };
    const own = { kind: 'add', time: 1, deviceKey: phone.publicKey } as const;
    expect(outcome(as(phone), own, empty)).toBe('accepted');
    expect(outcome(as(laptop), own, empty)).toBe('BadAuthority 0');
    expect(outcome(asRecovery(phrase), own, empty)).toBe('BadAuthority 0');
    const posing = { ...stolen, publicKey: phone.publicKey };
    expect(outcome(as(posing), own, empty)).toBe('BadAuthority 0');
  });

  it('C-LOG-8 naming an entitled key without having its secret is BadAuthority', () => {
    const posing = { ...stolen, publicKey: phone.publicKey };
    for (const statement of statements()) expect(outcome(as(posing), statement)).toBe('BadAuthority 0');
  });

  it('C-LOG-8 a signature by an entitled device serves for one place in one log', () => {
    const statement = { kind: 'add', ...newDevice(random, 7) } as const;
    const [here] = forge(log, account, as(phone), statement).entries.slice(-1);
    const longer = forge(log, account, as(phone), { kind: 'add', ...newDevice(random, 7) });
    const there = forge(longer, account, as(stolen), statement);
    const [last] = there.entries.slice(-1);
    if (here === undefined || last === undefined) throw new Error('no entry');
    const moved = { ...last, by: here.by, authoritySignature: here.authoritySignature };
    const replayed = { ...there, entries: [...longer.entries, moved] };
    // The account's signature covers who vouches, so it no longer holds either.
    expect(decodeDeviceLog(encodeDeviceLog(replayed), account.publicKey)).toMatchObject({
      error: { type: 'BadEntry', index: 7 },
    });
    const resigned = forge(longer, account, as({ ...stolen, publicKey: phone.publicKey }), statement);
    const grafted = resigned.entries.map((entry, index) =>
      index === 7 ? { ...entry, authoritySignature: here.authoritySignature } : entry,
    );
    expect(decodeDeviceLog(encodeDeviceLog({ ...resigned, entries: grafted }), account.publicKey)).toMatchObject({
      error: { type: 'BadAuthority', index: 7 },
    });
  });

  it('C-LOG-9 the phrase in force is the last that was set, and outlives the device that set it', () => {
    const { recoveryKey, escrow } = newRecovery(phrase, 5);
    const expected = { recoveryKey, escrow, setAt: 5, setBy: phone.id };
    expect(recoveryOf(log)).toEqual(expected);
    const without = removeDevice(log, account, as(laptop), phone.id, 7);
    expect(recoveryOf(without)).toEqual(expected);
    const back = addDevice(without, account, asRecovery(phrase), newDevice(random, 8));
    expect(must(decodeDeviceLog(encodeDeviceLog(back), account.publicKey))).toEqual(back);
    expect(recoveryOf(startDeviceLog(account, phone, 1))).toBeUndefined();
  });

  it('C-LOG-9 with the phrase an account comes back that has no device left, and with nothing else', () => {
    let alone = removeDevice(log, account, as(phone), laptop.id, 7);
    alone = removeDevice(alone, account, as(phone), phone.id, 8);
    for (const by of [as(phone), as(laptop), as(stolen), asRecovery(former)])
      expect(outcome(by, { kind: 'add', ...newDevice(random, 9) }, alone)).toBe('BadAuthority 0');
    const device = createDevice(random);
    const back = addDevice(alone, account, asRecovery(phrase), { deviceKey: device.publicKey, time: 9 });
    expect(activeDevices(back)).toMatchObject([{ id: device.id, by: 'recovery', addedAt: 9 }]);
    expect(setRecovery(back, account, as(device), newRecovery(createRecovery(random), 10)).entries).toHaveLength(10);
  });

  it('C-LOG-8 an authority signs other bodies too, verified by its key alone', () => {
    const body = utf8('registration');
    for (const by of [as(phone), asRecovery(phrase)]) {
      const signature = signAsAuthority(by, 'a label', body);
      expect(verifyAsAuthority(authorityKeyOf(by), 'a label', body, signature)).toBe(true);
      expect(verifyAsAuthority(authorityKeyOf(by), 'another', body, signature)).toBe(false);
      expect(verifyAsAuthority(authorityKeyOf(as(laptop)), 'a label', body, signature)).toBe(false);
    }
  });
});
