/** Telephone calls of two people, from the first ring to the line in their chat. */
import { beforeAll, describe, expect, it } from 'vitest';
import { couple, prepare } from '../simulation/setup.ts';
import { call } from '../support/calls.ts';
import { dial, answer, phases, shownCall, wireOf, connect, passWith, written } from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;

describe('calls', () => {
  it('S-PHONE-2 one rings, the other answers, both talk, either hangs up; both have it in the chat', async () => {
    const { world, ann, bob, chatId } = await couple();
    const callId = await dial(ann, chatId);
    expect(await phases(ann, bob)).toEqual(['ringing', 'none']);
    await world.pass(SECOND);
    expect(await shownCall(ann)).toMatchObject({
      phase: 'ringing',
      outgoing: true,
      reached: true,
      name: 'Bob',
      callId,
    });
    expect(await shownCall(bob)).toMatchObject({ phase: 'ringing', outgoing: false, name: 'Ann', callId, chatId });
    await answer(bob, callId);
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['connecting', 'connecting']);
    const [atAnn, atBob] = [await shownCall(ann), await shownCall(bob)];
    expect(atAnn?.comparison).toHaveLength(4);
    expect(atAnn?.comparison).toEqual(atBob?.comparison);
    await connect(world, { callId, caller: ann, callee: bob });
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    expect((await wireOf(bob))?.signals.map(({ n, type }) => [n, type])).toEqual([
      [1, 'OFFER'],
      [2, 'CANDIDATE'],
    ]);
    await passWith(world, 60 * SECOND, ann, bob);
    expect(await phases(ann, bob)).toEqual(['active', 'active']);
    await call(bob, 'hangUp', { callId });
    await world.pass(SECOND);
    expect(await phases(ann, bob)).toEqual(['hungUp', 'hungUp']);
    expect(await written(ann)).toEqual(['out answered 61']);
    await world.pass(10 * SECOND);
    expect(await written(bob)).toEqual(['in answered 61']);
    expect(await phases(ann, bob)).toEqual(['none', 'none']);
  });
});
