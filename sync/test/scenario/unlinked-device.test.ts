/**
 * A device that was unlinked while it was off and that somebody modified: it kept the account's secret, its own keys, its
 * sessions and its author keys. It reads nothing newer, and nothing that it writes is shown by anyone who heard of it.
 */
import { addDevice, createDevice, readRecoveryWords, removeDevice, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { RELAY_URL, type World } from '../simulation/world.ts';
import { addOwnDevice } from '../support/linking.ts';
import { Rogue, targetOf, watchPosts } from '../support/rogue.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Scene {
  readonly world: World;
  readonly ann: SimulatedDevice;
  readonly tablet: SimulatedDevice;
  readonly bob: SimulatedDevice;
  readonly chatId: string;
  readonly rogue: Rogue;
  readonly tabletId: string;
  /** When Ann unlinked it. */
  readonly at: number;
}

const BEFORE = ['from Ann', 'from the tablet', 'from Bob'];

/** Ann's tablet has taken part; then it was off, and Ann unlinked it. */
async function scene(): Promise<Scene> {
  const { world, ann, bob, chatId } = await couple(31);
  const tablet = await addOwnDevice(ann, 'Tablet', world);
  await world.pass(MINUTE);
  for (const [device, text] of [
    [ann, BEFORE[0]],
    [tablet, BEFORE[1]],
    [bob, BEFORE[2]],
  ] as const) {
    await send(device, chatId, text ?? '');
    await world.pass(MINUTE);
  }
  const rogue = await Rogue.of(tablet, world, [ann, bob]);
  const tabletId = tablet.lastDeviceId ?? '';
  tablet.crash();
  const at = world.clock.now();
  await unlink(ann, tabletId, world);
  await world.pass(MINUTE);
  return { world, ann, tablet, bob, chatId, rogue, tabletId, at };
}

async function unlink(by: SimulatedDevice, deviceId: string, world: World): Promise<void> {
  const asked = by.client.call('unlinkDevice', { deviceId });
  await world.pass(3_000);
  expect(await asked).toMatchObject({ ok: true });
}

/** After any attack: nothing of it is shown, and the others go on. */
async function expectHarmless({ world, ann, bob, chatId }: Scene): Promise<void> {
  await send(ann, chatId, 'still here');
  await world.pass(MINUTE);
  await send(bob, chatId, 'so am I');
  await world.pass(10 * MINUTE);
  for (const device of [ann, bob]) {
    expect(device.failure).toBeUndefined();
    expect(await texts(device, chatId)).toEqual([...BEFORE, 'still here', 'so am I']);
  }
  expect(await look(ann.client, 'profile', null)).toMatchObject({ name: 'Ann' });
  const [chat] = (await look(bob.client, 'chats', null)).filter((each) => each.chatId === chatId);
  expect(chat).toMatchObject({ title: 'Ann' });
  expect(world.violations).toEqual([]);
}

async function exportAll({ client }: SimulatedDevice): Promise<string> {
  let [text, cursor]: [string, string | undefined] = ['', undefined];
  do {
    const part: Awaited<ReturnType<typeof client.call<'exportPart'>>> = await client.call(
      'exportPart',
      cursor === undefined ? {} : { cursor },
    );
    if (!part.ok) throw new Error(part.error.type);
    text += part.value.text;
    cursor = part.value.next;
  } while (cursor !== undefined);
  return text;
}

function alarms(device: SimulatedDevice): readonly string[] {
  return device.engine?.alarms.list.get().map((alarm) => alarm.type) ?? [];
}

it('S-UNLINK-7 what only own devices had of it is brought by them', async () => {
  const { world, ann, bob, chatId } = await couple(32);
  const tablet = await addOwnDevice(ann, 'Tablet', world);
  await world.pass(MINUTE);
  await send(tablet, chatId, 'from the tablet');
  await world.pass(MINUTE);
  world.mischief.swallowsPost = () => true;
  await send(tablet, chatId, 'the last of it');
  await world.pass(2_000);
  world.mischief.swallowsPost = () => false;
  // Own devices compare what they have when one comes back; the tablet is gone before it tries the other side again.
  await ann.restart();
  await world.pass(15_000);
  expect(await texts(ann, chatId)).toEqual(['from the tablet', 'the last of it']);
  expect(await texts(bob, chatId)).toEqual(['from the tablet']);
  // What is asked when a device leaves is lost, too; and nobody says anything more in the chat.
  world.mischief.swallowsPost = () => true;
  await unlink(ann, tablet.lastDeviceId ?? '', world);
  world.mischief.swallowsPost = () => false;
  tablet.crash();
  await world.pass(2 * DAY);
  for (const device of [ann, bob]) expect(await texts(device, chatId)).toEqual(['from the tablet', 'the last of it']);
  expect([...(ann.engine?.outbox.items() ?? [])]).toEqual([]);
  expect(world.violations).toEqual([]);
});

describe('an unlinked device', () => {
  it('S-UNLINK-1 is told, keeps what it had, can export it, and does nothing else', async () => {
    const { world, tablet, chatId } = await scene();
    await tablet.open();
    await world.pass(MINUTE);
    expect(await look(tablet.client, 'phase', null)).toMatchObject({ type: 'Open', unlinked: true });
    expect(await texts(tablet, chatId)).toEqual(BEFORE);
    const exported = await exportAll(tablet);
    for (const text of BEFORE) expect(exported).toContain(text);
    const refused = { ok: false, error: { type: 'Unlinked' } };
    const { client } = tablet;
    expect(await client.call('sendMessage', { id: 'x'.repeat(22), chatId, text: 'no' })).toEqual(refused);
    expect(await client.call('setProfile', { name: 'no' })).toEqual(refused);
    expect(await client.call('readLinkCode', { text: 'ABCD-EFGH-JKMN-PQRS-TVWX' })).toEqual(refused);
    expect(await client.call('createRecovery', null)).toEqual(refused);
    expect(await client.call('setDraft', { chatId, text: 'no' })).toEqual(refused);
    expect(await client.call('addByLink', { text: 'no' })).toEqual(refused);
    await tablet.restart();
    await world.pass(MINUTE);
    expect(await look(tablet.client, 'phase', null)).toMatchObject({ type: 'Open', unlinked: true });
    expect(await texts(tablet, chatId)).toEqual(BEFORE);
    expect(await tablet.client.call('eraseDevice', null)).toMatchObject({ ok: true });
  }, 120_000);

  it('S-UNLINK-1 is told at once when it is on line', async () => {
    const { world, ann, bob, chatId } = await couple(32);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    await unlink(ann, tablet.lastDeviceId ?? '', world);
    await world.pass(MINUTE);
    expect(await look(tablet.client, 'phase', null)).toMatchObject({ type: 'Open', unlinked: true });
    await send(bob, chatId, 'not for the tablet');
    await world.pass(MINUTE);
    expect(await texts(tablet, chatId)).toEqual([]);
    expect(await texts(ann, chatId)).toEqual(['not for the tablet']);
  }, 120_000);

  it('S-UNLINK-2 reads nothing newer: nothing is sealed to it, and the relay does not know it', async () => {
    const here = await scene();
    const { world, ann, bob, chatId, rogue } = here;
    const posts = watchPosts(world);
    await send(bob, chatId, 'a secret');
    await send(ann, chatId, 'another');
    await ann.client.call('setDraft', { chatId, text: 'and a draft' });
    await world.pass(10 * MINUTE);
    expect(posts.data.length).toBeGreaterThan(2);
    expect(rogue.canRead(posts.data)).toBe(false);
    expect(await rogue.signIn()).toBe('NotFound');
  }, 120_000);

  it('S-UNLINK-3 writes nothing that is shown: old sessions and new ones, records of before and after', async () => {
    const here = await scene();
    const { rogue, chatId, at, ann, bob, world } = here;
    const made = rogue.newAuthor(chatId);
    const attacks = [
      rogue.push(chatId, rogue.record(chatId, 'attack now', { n: 50 })),
      rogue.push(chatId, rogue.record(chatId, 'attack of before', { n: 51, at: at - 10 * MINUTE })),
    ];
    const parts = [rogue.card(), made.part, ...attacks];
    parts.push(rogue.push(chatId, rogue.record(chatId, 'attack', { author: made.author, at: at - 5 * MINUTE })));
    for (const to of [bob, ann])
      for (const session of ['old', 'fresh'] as const)
        expect(await rogue.say(targetOf(to), parts, { session })).toBe('accepted');
    await world.pass(MINUTE);
    expect(ann.engine?.chats.get(chatId as never)?.authors.size).toBe(3);
    expect(bob.engine?.chats.get(chatId as never)?.authors.size).toBe(3);
    await expectHarmless(here);
  }, 120_000);

  it('S-UNLINK-3 also when it claims to know more of the log than there is', async () => {
    const here = await scene();
    const { rogue, chatId, ann, bob, world } = here;
    const mine = { length: 9, head: new Uint8Array(32).fill(9) };
    const attack = rogue.push(chatId, rogue.record(chatId, 'attack', { n: 60 }));
    for (const to of [bob, ann]) await rogue.say(targetOf(to), [attack], { session: 'old', mine });
    await world.pass(10 * MINUTE);
    for (const { engine } of [bob, ann]) expect(await engine?.store.range('inbox', {})).toEqual([]);
    await expectHarmless(here);
  }, 120_000);

  it('S-UNLINK-3 nor does what it says of documents, peers and marks count', async () => {
    const here = await scene();
    const { rogue, ann, bob, world } = here;
    const self = ann.engine?.personal.answer(new Uint8Array(0), Infinity).changes ?? [];
    const changes = self.map((change) => ({ ...change, generation: change.generation + 3 }));
    const { account } = bob.engine?.self.identity ?? fail();
    const peer = { type: 'peer', accountKey: account.publicKey, accepts: false, hasChat: true } as const;
    const parts = [
      {
        ...peer,
        relayUrl: 'https://elsewhere.test',
        deviceLog: new Uint8Array(0),
        profile: { updated: 9e12, name: 'attack' },
      },
      { type: 'personal', changes } as const,
      { type: 'digest', isReply: false, chats: [] } as const,
      { type: 'personalAsk', summary: new Uint8Array(0) } as const,
    ];
    const posts = watchPosts(world);
    for (const session of ['old', 'fresh'] as const) await rogue.say(targetOf(ann), parts, { session });
    await world.pass(MINUTE);
    expect(rogue.canRead(posts.data)).toBe(false);
    expect(await look(ann.client, 'contacts', null)).toMatchObject([{ name: 'Bob' }]);
    await expectHarmless(here);
  }, 120_000);

  it('S-UNLINK-4 cannot link itself again nor remove others: no relay and no device takes such a log', async () => {
    const here = await scene();
    const { rogue, ann, bob, chatId, world } = here;
    const { account, device, log: old } = rogue.self.identity;
    const by = { type: 'device', device } as const;
    const time = world.clock.now();
    const again = createDevice(rogue.random);
    const annId = ann.engine?.self.identity.device.id ?? fail();
    const current = ann.engine?.self.identity.log ?? fail();
    // Lines that part before its removal are well signed; one that goes on after it cannot be.
    const one = addDevice(old, account, by, { deviceKey: again.publicKey, time });
    const two = removeDevice(one, account, by, annId, time);
    const three = addDevice(two, account, by, { deviceKey: createDevice(rogue.random).publicKey, time });
    for (const log of [old, one, two, three]) expect(await rogue.register(log)).toBeDefined();
    expect(await rogue.register(current)).toMatchObject({ type: 'NotAuthorised' });
    expect(() => addDevice(current, account, by, { deviceKey: again.publicKey, time })).toThrow();
    for (const to of [bob, ann])
      for (const log of [one, two, three])
        await rogue.say(
          targetOf(to),
          [rogue.card(log), rogue.push(chatId, rogue.record(chatId, 'attack', { n: 70 }))],
          {
            session: 'fresh',
          },
        );
    await world.pass(MINUTE);
    for (const { engine } of [ann, bob]) {
      const known = engine?.peers.get(account.id)?.log;
      expect(known).toEqual(current);
    }
    expect(alarms(bob)).toEqual(['DeviceLogForked']);
    expect(alarms(ann)).toEqual(['DeviceLogForked']);
    expect(ann.engine?.ownLog.isUnlinked).toBe(false);
    await expectHarmless(here);
  }, 120_000);

  it('S-UNLINK-5 a phrase that it made restores nothing once there is another', async () => {
    const { world, ann, bob, chatId } = await couple(33);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    const stolen = await phrase(tablet, world);
    await world.pass(MINUTE);
    await unlink(ann, tablet.lastDeviceId ?? '', world);
    await phrase(ann, world);
    const thief = world.makeDevice('Thief');
    await thief.open();
    const restoring = thief.client.call('restore', { phrase: stolen, relayUrl: RELAY_URL, deviceName: 'Phone' });
    await world.pass(5_000);
    expect(await restoring).toEqual({ ok: false, error: { type: 'PhraseUnknown' } });
    // It knows the account's secret: the log itself must not take the phrase either.
    const { account, log } = ann.engine?.self.identity ?? fail();
    const words = readRecoveryWords(stolen);
    const recovery = words.ok ? words.value : fail();
    const { publicKey: deviceKey } = createDevice(seededRandom(new Uint8Array(32).fill(3)));
    const add = { deviceKey, time: world.clock.now() };
    expect(() => addDevice(log, account, { type: 'recovery', recovery }, add)).toThrow();
    await send(bob, chatId, 'for Ann');
    await world.pass(MINUTE);
    expect(await texts(ann, chatId)).toEqual(['for Ann']);
  }, 120_000);

  it('S-UNLINK-6 who was away for longer than the relay keeps anything hears of it before hearing the device', async () => {
    const { world, ann, bob, chatId } = await couple(34);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(2 * MINUTE);
    await send(tablet, chatId, 'from the tablet');
    await world.pass(MINUTE);
    const rogue = await Rogue.of(tablet, world, [laptop, bob]);
    const tabletId = tablet.lastDeviceId ?? '';
    const targets = new Map([laptop, bob].map((device) => [device, targetOf(device)]));
    for (const device of [tablet, laptop, bob]) device.crash();
    await unlink(ann, tabletId, world);
    await world.pass(MINUTE);
    ann.crash();
    await world.pass(39 * DAY);
    for (const target of targets.values())
      for (const session of ['old', 'fresh'] as const) {
        const parts = [rogue.push(chatId, rogue.record(chatId, 'attack', { n: 20 })), rogue.card()];
        expect(await rogue.say(target, parts, { session })).toBe('accepted');
      }
    await world.pass(DAY);
    await bob.open();
    await world.pass(MINUTE);
    expect(await texts(bob, chatId)).toEqual(['from the tablet']);
    await laptop.open();
    await world.pass(MINUTE);
    expect(await texts(laptop, chatId)).toEqual(['from the tablet']);
    await send(laptop, chatId, 'from the laptop');
    await send(bob, chatId, 'from Bob');
    await ann.open();
    await world.pass(20 * MINUTE);
    for (const device of [ann, laptop, bob])
      expect([...(await texts(device, chatId))].sort()).toEqual(['from Bob', 'from the laptop', 'from the tablet']);
    expect(world.violations).toEqual([]);
  }, 180_000);
});

/** The words of a new recovery phrase. */
async function phrase(device: SimulatedDevice, world: World): Promise<string> {
  const asked = device.client.call('createRecovery', null);
  await world.pass(3_000);
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.error.type);
  return answer.value.words.join(' ');
}

function fail(): never {
  throw new Error('not open');
}
