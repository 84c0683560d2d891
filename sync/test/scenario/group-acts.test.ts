/** Acts of a group beyond its members: pins, bans and what undoes them, who waits, and whom an alarm is about. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { PinnedMessage } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look, prepare, send, texts } from '../simulation/setup.ts';
import { call, refusalOf } from '../support/calls.ts';
import { accountOf, circle, cut, found, giveRole, group } from '../support/group.ts';

beforeAll(prepare);

const MINUTE = 60_000;

describe('pins', () => {
  it('G-PIN-1 the three newest show, on every device alike; an older one shows again', async () => {
    const { world, ann, bob } = await circle();
    const chatId = await found(ann, bob);
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three', 'four']) ids.push(await send(ann, chatId, text));
    await world.pass(MINUTE);
    expect(await refusalOf(bob, 'setPinned', { chatId, recordId: ids[0] ?? '', pinned: true })).toBe('NotAllowed');
    for (const recordId of ids) {
      await call(ann, 'setPinned', { chatId, recordId, pinned: true });
      await world.pass(1_000);
    }
    await call(ann, 'setPinned', { chatId, recordId: ids[3] ?? '', pinned: true });
    await world.pass(MINUTE);
    for (const device of [ann, bob]) expect(await pinned(device, chatId)).toEqual(['four', 'three', 'two']);
    expect((await bob.timeline(chatId)).map((item) => item.pinned)).toEqual([true, true, true, true]);
    expect(await look(bob.client, 'chat', { chatId })).toMatchObject({ mayPin: false });
    await call(ann, 'setPinned', { chatId, recordId: ids[2] ?? '', pinned: false });
    await world.pass(MINUTE);
    for (const device of [ann, bob]) expect(await pinned(device, chatId)).toEqual(['four', 'two', 'one']);
    expect(await lines(bob, chatId)).toEqual(['founded', 'added', 'pinned', 'pinned', 'pinned', 'pinned', 'unpinned']);
    await call(ann, 'setGroupPermissions', { chatId, pin: 'everyone' });
    await world.pass(MINUTE);
    await call(bob, 'setPinned', { chatId, recordId: ids[2] ?? '', pinned: true });
    await world.pass(MINUTE);
    expect(await pinned(ann, chatId)).toEqual(['three', 'four', 'two']);
    expect(world.violations).toEqual([]);
  });

  it('G-PIN-2 one that was deleted, or that is not here, says so and can be unpinned', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    const [first, second] = [await send(ann, chatId, 'first'), await send(ann, chatId, 'second')];
    for (const recordId of [first, second]) await call(ann, 'setPinned', { chatId, recordId, pinned: true });
    await world.pass(MINUTE);
    await call(ann, 'deleteForEveryone', { chatId, recordId: second });
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: false });
    await world.pass(MINUTE);
    const states = async (device: SimulatedDevice): Promise<readonly string[]> =>
      (await pins(device, chatId)).map(({ state }) => state).sort();
    expect([await states(bob), await states(cleo)]).toEqual([
      ['deleted', 'here'],
      ['missing', 'missing'],
    ]);
    expect(await refusalOf(ann, 'setPinned', { chatId, recordId: 'nothing', pinned: true })).toBe('UnknownMessage');
    await call(bob, 'deleteForMe', { chatId, recordId: first, hidden: true });
    expect(await states(bob)).toEqual(['deleted', 'missing']);
    for (const recordId of [first, second]) await call(ann, 'setPinned', { chatId, recordId, pinned: false });
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) expect(await pins(device, chatId)).toEqual([]);
    expect(world.violations).toEqual([]);
  });
});

describe('who is out', () => {
  it('G-LIFE-13 who is banned comes back by no link and by nobody, until the ban is lifted; who waits is counted', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await call(ann, 'removeMember', { chatId, accountId: accountOf(cleo), ban: true });
    await world.pass(MINUTE);
    expect((await lines(bob, chatId)).at(-1)).toBe('banned');
    const { banned, former } = await group(ann, chatId);
    expect([banned, former]).toMatchObject([[{ accountId: accountOf(cleo), by: 'Ann', addable: false }], []]);
    expect([(await group(bob, chatId)).banned, (await group(bob, chatId)).former]).toEqual([[], []]);
    expect(await refusalOf(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: true })).toBe('Banned');
    for (const approval of [false, true]) {
      const { link } = await call(ann, 'createGroupInvite', { chatId, origin: 'https://app.test', approval });
      await call(cleo, 'joinGroup', { text: link });
      await world.pass(MINUTE);
      expect(await look(cleo.client, 'joins', null)).toMatchObject([{ chatId, state: 'refused' }]);
    }
    expect(await refusalOf(bob, 'unbanMember', { chatId, accountId: accountOf(cleo) })).toBe('NotAllowed');
    await call(ann, 'unbanMember', { chatId, accountId: accountOf(cleo) });
    await giveRole(ann, chatId, bob, 'admin');
    const { link } = await call(ann, 'createGroupInvite', { chatId, origin: 'https://app.test', approval: true });
    await call(cleo, 'joinGroup', { text: link });
    await world.pass(MINUTE);
    expect(await waiting(bob, chatId)).toBe(1);
    await giveRole(ann, chatId, bob, 'member');
    await world.pass(MINUTE);
    expect([await waiting(ann, chatId), await waiting(bob, chatId)]).toEqual([1, 0]);
    await call(ann, 'answerRequest', { chatId, accountId: accountOf(cleo), accept: true });
    await world.pass(MINUTE);
    expect([await waiting(ann, chatId), (await group(cleo, chatId)).role]).toEqual([0, 'member']);
    expect(world.violations).toEqual([]);
  });

  it('G-LIFE-14 who was removed by one admin can be added again by another, and hears what is said', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await giveRole(ann, chatId, bob, 'admin');
    await world.pass(MINUTE);
    await call(bob, 'removeMember', { chatId, accountId: accountOf(cleo) });
    await world.pass(MINUTE);
    await send(ann, chatId, 'meanwhile');
    const { former } = await group(ann, chatId);
    expect(former).toMatchObject([{ accountId: accountOf(cleo), name: 'Cleo', by: 'Bob', addable: true }]);
    // Bob does not know Cleo but from here.
    expect((await group(bob, chatId)).former).toMatchObject([{ addable: false }]);
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: true });
    await world.pass(MINUTE);
    expect([(await group(ann, chatId)).former, await texts(cleo, chatId)]).toEqual([[], ['meanwhile']]);
    await send(cleo, chatId, 'back');
    await world.pass(MINUTE);
    expect(await texts(bob, chatId)).toEqual(['meanwhile', 'back']);
    await call(cleo, 'leaveGroup', { chatId });
    await world.pass(MINUTE);
    expect((await group(ann, chatId)).former[0]).not.toHaveProperty('by');
    expect(world.violations).toEqual([]);
  });
});

describe('alarms', () => {
  it('S-EVIL-1 in a group an alarm says which member it is about', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    cut(cleo, true);
    cleo.setClock(3 * 24 * 60 * MINUTE);
    await send(cleo, chatId, 'from the future');
    cut(cleo, false);
    await world.pass(10 * MINUTE);
    const chat = await look(ann.client, 'chat', { chatId });
    expect(chat?.alarms).toMatchObject([{ type: 'ClockAhead', accountId: accountOf(cleo), name: 'Cleo', chatId }]);
    const direct = (await look(ann.client, 'chats', null)).find(({ peer }) => peer === accountOf(cleo));
    expect((await look(ann.client, 'chat', { chatId: direct?.chatId ?? '' }))?.alarms).toEqual([]);
  });
});

async function pins(device: SimulatedDevice, chatId: string): Promise<readonly PinnedMessage[]> {
  return (await look(device.client, 'chat', { chatId }))?.pins ?? [];
}

async function pinned(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  return (await pins(device, chatId)).map(({ text }) => text);
}

async function waiting(device: SimulatedDevice, chatId: string): Promise<number | undefined> {
  return (await look(device.client, 'chat', { chatId }))?.group?.requests;
}

/** What the lines about the group's acts say, oldest first. */
async function lines(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  const page = await look(device.client, 'timeline', { chatId, anchor: 'end', older: 399, newer: 0 });
  return page.items.flatMap((item) => (item.type === 'system' && item.event.type === 'Group' ? [item.event.what] : []));
}
