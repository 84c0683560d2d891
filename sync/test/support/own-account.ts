/** One account as one of its devices holds it, for unit tests of what own devices do. */
import { type DeviceLog, addDevice, createDevice, removeDevice } from '@securechat/crypto';
import { createMemoryStore } from '../../src/adapters/memory-store.ts';
import { Alarms } from '../../src/alarms/alarms.ts';
import { inBatch } from '../../src/batch.ts';
import type { Self } from '../../src/connection/home.ts';
import { OwnLog } from '../../src/devices/own-log.ts';
import { Peers } from '../../src/peers/peers.ts';
import { NOW, party, randomOf } from './party.ts';

export type Device = Self['identity']['device'];

/** Another device of Ann's; the same one whenever the name is the same. */
export function deviceNamed(name: string): Device {
  return createDevice(randomOf(`device ${name}`));
}

/** Ann's device with the log of her account, known to itself as a peer too. */
export async function openOwn(name = 'ann') {
  const [self, peers, store, alarms] = [party(name), new Peers(), createMemoryStore(), new Alarms()];
  const grown: [before: number, after: number][] = [];
  const ownLog = new OwnLog({
    self,
    peers,
    grew: (before, after) => grown.push([before.entries.length, after.entries.length]),
  });
  await inBatch(store, (batch) => {
    ownLog.settle(batch);
  });
  const by = { type: 'device', device: self.identity.device } as const;
  const { account } = self.identity;
  const plus = (log: DeviceLog, device: Device): DeviceLog =>
    addDevice(log, account, by, { deviceKey: device.publicKey, time: NOW });
  const minus = (log: DeviceLog, device: Device, from: Device = self.identity.device): DeviceLog =>
    removeDevice(log, account, { type: 'device', device: from }, device.id, NOW);
  return { self, peers, store, alarms, ownLog, grown, by, plus, minus };
}
