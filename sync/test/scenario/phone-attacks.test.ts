/** Telephone calls among relays, contacts and devices that do wrong. */
import type { ChatId, DeviceId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CallView } from '../../src/api.ts';
import { commitmentTo } from '../../src/telephony/comparison.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import type { Fate } from '../simulation/mischief.ts';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { call, refusalOf } from '../support/calls.ts';
import { accountOf, circle, cut, found } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';
import { aCandidate, descriptionOf, keysOf } from '../support/phone.ts';
import { Rogue, targetOf } from '../support/rogue.ts';
import {
  answer,
  connect,
  dial,
  fingerprintOf,
  newCallId,
  passWith,
  phaseOf,
  phases,
  sayOfCall,
  sendSignal,
  shownCall,
  talk,
  wireOf,
  written,
} from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** All that a device is shown of calls from now on: ids and phases, each once. */
function watchCalls({ client }: SimulatedDevice): {
  readonly ids: Set<string>;
  readonly phases: Set<CallView['phase']>;
} {
  const seen = { ids: new Set<string>(), phases: new Set<CallView['phase']>() };
  client.watch('call', null, (shown) => {
    if (shown === null) return;
    seen.ids.add(shown.callId);
    seen.phases.add(shown.phase);
  });
  return seen;
}

/** The relay does this with every envelope from now on. */
function relayDoes(world: World, fate: (() => Fate) | undefined): void {
  world.mischief.level = fate === undefined ? 0 : 0.001;
  world.mischief.fateOfDelivery = fate ?? (() => ({ copies: [1], swapped: false }));
  world.mischief.swallowsPost = () => false;
}

/** After all of it people still write and call. */
async function expectWell(world: World, chatId: string, ann: SimulatedDevice, bob: SimulatedDevice): Promise<void> {
  relayDoes(world, undefined);
  await world.pass(2 * MINUTE);
  const text = `still here ${String(world.clock.now())}`;
  await send(ann, chatId, text);
  const callId = await talk(world, { chatId, caller: bob, callee: ann });
  expect(await phases(ann, bob)).toEqual(['active', 'active']);
  await call(ann, 'hangUp', { callId });
  await world.pass(MINUTE);
  expect(await texts(bob, chatId)).toContain(text);
  expect(await phases(ann, bob)).toEqual(['none', 'none']);
  for (const { name, failure } of [ann, bob]) expect(failure, name).toBeUndefined();
  expect(world.violations).toEqual([]);
}

function ringOf(callId: string, at: number, keys = keysOf('mallory')) {
  return { type: 'ring', video: false, startedAt: at, commitment: commitmentTo(callId, keys) } as const;
}

describe('calls, attacked', () => {
  it('S-PHONE-9 a relay that brings all that it ever brought once more makes nobody ring', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    await call(ann, 'hangUp', { callId });
    await world.pass(MINUTE);
    const missed = await dial(ann, chatId);
    await passWith(world, 50 * SECOND, ann);
    await world.pass(MINUTE);
    const seen = [watchCalls(ann), watchCalls(bob)];
    for (let round = 0; round < 2; round += 1) {
      for (const { line } of [ann, bob]) for (const frame of [...line.past]) line.inject(frame);
      await world.pass(MINUTE);
      for (const device of [ann, bob]) await device.restart();
      await world.pass(MINUTE);
      seen.push(watchCalls(ann), watchCalls(bob));
    }
    expect(seen.flatMap(({ ids }) => [...ids])).toEqual([]);
    expect(await written(bob)).toHaveLength(2);
    expect(missed).not.toBe(callId);
    await expectWell(world, chatId, ann, bob);
  });

  it.each(['on line', 'off line'])(
    'S-PHONE-9 rings that a relay kept back ring nobody hours later, the caller being %s',
    async (how) => {
      const { world, ann, bob, chatId } = await couple();
      relayDoes(world, () => ({ copies: [2 * HOUR], swapped: false }));
      await dial(ann, chatId);
      await passWith(world, 50 * SECOND, ann);
      relayDoes(world, undefined);
      await world.pass(2 * HOUR);
      cut(ann, how === 'off line');
      const seen = watchCalls(bob);
      world.releaseKeptBack();
      await world.pass(2 * MINUTE);
      expect([...seen.ids]).toEqual([]);
      cut(ann, false);
      await expectWell(world, chatId, ann, bob);
    },
  );

  it('S-PHONE-9 a call rings all the same when clocks are a day apart', async () => {
    const { world, ann, bob, chatId } = await couple();
    ann.setClock(-20 * HOUR);
    bob.setClock(3 * HOUR);
    const callId = await dial(ann, chatId);
    await passWith(world, 4 * SECOND, ann);
    expect(await phases(ann, bob)).toEqual(['ringing', 'ringing']);
    await answer(bob, callId);
    await world.pass(SECOND);
    await connect(world, { callId, caller: ann, callee: bob });
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
  });

  it('S-PHONE-9 who says what belongs to a call that is over, or that never was, is told so', async () => {
    const { world, ann, bob, chatId } = await couple();
    await talk(world, { chatId, caller: ann, callee: bob });
    bob.crash();
    await bob.open();
    await passWith(world, 10 * SECOND, ann);
    expect(await phases(ann, bob)).toEqual(['hungUp', 'none']);
    const seen = watchCalls(bob);
    for (const word of [
      { type: 'reveal', ...keysOf('a') },
      { type: 'accept', ...keysOf('a') },
      { type: 'ringing' },
    ] as const)
      await sayOfCall(ann, bob, { callId: newCallId(), chatId, word });
    await world.pass(10 * SECOND);
    expect([...seen.ids]).toEqual([]);
    await expectWell(world, chatId, ann, bob);
  });

  it('S-PHONE-11 a relay that lets nothing through, or only one way, brings no call about', async () => {
    const { world, ann, bob, chatId } = await couple();
    for (const withholding of [
      { by: ann, from: bob },
      { by: bob, from: ann },
    ]) {
      world.withholding = withholding;
      const callId = await dial(ann, chatId);
      await passWith(world, SECOND, ann);
      if ((await phaseOf(bob)) === 'ringing') await answer(bob, callId);
      await passWith(world, 50 * SECOND, ann, bob);
      expect(['failed', 'missed', 'none']).toContain(await phaseOf(bob));
      expect(await phaseOf(ann)).toBe('missed');
      world.withholding = undefined;
      await passWith(world, MINUTE, ann, bob);
      expect(await phases(ann, bob)).toEqual(['none', 'none']);
    }
    await expectWell(world, chatId, ann, bob);
  });

  it('S-PHONE-11 envelopes that are changed, doubled, delayed and out of order never make two ends of different calls', async () => {
    const { world, ann, bob, chatId } = await couple();
    const { dice } = world;
    for (let round = 0; round < 12; round += 1) {
      relayDoes(world, () => ({
        copies: [dice.between(1, 4_000), dice.between(1, 20_000)],
        swapped: dice.chance(0.1),
      }));
      const callId = await dial(ann, chatId);
      await passWith(world, 8 * SECOND, ann);
      if ((await phaseOf(bob)) === 'ringing') await answer(bob, (await shownCall(bob))?.callId ?? '');
      await passWith(world, 10 * SECOND, ann, bob);
      for (const { line } of [ann, bob])
        for (const frame of line.past.slice(-10)) {
          const changed = frame.slice();
          changed[dice.below(changed.length)] = dice.below(256);
          line.inject(changed);
        }
      await passWith(world, 5 * SECOND, ann, bob);
      const [atAnn, atBob] = [await shownCall(ann), await shownCall(bob)];
      if (atAnn?.comparison !== undefined && atBob?.comparison !== undefined)
        expect([atBob.callId, atBob.comparison]).toEqual([callId, atAnn.comparison]);
      await call(ann, 'hangUp', { callId });
      relayDoes(world, undefined);
      await passWith(world, 2 * MINUTE, ann, bob);
      expect(await phases(ann, bob)).toEqual(['none', 'none']);
    }
    await expectWell(world, chatId, ann, bob);
  }, 120_000);

  it.each(['OFFER', 'ANSWER'] as const)(
    'S-PHONE-7 an %s for another certificate than was announced ends the call',
    async (type) => {
      const { world, ann, bob, chatId } = await couple();
      const callId = await dial(ann, chatId);
      await world.pass(SECOND);
      await answer(bob, callId);
      await world.pass(SECOND);
      const [liar, victim] = type === 'OFFER' ? [ann, bob] : [bob, ann];
      for (const fingerprints of [
        [],
        [keysOf('mallory').fingerprint],
        [fingerprintOf(liar), keysOf('mallory').fingerprint],
      ]) {
        const signal = descriptionOf(type, ...fingerprints);
        // The own engine does not even say it.
        expect(await refusalOf(liar, 'sendSignal', { callId, holder: 'tab', signal })).toBe('SignalInvalid');
      }
      const signal = descriptionOf(type, fingerprintOf(liar), keysOf('mallory').fingerprint);
      await sayOfCall(liar, victim, { callId, chatId, word: { type: 'signal', seq: 1, signal } });
      await world.pass(SECOND);
      expect(await phases(victim, liar)).toEqual(['tampered', 'tampered']);
      expect(await wireOf(victim)).toBeNull();
      await world.pass(MINUTE);
      expect(await written(ann)).toEqual(['out failed 0']);
      await expectWell(world, chatId, ann, bob);
    },
  );

  it('S-PHONE-6 a caller who reveals other keys than committed to is found out', async () => {
    const { world, ann, bob, chatId } = await couple();
    const undo = deafen(ann);
    for (const other of [keysOf('other'), { ...keysOf('mallory'), nonce: keysOf('other').nonce }]) {
      const callId = newCallId();
      await sayOfCall(ann, bob, { callId, chatId, word: ringOf(callId, world.clock.now()) });
      await world.pass(SECOND);
      await answer(bob, callId);
      await world.pass(SECOND);
      await sayOfCall(ann, bob, { callId, chatId, word: { type: 'reveal', ...other } });
      await world.pass(SECOND);
      expect(await shownCall(bob)).toMatchObject({ callId, end: 'tampered' });
      expect(await wireOf(bob)).toBeNull();
      await world.pass(MINUTE);
    }
    undo();
    await expectWell(world, chatId, ann, bob);
  });

  it('S-PHONE-10 nobody rings but a contact who has agreed: not strangers, not who was not accepted, not who is blocked', async () => {
    const { world, ann, bob, chatId } = await couple();
    const cleo = await world.addDevice('Cleo');
    await world.pass(SECOND);
    const withBob = await addContact(cleo, bob);
    await world.pass(MINUTE);
    const seen = watchCalls(bob);
    const before = (await look(bob.client, 'chats', null)).length;
    const keys = { fingerprint: fingerprintOf(cleo) };
    const input = { callId: newCallId(), chatId: withBob, video: false, holder: 'tab', keys };
    expect(await refusalOf(cleo, 'startCall', input)).toBe('NotCallable');
    for (const isLasting of [true, false])
      await sayOfCall(cleo, bob, { ...input, word: ringOf(input.callId, world.clock.now()), isLasting });
    await world.pass(MINUTE);
    expect((await look(bob.client, 'chats', null)).length).toBe(before);
    await send(cleo, withBob, 'let me in');
    await world.pass(MINUTE);
    await sayOfCall(cleo, bob, { ...input, word: ringOf(input.callId, world.clock.now()) });
    await world.pass(MINUTE);
    await call(bob, 'setBlocked', { accountId: accountOf(ann), blocked: true });
    await dial(ann, chatId);
    await passWith(world, 50 * SECOND, ann);
    expect(await shownCall(ann)).toMatchObject({ end: 'missed', reached: false });
    expect([...seen.ids]).toEqual([]);
    await call(bob, 'setBlocked', { accountId: accountOf(ann), blocked: false });
    await expectWell(world, chatId, ann, bob);
  });

  it('S-PHONE-10 blocking a contact ends the call with them, and they are told nothing', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    await call(bob, 'setBlocked', { accountId: accountOf(ann), blocked: true });
    await passWith(world, 9 * SECOND, ann, bob);
    expect(await phases(ann, bob)).toEqual(['active', 'hungUp']);
    await call(ann, 'hangUp', { callId });
    await world.pass(MINUTE);
    expect(world.violations).toEqual([]);
  });

  it('S-PHONE-10 who rings for one call after the other is heard five times a minute', async () => {
    const { world, ann, bob, chatId } = await couple();
    deafen(ann);
    const seen = watchCalls(bob);
    for (let n = 0; n < 40; n += 1) {
      const callId = newCallId();
      await sayOfCall(ann, bob, { callId, chatId, word: ringOf(callId, world.clock.now()) });
      await world.pass(SECOND);
    }
    expect(seen.ids.size).toBe(5);
    await world.pass(2 * MINUTE);
    expect(await phaseOf(bob)).toBe('none');
  });

  it('S-PHONE-10 of a call speak only its two devices, and only in their chat', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await addContact(ann, bob);
    const groupId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
    const [comparison, wire] = [(await shownCall(ann))?.comparison, await wireOf(ann)];
    const words = [
      { type: 'end', reason: 'hungUp' },
      { type: 'accept', ...keysOf('cleo') },
      { type: 'taken', deviceId: cleo.lastDeviceId as DeviceId },
      { type: 'reveal', ...keysOf('cleo') },
      { type: 'signal', seq: 3, signal: aCandidate },
      { type: 'status', received: 0, held: true, media: { microphone: false, camera: true, screen: true } },
      { type: 'decline' },
      ringOf(callId, world.clock.now()),
    ] as const;
    const withCleo = await addContact(ann, cleo);
    for (const named of [chatId, withCleo, groupId])
      for (const word of words) await sayOfCall(cleo, ann, { callId, chatId: named, word });
    for (const word of words) await sayOfCall(bob, ann, { callId, chatId: groupId, word });
    const seen = watchCalls(cleo);
    const another = newCallId();
    await sayOfCall(ann, cleo, { callId: another, chatId: groupId, word: ringOf(another, world.clock.now()) });
    await passWith(world, 20 * SECOND, ann, bob);
    expect(await phases(ann, bob, cleo)).toEqual(['active', 'active', 'none']);
    expect(await shownCall(ann)).toMatchObject({ comparison, held: { theirs: false } });
    expect((await wireOf(ann))?.signals).toEqual(wire?.signals);
    expect([...seen.ids]).toEqual([]);
  });

  it('S-PHONE-10 a device that was unlinked neither rings nor answers, and a call with it ends', async () => {
    const { world, ann, bob, chatId } = await couple(31);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    await send(tablet, chatId, 'from the tablet');
    await world.pass(MINUTE);
    await talk(world, { chatId, caller: bob, callee: tablet });
    const rogue = await Rogue.of(tablet, world, [ann, bob]);
    const target = targetOf(bob);
    const asked = ann.client.call('unlinkDevice', { deviceId: tablet.lastDeviceId ?? '' });
    await passWith(world, 5 * SECOND, ann, bob, tablet);
    expect(await asked).toMatchObject({ ok: true });
    await passWith(world, MINUTE, bob, tablet);
    expect(await phases(bob, ann)).toEqual(['none', 'none']);
    const seen = watchCalls(bob);
    for (const session of ['old', 'fresh'] as const) {
      const callId = newCallId();
      const word = ringOf(callId, world.clock.now());
      await rogue.say(target, [{ type: 'phone', chatId: chatId as ChatId, callId, word }], { session });
      await world.pass(10 * SECOND);
    }
    expect([...seen.ids]).toEqual([]);
    const callId = await dial(bob, chatId);
    await passWith(world, SECOND, bob);
    for (const session of ['old', 'fresh'] as const) {
      const word = { type: 'accept', ...keysOf('tablet') } as const;
      await rogue.say(target, [{ type: 'phone', chatId: chatId as ChatId, callId, word }], { session });
      await passWith(world, SECOND, bob);
    }
    await passWith(world, SECOND, bob);
    expect(await phases(bob, ann)).toEqual(['ringing', 'ringing']);
  });

  it('S-PHONE-15 of connections and addresses only the two devices that talk hear anything', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const heard = [wordsTo(bob), wordsTo(tablet), wordsTo(ann)] as const;
    const callId = await talk(world, { chatId, caller: ann, callee: tablet });
    await sendSignal(ann, callId, aCandidate);
    await passWith(world, 20 * SECOND, ann, tablet);
    await call(ann, 'hangUp', { callId });
    await world.pass(SECOND);
    const [atBob, atTablet, atAnn] = heard.map((words) => [...words].sort());
    expect(atBob).toEqual(['end', 'here', 'ring', 'taken']);
    expect(atTablet).toEqual(['end', 'reveal', 'ring', 'signal', 'status', 'taken']);
    expect(atAnn).toEqual(['accept', 'ringing', 'signal', 'status']);
  });
});

/** The device's engine hears no word about calls any more; answers what undoes it. */
function deafen({ engine }: SimulatedDevice): () => void {
  if (engine === undefined) throw new Error('not open');
  const { telephony } = engine;
  const take = telephony.take.bind(telephony);
  telephony.take = () => undefined;
  return () => {
    telephony.take = take;
  };
}

/** The kinds of words about calls that a device hears from now on. */
function wordsTo({ engine }: SimulatedDevice): ReadonlySet<string> {
  if (engine === undefined) throw new Error('not open');
  const { telephony } = engine;
  const words = new Set<string>();
  const take = telephony.take.bind(telephony);
  telephony.take = (part, from, batch) => {
    words.add(part.word.type);
    take(part, from, batch);
  };
  return words;
}
