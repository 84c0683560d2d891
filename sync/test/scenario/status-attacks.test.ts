/** Statuses among people, relays and clocks that do wrong. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { decodeClientFrame } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { attempt } from '../simulation/rare.ts';
import { addContact, couple, look, prepare, send } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';
import { call } from '../support/calls.ts';
import { accountOf, circle, cut } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';
import { partOf, post, say, shown, textsOf, tracesOf, viewsOf } from '../support/status.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('statuses, attacked', () => {
  it('S-STATUS-7 a viewer speaks for nobody else: not of views, not of ends', async () => {
    const { world, ann, bob, cleo } = await circle();
    const statusId = await post(ann, 'for two');
    const forBob = await post(ann, 'for Bob', { type: 'only', accountIds: [accountOf(bob)] });
    await world.pass(MINUTE);
    const [account, me] = [accountOf(ann) as AccountId, accountOf(bob) as AccountId];
    const other = accountOf(cleo) as AccountId;
    const about = { account, statusId: statusId as ChatId, audience: [other], views: [{ account: other, seenAt: 1 }] };
    await say(bob, ann, [{ type: 'statusState', ...about, isDeleted: true }]);
    await say(bob, ann, [{ type: 'statusGone', statusId: about.statusId }]);
    await say(bob, cleo, [{ type: 'statusGone', statusId: about.statusId }]);
    await say(bob, ann, [{ type: 'statusDigest', isReply: false, statuses: [] }]);
    // Somebody whom it was not shown to, and a time that was not.
    await say(cleo, ann, [{ type: 'statusMark', statusId: forBob as ChatId, what: 'seen', time: world.clock.now() }]);
    await say(bob, ann, [{ type: 'statusMark', statusId: about.statusId, what: 'seen', time: 2 ** 50 }]);
    await world.pass(MINUTE);
    expect((await viewsOf(ann, statusId))?.map(([viewer]) => viewer)).toEqual([me]);
    expect((await viewsOf(ann, statusId))?.[0]?.[1]).toBeLessThanOrEqual(world.clock.now() + MINUTE);
    expect(await viewsOf(ann, forBob)).toEqual([]);
    expect(await textsOf(ann, ann)).toEqual(['for two', 'for Bob']);
    expect(await textsOf(cleo, ann)).toEqual(['for two']);
    expectWell(world, [ann, bob, cleo]);
  });

  it('S-STATUS-7 that somebody ends a status before it comes stops nobody from getting it', async () => {
    const { world, ann, bob } = await circle();
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    cut(laptop, true);
    const statusId = await post(ann, 'late');
    await world.pass(MINUTE);
    world.withholding = { by: ann, from: laptop };
    await say(bob, ann, [{ type: 'statusGone', statusId: statusId as ChatId }]);
    cut(laptop, false);
    await world.pass(MINUTE);
    world.withholding = undefined;
    for (const device of [ann, laptop]) await device.restart();
    await world.pass(5 * MINUTE);
    for (const device of [ann, laptop, bob]) expect(await textsOf(device, ann), device.name).toEqual(['late']);
    expectWell(world, [ann, laptop, bob]);
  });

  it('S-STATUS-7 nobody shows the status of another, nor as their own', async () => {
    const { world, ann, bob, cleo } = await circle();
    await addContact(bob, cleo);
    await addContact(cleo, bob);
    await world.pass(MINUTE);
    const statusId = await post(ann, 'canary for Bob', { type: 'only', accountIds: [accountOf(bob)] });
    const own = await post(bob, 'of Bob', { type: 'only', accountIds: [accountOf(bob)] });
    await world.pass(MINUTE);
    const [theirs, mine] = [await partOf(bob, statusId), await partOf(bob, own)];
    const account = accountOf(bob) as AccountId;
    const { key, deviceKey, proof, certificate, change } = theirs;
    await say(bob, cleo, [theirs]);
    await say(bob, cleo, [{ ...theirs, account }]);
    await say(bob, cleo, [{ ...mine, key, deviceKey, proof, certificate, change }]);
    await say(bob, cleo, [{ ...mine, change }]);
    await say(bob, cleo, [{ ...mine, secret: new Uint8Array(32) }]);
    await world.pass(MINUTE);
    expect([await shown(cleo, ann), await shown(cleo, bob)]).toEqual([[], []]);
    expect(await tracesOf(cleo, ['canary'], [statusId, own])).toEqual([]);
    await say(bob, cleo, [mine]);
    await world.pass(MINUTE);
    expect(await textsOf(cleo, bob)).toEqual(['of Bob']);
    expectWell(world, [ann, bob, cleo]);
  });

  it('S-STATUS-5 what a relay kept back is told again, while it is alive', async () => {
    const { world, ann, bob, cleo } = await circle();
    world.withholding = { by: ann, from: bob };
    const [stays, goes] = [await post(ann, 'stays'), await post(ann, 'goes')];
    await world.pass(MINUTE);
    expect([await textsOf(bob, ann), await textsOf(cleo, ann)]).toEqual([[], ['stays', 'goes']]);
    world.withholding = undefined;
    await world.pass(HOUR);
    expect(await textsOf(bob, ann)).toEqual(['stays', 'goes']);
    world.withholding = { by: ann, from: bob };
    await call(ann, 'deleteStatus', { statusId: goes });
    await world.pass(MINUTE);
    world.withholding = undefined;
    await world.pass(HOUR);
    expect(await textsOf(bob, ann)).toEqual(['stays']);
    expect((await shown(ann, ann))[0]?.own).toMatchObject({ audience: 2, delivered: 2 });
    expect(stays).not.toBe(goes);
    expectWell(world, [ann, bob, cleo]);
  });

  it('S-STATUS-5 one that is over is not taken again, whoever tells it and whatever it is dated', async () => {
    const { world, ann, bob, cleo } = await circle();
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const past = await post(ann, 'canary of the day');
    ann.setClock(23 * HOUR);
    const future = await post(ann, 'canary of tomorrow');
    const deleted = await post(ann, 'canary deleted');
    await world.pass(MINUTE);
    ann.setClock(0);
    const parts = [await partOf(ann, past), await partOf(ann, future), await partOf(ann, deleted)];
    expect((await tracesOf(bob, ['canary'], [past])).length).toBeGreaterThan(1);
    await call(ann, 'deleteStatus', { statusId: deleted });
    tablet.crash();
    await world.pass(DAY + HOUR);
    for (const part of parts) await say(ann, bob, [part]);
    await tablet.open();
    for (const part of parts) await say(tablet, bob, [part]);
    bob.setClock(-DAY);
    for (const part of parts) await say(ann, bob, [part]);
    await world.pass(HOUR);
    for (const device of [bob, tablet, cleo]) {
      expect(await shown(device, ann), device.name).toEqual([]);
      expect(await tracesOf(device, ['canary'], [past, future, deleted]), device.name).toEqual([]);
    }
    expectWell(world, [ann, bob, tablet, cleo]);
  });

  it('S-STATUS-11 of one author no more are taken than may be alive', async () => {
    const { world, ann, bob } = await circle();
    for (let n = 0; n < 65; n += 1)
      await ann.engine?.lane.run(async () => {
        const secret = new Uint8Array(32).fill(n);
        const input = { secret, call: String(n), text: `number ${String(n)}`, colour: 0 };
        await ann.engine?.statuses.post({ ...input, audience: { type: 'all' } });
      });
    await world.pass(5 * MINUTE);
    expect((await shown(bob, ann)).length).toBe(60);
    expect((await look(bob.client, 'statuses', null)).others[0]?.segments.length).toBe(60);
    expectWell(world, [ann, bob]);
  });

  it('S-STATUS-12 on the wire a status is as long as a message, goes to as many, and is as lasting', async () => {
    for (const length of [1, 60, 400, 699]) {
      const text = 'x'.repeat(length);
      const [status, message] = [
        await framesOf(async ({ ann }) => void (await post(ann, text))),
        await framesOf(async ({ ann, chats }) => {
          for (const chatId of chats) await send(ann, chatId, text);
        }),
      ];
      expect([...status].sort(), String(length)).toEqual([...message].sort());
    }
  });

  it.each(['ann', 'bob'] as const)(
    'S-STATUS-13 killed at any write %s has a status whole, or nothing of it',
    async (who) => {
      const people = await couple();
      const { world, ann, bob } = people;
      const victim = people[who];
      const promised: string[] = [];
      for (let write = 1; write < 14; write += 1) {
        victim.crashAtWrite(write);
        const text = `canary ${String(write)}`;
        const statusId = await attempt(() => post(ann, text));
        await attempt(() => world.pass(MINUTE));
        victim.disarm();
        if (victim.isDown) await victim.open();
        await world.pass(5 * MINUTE);
        const texts = await textsOf(bob, ann);
        expect(texts, String(write)).toEqual(await textsOf(ann, ann));
        if (statusId !== undefined) promised.push(text);
      }
      expect(await textsOf(bob, ann)).toEqual(expect.arrayContaining(promised));
      await world.pass(DAY);
      for (const device of [ann, bob]) expect(await tracesOf(device, ['canary'], []), device.name).toEqual([]);
      expectWell(world, [ann, bob]);
    },
  );
});

/** What the relay sees of all that comes of an act: length, flags and number of recipients of each kind of post. */
async function framesOf(
  act: (people: { readonly ann: SimulatedDevice; readonly chats: readonly string[] }) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const world = new World(7, 0);
  const [ann, bob, cleo] = [await world.addDevice('Ann'), await world.addDevice('Bob'), await world.addDevice('Cleo')];
  await world.pass(1_000);
  const chats: string[] = [];
  for (const other of [bob, cleo]) {
    chats.push(await addContact(ann, other));
    await addContact(other, ann);
  }
  await world.pass(2 * MINUTE);
  const seen = new Set<string>();
  const connect = world.relay.connect.bind(world.relay);
  Object.assign(world.relay, {
    connect: (...args: Parameters<typeof connect>) => {
      const connection = connect(...args);
      const receive = connection.receive.bind(connection);
      return Object.assign(connection, {
        receive: (bytes: Uint8Array) => {
          const frame = decodeClientFrame(bytes);
          if (frame.ok && frame.value.type === 'post')
            seen.add([frame.value.data.length, frame.value.ephemeral, frame.value.to.length].join(' '));
          receive(bytes);
        },
      });
    },
  });
  for (const device of [ann, bob, cleo]) device.line.hangUp();
  await world.pass(MINUTE);
  seen.clear();
  await act({ ann, chats });
  await world.pass(5_000);
  return seen;
}

function expectWell(world: World, devices: readonly SimulatedDevice[]): void {
  expect(devices.map(({ failure }) => failure)).toEqual(devices.map(() => undefined));
  expect(world.violations).toEqual([]);
}
