/** A relay that lies about the user's own devices: to the user's other devices, and to contacts. */
import {
  addDevice,
  createDevice,
  createPreKeys,
  encodeDeviceLog,
  publishPreKeys,
  seededRandom,
  toBase64Url,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/ports/relay-link.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import type { ClaimBody } from '../simulation/mischief.ts';
import { couple, prepare, send, texts } from '../simulation/setup.ts';
import { addOwnDevice } from '../support/linking.ts';
import { Rogue, watchPosts } from '../support/rogue.ts';

beforeAll(prepare);

const MINUTE = 60_000;

interface Lies {
  claim?: (body: ClaimBody) => void;
  /** The log that is served when the account is asked for. */
  log?: string;
}

async function scene(seed: number) {
  const { world, ann, bob, chatId } = await couple(seed);
  const { account } = ann.engine?.self.identity ?? fail();
  const annKey = toBase64Url(account.publicKey);
  const logs = [logOf(ann)];
  const tablet = await addOwnDevice(ann, 'Tablet', world);
  await world.pass(MINUTE);
  logs.push(logOf(ann));
  const lies: Lies = {};
  const http = world.http.bind(world);
  world.http = async (url, request, address): Promise<HttpAnswer> => {
    const answer = await http(url, request, address);
    const isAnn = request.path === `/v1/accounts/${account.id}`;
    if (!isAnn || answer.status !== 200 || lies.log === undefined) return answer;
    return { ...answer, body: { ...(answer.body as object), deviceLog: lies.log } };
  };
  world.twist = (_line, body) => lies.claim?.(body);
  return { world, ann, tablet, bob, chatId, annKey, logs, lies, posts: watchPosts(world) };
}

function logOf(device: SimulatedDevice): string {
  const log = device.engine?.self.identity.log;
  if (log === undefined) throw new Error('not open');
  return toBase64Url(encodeDeviceLog(log));
}

function alarms(device: SimulatedDevice): readonly string[] {
  return device.engine?.alarms.list.get().map(({ type, who }) => `${type} by ${who}`) ?? [];
}

const ROLLED_BACK = 'DeviceLogRolledBack by relay';

describe('a relay that lies about own devices', () => {
  it('S-LIAR-4 to an own device with an old log: alarm, and the longer one stays in use', async () => {
    const { world, ann, tablet, chatId, annKey, logs, lies } = await scene(51);
    const [old = '', now] = logs;
    lies.log = old;
    await tablet.restart();
    await world.pass(MINUTE);
    expect(alarms(tablet)).toEqual([ROLLED_BACK]);
    lies.claim = (body) => {
      if (body.accountKey === annKey) body.deviceLog = old;
    };
    delete lies.log;
    await ann.restart();
    await world.pass(MINUTE);
    expect(alarms(ann)).toEqual([ROLLED_BACK]);
    expect([logOf(ann), logOf(tablet)]).toEqual([now, now]);
    await send(ann, chatId, 'to all');
    await world.pass(MINUTE);
    expect(await texts(tablet, chatId)).toEqual(['to all']);
  }, 120_000);

  it('S-LIAR-4 with another line, which somebody who has the account’s secret made: alarm, nothing of it is taken', async () => {
    const { world, ann, tablet, bob, chatId, annKey, logs, lies } = await scene(52);
    const rogue = await Rogue.of(tablet, world, [ann, bob]);
    const tabletId = tablet.lastDeviceId ?? '';
    tablet.crash();
    const unlinking = ann.client.call('unlinkDevice', { deviceId: tabletId });
    await world.pass(5_000);
    expect(await unlinking).toMatchObject({ ok: true });
    const { account, device, log } = rogue.self.identity;
    const ghost = createDevice(rogue.random);
    const add = { deviceKey: ghost.publicKey, time: world.clock.now() };
    lies.log = toBase64Url(encodeDeviceLog(addDevice(log, account, { type: 'device', device }, add)));
    lies.claim = (body) => {
      if (body.accountKey === annKey) body.deviceLog = lies.log ?? '';
    };
    const before = logOf(ann);
    await ann.restart();
    await bob.restart();
    await world.pass(MINUTE);
    expect(alarms(ann)).toEqual(['DeviceLogForked by relay']);
    expect(logOf(ann)).toBe(before);
    expect(before).not.toBe(logs[1]);
    await send(bob, chatId, 'still to Ann');
    await world.pass(MINUTE);
    expect(await texts(ann, chatId)).toEqual(['still to Ann']);
  }, 120_000);

  it('S-LIAR-5 to an own device with a device that the account did not add: alarm, nothing is sealed to it', async () => {
    const { world, ann, tablet, chatId, annKey, lies, posts } = await scene(53);
    const ghost = ghostDevice();
    lies.claim = (body) => {
      if (body.accountKey === annKey) body.devices.push(ghost);
    };
    for (const device of [ann, tablet]) await device.restart();
    await world.pass(MINUTE);
    await send(ann, chatId, 'to the real ones');
    await ann.client.call('setDraft', { chatId, text: 'half a thought' });
    await world.pass(MINUTE);
    for (const device of [ann, tablet]) expect(alarms(device)).toEqual(['GhostDevice by relay']);
    expect(posts.to.has(ghost.mailbox)).toBe(false);
    expect(await texts(tablet, chatId)).toEqual(['to the real ones']);
  }, 120_000);

  it('S-LIAR-6 to a contact with the log and the pre-keys of a device that was unlinked: alarm, nothing is sealed to it', async () => {
    const { world, ann, tablet, bob, chatId, annKey, logs, lies, posts } = await scene(54);
    await send(bob, chatId, 'one');
    await world.pass(MINUTE);
    const { device, mailbox } = tablet.engine?.self.identity ?? fail();
    const preKeys = tablet.engine?.self.preKeys ?? fail();
    const note = new Uint8Array([...mailbox, ...new TextEncoder().encode('http://relay.test')]);
    const { signed } = publishPreKeys(preKeys, device, note);
    const unlinking = ann.client.call('unlinkDevice', { deviceId: device.id });
    await world.pass(MINUTE);
    expect(await unlinking).toMatchObject({ ok: true });
    const mailboxes = toBase64Url(mailbox);
    posts.to.clear();
    lies.claim = (body) => {
      if (body.accountKey !== annKey) return;
      body.deviceLog = logs[1] ?? '';
      body.devices.push({ deviceKey: toBase64Url(device.publicKey), mailbox: mailboxes, signed: toBase64Url(signed) });
    };
    // Without sessions Bob has to ask the relay.
    bob.crash();
    await bob.forgetSessions();
    await bob.open();
    await send(bob, chatId, 'two');
    await world.pass(MINUTE);
    expect(alarms(bob)).toEqual([ROLLED_BACK, 'GhostDevice by relay']);
    expect(posts.to.has(mailboxes)).toBe(false);
    await world.pass(20 * MINUTE);
    expect(await texts(ann, chatId)).toEqual(['one', 'two']);
  }, 120_000);
});

function ghostDevice(): ClaimBody['devices'][number] {
  const random = seededRandom(new Uint8Array(32).fill(67));
  const ghost = createDevice(random);
  const preKeys = createPreKeys(ghost, random, { now: 0, oneTime: 1, firstId: 1 });
  const mailbox = new Uint8Array(16).fill(1);
  const { signed } = publishPreKeys(preKeys, ghost, new Uint8Array(40));
  return { deviceKey: toBase64Url(ghost.publicKey), mailbox: toBase64Url(mailbox), signed: toBase64Url(signed) };
}

function fail(): never {
  throw new Error('not open');
}
