/** Vectors of a device log: bodies, heads, signatures, and logs that must be refused. */
import { accountFromSeed, addDevice, encodeDeviceLog, removeDevice, startDeviceLog } from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { genesisHead } from '../../src/identity/device-log-entry.ts';
import { counted, hex, tampered } from './hex.ts';

/** Bytes of version and count before the first entry. */
const LOG_HEAD = 3;

export function buildDeviceLog() {
  const [account, other] = [accountFromSeed(counted(0)), accountFromSeed(counted(0x20))];
  const [phone, laptop] = [deviceFromSeed(counted(0x40)), deviceFromSeed(counted(0x60))];
  const first = startDeviceLog(account, { deviceKey: phone.publicKey, name: 'phone', time: 1_700_000_000_000 });
  const second = addDevice(first, account, { deviceKey: laptop.publicKey, name: 'laptop', time: 1_700_000_001_000 });
  const log = removeDevice(second, account, phone.id, 1_700_000_002_000);
  const bytes = encodeDeviceLog(log);
  const foreign = encodeDeviceLog(
    startDeviceLog(other, { deviceKey: phone.publicKey, name: 'phone', time: 1_700_000_000_000 }),
  );
  const withCount = (from: Uint8Array, count: number) => Uint8Array.of(1, 0, count, ...from.slice(LOG_HEAD));
  const firstLength = encodeDeviceLog(first).length - LOG_HEAD;
  return {
    accountKey: hex(account.publicKey),
    genesisHead: hex(genesisHead(account.publicKey)),
    entries: log.entries.map(({ kind, deviceKey, name, time, signature, head }) => ({
      kind,
      deviceKey: hex(deviceKey),
      name,
      time,
      signature: hex(signature),
      head: hex(head),
    })),
    log: hex(bytes),
    active: [laptop.id],
    mustFail: [
      { why: 'no entry', log: '010000', error: 'Malformed' },
      { why: 'another version', log: hex(Uint8Array.of(2, ...bytes.slice(1))), error: 'Malformed' },
      { why: 'a byte too many', log: hex(Uint8Array.of(...bytes, 0)), error: 'Malformed' },
      { why: 'an entry announced that is not there', log: hex(withCount(bytes, 4)), error: 'Malformed' },
      { why: 'of another account', log: hex(foreign), error: 'BadEntry' },
      { why: 'first entry cut out', log: hex(withCount(bytes.slice(firstLength), 2)), error: 'BadEntry' },
      {
        why: 'first entry twice',
        log: hex(Uint8Array.of(1, 0, 4, ...bytes.slice(LOG_HEAD, LOG_HEAD + firstLength), ...bytes.slice(LOG_HEAD))),
        error: 'BadEntry',
      },
      { why: 'time changed', log: hex(tampered(bytes, LOG_HEAD + 42)), error: 'BadEntry' },
      { why: 'last signature changed', log: hex(tampered(bytes, -1)), error: 'BadEntry' },
    ],
  };
}
