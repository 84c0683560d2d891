/** Who is seen typing, in a direct chat and in a group. */
import { beforeAll, describe, expect, it } from 'vitest';
import { rootChatId } from '../../src/chats/chat-book.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { circle, cut, found, removeFrom } from '../support/group.ts';

beforeAll(prepare);

const MINUTE = 60_000;

async function typists(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  return (await look(device.client, 'chat', { chatId }))?.typing ?? [];
}

/** Says for `ms` that the device's user types, as often as the app does. */
async function typeFor(world: World, ms: number, chatId: string, ...devices: SimulatedDevice[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 3_000) {
    for (const { client } of devices) expect((await client.call('setTyping', { chatId, typing: true })).ok).toBe(true);
    await world.pass(3_000);
  }
}

/** A group of three in which everybody has everybody's sender key. */
async function talking() {
  const the = await circle();
  const chatId = await found(the.ann, the.bob, the.cleo);
  await the.world.pass(MINUTE);
  for (const device of [the.ann, the.bob, the.cleo]) await send(device, chatId, `here is ${device.name}`);
  await the.world.pass(MINUTE);
  return { ...the, chatId };
}

/** Counts posts while `act` runs. */
async function postsOf(world: World, act: () => Promise<void>): Promise<number> {
  let count = 0;
  const saw = world.sawPost.bind(world);
  world.sawPost = (...post) => {
    count += 1;
    saw(...post);
  };
  await act();
  world.sawPost = saw;
  return count;
}

describe('typing', () => {
  it('S-TYPING-1 is seen until the message comes, is taken back, or falls silent; not when the user keeps it', async () => {
    const { world, ann, bob, chatId } = await couple();
    await typeFor(world, 3_000, chatId, ann);
    expect(await typists(bob, chatId)).toEqual(['Ann']);
    await send(ann, chatId, 'written');
    await world.pass(1_000);
    expect(await typists(bob, chatId)).toEqual([]);
    await typeFor(world, 3_000, chatId, ann);
    await ann.client.call('setTyping', { chatId, typing: false });
    await world.pass(1_000);
    expect(await typists(bob, chatId)).toEqual([]);
    await typeFor(world, 3_000, chatId, ann);
    await world.pass(6_000);
    expect(await typists(bob, chatId)).toEqual([]);
    await ann.client.call('setSettings', { sendTyping: false });
    await typeFor(world, 3_000, chatId, ann);
    expect(await typists(bob, chatId)).toEqual([]);
  });

  it('S-TYPING-2 everybody sees who types in a group, until their message is there or they fall silent', async () => {
    const { world, ann, bob, cleo, chatId } = await talking();
    await typeFor(world, 6_000, chatId, ann, bob);
    expect([...(await typists(cleo, chatId))].sort()).toEqual(['Ann', 'Bob']);
    expect(await typists(ann, chatId)).toEqual(['Bob']);
    await send(ann, chatId, 'from Ann');
    await world.pass(1_000);
    expect(await typists(cleo, chatId)).toEqual(['Bob']);
    await world.pass(8_000);
    expect(await typists(cleo, chatId)).toEqual([]);
    await ann.client.call('setSettings', { sendTyping: false });
    await typeFor(world, 3_000, chatId, ann);
    expect(await typists(cleo, chatId)).toEqual([]);
    expect(world.violations).toEqual([]);
  });

  it('S-TYPING-2 who goes on right after a message is seen at once, not only when the pause is over', async () => {
    const { world, ann, cleo, chatId } = await talking();
    await typeFor(world, 3_000, chatId, ann);
    await send(ann, chatId, 'one');
    await world.pass(1_000);
    expect(await typists(cleo, chatId)).toEqual([]);
    await typeFor(world, 1_000, chatId, ann);
    expect(await typists(cleo, chatId)).toEqual(['Ann']);
  });

  it('S-TYPING-2 a minute of it is one envelope every 6 s for all, and none of it waits for who is away', async () => {
    const { world, ann, bob, cleo, chatId } = await talking();
    cut(cleo, true);
    const posts = await postsOf(world, () => typeFor(world, MINUTE, chatId, ann));
    expect(posts).toBe(10);
    await ann.client.call('setTyping', { chatId, typing: false });
    await world.pass(MINUTE);
    const taken = await postsOf(world, async () => {
      cut(cleo, false);
      await world.pass(MINUTE);
    });
    expect(taken).toBeLessThan(10); // digests of the connection, if anything
    expect(await typists(cleo, chatId)).toEqual([]);
    await send(ann, chatId, 'after all that');
    await world.pass(MINUTE);
    for (const device of [bob, cleo]) expect(await texts(device, chatId)).toContain('after all that');
  });

  it('S-TYPING-2 the first to type in a group gives the key, and is seen from then on', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await typeFor(world, 6_000, chatId, bob);
    expect(await typists(cleo, chatId)).toEqual([]);
    await typeFor(world, 3_000, chatId, bob);
    expect(await typists(cleo, chatId)).toEqual(['Bob']);
  });

  it('S-TYPING-2 who was removed is not seen typing, whatever their device says', async () => {
    const { world, ann, bob, cleo, chatId } = await talking();
    await removeFrom(ann, chatId, bob);
    await world.pass(MINUTE);
    await typeFor(world, 9_000, chatId, bob);
    expect(await typists(cleo, chatId)).toEqual([]);
    const { engine } = bob;
    const groupId = [...(engine?.groupBook.all() ?? [])][0]?.groupId;
    if (engine === undefined || groupId === undefined) throw new Error('no group');
    await engine.job((batch) => {
      for (const named of [groupId, rootChatId(groupId)])
        engine.outbox.addForGroup(batch, { groupId, parts: [{ type: 'typing', chatId: named, typing: true }] });
    });
    engine.kick();
    await world.pass(3_000);
    await typeFor(world, 9_000, chatId, cleo);
    expect(await typists(ann, chatId)).toEqual(['Cleo']);
    expect(await typists(ann, rootChatId(groupId))).toEqual([]);
  });
});
