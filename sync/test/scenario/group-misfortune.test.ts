/** Groups when something goes wrong: a newcomer is kept from the acts, a device dies before it shows what an act changed. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Engine } from '../../src/engine.ts';
import type { VerifiedRecord } from '../../src/records/index.ts';
import { Crash, type SimulatedDevice } from '../simulation/device.ts';
import { addContact, look, prepare, send, texts } from '../simulation/setup.ts';
import { call } from '../support/calls.ts';
import { accountOf, circle, cut, found, group, removeFrom } from '../support/group.ts';

beforeAll(prepare);

const MINUTE = 60_000;

describe('the acts kept back', () => {
  it('G-LIFE-15 who adds somebody and keeps the acts back is passed by when another contact tells of the group', async () => {
    const { world, ann, bob, cleo } = await circle();
    for (const [one, other] of [
      [bob, cleo],
      [cleo, bob],
    ] as const)
      await addContact(one, other);
    const chatId = await found(ann, bob);
    await call(ann, 'setGroupPermissions', { chatId, add: 'everyone' });
    await send(ann, chatId, 'said before');
    await world.pass(MINUTE);
    keepBack(bob);
    await call(bob, 'addMembers', { chatId, members: [accountOf(cleo)], history: true });
    await world.pass(MINUTE);
    expect(cleo.engine?.groups.book.get(chatId as ChatId)?.sponsors).toEqual([accountOf(bob)]);
    await world.pass(2 * MINUTE);
    expect(await look(cleo.client, 'group', { chatId })).toBeNull();
    await cleo.restart();
    // Whoever tells last is not the only one who is believed.
    for (const device of [ann, bob]) await tellAgain(device, chatId, cleo);
    await world.pass(1_000);
    await cleo.restart();
    await world.pass(MINUTE);
    expect((await group(cleo, chatId)).members).toHaveLength(3);
    expect(await texts(cleo, chatId)).toEqual(['said before']);
    expect(world.violations).toEqual([]);
  });
});

describe('shown anew', () => {
  it('G-LIFE-16 what an act takes out of a chat is out of it also when the device dies before it is', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await send(bob, chatId, 'before');
    await world.pass(MINUTE);
    cut(ann, true);
    await removeFrom(ann, chatId, bob);
    await send(bob, chatId, 'not knowing');
    await world.pass(MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['before', 'not knowing']);
    dieAtRedraw(cleo);
    cut(ann, false);
    await world.pass(MINUTE);
    expect(cleo.isDown).toBe(true);
    await cleo.open();
    await world.pass(1_000);
    expect(await texts(cleo, chatId)).toEqual(['before']);
    expect([cleo.failure, world.violations]).toEqual([undefined, []]);
  });
});

it('G-LIFE-16 what is not shown stays so also when the first thing after a crash is a message of one’s own', async () => {
  const { world, ann, bob, cleo } = await circle();
  const chatId = await found(ann, bob, cleo);
  await world.pass(MINUTE);
  cut(ann, true);
  await removeFrom(ann, chatId, bob);
  await send(bob, chatId, 'not knowing');
  await world.pass(MINUTE);
  cut(ann, false);
  await world.pass(MINUTE);
  expect(await texts(cleo, chatId)).toEqual([]);
  cleo.crash();
  await cleo.open();
  await takeUpAll(cleo, chatId);
  await send(cleo, chatId, 'after it');
  await world.pass(MINUTE);
  expect(await texts(cleo, chatId)).toEqual(['after it']);
});

/** Every record of the chat is one that was held when the device died, and is released now. */
async function takeUpAll(device: SimulatedDevice, chatId: string): Promise<void> {
  const { chats } = engineOf(device);
  const chat = chats.get(chatId as ChatId);
  if (chat === undefined) throw new Error('no such chat');
  const records: VerifiedRecord[] = [];
  for await (const some of (await chats.documents(chat)).readAll()) records.push(...some);
  expect(records).toHaveLength(1);
  vi.spyOn(chats, 'takeRecovered').mockReturnValueOnce(records);
}

/** The device dies when it is about to show a chat anew. */
function dieAtRedraw(device: SimulatedDevice): void {
  vi.spyOn(engineOf(device).projection, 'rebuild').mockImplementation(() => {
    device.crash();
    return Promise.reject(new Crash());
  });
}

/** The device answers no question any more. */
function keepBack(device: SimulatedDevice): void {
  vi.spyOn(engineOf(device).repair, 'answer').mockResolvedValue();
}

async function tellAgain(device: SimulatedDevice, chatId: string, to: SimulatedDevice): Promise<void> {
  const engine = engineOf(device);
  await engine.job((batch) => {
    engine.groups.tellAgain(batch, chatId as ChatId, accountOf(to) as AccountId);
  });
  engine.kick();
}

function engineOf({ engine }: SimulatedDevice): Engine {
  if (engine === undefined) throw new Error('not open');
  return engine;
}
