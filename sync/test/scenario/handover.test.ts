/** Telephone calls that move to another own device, and everything that goes wrong on the way. */
import type { AccountId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, prepare } from '../simulation/setup.ts';
import { commitmentTo } from '../../src/telephony/comparison.ts';
import type { World } from '../simulation/world.ts';
import { call } from '../support/calls.ts';
import { accountOf, cut } from '../support/group.ts';
import { connectMoved, elsewhereAt, follow, handOver, moveRefused, moveTo } from '../support/handover.ts';
import { type BobTwice, addOwnDevice, bobTwice } from '../support/linking.ts';
import { keysOf } from '../support/phone.ts';
import {
  answer,
  dial,
  fingerprintOf,
  newCallId,
  passWith,
  phaseOf,
  phases,
  report,
  sayOfCall,
  shownCall,
  talk,
  wireOf,
  written,
} from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** And both in a call at his first one. */
async function talking(caller: 'ann' | 'bob', people?: BobTwice): Promise<BobTwice & { readonly callId: string }> {
  const all = people ?? (await bobTwice());
  const { world, ann, bob, chatId } = all;
  const ends = caller === 'ann' ? { caller: ann, callee: bob } : { caller: bob, callee: ann };
  return { ...all, callId: await talk(world, { chatId, ...ends }) };
}

/** How long ago something was by a device's own clock: those of two devices differ. */
function ago({ engine }: SimulatedDevice, at = 0): number {
  return (engine?.clock.now() ?? 0) - at;
}

/** All have hung up and have the same one line, of so many seconds. */
async function expectWritten(world: World, seconds: number, ...devices: readonly SimulatedDevice[]): Promise<void> {
  await world.pass(MINUTE);
  expect(await phases(...devices)).toEqual(devices.map(() => 'none'));
  for (const device of devices) {
    expect(device.failure, device.name).toBeUndefined();
    expect(await elsewhereAt(device)).toBeNull();
    const [line, ...more] = await written(device);
    const [way, outcome, length] = line?.split(' ') ?? [];
    expect([way === 'out' || way === 'in', outcome, more]).toEqual([true, 'answered', []]);
    expect(Math.abs(Number(length) - seconds)).toBeLessThan(4);
  }
  expect(world.violations).toEqual([]);
}

describe('a call that moves', () => {
  it('S-PHONE-16 own devices know where the user talks, until it is over or nothing is heard of it', async () => {
    const { world, ann, bob, chatId, tablet, callId } = await talking('ann');
    await call(bob, 'tellCallMedia', { callId, media: { microphone: false, camera: true, screen: true } });
    await world.pass(SECOND);
    const about = { callId, chatId, name: 'Ann', video: false };
    expect(await elsewhereAt(tablet)).toMatchObject({ ...about, media: { microphone: false, camera: true } });
    const [there, here] = [await elsewhereAt(tablet), await shownCall(bob)];
    expect(Math.abs(ago(tablet, there?.answeredAt) - ago(bob, here?.answeredAt))).toBeLessThan(SECOND);
    expect([await elsewhereAt(bob), await elsewhereAt(ann)]).toEqual([null, null]);
    await passWith(world, MINUTE, ann, bob);
    expect(await elsewhereAt(tablet)).toMatchObject(about);
    await call(ann, 'hangUp', { callId });
    await world.pass(2 * SECOND);
    expect(await elsewhereAt(tablet)).toBeNull();
    await talk(world, { chatId, caller: bob, callee: ann });
    expect(await elsewhereAt(tablet)).toMatchObject({ name: 'Ann' });
    bob.crash();
    await world.pass(13 * SECOND);
    expect(await elsewhereAt(tablet)).toBeNull();
  });

  it.each(['ann', 'bob'] as const)(
    'S-PHONE-17 S-PHONE-20 goes on at the other device, and is one line of its whole length; %s had called',
    async (caller) => {
      const { world, ann, bob, tablet, callId } = await talking(caller);
      await passWith(world, 20 * SECOND, ann, bob);
      const before = await shownCall(ann);
      const moved = await moveTo(tablet);
      await world.pass(500);
      expect(await shownCall(tablet)).toMatchObject({ callId: moved, phase: 'connecting', outgoing: caller === 'bob' });
      expect(await shownCall(ann)).toMatchObject({ callId, phase: 'active', moving: { callId: moved } });
      await follow(ann, moved);
      await world.pass(SECOND);
      // Both are on until the new one is connected.
      expect(await phases(ann, bob, tablet)).toEqual(['active', 'active', 'connecting']);
      await connectMoved(world, { callId: moved, to: tablet, other: ann });
      expect(await phases(ann, bob, tablet)).toEqual(['active', 'moved', 'active']);
      const [atAnn, atTablet] = [await shownCall(ann), await shownCall(tablet)];
      expect(atAnn).toMatchObject({ callId: moved, outgoing: caller === 'ann', answeredAt: before?.answeredAt });
      expect(atAnn?.moving).toBeUndefined();
      expect(atAnn?.comparison).toEqual(atTablet?.comparison);
      expect(atAnn?.comparison).not.toEqual(before?.comparison);
      expect((await shownCall(bob))?.movedTo).toBe('Tablet');
      expect(await elsewhereAt(bob)).toMatchObject({ callId: moved, deviceName: 'Tablet' });
      await passWith(world, 30 * SECOND, ann, tablet);
      await call(ann, 'hangUp', { callId: moved });
      await world.pass(SECOND);
      expect(await phases(ann, tablet)).toEqual(['hungUp', 'hungUp']);
      await expectWritten(world, 53, ann, bob, tablet);
    },
  );

  it('S-PHONE-17 and back again, and the other side moves it too', async () => {
    const people = await bobTwice();
    const { world, ann, bob, tablet } = people;
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    await talking('ann', people);
    await passWith(world, MINUTE, ann, bob);
    await handOver(world, { to: tablet, other: ann });
    await passWith(world, 10 * SECOND, ann, tablet);
    // Under the name that the tab has had since.
    await call(ann, 'holdCall', { callId: (await shownCall(ann))?.callId ?? '', held: false });
    await moveTo(laptop);
    await world.pass(500);
    const { moving } = (await shownCall(tablet)) ?? {};
    await follow(tablet, moving?.callId ?? '');
    await world.pass(SECOND);
    await connectMoved(world, { callId: moving?.callId ?? '', to: laptop, other: tablet });
    expect(await phases(laptop, tablet, ann)).toEqual(['active', 'active', 'moved']);
    await call(laptop, 'hangUp', { callId: moving?.callId ?? '' });
    await expectWritten(world, 77, ann, bob, tablet, laptop);
  });

  it('S-PHONE-17 what a side holds, shows and mutes is its own affair; what the moving one held is let go', async () => {
    const { world, ann, bob, tablet, callId } = await talking('bob');
    await call(bob, 'holdCall', { callId, held: true });
    await call(ann, 'tellCallMedia', { callId, media: { microphone: false, camera: false, screen: true } });
    await world.pass(SECOND);
    await handOver(world, { to: tablet, other: ann });
    expect((await shownCall(ann))?.held).toEqual({ mine: false, theirs: false });
    expect((await shownCall(tablet))?.theirs).toEqual({ microphone: false, camera: false, screen: true });
  });

  it('S-PHONE-17 a hold of the side that stays is not undone by the other one', async () => {
    const { world, ann, tablet, callId } = await talking('ann');
    const moved = await moveTo(tablet);
    await world.pass(SECOND);
    await follow(ann, moved);
    await world.pass(SECOND);
    // However late.
    await call(ann, 'holdCall', { callId, held: true });
    await connectMoved(world, { callId: moved, to: tablet, other: ann });
    expect((await shownCall(ann))?.held).toEqual({ mine: true, theirs: false });
    expect((await shownCall(tablet))?.held).toEqual({ mine: false, theirs: true });
  });

  it('S-PHONE-19 given up, not answered, or not connected: it is on where it was', async () => {
    const { world, ann, bob, tablet, callId } = await talking('ann');
    const unanswered = await moveTo(tablet);
    await passWith(world, 16 * SECOND, ann, bob, tablet);
    expect(await phases(ann, bob, tablet)).toEqual(['active', 'active', 'failed']);
    const cancelled = await moveTo(tablet);
    await world.pass(SECOND);
    await follow(ann, cancelled);
    await world.pass(SECOND);
    await call(tablet, 'hangUp', { callId: cancelled });
    await passWith(world, SECOND, ann, bob);
    expect(await phases(ann, bob, tablet)).toEqual(['active', 'active', 'cancelled']);
    const failed = await moveTo(tablet);
    await world.pass(SECOND);
    await follow(ann, failed);
    await passWith(world, SECOND, ann, bob, tablet);
    await call(ann, 'reportConnection', { callId: failed, holder: 'tab 2', state: 'failed' });
    await passWith(world, SECOND, ann, bob);
    expect(await phases(ann, bob, tablet)).toEqual(['active', 'active', 'failed']);
    expect(await shownCall(ann)).toMatchObject({ callId });
    expect((await shownCall(ann))?.moving).toBeUndefined();
    expect(new Set([unanswered, cancelled, failed]).size).toBe(3);
    await passWith(world, MINUTE, ann, bob);
    await call(bob, 'hangUp', { callId });
    await expectWritten(world, 82, ann, bob, tablet);
  });

  it('S-PHONE-19 whoever hangs up meanwhile ends all of it', async () => {
    for (const who of ['ann', 'bob'] as const) {
      const { world, callId, tablet, ...people } = await talking('ann');
      const moved = await moveTo(tablet);
      await world.pass(SECOND);
      await follow(people.ann, moved);
      await world.pass(SECOND);
      await call(people[who], 'hangUp', { callId });
      await world.pass(SECOND);
      expect(await phases(people.ann, people.bob, tablet)).toEqual(['hungUp', 'hungUp', 'hungUp']);
      await expectWritten(world, 4, people.ann, people.bob, tablet);
    }
  });

  it('S-PHONE-19 it moves although the device that has it lost its line, and that one learns it later', async () => {
    const { world, ann, bob, tablet } = await talking('bob');
    cut(bob, true);
    await report(ann, (await shownCall(ann))?.callId ?? '', 'lost');
    const moved = await handOver(world, { to: tablet, other: ann });
    expect(await phases(ann, tablet)).toEqual(['active', 'active']);
    await passWith(world, 20 * SECOND, ann, tablet, bob);
    expect(await phaseOf(bob)).toBe('active');
    cut(bob, false);
    await passWith(world, 15 * SECOND, ann, tablet, bob);
    expect(await phases(ann, tablet, bob)).toEqual(['active', 'active', 'hungUp']);
    await call(tablet, 'hangUp', { callId: moved });
    await world.pass(MINUTE);
    for (const device of [ann, bob, tablet]) expect(await written(device)).toHaveLength(1);
  });

  const kills = (['ann', 'bob', 'tablet'] as const).flatMap((who) =>
    (['asked', 'answered', 'connected'] as const).map((moment) => ({ who, moment })),
  );
  it.each(kills)('S-PHONE-20 $who is killed when it is $moment, and it is one line', async ({ who, moment }) => {
    const { world, callId, ...people } = await talking('bob');
    const { ann, bob, tablet } = people;
    const moved = await moveTo(tablet);
    await world.pass(SECOND);
    if (moment !== 'asked') await follow(ann, moved);
    await world.pass(SECOND);
    if (moment === 'connected') await connectMoved(world, { callId: moved, to: tablet, other: ann });
    people[who].crash();
    await world.pass(5 * SECOND);
    await people[who].open();
    await passWith(world, MINUTE, ann, bob, tablet);
    for (const device of [ann, bob, tablet]) {
      const shown = await shownCall(device);
      if (shown !== null && shown.phase !== 'ended') await call(device, 'hangUp', { callId: shown.callId });
    }
    await world.pass(2 * MINUTE);
    const lines = await Promise.all([ann, bob, tablet].map(written));
    expect(lines.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(lines[1]).toEqual(lines[2]);
    expect(callId).not.toBe(moved);
  });
});

describe('calls that somebody else wants to move', () => {
  it('S-PHONE-18 another contact, the same device, and whoever names another call change nothing', async () => {
    const people = await bobTwice();
    const { world, ann, bob, tablet, chatId } = people;
    const cleo = await world.addDevice('Cleo');
    await world.pass(SECOND);
    await addContact(ann, cleo);
    const other = await addContact(cleo, ann);
    await world.pass(5 * SECOND);
    const { callId } = await talking('ann', people);
    const say = (by: SimulatedDevice, id: string, about: { readonly replaces: string; readonly chatId: string }) =>
      sayOfCall(by, ann, {
        ...{ callId: id, chatId: about.chatId },
        word: { type: 'move', replaces: about.replaces, commitment: commitmentTo(id, keysOf('mallory')) },
      });
    await say(cleo, newCallId(), { replaces: callId, chatId: other });
    await say(cleo, newCallId(), { replaces: callId, chatId });
    await say(bob, newCallId(), { replaces: callId, chatId });
    await say(tablet, newCallId(), { replaces: newCallId(), chatId });
    await passWith(world, 5 * SECOND, ann, bob);
    expect(await shownCall(ann)).toMatchObject({ callId, phase: 'active' });
    expect((await shownCall(ann))?.moving).toBeUndefined();
    expect(await phaseOf(bob)).toBe('active');
    // Nor does a contact's word make a device believe that its user talks elsewhere, or that a call has moved.
    const { id: deviceId } = bob.engine?.self.identity.device ?? {};
    if (deviceId === undefined) throw new Error('Bob’s device is not open');
    const ages = { rang: 3_000, answered: 2_000, connected: 1_000 };
    const media = { video: false, microphone: true, camera: false };
    const note = { peer: accountOf(bob) as AccountId, deviceId, first: callId, outgoing: true, ...media, ...ages };
    await sayOfCall(bob, ann, { callId: newCallId(), chatId, word: { type: 'here', ...note } });
    await world.pass(SECOND);
    expect(await elsewhereAt(ann)).toBeNull();
    await sayOfCall(ann, bob, { callId, chatId, word: { type: 'end', reason: 'moved' } });
    await world.pass(SECOND);
    expect(await phaseOf(bob)).toBe('hungUp');
  });

  it('S-PHONE-18 one that is on nowhere, or that another own device moved already, cannot be moved', async () => {
    const { world, ann, bob, tablet, callId } = await talking('ann');
    expect(await moveRefused(tablet, newCallId())).toBe('UnknownCall');
    expect(await moveRefused(ann, callId)).toBe('InCall');
    await handOver(world, { to: tablet, other: ann });
    expect(await moveRefused(tablet, callId)).toBe('InCall');
    expect(await moveRefused(bob, callId)).toBe('UnknownCall');
    expect(await wireOf(tablet)).toMatchObject({ offers: true, fingerprint: fingerprintOf(ann) });
  });

  it('S-PHONE-18 both move it at once: it goes on in the part whose id comes first', async () => {
    const people = await bobTwice();
    const { world, ann, bob, tablet } = people;
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    const { callId } = await talking('ann', people);
    const [kept] = await Promise.all([moveTo(tablet, newCallId(10)), moveTo(laptop, newCallId(200))]);
    await passWith(world, 2 * SECOND, ann, bob, tablet, laptop);
    expect((await shownCall(ann))?.moving).toEqual({ callId: kept });
    expect((await shownCall(bob))?.moving).toBeUndefined();
    expect(await phases(ann, bob, tablet, laptop)).toEqual(['active', 'active', 'connecting', 'failed']);
    await follow(ann, kept);
    await world.pass(SECOND);
    await connectMoved(world, { callId: kept, to: tablet, other: ann });
    expect(await phases(ann, bob, tablet, laptop)).toEqual(['active', 'moved', 'active', 'failed']);
    await call(ann, 'hangUp', { callId: kept });
    expect(callId).not.toBe(kept);
    await expectWritten(world, 5, ann, bob, tablet, laptop);
  });

  it('S-PHONE-19 whoever answers another call while it moves leaves it where it was', async () => {
    const people = await bobTwice();
    const { world, ann, bob, tablet } = people;
    const cleo = await world.addDevice('Cleo');
    await world.pass(SECOND);
    await addContact(bob, cleo);
    const other = await addContact(cleo, bob);
    await world.pass(5 * SECOND);
    const { callId } = await talking('ann', people);
    const moved = await moveTo(tablet);
    await world.pass(SECOND);
    await follow(ann, moved);
    await world.pass(SECOND);
    const rings = await dial(cleo, other);
    await world.pass(SECOND);
    await answer(tablet, rings);
    await passWith(world, SECOND, ann, bob, cleo, tablet);
    expect(await phases(ann, bob, tablet, cleo)).toEqual(['active', 'active', 'connecting', 'connecting']);
    expect(await shownCall(ann)).toMatchObject({ callId });
    expect((await shownCall(ann))?.moving).toBeUndefined();
  });

  it('S-PHONE-18 a relay that says again what was said moves nothing', async () => {
    const { world, ann, bob, tablet, callId } = await talking('ann');
    const cancelled = await moveTo(tablet);
    await world.pass(SECOND);
    await call(tablet, 'hangUp', { callId: cancelled });
    await passWith(world, 5 * SECOND, ann, bob);
    for (const { line } of [ann, bob, tablet]) for (const frame of [...line.past]) line.inject(frame);
    await passWith(world, 20 * SECOND, ann, bob);
    expect(await shownCall(ann)).toMatchObject({ callId, phase: 'active' });
    expect((await shownCall(ann))?.moving).toBeUndefined();
    expect(await phases(bob, tablet)).toEqual(['active', 'none']);
  });

  it('S-PHONE-18 a device that was removed moves nothing, and what it moves just then stays where it was', async () => {
    const { world, ann, bob, tablet, callId } = await talking('ann');
    await moveTo(tablet);
    await world.pass(500);
    const removed = bob.client.call('unlinkDevice', { deviceId: tablet.lastDeviceId ?? '' });
    await passWith(world, 5 * SECOND, ann, bob);
    expect(await removed).toMatchObject({ ok: true });
    expect(await shownCall(ann)).toMatchObject({ callId, phase: 'active' });
    expect((await shownCall(ann))?.moving).toBeUndefined();
    expect(await phaseOf(bob)).toBe('active');
  });
});
