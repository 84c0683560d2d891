/** A relay that lies about who someone is: noticed, named, and of no use to it. */
import {
  addDevice,
  createDevice,
  createPreKeys,
  publishPreKeys,
  seededRandom,
  toBase64Url,
  encodeDeviceLog,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import type { ClaimBody } from '../simulation/mischief.ts';
import { addContact, prepare, send, texts } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

function alarms(device: SimulatedDevice): readonly string[] {
  return device.engine?.alarms.list.get().map((alarm) => alarm.type) ?? [];
}

/** A world whose claims go through `lie` for as long as it is set. */
async function worldWithLiar(): Promise<{
  world: World;
  ann: SimulatedDevice;
  bob: SimulatedDevice;
  lie: { now?: (body: ClaimBody) => void };
}> {
  const world = new World(5, 0);
  const lie: { now?: (body: ClaimBody) => void } = {};
  world.twist = (_line, body) => lie.now?.(body);
  const ann = await world.addDevice('Ann');
  const bob = await world.addDevice('Bob');
  await world.pass(1_000);
  return { world, ann, bob, lie };
}

async function growLog(device: SimulatedDevice): Promise<void> {
  const engine = device.engine;
  if (engine === undefined) return;
  const other = createDevice(seededRandom(new Uint8Array(32).fill(42)));
  const { identity } = engine.self;
  const by = { type: 'device', device: identity.device } as const;
  const log = addDevice(identity.log, identity.account, by, { deviceKey: other.publicKey, time: engine.clock.now() });
  await engine.job((batch) => {
    engine.ownLog.adopt(log, batch);
  });
}

describe('lying relay', () => {
  it('S-LIAR-1 serving a rolled-back device log raises its alarm and changes nothing', async () => {
    const { world, ann, bob, lie } = await worldWithLiar();
    const old = toBase64Url(encodeDeviceLog(bob.engine?.self.identity.log ?? fail()));
    await addContact(ann, bob);
    await addContact(bob, ann);
    await world.pass(10_000);
    await growLog(bob);
    const chatId = await addContact(bob, ann); // the next thing Bob says carries his longer log
    await world.pass(10_000);
    const bobId = bob.engine?.self.identity.account.id ?? fail();
    expect(ann.engine?.peers.get(bobId)?.log?.entries).toHaveLength(2);
    lie.now = (body) => {
      body.deviceLog = old;
    };
    await send(ann, chatId, 'to all your devices'); // the tablet has no session yet: Ann asks the relay
    await world.pass(20_000);
    expect(alarms(ann)).toContain('DeviceLogRolledBack');
    expect(ann.engine?.peers.get(bobId)?.log?.entries).toHaveLength(2);
    expect(await texts(bob, chatId)).toEqual(['to all your devices']);
  });

  it('S-LIAR-2 substituting pre-keys raises its alarm, and the message waits for an honest answer', async () => {
    const { world, ann, bob, lie } = await worldWithLiar();
    const random = seededRandom(new Uint8Array(32).fill(66));
    const mallory = createDevice(random);
    const theirs = publishPreKeys(
      createPreKeys(mallory, random, { now: 0, oneTime: 1, firstId: 1 }),
      mallory,
      new Uint8Array(40),
    );
    lie.now = (body) => {
      for (const device of body.devices) device.signed = toBase64Url(theirs.signed);
    };
    const chatId = await addContact(ann, bob);
    await send(ann, chatId, 'for Bob alone');
    await world.pass(30_000);
    expect(alarms(ann)).toContain('PreKeysSubstituted');
    expect((await ann.timeline(chatId))[0]?.tick).toBe('queued');
    delete lie.now;
    await world.pass(30 * 60_000);
    expect(await texts(bob, chatId)).toEqual(['for Bob alone']);
  });

  it('S-LIAR-3 adding a device of its own raises its alarm and nothing is sealed to it', async () => {
    const { world, ann, bob, lie } = await worldWithLiar();
    const random = seededRandom(new Uint8Array(32).fill(67));
    const ghost = createDevice(random);
    const bundle = publishPreKeys(
      createPreKeys(ghost, random, { now: 0, oneTime: 1, firstId: 1 }),
      ghost,
      new Uint8Array(40),
    );
    const mailbox = toBase64Url(new Uint8Array(16).fill(1));
    lie.now = (body) => {
      body.devices.push({ deviceKey: toBase64Url(ghost.publicKey), mailbox, signed: toBase64Url(bundle.signed) });
    };
    const posted: string[] = [];
    const saw = world.sawPost.bind(world);
    world.sawPost = (id, to, data) => {
      posted.push(...to.map((one) => toBase64Url(one)));
      saw(id, to, data);
    };
    const chatId = await addContact(ann, bob);
    await send(ann, chatId, 'only to the real ones');
    await world.pass(30_000);
    expect(alarms(ann)).toContain('GhostDevice');
    expect(posted).not.toContain(mailbox);
    expect(await texts(bob, chatId)).toEqual(['only to the real ones']);
  });
});

function fail(): never {
  throw new Error('the device is not open');
}
