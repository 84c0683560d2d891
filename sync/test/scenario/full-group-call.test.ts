/** A call of a group with as many devices as may be in one, and more who want to. */
import { beforeAll, describe, expect, it } from 'vitest';
import { GROUP_CALL_LIMITS } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, prepare, send } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';
import { refusalOf } from '../support/calls.ts';
import { found } from '../support/group.ts';
import { HOLDER, groupCalls, groupWire, join, keyOf, leave, ownKey, passHeld } from '../support/group-telephone.ts';
import { fingerprintOf, newCallId } from '../support/telephone.ts';

beforeAll(prepare);

const SECOND = 1_000;
const NAMES = ['Ann', 'Bob', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hal', 'Ida'] as const;

interface Crowd {
  readonly world: World;
  readonly people: readonly SimulatedDevice[];
  readonly chatId: string;
}

/** A group of nine in which everybody has everybody's sender key; the first knows all others. */
async function crowd(): Promise<Crowd> {
  const world = new World(11, 0);
  const people: SimulatedDevice[] = [];
  for (const name of NAMES) people.push(await world.addDevice(name));
  const [ann, ...others] = people;
  if (ann === undefined) throw new Error('nine');
  await world.pass(SECOND);
  for (const other of others) {
    await addContact(ann, other);
    await addContact(other, ann);
  }
  await world.pass(10 * SECOND);
  const chatId = await found(ann, ...others);
  await world.pass(60 * SECOND);
  for (const device of people) await send(device, chatId, `here is ${device.name}`);
  await world.pass(60 * SECOND);
  return { world, people, chatId };
}

function refusal(device: SimulatedDevice, chatId: string): Promise<string | undefined> {
  const about = { callId: newCallId(), chatId, video: false, holder: HOLDER };
  return refusalOf(device, 'joinGroupCall', { ...about, keys: { fingerprint: fingerprintOf(device) } });
}

/** How many each sees in it, and that no more may come. */
async function seen(people: readonly SimulatedDevice[]): Promise<ReadonlySet<string>> {
  const shown = await Promise.all(people.map(groupCalls));
  return new Set(shown.flat().map(({ callId, members, full }) => [callId, members.length, full].join(' ')));
}

/** All of these are in it and can open what all the others seal. */
async function expectAllToHear(inIt: readonly SimulatedDevice[]): Promise<void> {
  for (const device of inIt) {
    const key = await ownKey(device);
    expect((await groupWire(device))?.peers.length, device.name).toBe(inIt.length - 1);
    for (const other of inIt)
      if (other !== device) expect(await keyOf(other, device), `${other.name} of ${device.name}`).toBe(key);
  }
}

describe('a full call of a group', () => {
  it('S-GCALL-14 has eight devices that all hear each other; a ninth may come when one goes, and of two that do then one', async () => {
    const { world, people, chatId } = await crowd();
    const eight = people.slice(0, GROUP_CALL_LIMITS.members);
    const [first, second, ...rest] = eight;
    const [ninth] = people.slice(GROUP_CALL_LIMITS.members);
    if (first === undefined || second === undefined || ninth === undefined) throw new Error('nine');
    const callId = await join(first, chatId);
    for (const [at, device] of [second, ...rest].entries()) {
      await passHeld(world, SECOND, ...eight.slice(0, at + 1));
      expect(await join(device, chatId)).toBe(callId);
    }
    await passHeld(world, 10 * SECOND, ...eight);
    expect(await seen(people)).toEqual(new Set([`${callId} 8 true`]));
    await expectAllToHear(eight);
    expect(await refusal(ninth, chatId)).toBe('CallFull');

    await leave(first, callId);
    await passHeld(world, 2 * SECOND, second, ...rest);
    expect(await join(ninth, chatId)).toBe(callId);
    await passHeld(world, 10 * SECOND, second, ...rest, ninth);
    expect(await seen(people)).toEqual(new Set([`${callId} 8 true`]));
    await expectAllToHear([second, ...rest, ninth]);
    expect(await refusal(first, chatId)).toBe('CallFull');

    await leave(second, callId);
    await passHeld(world, 2 * SECOND, ...rest, ninth);
    await Promise.all([join(first, chatId), join(second, chatId)]);
    await passHeld(world, 20 * SECOND, ...people);
    expect(await seen(people)).toEqual(new Set([`${callId} 8 true`]));
    const late: SimulatedDevice[] = [];
    for (const device of [first, second]) if ((await groupWire(device)) !== null) late.push(device);
    expect(late.length).toBe(1);
    await expectAllToHear([...rest, ninth, ...late]);
    for (const { name, failure } of people) expect(failure, name).toBeUndefined();
  });
});
