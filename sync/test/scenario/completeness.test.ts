/** What a chat says it lacks, and whom it waits for, while a relay keeps something from one of its devices. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Completeness } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { circle, cut, found } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
/** It looks every 15 s, and lets a moment pass before it asks. */
const UNTIL_ASKED = 35_000;
const COMPLETE: Completeness = { missing: 0, asking: [], waiting: [] };

async function completeness(device: SimulatedDevice, chatId: string): Promise<Completeness | undefined> {
  return (await look(device.client, 'chat', { chatId }))?.completeness;
}

const whom = (asked: Completeness['asking'] = []): readonly string[] =>
  asked.map(({ of, name }) => `${of} ${name}`).sort();

describe('completeness', () => {
  it('S-REPAIR-11 in a group: who is asked for what one member keeps back, who does not answer, and whole by another', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await send(bob, chatId, 'for all');
    await world.pass(3 * MINUTE);
    expect(await completeness(cleo, chatId)).toEqual(COMPLETE);
    world.withholding = { by: bob, from: cleo };
    await send(bob, chatId, 'not for Cleo');
    await world.pass(2_000);
    await send(ann, chatId, 'after it');
    await world.pass(2_000);
    cut(ann, true);
    expect(await completeness(cleo, chatId)).toEqual({ ...COMPLETE, missing: 1 });
    await world.pass(UNTIL_ASKED);
    const asking = await completeness(cleo, chatId);
    expect([asking?.missing, whom(asking?.asking), whom(asking?.waiting)]).toEqual([
      1,
      ['member Ann', 'member Bob'],
      [],
    ]);
    await world.pass(2 * MINUTE);
    const waiting = await completeness(cleo, chatId);
    expect([waiting?.missing, whom(waiting?.asking), whom(waiting?.waiting)]).toEqual([
      1,
      [],
      ['member Ann', 'member Bob'],
    ]);
    cut(ann, false);
    await world.pass(2 * MINUTE);
    expect(await completeness(cleo, chatId)).toEqual(COMPLETE);
    expect(await texts(cleo, chatId)).toEqual(['for all', 'not for Cleo', 'after it']);
  });

  it('S-REPAIR-11 in a direct chat the contact and the own devices are asked, and any of them heals it', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await send(bob, chatId, 'zero');
    await world.pass(5 * MINUTE);
    world.withholding = { by: bob, from: tablet };
    await send(bob, chatId, 'one');
    await world.pass(1_000);
    world.withholding = undefined;
    cut(ann, true);
    await send(bob, chatId, 'two');
    await world.pass(1_000);
    cut(bob, true);
    await world.pass(UNTIL_ASKED);
    const asking = await completeness(tablet, chatId);
    expect([asking?.missing, whom(asking?.asking)]).toEqual([1, ['contact Bob', 'device ']]);
    await world.pass(2 * MINUTE);
    expect(whom((await completeness(tablet, chatId))?.waiting)).toEqual(['contact Bob', 'device ']);
    cut(ann, false);
    await world.pass(2 * MINUTE);
    expect(await completeness(tablet, chatId)).toEqual(COMPLETE);
    expect(await texts(tablet, chatId)).toEqual(['zero', 'one', 'two']);
  });

  it('S-REPAIR-11 a linked device lacks its history until an own device has given it', async () => {
    const { world, ann, bob, chatId } = await couple();
    for (let n = 0; n < 5; n += 1) await send(bob, chatId, `message ${String(n)}`);
    await world.pass(MINUTE);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    expect(await completeness(tablet, chatId)).toEqual(COMPLETE);
    const chat = [...(tablet.engine?.chats.all() ?? [])].find((each) => each.chatId === chatId);
    if (chat === undefined) throw new Error('no chat');
    chat.filling = chat.records + 7;
    await tablet.engine?.job((batch) => tablet.engine?.repair.ask(chat, batch));
    const filling = await completeness(tablet, chatId);
    expect([filling?.missing, whom(filling?.asking)]).toEqual([7, ['contact Bob', 'device ']]);
    tablet.engine?.kick();
    await world.pass(MINUTE);
    expect(await completeness(tablet, chatId)).toEqual(COMPLETE);
  });
});
