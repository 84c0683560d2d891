/** Groups as their members live them: on an honest relay, with somebody away now and then. */
import { beforeAll, describe, expect, it } from 'vitest';
import { look, prepare, send, texts } from '../simulation/setup.ts';
import { call } from '../support/calls.ts';
import { accountOf, circle, cut, found, giveRole, group, removeFrom, roster } from '../support/group.ts';

beforeAll(prepare);

const MINUTE = 60_000;
/** Longer than a relay keeps mail. */
const EXPIRED = 45 * 24 * 60 * MINUTE;

describe('groups', () => {
  it('G-LIFE-1 contacts are added, and all hear each other, also those who do not know each other', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await send(ann, chatId, 'hello all');
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) {
      expect((await group(device, chatId)).members, device.name).toHaveLength(3);
      expect(await texts(device, chatId), device.name).toEqual(['hello all']);
    }
    await send(bob, chatId, 'hello from Bob');
    await send(cleo, chatId, 'hello from Cleo');
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo])
      expect([...(await texts(device, chatId))].sort(), device.name).toEqual([
        'hello all',
        'hello from Bob',
        'hello from Cleo',
      ]);
    expect(world.violations).toEqual([]);
  });

  it('G-LIFE-2 who was added hears of it also when the relay lost what told them', async () => {
    const { world, ann, bob, cleo } = await circle();
    world.withholding = { by: ann, from: bob };
    const chatId = await found(ann, bob, cleo);
    await world.pass(10_000);
    expect(await look(bob.client, 'group', { chatId })).toBeNull();
    world.withholding = undefined;
    await world.pass(10 * MINUTE);
    for (const device of [ann, bob, cleo]) expect((await group(device, chatId)).members, device.name).toHaveLength(3);
  });

  it('G-LIFE-3 what its author told only to some comes to all, though nobody writes after it', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await send(bob, chatId, 'first');
    await world.pass(MINUTE);
    world.withholding = { by: bob, from: cleo };
    await send(bob, chatId, 'not for Cleo');
    await world.pass(10 * MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['first', 'not for Cleo']);
  });

  it('G-LIFE-4 of two who remove each other while apart all agree that the senior stays, who was out for some', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await giveRole(ann, chatId, bob, 'owner');
    await world.pass(MINUTE);
    cut(ann, true);
    await removeFrom(bob, chatId, ann);
    await world.pass(MINUTE);
    expect((await group(cleo, chatId)).members).toHaveLength(2);
    await removeFrom(ann, chatId, bob);
    cut(ann, false);
    await world.pass(10 * MINUTE);
    for (const device of [ann, bob, cleo])
      expect(await roster(device, chatId), device.name).toEqual(
        [`${accountOf(ann)} owner`, `${accountOf(cleo)} member`].sort(),
      );
    await send(ann, chatId, 'still here');
    await world.pass(MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['still here']);
  });

  it('G-LIFE-5 who was removed gets nothing that was written after it, and nobody is shown what they write', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await send(bob, chatId, 'before');
    await world.pass(MINUTE);
    cut(bob, true);
    await removeFrom(ann, chatId, bob);
    await world.pass(MINUTE);
    await send(cleo, chatId, 'after');
    await send(bob, chatId, 'not knowing');
    cut(bob, false);
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).not.toContain('after');
    for (const device of [ann, cleo]) expect(await texts(device, chatId), device.name).toEqual(['before', 'after']);
    const late = await bob.client.call('sendMessage', { id: 'late'.padEnd(22, '-'), chatId, text: 'knowing' });
    expect(late.ok).toBe(false);
  });

  it('G-LIFE-6 who left and was added again while away is a member again with all of it', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await send(cleo, chatId, 'one');
    await world.pass(MINUTE);
    expect((await bob.client.call('leaveGroup', { chatId })).ok).toBe(true);
    await world.pass(MINUTE);
    // What lies between does not reach him: only the act that lets him in again, which follows it.
    cut(bob, true);
    await giveRole(ann, chatId, cleo, 'admin');
    await world.pass(MINUTE);
    cut(bob, false);
    await world.pass(MINUTE);
    const added = await ann.client.call('addMembers', { chatId, members: [accountOf(bob)], history: true });
    expect(added.ok).toBe(true);
    await send(ann, chatId, 'two');
    await world.pass(20 * MINUTE);
    for (const device of [ann, bob, cleo]) {
      expect((await group(device, chatId)).members, device.name).toHaveLength(3);
      expect(await texts(device, chatId), device.name).toEqual(['one', 'two']);
    }
  });

  it('G-LIFE-7 who is added without the history has what is written from then on, and nothing older', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    await world.pass(MINUTE);
    await send(ann, chatId, 'old');
    await send(bob, chatId, 'old too');
    await world.pass(MINUTE);
    const added = await ann.client.call('addMembers', { chatId, members: [accountOf(cleo)], history: false });
    expect(added.ok).toBe(true);
    await world.pass(MINUTE);
    await send(bob, chatId, 'new');
    await world.pass(10 * MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['new']);
    expect([...(await texts(ann, chatId))].sort()).toEqual(['new', 'old', 'old too']);
  });

  it('G-LIFE-7 who learns of the group and of such a member at once writes where that one may have it', async () => {
    const { world, ann, bob, cleo } = await circle();
    const bobsAccount = accountOf(bob);
    bob.crash();
    const { chatId } = await call(ann, 'createGroup', { name: 'Climbing', members: [bobsAccount] });
    await send(ann, chatId, 'old');
    await world.pass(MINUTE);
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: false });
    await world.pass(MINUTE);
    // What told Bob of it expires: he gets all acts in one answer of Ann's.
    for (const device of [ann, cleo]) device.crash();
    await world.pass(EXPIRED);
    for (const device of [ann, bob]) await device.open();
    await world.pass(10 * MINUTE);
    await send(bob, chatId, 'new');
    await world.pass(MINUTE);
    // And what told Cleo of his message: she has it from Ann, or not at all.
    for (const device of [ann, bob]) device.crash();
    await world.pass(EXPIRED);
    for (const device of [ann, cleo]) await device.open();
    await world.pass(10 * MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['new']);
    expect(await texts(ann, chatId)).toEqual(['old', 'new']);
  });

  it('G-LIFE-17 who is given the history has what somebody wrote who was out again before', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    await world.pass(MINUTE);
    await send(bob, chatId, 'once');
    await world.pass(MINUTE);
    await removeFrom(ann, chatId, bob);
    await send(ann, chatId, 'since then');
    await world.pass(MINUTE);
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: true });
    await world.pass(10 * MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['once', 'since then']);
  });

  it('G-LIFE-8 what expired at the relay while a member was away comes all the same', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    cleo.crash();
    await send(ann, chatId, 'long ago');
    await giveRole(ann, chatId, bob, 'admin');
    await world.pass(MINUTE);
    for (const device of [ann, bob]) device.crash();
    await world.pass(EXPIRED);
    for (const device of [ann, bob, cleo]) await device.open();
    await world.pass(10 * MINUTE);
    expect(await texts(cleo, chatId)).toEqual(['long ago']);
    expect(await roster(cleo, chatId)).toEqual(await roster(ann, chatId));
  });
});
