/** Telephone calls, from the first ring to the line in their chat: what people and their devices do. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { attempt } from '../simulation/rare.ts';
import { addContact, couple, prepare } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { call, refusalOf } from '../support/calls.ts';
import { circle, cut } from '../support/group.ts';
import { addOwnDevice, bobTwice } from '../support/linking.ts';
import { aCandidate } from '../support/phone.ts';
import {
  answer,
  connect,
  dial,
  fingerprintOf,
  newCallId,
  passWith,
  phaseOf,
  phases,
  report,
  sendSignal,
  shownCall,
  talk,
  wireOf,
  written,
} from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Nobody is in a call, all have the same written, and nothing broke. */
async function expectOver(world: World, ...devices: readonly SimulatedDevice[]): Promise<readonly string[]> {
  await world.pass(MINUTE);
  expect(await phases(...devices)).toEqual(devices.map(() => 'none'));
  for (const { name, failure } of devices) expect(failure, name).toBeUndefined();
  expect(world.violations).toEqual([]);
  const [first, ...others] = await Promise.all(devices.map(written));
  for (const other of others) expect(other.length).toBe(first?.length);
  return first ?? [];
}

describe('calls', () => {
  it('S-PHONE-2 one rings, the other answers, both talk, either hangs up; both have it in the chat', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await dial(ann, chatId);
    expect(await phases(ann, bob)).toEqual(['ringing', 'none']);
    await world.pass(SECOND);
    const about = { phase: 'ringing', callId, chatId, video: false };
    expect(await shownCall(ann)).toMatchObject({ ...about, outgoing: true, reached: true, name: 'Bob', holder: 'tab' });
    expect(await shownCall(bob)).toMatchObject({ ...about, outgoing: false, name: 'Ann' });
    expect(await wireOf(ann)).toBeNull();
    await answer(bob, callId);
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['connecting', 'connecting']);
    const [atAnn, atBob] = [await shownCall(ann), await shownCall(bob)];
    expect(atAnn?.comparison).toHaveLength(4);
    expect(atAnn?.comparison).toEqual(atBob?.comparison);
    expect(await wireOf(ann)).toMatchObject({ offers: true, fingerprint: fingerprintOf(bob) });
    expect(await wireOf(bob)).toMatchObject({ offers: false, fingerprint: fingerprintOf(ann) });
    await connect(world, { callId, caller: ann, callee: bob });
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    await passWith(world, MINUTE, ann, bob);
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    await call(bob, 'hangUp', { callId });
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['hungUp', 'hungUp']);
    expect(await written(ann)).toEqual(['out answered 61']);
    await world.pass(10 * SECOND);
    expect(await written(bob)).toEqual(['in answered 61']);
    expect(await expectOver(world, ann, bob)).toHaveLength(1);
  });

  it('S-PHONE-2 what either side holds or turns off the other is shown', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    await call(ann, 'holdCall', { callId, held: true });
    await call(bob, 'tellCallMedia', { callId, media: { microphone: false, camera: true, screen: true } });
    await world.pass(SECOND);
    expect((await shownCall(ann))?.held).toEqual({ mine: true, theirs: false });
    expect((await shownCall(bob))?.held).toEqual({ mine: false, theirs: true });
    expect((await shownCall(ann))?.theirs).toEqual({ microphone: false, camera: true, screen: true });
    await call(ann, 'holdCall', { callId, held: false });
    await world.pass(SECOND);
    expect((await shownCall(bob))?.held).toEqual({ mine: false, theirs: false });
  });

  it('S-PHONE-3 declined, missed, cancelled: each side says which, and the chat too', async () => {
    const { world, ann, bob, chatId } = await couple();
    const declined = await dial(ann, chatId);
    await world.pass(SECOND);
    await call(bob, 'declineCall', { callId: declined });
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['declined', 'declined']);
    await dial(bob, chatId);
    await passWith(world, 44 * SECOND, bob);
    expect(await phases(bob, ann)).toEqual(['ringing', 'ringing']);
    await passWith(world, 2 * SECOND, bob);
    expect(await phases(bob, ann)).toEqual(['missed', 'missed']);
    const cancelled = await dial(ann, chatId);
    await world.pass(SECOND);
    await call(ann, 'hangUp', { callId: cancelled });
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['cancelled', 'missed']);
    await expectOver(world, ann, bob);
    expect([...(await written(ann))].sort()).toEqual(['in missed 0', 'out cancelled 0', 'out declined 0']);
    expect([...(await written(bob))].sort()).toEqual(['in declined 0', 'in missed 0', 'out missed 0']);
  });

  it('S-PHONE-3 who is off line cannot call, and whoever was off line finds the call in the chat', async () => {
    const { world, ann, bob, chatId } = await couple();
    cut(ann, true);
    await world.pass(MINUTE);
    await dial(ann, chatId);
    expect(await phaseOf(ann)).toBe('unreachable');
    cut(ann, false);
    cut(bob, true);
    await world.pass(MINUTE);
    await dial(ann, chatId);
    await passWith(world, 46 * SECOND, ann);
    expect(await shownCall(ann)).toMatchObject({ end: 'missed', reached: false });
    cut(bob, false);
    await world.pass(2 * MINUTE);
    await expectOver(world, ann, bob);
    expect(await written(bob)).toEqual(['in missed 0']);
  });

  it('S-PHONE-3 who comes on line while it rings, rings', async () => {
    const { world, ann, bob, chatId } = await couple();
    cut(bob, true);
    await dial(ann, chatId);
    await passWith(world, 17 * SECOND, ann);
    cut(bob, false);
    await passWith(world, 15 * SECOND, ann);
    expect(await phases(ann, bob)).toEqual(['ringing', 'ringing']);
  });

  it('S-PHONE-3 calls of the API say what cannot be', async () => {
    const { world, ann, bob, chatId } = await couple();
    const keys = { fingerprint: fingerprintOf(ann) };
    const callId = newCallId();
    const input = { callId, chatId, video: false, holder: 'tab', keys };
    expect(await refusalOf(ann, 'startCall', { ...input, chatId: 'A'.repeat(22) })).toBe('NotCallable');
    expect(await refusalOf(ann, 'startCall', { ...input, callId: 'short' })).toBe('UnknownCall');
    expect(await refusalOf(ann, 'startCall', { ...input, holder: '' })).toBe('SignalInvalid');
    expect(await refusalOf(ann, 'startCall', { ...input, keys: { fingerprint: new Uint8Array(20) } })).toBe(
      'SignalInvalid',
    );
    await dial(ann, chatId, callId);
    expect(await refusalOf(ann, 'startCall', input)).toBeUndefined();
    expect(await refusalOf(ann, 'startCall', { ...input, callId: newCallId() })).toBe('InCall');
    expect(await refusalOf(ann, 'declineCall', { callId })).toBe('UnknownCall');
    expect(await refusalOf(ann, 'answerCall', { callId, holder: 'tab', keys })).toBe('UnknownCall');
    expect(await refusalOf(ann, 'keepCall', { callId, holder: 'another tab' })).toBe('UnknownCall');
    expect(await refusalOf(ann, 'sendSignal', { callId, holder: 'tab', signal: aCandidate })).toBe('UnknownCall');
    await world.pass(SECOND);
    await answer(bob, callId);
    await world.pass(SECOND);
    const long = { type: 'CANDIDATE', payload: 'ä'.repeat(13_000) } as const;
    expect(await refusalOf(ann, 'sendSignal', { callId, holder: 'tab', signal: long })).toBe('SignalInvalid');
    await call(ann, 'hangUp', { callId });
    expect(await refusalOf(ann, 'hangUp', { callId })).toBeUndefined();
    expect(await refusalOf(ann, 'startCall', input)).toBe('UnknownCall');
    await call(ann, 'dismissCall', { callId });
    expect(await phaseOf(ann)).toBe('none');
  });

  it('S-PHONE-4 all devices of the callee ring; one answers, and the others fall silent at once', async () => {
    const { world, ann, bob, tablet, chatId } = await bobTwice();
    const callId = await dial(ann, chatId);
    await world.pass(SECOND);
    expect(await phases(bob, tablet)).toEqual(['ringing', 'ringing']);
    await answer(tablet, callId);
    await world.pass(SECOND);
    expect(await phases(ann, bob, tablet)).toEqual(['connecting', 'elsewhere', 'connecting']);
    await connect(world, { callId, caller: ann, callee: tablet });
    await passWith(world, 30 * SECOND, ann, tablet);
    expect(await phases(ann, bob, tablet)).toEqual(['active', 'none', 'active']);
    expect(await wireOf(bob)).toBeNull();
    await call(ann, 'hangUp', { callId });
    expect(await expectOver(world, ann, bob, tablet)).toHaveLength(1);
  });

  it('S-PHONE-4 declined on one device it is declined', async () => {
    const { world, ann, bob, tablet, chatId } = await bobTwice();
    const callId = await dial(ann, chatId);
    await world.pass(SECOND);
    await call(bob, 'declineCall', { callId });
    await world.pass(SECOND);
    expect(await phases(ann, bob, tablet)).toEqual(['declined', 'declined', 'elsewhere']);
    expect(await expectOver(world, ann, bob, tablet)).toEqual(['out declined 0']);
  });

  it('S-PHONE-4 answered on two devices at once, one has it and the other says so', async () => {
    const { world, ann, bob, tablet, chatId } = await bobTwice();
    const callId = await dial(ann, chatId);
    await world.pass(SECOND);
    await Promise.all([answer(bob, callId), answer(tablet, callId)]);
    await world.pass(SECOND);
    expect((await phases(bob, tablet)).slice().sort()).toEqual(['connecting', 'elsewhere']);
    const has = (await phaseOf(bob)) === 'connecting' ? bob : tablet;
    expect((await shownCall(has))?.comparison).toEqual((await shownCall(ann))?.comparison);
    await connect(world, { callId, caller: ann, callee: has });
    await call(has, 'hangUp', { callId });
    expect(await expectOver(world, ann, bob, tablet)).toHaveLength(1);
  });

  it.each(['the lower', 'the higher'])('S-PHONE-5 both call at once, the caller with %s id first', async (first) => {
    const { world, ann, bob, chatId } = await couple();
    const [low, high] = [newCallId(1), newCallId(200)];
    const [annsId, bobsId] = first === 'the lower' ? [low, high] : [high, low];
    await Promise.all([dial(ann, chatId, annsId), dial(bob, chatId, bobsId)]);
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['connecting', 'connecting']);
    const [atAnn, atBob] = [await shownCall(ann), await shownCall(bob)];
    expect([atAnn?.callId, atBob?.callId]).toEqual([low, low]);
    expect(atAnn?.comparison).toEqual(atBob?.comparison);
    expect([(await wireOf(ann))?.offers, (await wireOf(bob))?.offers]).toEqual([annsId === low, bobsId === low]);
    const [caller, callee] = annsId === low ? [ann, bob] : [bob, ann];
    await connect(world, { callId: low, caller, callee });
    await call(caller, 'hangUp', { callId: low });
    expect(await expectOver(world, caller, callee)).toEqual(['out answered 1']);
  });

  it('S-PHONE-5 their other devices, which rang for the call that was given up, fall silent', async () => {
    const { world, ann, bob, tablet, chatId } = await bobTwice();
    await Promise.all([dial(ann, chatId, newCallId(200)), dial(bob, chatId, newCallId(1))]);
    await world.pass(5 * SECOND);
    expect(await phases(ann, bob)).toEqual(['connecting', 'connecting']);
    expect(['elsewhere', 'none']).toContain(await phaseOf(tablet));
  });

  it('S-PHONE-8 what connections say arrives once and in order, through lost envelopes and until it is taken', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await dial(ann, chatId);
    await world.pass(SECOND);
    await answer(bob, callId);
    await world.pass(SECOND);
    const texts = Array.from({ length: 60 }, (_, n) => JSON.stringify({ n }));
    for (const [n, payload] of texts.entries()) {
      world.withholding = n % 7 === 3 ? { by: ann, from: bob } : n % 7 === 5 ? { by: bob, from: ann } : undefined;
      await sendSignal(ann, callId, { type: 'CANDIDATE', payload });
      await passWith(world, 200, ann, bob);
    }
    world.withholding = undefined;
    await passWith(world, 12 * SECOND, ann, bob);
    expect((await wireOf(bob))?.signals.map(({ n, payload }) => [n, payload])).toEqual(
      texts.map((payload, index) => [index + 1, payload]),
    );
    await call(bob, 'takeSignals', { callId, holder: 'tab', upTo: 58 });
    expect((await wireOf(bob))?.signals.map(({ n }) => n)).toEqual([59, 60]);
  });

  it('S-PHONE-8 no more wait for a holder than it may be given at once; the rest comes when it takes them', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    let sent = 2;
    for (; sent < 150; sent += 1) {
      await sendSignal(ann, callId, aCandidate);
      if (sent % 10 === 0) await passWith(world, SECOND, ann, bob);
    }
    await passWith(world, 10 * SECOND, ann, bob);
    expect((await wireOf(bob))?.signals.length).toBe(128);
    await call(bob, 'takeSignals', { callId, holder: 'tab', upTo: 128 });
    await passWith(world, 10 * SECOND, ann, bob);
    expect((await wireOf(bob))?.signals.map(({ n }) => n)).toEqual(Array.from({ length: 22 }, (_, n) => 129 + n));
    for (let n = 0; n < 128; n += 1) await call(bob, 'sendSignal', { callId, holder: 'tab', signal: aCandidate });
    const refused = await refusalOf(bob, 'sendSignal', { callId, holder: 'tab', signal: aCandidate });
    expect(refused).toBe('SignalInvalid');
  });

  it.each(['ann', 'bob'] as const)(
    'S-PHONE-12 when the tab of %s that holds it is gone, it ends for both',
    async (who) => {
      const people = await couple();
      const { world, ann, bob, chatId } = people;
      await talk(world, { chatId, caller: ann, callee: bob });
      const [gone, left] = who === 'ann' ? [ann, bob] : [bob, ann];
      await passWith(world, 15 * SECOND, left);
      expect(await phases(gone, left)).toEqual(['lost', 'hungUp']);
      expect(await expectOver(world, people.ann, people.bob)).toHaveLength(1);
    },
  );

  it('S-PHONE-12 a connection that is lost may come back for a minute, one that never came for half of one', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    await report(ann, callId, 'lost');
    expect(await phaseOf(ann)).toBe('reconnecting');
    await passWith(world, 50 * SECOND, ann, bob);
    await report(ann, callId, 'connected');
    await passWith(world, 30 * SECOND, ann, bob);
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    await report(ann, callId, 'lost');
    await passWith(world, 61 * SECOND, ann, bob);
    expect(await phases(ann, bob)).toEqual(['failed', 'failed']);
    expect((await expectOver(world, ann, bob))[0]).toMatch(/^out answered 14/);
    const never = await dial(ann, chatId);
    await passWith(world, SECOND, ann);
    await answer(bob, never);
    await passWith(world, 31 * SECOND, ann, bob);
    expect(await phases(ann, bob)).toEqual(['failed', 'failed']);
    expect((await expectOver(world, ann, bob))[0]).toBe('out failed 0');
  });

  it('S-PHONE-12 a cut line to the relay ends no call that is connected', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    cut(ann, true);
    await passWith(world, 3 * MINUTE, ann, bob);
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    await call(ann, 'hangUp', { callId });
    await passWith(world, MINUTE, bob);
    expect(await phaseOf(bob)).toBe('active');
    // The other side hears that it is over as soon as it can be told anything.
    cut(ann, false);
    await passWith(world, MINUTE, bob);
    expect(await phases(ann, bob)).toEqual(['none', 'none']);
    expect(await written(bob)).toHaveLength(1);
  });

  it('S-PHONE-13 who is killed while calling tells of it all the same, and nobody goes on ringing', async () => {
    const { world, ann, bob, chatId } = await couple();
    await dial(ann, chatId);
    await world.pass(5 * SECOND);
    ann.crash();
    await world.pass(23 * SECOND);
    expect(await phaseOf(bob)).toBe('missed');
    await ann.open();
    await world.pass(MINUTE);
    expect(await written(bob)).toEqual(['in missed 0']);
    await talk(world, { chatId, caller: ann, callee: bob });
    await passWith(world, MINUTE, ann, bob);
    ann.crash();
    await passWith(world, 3 * MINUTE, bob);
    await ann.open();
    await passWith(world, 10 * SECOND, bob);
    expect(await phases(ann, bob)).toEqual(['none', 'hungUp']);
    await expectOver(world, ann, bob);
    // It was on at least until it was stored the last time.
    expect(Number((await written(ann))[0]?.split(' ')[2])).toBeGreaterThanOrEqual(30);
    expect(Number((await written(ann))[0]?.split(' ')[2])).toBeLessThanOrEqual(61);
  });

  it.each(['ann', 'bob'] as const)(
    'S-PHONE-13 killed at any write of a call %s has it once, as the other has it',
    async (who) => {
      const people = await couple();
      const { world, ann, bob, chatId } = people;
      const victim = people[who];
      let begun = 0;
      let crashed = true;
      for (let write = 1; crashed; write += 3) {
        victim.crashAtWrite(write);
        const callId = await attempt(() => dial(ann, chatId));
        await attempt(() => world.pass(SECOND));
        if (callId !== undefined) await attempt(() => answer(bob, callId));
        await attempt(() => world.pass(SECOND));
        if (callId !== undefined) await attempt(() => connect(world, { callId, caller: ann, callee: bob }));
        if (callId !== undefined) await attempt(() => call(ann, 'hangUp', { callId }));
        await attempt(() => world.pass(SECOND));
        crashed = victim.isDown;
        victim.disarm();
        if (victim.isDown) await victim.open();
        if (callId !== undefined) begun += 1;
        await world.pass(2 * MINUTE);
        const [atAnn, atBob] = [await written(ann), await written(bob)];
        expect(atBob.length, String(write)).toBe(atAnn.length);
        expect(atAnn.length, String(write)).toBeGreaterThanOrEqual(begun);
        begun = atAnn.length;
        expect(await phases(ann, bob), String(write)).toEqual(['none', 'none']);
      }
      expect(begun).toBeGreaterThan(5);
      expect(world.violations).toEqual([]);
    },
    240_000,
  );

  it('S-PHONE-14 who is in a call and has no other device is busy', async () => {
    const { world, ann, bob, cleo } = await circle();
    const [withBob, withCleo] = [await chatOf(ann, bob), await chatOf(ann, cleo)];
    const callId = await talk(world, { chatId: withBob, caller: bob, callee: ann });
    await dial(cleo, withCleo);
    await passWith(world, SECOND, ann, bob);
    expect(await phases(ann, bob, cleo)).toEqual(['active', 'active', 'busy']);
    expect((await shownCall(ann))?.second).toBeUndefined();
    await call(ann, 'hangUp', { callId });
    await world.pass(MINUTE);
    expect(await written(cleo)).toEqual(['out busy 0']);
    // It was called once more when the first call was over.
    await dial(cleo, withCleo);
    await world.pass(SECOND);
    expect(await phaseOf(ann)).toBe('ringing');
  });

  it('S-PHONE-14 with several devices another call is shown beside the one that is on; answered, it ends that', async () => {
    const { world, ann, bob, cleo } = await circle();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    const [withBob, withCleo] = [await chatOf(ann, bob), await chatOf(ann, cleo)];
    await talk(world, { chatId: withBob, caller: bob, callee: ann });
    const second = await dial(cleo, withCleo);
    await passWith(world, SECOND, ann, bob, cleo);
    expect(await shownCall(ann)).toMatchObject({ phase: 'active', second: { callId: second, name: 'Cleo' } });
    expect(await phases(tablet, cleo)).toEqual(['ringing', 'ringing']);
    await answer(ann, second);
    await passWith(world, SECOND, ann, bob, cleo);
    expect(await phases(ann, bob, cleo, tablet)).toEqual(['connecting', 'hungUp', 'connecting', 'elsewhere']);
    await connect(world, { callId: second, caller: cleo, callee: ann });
    // A third one rings, and is declined; what is on stays on.
    const third = await dial(bob, withBob);
    await passWith(world, SECOND, ann, bob, cleo);
    expect((await shownCall(ann))?.second?.callId).toBe(third);
    await call(ann, 'declineCall', { callId: third });
    await passWith(world, SECOND, ann, bob, cleo);
    expect(await phases(ann, bob, cleo, tablet)).toEqual(['active', 'declined', 'active', 'elsewhere']);
    expect((await shownCall(ann))?.second).toBeUndefined();
  });
});

async function chatOf(device: SimulatedDevice, other: SimulatedDevice): Promise<string> {
  return addContact(device, other);
}
