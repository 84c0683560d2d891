/** Calls of groups: who comes and goes, what they are told of each other, and who is told nothing. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, drive, look, prepare } from '../simulation/setup.ts';
import { call, refusalOf } from '../support/calls.ts';
import { accountOf, cut, removeFrom } from '../support/group.ts';
import { hereOf } from '../support/group-phone.ts';
import {
  HOLDER,
  callLines,
  deviceIdOf,
  groupCalls,
  groupWire,
  inCalls,
  join,
  keyOf,
  leave,
  ownKey,
  passHeld,
  sayTo,
  sayToGroup,
  sendTo,
  signalsOf,
  talkingCircle,
  watchKeys,
} from '../support/group-telephone.ts';
import { addOwnDevice } from '../support/linking.ts';
import { aCandidate, bytesOf, descriptionOf } from '../support/phone.ts';
import { answer, dial, fingerprintOf, newCallId, phaseOf, shownCall, talk } from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Everybody in it has what the others seal with, and nobody else was told that. */
async function expectKeys(watched: readonly (readonly [SimulatedDevice, ReturnType<typeof watchKeys>])[]) {
  const ids = watched.map(([device]) => deviceIdOf(device));
  for (const [device, { told }] of watched) {
    const key = await ownKey(device);
    expect([...(told.get(key) ?? [])].sort(), device.name).toEqual(
      ids.filter((id) => id !== deviceIdOf(device)).sort(),
    );
    for (const [other] of watched) if (other !== device) expect(await keyOf(other, device), other.name).toBe(key);
  }
}

describe('calls of groups', () => {
  it('S-GCALL-2 three come one after the other and go; all see it, also who comes on line late; it is a line once', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    cut(cleo, true);
    const callId = await join(ann, chatId);
    await world.pass(SECOND);
    expect(await groupCalls(bob)).toMatchObject([
      { callId, chatId, title: 'Climbing', by: 'Ann', ringing: true, full: false, members: [{ name: 'Ann' }] },
    ]);
    expect(await inCalls(ann, bob, cleo)).toEqual(['*', 'Ann', '']);
    expect(await join(bob, chatId)).toBe(callId);
    await passHeld(world, 40 * SECOND, ann, bob);
    cut(cleo, false);
    await cleo.client.call('reconnect', null);
    await passHeld(world, 15 * SECOND, ann, bob);
    expect((await groupCalls(cleo)).map(({ ringing, by }) => [ringing, by !== ''])).toEqual([[false, true]]);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob', '* Ann', 'Ann Bob']);
    await join(cleo, chatId, callId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob Cleo', '* Ann Cleo', '* Ann Bob']);
    await call(bob, 'tellGroupCall', {
      callId,
      media: { microphone: false, camera: true, screen: false },
      hand: true,
    });
    await world.pass(SECOND);
    const shown = (await groupCalls(cleo))[0]?.members.find(({ name }) => name === 'Bob');
    expect(shown).toMatchObject({ media: { microphone: false, camera: true }, hand: expect.any(Number) as number });
    await leave(ann, callId);
    await passHeld(world, SECOND, bob, cleo);
    expect(await inCalls(ann, bob, cleo)).toEqual(['Bob Cleo', '* Cleo', '* Bob']);
    await leave(bob, callId);
    await leave(cleo, callId);
    await world.pass(MINUTE);
    expect(await inCalls(ann, bob, cleo)).toEqual(['', '', '']);
    const lines = await callLines(ann, chatId);
    expect(lines).toEqual([expect.stringMatching(/^answered 6\d$/)]);
    for (const device of [bob, cleo]) expect(await callLines(device, chatId)).toEqual(lines);
    expect(await refusalOf(bob, 'joinGroupCall', joinInput(bob, chatId, callId))).toBe('UnknownCall');
    for (const { failure } of [ann, bob, cleo]) expect(failure).toBeUndefined();
  });

  it('S-GCALL-3 it rings half a minute, once, and not for who joined or does not want it', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    const callId = await join(ann, chatId);
    await passHeld(world, 8 * SECOND, ann);
    const rings = async () => {
      const seen = await Promise.all([ann, tablet, bob, cleo].map(groupCalls));
      return seen.map((calls) => calls.map(({ ringing }) => ringing));
    };
    expect(await rings()).toEqual([[false], [false], [true], [true]]);
    await call(cleo, 'ignoreGroupCall', { callId });
    expect(await rings()).toEqual([[false], [false], [true], [false]]);
    await passHeld(world, 30 * SECOND, ann);
    expect(await rings()).toEqual([[false], [false], [false], [false]]);
    await leave(ann, callId);
    await world.pass(MINUTE);
    expect(await callLines(bob, chatId)).toEqual(['missed 0']);
    await sayToGroup(ann, { callId, chatId, word: hereOf('Ann', world.clock.now() + MINUTE) });
    await world.pass(SECOND);
    expect(await rings()).toEqual([[], [false], [false], [false]]);
  });

  it('S-GCALL-3 after a restart it rings on where nobody has dismissed it, and nowhere else', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    await passHeld(world, 2 * SECOND, ann);
    await call(bob, 'ignoreGroupCall', { callId });
    for (const device of [bob, cleo]) await device.restart();
    await passHeld(world, 10 * SECOND, ann);
    const seen = await Promise.all([bob, cleo].map(groupCalls));
    expect(seen.map((calls) => calls.map(({ ringing }) => ringing))).toEqual([[false], [true]]);
  });

  it('S-GCALL-17 who goes just after somebody was removed is gone for all, and calls again', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    await join(cleo, chatId, callId);
    await passHeld(world, 10 * SECOND, ann, cleo);
    await removeFrom(ann, chatId, bob);
    await passHeld(world, SECOND, ann, cleo);
    // The first that Cleo’s device says to the group with the key that Bob does not get.
    await leave(cleo, callId);
    await passHeld(world, SECOND, ann);
    expect(await inCalls(ann, cleo)).toEqual(['*', 'Ann']);
    await leave(ann, callId);
    await world.pass(SECOND);
    expect(await inCalls(ann, cleo)).toEqual(['', '']);
    await join(cleo, chatId);
    await passHeld(world, 2 * SECOND, cleo);
    expect((await groupCalls(ann)).map(({ ringing, by }) => [ringing, by])).toEqual([[true, 'Cleo']]);
  });

  it('S-GCALL-3 dismissed on one device it does not ring on the other ones, whichever hears of it first', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const tablet = await addOwnDevice(cleo, 'Tablet', world);
    await world.pass(MINUTE);
    const rings = async () => {
      const seen = await Promise.all([bob, cleo, tablet].map(groupCalls));
      return seen.map(([first]) => first?.ringing);
    };
    const callId = await join(ann, chatId);
    await passHeld(world, 2 * SECOND, ann);
    expect(await rings()).toEqual([true, true, true]);
    await call(tablet, 'ignoreGroupCall', { callId });
    await passHeld(world, SECOND, ann);
    expect(await rings()).toEqual([true, false, false]);
    await leave(ann, callId);
    await world.pass(MINUTE);
    const [next, late] = [newCallId(1), newCallId(2)];
    await sayTo(tablet, cleo, { callId: next, chatId, word: { type: 'ignored' } });
    await sayTo(bob, cleo, { callId: late, chatId, word: { type: 'ignored' } });
    await world.pass(SECOND);
    await join(ann, chatId, next);
    await passHeld(world, SECOND, ann);
    expect(await rings()).toEqual([true, false, true]);
    await leave(ann, next);
    await join(ann, chatId, late);
    await passHeld(world, SECOND, ann);
    expect(await rings(), 'nobody else dismisses it').toEqual([true, true, true]);
    await join(tablet, chatId, late);
    await passHeld(world, 3 * SECOND, ann, tablet);
    expect(await rings(), 'an own device is in it').toEqual([true, false, false]);
  });

  it('S-GCALL-15 who may not write begins no call, and may come to one that is on', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    await call(ann, 'setGroupPermissions', { chatId, write: 'admins' });
    await world.pass(MINUTE);
    expect(await refusalOf(bob, 'joinGroupCall', joinInput(bob, chatId))).toBe('NotAllowed');
    const callId = newCallId();
    await sayToGroup(bob, { callId, chatId, word: hereOf('Bob', world.clock.now(), { startedAt: world.clock.now() }) });
    await passHeld(world, SECOND);
    const shown = async (device: SimulatedDevice) => (await groupCalls(device)).map(({ ringing, by }) => [by, ringing]);
    expect([await shown(ann), await shown(cleo)]).toEqual([[['Bob', false]], [['Bob', false]]]);
    await join(ann, chatId, callId);
    await passHeld(world, SECOND, ann);
    expect((await shown(cleo)).map(([, ringing]) => ringing)).toEqual([true]);
    await join(cleo, chatId, callId);
    await passHeld(world, 5 * SECOND, ann, cleo);
    expect((await groupWire(cleo))?.callId).toBe(callId);
    expect(await keyOf(ann, cleo)).toBe(await ownKey(cleo));
  });

  it('S-GCALL-16 hands are in the order in which they were raised, also for who comes later', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    await join(bob, chatId);
    const raise = (device: SimulatedDevice, hand: boolean) =>
      call(device, 'tellGroupCall', { callId, media: { microphone: true, camera: false, screen: false }, hand });
    const hands = async (device: SimulatedDevice) => {
      const members = (await groupCalls(device))[0]?.members ?? [];
      const raised = members.filter(({ hand }) => hand !== undefined);
      return raised.sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0)).map(({ me, name }) => (me ? device.name : name));
    };
    await passHeld(world, 3 * SECOND, ann, bob);
    await raise(bob, true);
    await passHeld(world, 7 * SECOND, ann, bob);
    await raise(ann, true);
    await passHeld(world, SECOND, ann, bob);
    // Whoever comes hears of the first of them last, as of the one that came first.
    await join(cleo, chatId);
    await passHeld(world, 12 * SECOND, ann, bob, cleo);
    for (const device of [ann, bob, cleo]) expect(await hands(device), device.name).toEqual(['Bob', 'Ann']);
    await raise(bob, false);
    await passHeld(world, 6 * SECOND, ann, bob, cleo);
    await raise(bob, true);
    await passHeld(world, 6 * SECOND, ann, bob, cleo);
    for (const device of [ann, bob, cleo]) expect(await hands(device), device.name).toEqual(['Ann', 'Bob']);
  });

  it('S-GCALL-4 keys change whenever somebody comes or goes, and are told to exactly those who are in it', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const [a, b, c] = [ann, bob, cleo].map((device) => [device, watchKeys(device)] as const);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const seen: string[] = [];
    const callId = await join(ann, chatId);
    seen.push(await ownKey(ann));
    await passHeld(world, 4 * SECOND, ann);
    await join(bob, chatId);
    await passHeld(world, 4 * SECOND, ann, bob);
    await expectKeys([a, b]);
    seen.push(await ownKey(ann));
    await join(cleo, chatId);
    await passHeld(world, 4 * SECOND, ann, bob, cleo);
    await expectKeys([a, b, c]);
    seen.push(await ownKey(ann));
    await leave(bob, callId);
    await passHeld(world, 4 * SECOND, ann, cleo);
    await expectKeys([a, c]);
    seen.push(await ownKey(ann));
    cleo.crash();
    await passHeld(world, 10 * SECOND, ann);
    expect(await inCalls(ann)).toEqual(['* Cleo']);
    await passHeld(world, 10 * SECOND, ann);
    expect(await inCalls(ann)).toEqual(['*']);
    seen.push(await ownKey(ann));
    expect(new Set(seen).size).toBe(seen.length);
    expect(a[1].told.get(seen[0] ?? '')).toBeUndefined();
    expect(a[1].told.get(seen[4] ?? '')).toBeUndefined();
  });

  it('S-GCALL-5 who is removed is out at once, is told no key of after that, and cannot come back', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    for (const device of [bob, cleo]) await join(device, chatId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    const before = await ownKey(ann);
    const [a, b] = [watchKeys(ann), watchKeys(bob)];
    const joinedAt = world.clock.now();
    await removeFrom(ann, chatId, cleo);
    await world.pass(100);
    expect(await inCalls(ann)).toEqual(['* Bob']);
    expect((await groupWire(ann))?.peers.map(({ accountId }) => accountId)).toEqual([accountOf(bob)]);
    await passHeld(world, 4 * SECOND, ann, bob, cleo);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob', '* Ann', '']);
    expect(await refusalOf(cleo, 'joinGroupCall', joinInput(cleo, chatId, callId))).toBe('NotCallable');
    // A modified client goes on all the same.
    for (let n = 0; n < 4; n += 1) {
      const word = hereOf('Cleo', joinedAt + n * MINUTE);
      await sayToGroup(cleo, { callId, chatId, word });
      for (const other of [ann, bob]) await sayTo(cleo, other, { callId, chatId, word });
      await passHeld(world, 3 * SECOND, ann, bob);
      expect(await inCalls(ann, bob)).toEqual(['* Bob', '* Ann']);
    }
    await expectKeys([
      [ann, a],
      [bob, b],
    ]);
    expect(await ownKey(ann)).not.toBe(before);
    for (const { told } of [a, b])
      for (const devices of told.values()) expect(devices.has(deviceIdOf(cleo))).toBe(false);
  });

  it('S-GCALL-5 a device that is unlinked is out too, and the other devices of its account stay in', async () => {
    const { world, ann, bob, chatId } = await talkingCircle();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    for (const device of [ann, bob, tablet]) await join(device, chatId);
    await passHeld(world, 12 * SECOND, ann, bob, tablet);
    expect(await inCalls(ann, bob)).toEqual(['* Ann Bob', '* Ann Ann']);
    const before = await ownKey(bob);
    await drive(world, call(ann, 'unlinkDevice', { deviceId: deviceIdOf(tablet) }));
    await passHeld(world, 4 * SECOND, ann, bob);
    expect(await inCalls(ann, bob, tablet)).toEqual(['* Bob', '* Ann', '']);
    expect(await ownKey(bob)).not.toBe(before);
    expect(await keyOf(ann, bob)).toBe(await ownKey(bob));
  });

  it('S-GCALL-6 nobody is in a call but by their own word, and who is not in it is not heard in it', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const mallory = await world.addDevice('Mallory');
    await world.pass(SECOND);
    for (const other of [ann, bob]) {
      await addContact(mallory, other);
      await addContact(other, mallory);
    }
    await world.pass(MINUTE);
    const callId = await join(ann, chatId);
    await join(bob, chatId);
    await passHeld(world, 5 * SECOND, ann, bob);
    const now = world.clock.now();
    // Who is no member, by session: of this call, of another one.
    await sayTo(mallory, ann, { callId, chatId, word: hereOf('Mallory', now) });
    await sayTo(mallory, bob, { callId: newCallId(1), chatId, word: hereOf('Mallory', now) });
    await sayTo(mallory, bob, { callId, chatId, word: { type: 'left', joinedAt: now } });
    // A member with the certificate of another: it is that member all the same, and only that one.
    const stays = { mine: now, yours: now };
    await sayTo(cleo, ann, { callId, chatId, word: { type: 'signal', stays, seq: 1, signal: aCandidate } });
    await sayTo(cleo, ann, { callId, chatId, word: { type: 'key', stays, key: { id: 9, key: bytesOf('evil') } } });
    await sayTo(cleo, ann, { callId, chatId, word: { type: 'left', joinedAt: now + MINUTE } });
    await passHeld(world, 3 * SECOND, ann, bob);
    expect(await inCalls(ann, bob)).toEqual(['* Bob', '* Ann']);
    expect((await groupWire(ann))?.peers.flatMap(({ signals }) => signals)).toEqual([]);
    await sayToGroup(cleo, { callId, chatId, word: hereOf('Bob', now + 2 * MINUTE) });
    await passHeld(world, 2 * SECOND, ann, bob);
    expect(await inCalls(ann, bob)).toEqual(['* Bob Cleo', '* Ann Cleo']);
    const ids = (await groupCalls(ann))[0]?.members.map(({ deviceId }) => deviceId);
    expect([...(ids ?? [])].sort()).toEqual([ann, bob, cleo].map(deviceIdOf).sort());
    // The call of this group is none of another group.
    const other = await call(ann, 'createGroup', { name: 'Others', members: [accountOf(cleo)] });
    await passHeld(world, 20 * SECOND, ann, bob);
    await sayToGroup(cleo, { callId, chatId: other.chatId, word: hereOf('Cleo', now + 3 * MINUTE) });
    await passHeld(world, 3 * SECOND, ann, bob);
    expect((await groupCalls(ann)).map((each) => each.chatId)).toEqual([chatId]);
    expect(await groupCalls(mallory)).toEqual([]);
    expect([ann.failure, bob.failure, cleo.failure]).toEqual([undefined, undefined, undefined]);
  });

  it('S-GCALL-7 who uses another certificate than announced is not connected, and is told no key from then on', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    await join(ann, chatId);
    for (const device of [bob, cleo]) await join(device, chatId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    expect(
      await refusalOf(bob, 'sendGroupSignal', {
        callId: (await groupWire(bob))?.callId ?? '',
        ...{ holder: HOLDER, to: deviceIdOf(ann), signal: descriptionOf('OFFER', bytesOf('another')) },
      }),
    ).toBe('SignalInvalid');
    await sendTo(cleo, ann, descriptionOf('OFFER', fingerprintOf(cleo)));
    await world.pass(SECOND);
    expect((await signalsOf(ann, cleo)).length).toBe(1);
    const [a, before] = [watchKeys(ann), await ownKey(ann)];
    await lie(bob, ann);
    await passHeld(world, 4 * SECOND, ann, bob, cleo);
    const [shown] = await groupCalls(ann);
    expect(shown?.members.map(({ name, tampered }) => [name, tampered === true]).sort()).toEqual([
      ['Ann', false],
      ['Bob', true],
      ['Cleo', false],
    ]);
    expect((await groupWire(ann))?.peers.map(({ accountId }) => accountId)).toEqual([accountOf(cleo)]);
    expect(await ownKey(ann)).not.toBe(before);
    expect([...(a.told.get(await ownKey(ann)) ?? [])]).toEqual([deviceIdOf(cleo)]);
  });

  it('S-GCALL-8 words that are lost, repeated and late change nothing in the end: signals come once and in order', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    await join(ann, chatId);
    let n = 0;
    world.mischief.level = 0.001;
    world.mischief.swallowsPost = () => false;
    world.mischief.fateOfDelivery = () => {
      n += 1;
      if (n % 4 === 0) return { copies: [], swapped: false };
      return { copies: n % 3 === 0 ? [700, 20] : [(n * 37) % 900], swapped: false };
    };
    for (const device of [bob, cleo]) await join(device, chatId);
    await passHeld(world, 20 * SECOND, ann, bob, cleo);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob Cleo', '* Ann Cleo', '* Ann Bob']);
    const expected: string[] = [];
    for (let at = 1; at <= 20; at += 1) {
      const payload = JSON.stringify({ candidate: at });
      expected.push(`${String(at)} CANDIDATE ${payload}`);
      for (const [from, to] of [
        [ann, bob],
        [bob, cleo],
        [cleo, ann],
      ] as const)
        await sendTo(from, to, { type: 'CANDIDATE', payload });
    }
    await passHeld(world, 30 * SECOND, ann, bob, cleo);
    expect(await signalsOf(bob, ann)).toEqual(expected);
    expect(await signalsOf(cleo, bob)).toEqual(expected);
    expect(await signalsOf(ann, cleo)).toEqual(expected);
    for (const [one, other] of [
      [ann, bob],
      [bob, cleo],
      [cleo, ann],
    ] as const)
      expect(await keyOf(one, other)).toBe(await ownKey(other));
    const callId = (await groupWire(ann))?.callId ?? '';
    await call(bob, 'takeGroupSignals', { callId, holder: HOLDER, from: deviceIdOf(ann), upTo: 19 });
    expect(await signalsOf(bob, ann)).toEqual(expected.slice(-1));
    for (const device of [ann, bob, cleo]) await leave(device, callId);
    await world.pass(30 * SECOND);
    expect(await inCalls(ann, bob, cleo)).toEqual(['', '', '']);
  });

  it('S-GCALL-9 a killed device is gone after a while and comes again anew; a tab that is gone takes its device out', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    for (const device of [bob, cleo]) await join(device, chatId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    ann.crash();
    await passHeld(world, 9 * SECOND, bob, cleo);
    expect(await inCalls(bob, cleo)).toEqual(['* Ann Cleo', '* Ann Bob']);
    await passHeld(world, 8 * SECOND, bob, cleo);
    expect(await inCalls(bob, cleo)).toEqual(['* Cleo', '* Bob']);
    await ann.open();
    await passHeld(world, 10 * SECOND, bob, cleo);
    expect(await inCalls(ann)).toEqual(['Bob Cleo']);
    expect(await callLines(ann, chatId)).toEqual(['answered 0']);
    expect(await join(ann, chatId)).toBe(callId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob Cleo', '* Ann Cleo', '* Ann Bob']);
    expect(await keyOf(bob, ann)).toBe(await ownKey(ann));
    await sendTo(ann, bob, aCandidate);
    await passHeld(world, 14 * SECOND, ann, bob);
    expect(await signalsOf(bob, ann)).toHaveLength(1);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob', '* Ann', 'Ann Bob']);
    await leave(ann, callId);
    await passHeld(world, MINUTE, bob);
    expect(await callLines(bob, chatId)).toEqual(['answered 0']);
  });

  it('S-GCALL-9 a device that was only cut off goes on where it was', async () => {
    const { world, ann, bob, chatId } = await talkingCircle();
    for (const device of [ann, bob]) await join(device, chatId);
    await passHeld(world, 5 * SECOND, ann, bob);
    await sendTo(ann, bob, aCandidate);
    await sendTo(bob, ann, aCandidate);
    await world.pass(SECOND);
    cut(bob, true);
    await passHeld(world, 20 * SECOND, ann, bob);
    expect(await inCalls(ann, bob)).toEqual(['*', '*']);
    cut(bob, false);
    await bob.client.call('reconnect', null);
    await passHeld(world, 15 * SECOND, ann, bob);
    expect(await inCalls(ann, bob)).toEqual(['* Bob', '* Ann']);
    await sendTo(ann, bob, aCandidate);
    await sendTo(bob, ann, aCandidate);
    await passHeld(world, 3 * SECOND, ann, bob);
    expect([(await signalsOf(ann, bob)).length, (await signalsOf(bob, ann)).length]).toEqual([2, 2]);
    expect([await keyOf(ann, bob), await keyOf(bob, ann)]).toEqual([await ownKey(bob), await ownKey(ann)]);
  });

  it('S-GCALL-10 two calls at once become one, the one whose id comes first, with everybody in it', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const [low, high] = [newCallId(1), newCallId(200)];
    await Promise.all([join(bob, chatId, high), join(ann, chatId, low)]);
    await passHeld(world, 5 * SECOND, ann, bob);
    for (const device of [ann, bob, cleo])
      expect((await groupCalls(device)).map(({ callId }) => callId)).toEqual([low]);
    expect(await inCalls(ann, bob, cleo)).toEqual(['* Bob', '* Ann', 'Ann Bob']);
    expect([await keyOf(ann, bob), await keyOf(bob, ann)]).toEqual([await ownKey(bob), await ownKey(ann)]);
    // The tab may not have heard yet that the call has another name.
    await call(bob, 'keepGroupCall', { callId: high, holder: HOLDER });
    await call(bob, 'leaveGroupCall', { callId: high });
    await passHeld(world, SECOND, ann);
    expect(await inCalls(ann, bob)).toEqual(['*', 'Ann']);
    await leave(ann, low);
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) expect((await callLines(device, chatId)).length).toBe(1);
  });

  it('S-GCALL-11 a device is in one call at a time, of two or of a group', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const withBob = await chatWith(ann, bob);
    const callId = await talk(world, { chatId: withBob, caller: ann, callee: bob });
    expect(await refusalOf(ann, 'joinGroupCall', joinInput(ann, chatId))).toBe('InCall');
    expect(await refusalOf(bob, 'joinGroupCall', joinInput(bob, chatId))).toBe('InCall');
    await call(ann, 'hangUp', { callId });
    await world.pass(SECOND);
    const group = await join(ann, chatId);
    expect(await refusalOf(ann, 'startCall', startInput(ann, withBob))).toBe('InCall');
    expect(await refusalOf(ann, 'joinGroupCall', { ...joinInput(ann, chatId), holder: 'another' })).toBe('InCall');
    const second = await dial(bob, withBob);
    await passHeld(world, SECOND, ann);
    expect(await phaseOf(ann)).toBe('ringing');
    await expect(answer(ann, second)).rejects.toThrow('InCall');
    await leave(ann, group);
    await answer(ann, second);
    await world.pass(2 * SECOND);
    expect((await shownCall(ann))?.phase).toBe('connecting');
    expect(await inCalls(ann, cleo)).toEqual(['', '']);
  });

  it('S-GCALL-12 it is written down once, by the device that began it, wherever that was killed', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    const callId = await join(ann, chatId);
    await join(bob, chatId);
    await passHeld(world, 65 * SECOND, ann, bob);
    ann.crash();
    await passHeld(world, 20 * SECOND, bob);
    await ann.open();
    await passHeld(world, 20 * SECOND, bob);
    await ann.restart();
    await leave(bob, callId);
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) {
      const lines = await callLines(device, chatId);
      expect(lines.length).toBe(1);
      expect(Number(lines[0]?.replace('answered ', ''))).toBeGreaterThanOrEqual(30);
    }
  });

  it('S-GCALL-13 who is blocked is shown as in it, is not connected, and is told no key', async () => {
    const { world, ann, bob, cleo, chatId } = await talkingCircle();
    await join(ann, chatId);
    for (const device of [bob, cleo]) await join(device, chatId);
    await passHeld(world, 5 * SECOND, ann, bob, cleo);
    const a = watchKeys(ann);
    await call(ann, 'setBlocked', { accountId: accountOf(bob), blocked: true });
    await passHeld(world, 4 * SECOND, ann, bob, cleo);
    expect(await inCalls(ann)).toEqual(['* Bob Cleo']);
    expect((await groupWire(ann))?.peers.map(({ accountId }) => accountId)).toEqual([accountOf(cleo)]);
    expect([...(a.told.get(await ownKey(ann)) ?? [])]).toEqual([deviceIdOf(cleo)]);
    await call(ann, 'setBlocked', { accountId: accountOf(bob), blocked: false });
    await passHeld(world, 6 * SECOND, ann, bob, cleo);
    expect(await keyOf(bob, ann)).toBe(await ownKey(ann));
  });
});

function joinInput(device: SimulatedDevice, chatId: string, callId = newCallId()) {
  return { callId, chatId, video: false, holder: HOLDER, keys: { fingerprint: fingerprintOf(device) } };
}

function startInput(device: SimulatedDevice, chatId: string) {
  return joinInput(device, chatId);
}

async function chatWith(device: SimulatedDevice, other: SimulatedDevice): Promise<string> {
  const chats = await look(device.client, 'contacts', null);
  const contact = chats.find(({ accountId }) => accountId === accountOf(other));
  if (contact === undefined) throw new Error('no contact');
  return contact.chatId;
}

/** A modified engine says a description with another certificate than it announced. */
async function lie(from: SimulatedDevice, to: SimulatedDevice): Promise<void> {
  const { engine } = from;
  if (engine === undefined) throw new Error('not open');
  const tell = engine.outbox.tell.bind(engine.outbox);
  engine.outbox.tell = (batch, input) => {
    const parts = input.parts.map((part) => {
      if (part.type !== 'groupCall' || part.word.type !== 'signal') return part;
      return { ...part, word: { ...part.word, signal: descriptionOf('OFFER', bytesOf('another')) } };
    });
    tell(batch, { ...input, parts });
  };
  await sendTo(from, to, descriptionOf('OFFER', fingerprintOf(from)));
}
