import { DEVICE_LOG_LIMITS, type DeviceLog, decodeDeviceLog, encodeDeviceLog, ready } from '@securechat/crypto';
import { KEPT_MAILBOX, type MailboxId } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { NOW } from '../../test/support/party.ts';
import { deviceNamed, openOwn } from '../../test/support/own-account.ts';
import { inBatch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import { Lane } from '../lane.ts';
import { type Addition, Membership } from './membership.ts';

beforeAll(ready);

const tablet = () => deviceNamed('tablet');
const MAILBOX = new Uint8Array(16).fill(5) as MailboxId;

interface Registration {
  readonly deviceLog: Uint8Array;
  readonly version: number;
  readonly devices: readonly { readonly deviceKey: Uint8Array; readonly mailbox: Uint8Array }[];
}

/** Ann's device and a relay that knows a log, or refuses as told, once each. */
async function open() {
  const the = await openOwn();
  const relay: { log: Uint8Array; readonly refusals: string[]; readonly taken: Registration[]; lookups: number } = {
    ...{ log: encodeDeviceLog(the.self.identity.log), refusals: [], taken: [], lookups: 0 },
  };
  const ask = (_url: string, name: string, { body }: { body?: unknown }): Promise<unknown> => {
    if (name === 'account') {
      relay.lookups += 1;
      return Promise.resolve({ ok: true, value: { deviceLog: relay.log } });
    }
    const type = relay.refusals.shift();
    if (type !== undefined) return Promise.resolve({ ok: false, error: { type } });
    const registration = body as Registration;
    const known = decodeDeviceLog(relay.log, the.self.identity.account.publicKey);
    if (known.ok && registration.version <= known.value.entries.length)
      return Promise.resolve({ ok: false, error: { type: 'StaleDeviceLog' } });
    relay.taken.push(registration);
    relay.log = registration.deviceLog;
    return Promise.resolve({ ok: true, value: {} });
  };
  const { self, store, peers, ownLog, alarms } = the;
  const membership = new Membership({
    ...{ self, store, peers, ownLog, alarms, lane: new Lane(), clock: new VirtualClock(NOW) },
    directory: { ask } as unknown as Pick<Directory, 'ask'>,
  });
  const adopt = (log: DeviceLog) => inBatch(store, (batch) => ownLog.adopt(log, batch));
  return {
    ...the,
    relay,
    membership,
    adopt,
    raised: () => alarms.list.get().map(({ type, who }) => `${type} by ${who}`),
  };
}

/** What is called of it is noted in `calls`. */
function addition(device: ReturnType<typeof tablet>, calls: string[] = []): Addition {
  return {
    ...{ deviceKey: device.publicKey, mailbox: MAILBOX },
    registered: (log) => calls.push(`registered ${String(log.entries.length)}`),
    adopted: () => {
      calls.push('adopted');
      return Promise.resolve();
    },
  };
}

const done = { ok: true, value: null };
const refused = (type: string) => ({ ok: false, error: expect.objectContaining({ type }) as unknown });

describe('membership', () => {
  it('S-OWN-7 a change is registered first, with where each device receives, and then adopted', async () => {
    const the = await open();
    const calls: string[] = [];
    expect(await the.membership.add(addition(tablet(), calls))).toEqual(done);
    expect(calls).toEqual(['registered 2', 'adopted']);
    const { device, mailbox, log } = the.self.identity;
    expect(the.relay.taken).toHaveLength(1);
    expect(the.relay.taken[0]?.devices).toEqual([
      { deviceKey: device.publicKey, mailbox },
      { deviceKey: tablet().publicKey, mailbox: MAILBOX },
    ]);
    expect([encodeDeviceLog(log), the.grown]).toEqual([the.relay.log, [[1, 2]]]);
    // Where the tablet receives is not known here: it keeps what the relay has.
    expect(await the.membership.add(addition(deviceNamed('laptop')))).toEqual(done);
    expect(the.relay.taken[1]?.devices[1]).toEqual({ deviceKey: tablet().publicKey, mailbox: KEPT_MAILBOX });
    expect(await the.membership.remove(tablet().id)).toEqual(done);
    expect(the.relay.taken[2]?.devices.map(({ deviceKey }) => deviceKey)).not.toContainEqual(tablet().publicKey);
    expect(the.ownLog.siblings.map(({ id }) => id)).toEqual([deviceNamed('laptop').id]);
  });

  it('S-OWN-7 what another own device registered meanwhile is taken up, and the change made on top of it', async () => {
    const the = await open();
    const theirs = the.plus(the.self.identity.log, deviceNamed('laptop'));
    the.relay.log = encodeDeviceLog(theirs);
    expect(await the.membership.add(addition(tablet()))).toEqual(done);
    expect(the.ownLog.siblings.map(({ id }) => id)).toEqual([deviceNamed('laptop').id, tablet().id]);
    expect([the.relay.lookups, the.raised()]).toEqual([1, []]);
  });

  it('S-OWN-7 what is so already is not registered again', async () => {
    const the = await open();
    await the.adopt(the.plus(the.self.identity.log, tablet()));
    const calls: string[] = [];
    expect(await the.membership.add(addition(tablet(), calls))).toEqual(done);
    expect(await the.membership.remove(deviceNamed('never there').id)).toEqual(done);
    expect([the.relay.taken, calls]).toEqual([[], []]);
  });

  it('S-OWN-7 a relay that refuses without having anything newer is told to the user; nothing changed', async () => {
    for (const [refusal, type] of [
      ['NotAuthorised', 'RelayRefused'],
      ['StaleDeviceLog', 'RelayRefused'],
      ['RateLimited', 'RateLimited'],
      ['Offline', 'Offline'],
      ['MailboxTaken', 'RelayRefused'],
    ] as const) {
      const the = await open();
      the.relay.refusals.push(refusal);
      expect(await the.membership.add(addition(tablet()))).toEqual(refused(type));
      expect([the.ownLog.siblings, the.grown]).toEqual([[], []]);
    }
  });

  it('S-OWN-7 a device that was unlinked changes nothing more', async () => {
    const the = await open();
    const two = the.plus(the.self.identity.log, tablet());
    await the.adopt(two);
    const removed = the.minus(two, the.self.identity.device, tablet());
    the.relay.log = encodeDeviceLog(removed);
    expect(await the.membership.remove(tablet().id)).toEqual(refused('Unlinked'));
    expect(the.ownLog.isUnlinked).toBe(true);
    expect(await the.membership.add(addition(deviceNamed('laptop')))).toEqual(refused('Unlinked'));
    expect(the.relay.taken).toEqual([]);
  });

  it('S-OWN-7 a full log adds no device, and can still remove them all', async () => {
    const the = await open();
    let { log } = the.self.identity;
    const more = Array.from({ length: DEVICE_LOG_LIMITS.devices - 1 }, (_, n) => deviceNamed(String(n)));
    for (const device of more) log = the.plus(log, device);
    await the.adopt(log);
    the.relay.log = encodeDeviceLog(log);
    expect(await the.membership.add(addition(tablet()))).toEqual(refused('TooManyDevices'));
    expect(await the.membership.remove(more[0]?.id ?? tablet().id)).toEqual(done);
    expect(await the.membership.add(addition(tablet()))).toEqual(done);
  }, 60_000);

  it('S-LIAR-4 an older log of the relay raises its alarm, another line too; both change nothing', async () => {
    const the = await open();
    const one = the.self.identity.log;
    const two = the.plus(one, tablet());
    await the.adopt(two);
    expect((await the.membership.catchUp())?.entries).toHaveLength(1);
    expect(the.raised()).toEqual(['DeviceLogRolledBack by relay']);
    the.relay.log = encodeDeviceLog(the.plus(the.plus(one, deviceNamed('x')), deviceNamed('y')));
    expect(await the.membership.catchUp()).toBeUndefined();
    the.relay.log = new Uint8Array(40);
    expect(await the.membership.catchUp()).toBeUndefined();
    expect(the.raised()).toEqual(['DeviceLogRolledBack by relay', 'DeviceLogForked by relay']);
    expect(the.self.identity.log).toBe(two);
  });

  it('S-LIAR-4 a log that was registered while the answer was on its way is no lie', async () => {
    const the = await open();
    const answering = the.membership.catchUp();
    await the.adopt(the.plus(the.self.identity.log, tablet()));
    await answering;
    expect(the.raised()).toEqual([]);
  });
});
