import {
  type Authority,
  type DeviceLog,
  addDevice,
  createRecovery,
  ready,
  recoveryKeyOf,
  removeDevice,
  sealEscrow,
  setRecovery,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Device, deviceNamed } from '../../test/support/own-account.ts';
import { NOW, party, randomOf } from '../../test/support/party.ts';
import { unconfirmedDevices } from './unconfirmed.ts';

beforeAll(ready);

/** Ann's log with a recovery phrase, and how devices come and go in it. */
function scene() {
  const { account, device, log } = party('ann').identity;
  const random = randomOf('phrase');
  const recovery = createRecovery(random);
  const first: Authority = { type: 'device', device };
  const escrow = sealEscrow(recovery, account);
  const before = setRecovery(log, account, first, { recoveryKey: recoveryKeyOf(recovery), escrow, time: NOW });
  const [phone, tablet, laptop] = [deviceNamed('phone'), deviceNamed('tablet'), deviceNamed('laptop')];
  const add = (to: DeviceLog, added: Device, by: Authority | Device): DeviceLog =>
    addDevice(to, account, 'type' in by ? by : { type: 'device', device: by }, {
      deviceKey: added.publicKey,
      time: NOW,
    });
  const remove = (from: DeviceLog, gone: Device): DeviceLog => removeDevice(from, account, first, gone.id, NOW);
  return {
    before,
    first: device,
    recovery: { type: 'recovery', recovery } as const,
    phone,
    tablet,
    laptop,
    add,
    remove,
  };
}

describe('unconfirmed devices', () => {
  it('S-RESTORE-12 none are those that devices added', () => {
    const { before, first, phone, tablet, add } = scene();
    const log = add(add(before, phone, first), tablet, phone);
    expect(unconfirmedDevices(log, 0)).toEqual([]);
  });

  it('S-RESTORE-12 one that came by the phrase is, until the log was accepted up to it', () => {
    const { before, recovery, phone, add } = scene();
    const log = add(before, phone, recovery);
    const entry = before.entries.length;
    expect(unconfirmedDevices(log, 0)).toEqual([{ id: phone.id, entry }]);
    expect(unconfirmedDevices(log, entry)).toEqual([{ id: phone.id, entry }]);
    expect(unconfirmedDevices(log, entry + 1)).toEqual([]);
  });

  it('S-RESTORE-12 so are those that it added, and theirs, also when it is gone', () => {
    const { before, recovery, phone, tablet, laptop, add, remove } = scene();
    const log = remove(add(add(add(before, phone, recovery), tablet, phone), laptop, tablet), phone);
    expect(unconfirmedDevices(log, 0).map(({ id }) => id)).toEqual([tablet.id, laptop.id]);
  });

  it('S-RESTORE-12 what a device adds that was accepted is not; a later restoration is', () => {
    const { before, recovery, phone, tablet, laptop, add } = scene();
    const accepted = add(before, phone, recovery);
    const log = add(add(accepted, tablet, phone), laptop, recovery);
    expect(unconfirmedDevices(log, accepted.entries.length).map(({ id }) => id)).toEqual([laptop.id]);
  });
});
