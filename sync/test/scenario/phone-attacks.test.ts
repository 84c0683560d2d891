/** Telephone calls among relays, contacts and devices that do wrong. */
import type { DeviceId } from '@securechat/crypto';
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
    const callId = await talk(world, { chatId, caller: ann, callee: bob });
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
    await sayOfCall(ann, bob, { callId, chatId, word: ringOf(callId, world.clock.now()) });
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
    const callId = newCallId();
    await sayOfCall(ann, bob, { callId, chatId, word: ringOf(callId, world.clock.now()) });
    await world.pass(SECOND);
    await answer(bob, callId);
    await world.pass(SECOND);
    expect(await phaseOf(bob)).toBe('failed');
  });
});
