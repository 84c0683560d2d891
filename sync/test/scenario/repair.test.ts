/** What the push path lost is found and brought, without either user doing anything. */
import { beforeAll, describe, expect, it } from 'vitest';
import { couple, prepare, send, texts } from '../simulation/setup.ts';

beforeAll(prepare);

describe('repair', () => {
  it('S-REPAIR-1 messages that the relay accepted and lost arrive by the repair path', async () => {
    const { world, ann, bob, chatId } = await couple();
    world.mischief.swallowsPost = () => true;
    const sent = ['one', 'two', 'three'];
    for (const text of sent) await send(ann, chatId, text);
    await world.pass(5_000);
    expect((await ann.timeline(chatId)).map((item) => item.tick)).toEqual(['sent', 'sent', 'sent']);
    expect(await texts(bob, chatId)).toEqual([]);
    world.mischief.swallowsPost = () => false;
    await world.pass(15 * 60_000);
    expect(await texts(bob, chatId)).toEqual(sent);
    expect((await ann.timeline(chatId)).map((item) => item.tick)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('S-REPAIR-1 a gap in the middle is asked for by the one who notices it', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'one');
    await world.pass(5_000);
    world.mischief.swallowsPost = () => true;
    await send(ann, chatId, 'two');
    await world.pass(2_000);
    world.mischief.swallowsPost = () => false;
    await send(ann, chatId, 'three');
    await world.pass(60_000);
    expect(await texts(bob, chatId)).toEqual(['one', 'two', 'three']);
  });

  it('S-REPAIR-2 a device that lost its sessions gets new ones and everything sent meanwhile', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'before');
    await world.pass(5_000);
    bob.crash();
    await bob.forgetSessions();
    await send(ann, chatId, 'meanwhile');
    await world.pass(5_000);
    await bob.open();
    await world.pass(60 * 60_000);
    await send(bob, chatId, 'back again');
    await world.pass(60 * 60_000);
    for (const device of [ann, bob]) expect(await texts(device, chatId)).toEqual(['before', 'meanwhile', 'back again']);
    expect(world.violations).toEqual([]);
  });
});
