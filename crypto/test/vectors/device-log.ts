/** Vectors of a device log: bodies, heads, signatures, and logs that must be refused. */
import {
  accountFromSeed,
  addDevice,
  allDevices,
  createRecovery,
  type DeviceLog,
  encodeDeviceLog,
  recoveryKeyOf,
  removeDevice,
  setRecovery,
  startDeviceLog,
} from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { genesisHead } from '../../src/identity/device-log-entry.ts';
import { as, asRecovery, forge } from '../support/logs.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

/** Bytes of version and count before the first entry. */
const LOG_HEAD = 3;
/** Bytes of the two signatures at the end of an entry. */
const SIGNATURES = 128;
const T = 1_700_000_000_000;

function people() {
  const [account, other] = [accountFromSeed(counted(0)), accountFromSeed(counted(0x20))];
  const [phone, laptop, tablet] = [0x40, 0x60, 0x80].map((first) => deviceFromSeed(counted(first)));
  const [phrase, next] = [0xa0, 0xb0].map((first) => createRecovery(scripted([hex(counted(first, 16))])));
  if (!phone || !laptop || !tablet || !phrase || !next) throw new Error('people');
  return { account, other, phone, laptop, tablet, phrase, next };
}

/** Phone adds laptop, laptop removes phone and sets a phrase, the phrase adds tablet. */
function buildLog() {
  const { account, phone, laptop, tablet, phrase } = people();
  const first = startDeviceLog(account, phone, T);
  const second = addDevice(first, account, as(phone), { deviceKey: laptop.publicKey, time: T + 1_000 });
  const third = removeDevice(second, account, as(laptop), phone.id, T + 2_000);
  const recovery = { recoveryKey: recoveryKeyOf(phrase), escrow: counted(0xc0, 48), time: T + 3_000 };
  const fourth = setRecovery(third, account, as(laptop), recovery);
  const log = addDevice(fourth, account, asRecovery(phrase), { deviceKey: tablet.publicKey, time: T + 4_000 });
  return { first, log };
}

/** Logs whose signatures all verify, by who may not sign them. */
function wrongAuthorities(log: DeviceLog) {
  const { account, phone, laptop, tablet, phrase, next } = people();
  const time = T + 5_000;
  const ghost = { kind: 'add', deviceKey: deviceFromSeed(counted(0xe0)).publicKey, time } as const;
  const other = { kind: 'recovery', recoveryKey: recoveryKeyOf(next), escrow: counted(0xd0, 48), time } as const;
  const empty = { accountKey: account.publicKey, entries: [] };
  return [
    { why: 'a removed device adds', log: forge(log, account, as(phone), ghost) },
    { why: 'a removed device sets a phrase', log: forge(log, account, as(phone), other) },
    { why: 'a phrase that was never set adds', log: forge(log, account, asRecovery(next), ghost) },
    {
      why: 'a phrase that was replaced adds',
      log: forge(forge(log, account, as(laptop), other), account, asRecovery(phrase), ghost),
    },
    {
      why: 'the phrase removes',
      log: forge(log, account, asRecovery(phrase), { kind: 'remove', deviceKey: laptop.publicKey, time }),
    },
    { why: 'the phrase sets another', log: forge(log, account, asRecovery(phrase), other) },
    {
      why: 'the first device is vouched for by another',
      log: forge(empty, account, as(tablet), { kind: 'add', deviceKey: phone.publicKey, time }),
    },
  ].map(({ why, log: bad }) => ({ why, log: hex(encodeDeviceLog(bad)), error: 'BadAuthority' }));
}

function impossible(log: DeviceLog) {
  const { account, phone, laptop, phrase } = people();
  const time = T + 5_000;
  return [
    {
      why: 'a removed device comes back',
      log: forge(log, account, as(laptop), { kind: 'add', deviceKey: phone.publicKey, time }),
    },
    {
      why: 'a device is removed twice',
      log: forge(log, account, as(laptop), { kind: 'remove', deviceKey: phone.publicKey, time }),
    },
    {
      why: 'the same phrase is set again',
      log: forge(log, account, as(laptop), {
        kind: 'recovery',
        recoveryKey: recoveryKeyOf(phrase),
        escrow: counted(0, 48),
        time,
      }),
    },
  ].map(({ why, log: bad }) => ({ why, log: hex(encodeDeviceLog(bad)), error: 'ImpossibleEntry' }));
}

/** Logs that are wrong as bytes, or that the account did not sign so. */
function damaged(first: DeviceLog, log: DeviceLog) {
  const { other, phone } = people();
  const [bytes, foreign] = [encodeDeviceLog(log), encodeDeviceLog(startDeviceLog(other, phone, T))];
  const withCount = (from: Uint8Array, count: number) => Uint8Array.of(2, 0, count, ...from.slice(LOG_HEAD));
  const end = encodeDeviceLog(first).length;
  const [one, others] = [bytes.slice(LOG_HEAD, end), bytes.slice(end)];
  const [account, authority] = [one.slice(-SIGNATURES, -SIGNATURES / 2), one.slice(-SIGNATURES / 2)];
  const swapped = Uint8Array.of(...one.slice(0, -SIGNATURES), ...authority, ...account, ...others);
  return [
    { why: 'no entry', log: '020000', error: 'Malformed' },
    { why: 'another version', log: hex(Uint8Array.of(1, ...bytes.slice(1))), error: 'Malformed' },
    { why: 'a byte too many', log: hex(Uint8Array.of(...bytes, 0)), error: 'Malformed' },
    { why: 'an entry announced that is not there', log: hex(withCount(bytes, 6)), error: 'Malformed' },
    { why: 'of another account', log: hex(foreign), error: 'BadEntry' },
    {
      why: 'first entry cut out',
      log: hex(withCount(Uint8Array.of(2, 0, 0, ...others), 4)),
      error: 'BadEntry',
    },
    { why: 'first entry twice', log: hex(Uint8Array.of(2, 0, 6, ...one, ...one, ...others)), error: 'BadEntry' },
    { why: 'unknown kind', log: hex(tampered(bytes, LOG_HEAD)), error: 'BadEntry' },
    { why: 'time changed', log: hex(tampered(bytes, LOG_HEAD + 6)), error: 'BadEntry' },
    { why: 'signatures swapped', log: hex(Uint8Array.of(2, 0, 5, ...swapped)), error: 'BadEntry' },
    { why: "account's signature changed", log: hex(tampered(bytes, end - SIGNATURES)), error: 'BadEntry' },
    { why: "last authority's signature changed", log: hex(tampered(bytes, -1)), error: 'BadAuthority' },
  ];
}

export function buildDeviceLog() {
  const { account } = people();
  const { first, log } = buildLog();
  return {
    accountKey: hex(account.publicKey),
    genesisHead: hex(genesisHead(account.publicKey)),
    entries: log.entries.map((entry) => ({
      kind: entry.kind,
      time: entry.time,
      by: hex(entry.by),
      subject: hex(entry.kind === 'recovery' ? entry.recoveryKey : entry.deviceKey),
      escrow: entry.kind === 'recovery' ? hex(entry.escrow) : null,
      accountSignature: hex(entry.accountSignature),
      authoritySignature: hex(entry.authoritySignature),
      head: hex(entry.head),
    })),
    log: hex(encodeDeviceLog(log)),
    devices: allDevices(log).map(({ id, by, removedAt }) => ({ id, by, removedAt: removedAt ?? null })),
    mustFail: [...damaged(first, log), ...wrongAuthorities(log), ...impossible(log)],
  };
}
