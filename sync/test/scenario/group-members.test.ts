/** Who comes into a group, by whom, and what they get of what was said. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AccountId, ChatId } from '@securechat/crypto';
import type { CallInput, CallName, CallValue } from '../../src/api.ts';
import { parseChange } from '../../src/documents/change/change.ts';
import { recallEntry } from '../../src/documents/change/entry.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look, prepare, send, texts } from '../simulation/setup.ts';
import { exportBackup, importBackup, newPhrase, restore } from '../support/backup.ts';
import { accountOf, circle, found, group } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;

describe('members', () => {
  it('G-LIFE-9 who comes by a link hears what is said from then on; one that wants approval waits for it', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    await send(ann, chatId, 'before');
    const dan = await world.addDevice('Dan');
    await world.pass(MINUTE);
    const open = await call(bob, 'createGroupInvite', { chatId, origin: 'https://app.test', approval: false });
    expect(open).toBeUndefined();
    await call(ann, 'setGroupPermissions', { chatId, add: 'everyone' });
    await world.pass(MINUTE);
    const link = await linkOf(bob, chatId, false);
    await call(dan, 'joinGroup', { text: link });
    await world.pass(MINUTE);
    await send(ann, chatId, 'welcome');
    await world.pass(MINUTE);
    expect(await texts(dan, chatId)).toEqual(['welcome']);
    await send(dan, chatId, 'thanks');
    await world.pass(MINUTE);
    expect(await texts(ann, chatId)).toEqual(['before', 'welcome', 'thanks']);
    expect((await look(dan.client, 'chat', { chatId }))?.completeness.missing).toBe(0);
    const asking = await linkOf(ann, chatId, true);
    await call(cleo, 'joinGroup', { text: asking });
    await world.pass(MINUTE);
    expect(await look(cleo.client, 'joins', null)).toMatchObject([{ chatId, name: 'Climbing', state: 'waits' }]);
    expect((await group(bob, chatId)).requests).toMatchObject([{ accountId: accountOf(cleo) }]);
    const eve = await world.addDevice('Eve');
    await world.pass(MINUTE);
    await call(eve, 'joinGroup', { text: asking });
    await world.pass(MINUTE);
    await call(ann, 'answerRequest', { chatId, accountId: accountOf(eve), accept: false });
    await call(ann, 'answerRequest', { chatId, accountId: accountOf(cleo), accept: true });
    await world.pass(MINUTE);
    expect(await look(cleo.client, 'joins', null)).toEqual([]);
    expect(await look(eve.client, 'joins', null)).toMatchObject([{ chatId, state: 'refused' }]);
    expect((await group(cleo, chatId)).members).toHaveLength(4);
    // Who left comes back in the same way, and waits no more when that is done.
    await call(cleo, 'leaveGroup', { chatId });
    await world.pass(MINUTE);
    await call(cleo, 'joinGroup', { text: asking });
    await world.pass(MINUTE);
    await call(ann, 'answerRequest', { chatId, accountId: accountOf(cleo), accept: true });
    await world.pass(MINUTE);
    expect((await group(cleo, chatId)).role).toBe('member');
    expect(await look(cleo.client, 'joins', null)).toEqual([]);
    expect(world.violations).toEqual([]);
  });

  it('G-LIFE-10 a linked device has its groups and all that was said, and is heard in them', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    for (let n = 1; n <= 30; n += 1) await send(n % 2 === 0 ? ann : bob, chatId, `message ${String(n)}`);
    await world.pass(MINUTE);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(2 * MINUTE);
    expect(await texts(tablet, chatId)).toEqual(await texts(ann, chatId));
    await send(tablet, chatId, 'from the tablet');
    await send(cleo, chatId, 'heard');
    await world.pass(2 * MINUTE);
    for (const device of [ann, bob, cleo, tablet])
      expect((await texts(device, chatId)).slice(-2).sort(), device.name).toEqual(['from the tablet', 'heard']);
    expect(world.violations).toEqual([]);
  });

  it('G-LIFE-11 who leaves is gone, and the most senior who remains becomes owner', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await call(ann, 'leaveGroup', { chatId });
    await world.pass(MINUTE);
    expect((await group(ann, chatId)).role).toBeUndefined();
    const [first, second] = (await group(bob, chatId)).members;
    expect([first?.role, second?.role]).toEqual(['owner', 'member']);
    expect((await group(cleo, chatId)).members).toEqual(
      expect.arrayContaining([expect.objectContaining({ accountId: first?.accountId, role: 'owner' })]),
    );
    expect(world.violations).toEqual([]);
  });

  it('G-LIFE-12 everybody sees by which acts somebody is a member, and who was one at a time', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    await world.pass(MINUTE);
    const before = world.clock.now();
    await world.pass(10 * MINUTE);
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: true });
    await world.pass(MINUTE);
    const steps = await call(bob, 'whyHere', { chatId, accountId: accountOf(cleo) });
    expect(steps).toMatchObject([
      { by: accountOf(ann), byName: 'Ann', founded: true },
      { by: accountOf(ann), byName: 'Ann', founded: false },
    ]);
    expect(await call(bob, 'whyHere', { chatId, accountId: 'nobody' })).toEqual([]);
    expect(await call(cleo, 'rosterAt', { chatId, at: before })).toHaveLength(2);
    expect(await call(cleo, 'rosterAt', { chatId, at: world.clock.now() + MINUTE })).toHaveLength(3);
  });

  it('G-LIFE-7 who gets nothing older, or nothing older than a day, gets it from no device, whenever that heard of them', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob);
    await world.pass(MINUTE);
    for (let n = 1; n <= 15; n += 1) await send(ann, chatId, `long ago ${String(n)}`);
    await world.pass(48 * 60 * MINUTE);
    for (let n = 1; n <= 15; n += 1) await send(bob, chatId, `today ${String(n)}`);
    await world.pass(MINUTE);
    const since = world.clock.now() - 24 * 60 * MINUTE;
    await call(ann, 'addMembers', { chatId, members: [accountOf(cleo)], history: true, since });
    await world.pass(MINUTE);
    const dan = await world.addDevice('Dan');
    await world.pass(MINUTE);
    await call(dan, 'joinGroup', { text: await linkOf(ann, chatId, false) });
    await world.pass(MINUTE);
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await send(ann, chatId, 'and now');
    await world.pass(2 * MINUTE);
    const older = async (device: SimulatedDevice): Promise<readonly string[]> =>
      (await texts(device, chatId)).filter((text) => text.startsWith('long ago'));
    expect([await older(cleo), await older(dan), (await older(tablet)).length]).toEqual([[], [], 15]);
    expect((await texts(dan, chatId)).filter((text) => text.startsWith('today'))).toEqual([]);
    for (const [to, first] of [
      [cleo, 'today'],
      [dan, 'and now'],
    ] as const)
      for (const device of [ann, bob, tablet]) {
        const told = await whatIsTold(device, chatId, accountOf(to));
        expect(
          told.filter((text) => !text.startsWith(first) && text !== 'and now'),
          device.name,
        ).toEqual([]);
        expect(told, device.name).toContain('and now');
      }
  });

  it('S-BACKUP-7 a backup brings the groups back, also from members who are known only from there', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) await send(device, chatId, `${device.name} was here`);
    await world.pass(MINUTE);
    const [phrase, file] = [await newPhrase(bob, world), await exportBackup(bob)];
    const [said, listed] = [await texts(bob, chatId), await listedBy(bob)];
    for (const device of [ann, bob, cleo]) device.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    expect(await importBackup(phone, file)).toBeGreaterThan(3);
    expect([await texts(phone, chatId), await listedBy(phone)]).toEqual([said, listed]);
    expect((await group(phone, chatId)).members).toHaveLength(3);
    for (const device of [ann, cleo]) await device.open();
    await world.pass(5 * MINUTE);
    await send(phone, chatId, 'back again');
    await send(cleo, chatId, 'welcome back');
    await world.pass(5 * MINUTE);
    for (const device of [ann, cleo, phone])
      expect((await texts(device, chatId)).slice(-2).sort(), device.name).toEqual(['back again', 'welcome back']);
    expect(world.violations).toEqual([]);
  });
});

async function listedBy(device: SimulatedDevice): Promise<readonly string[]> {
  const chats = (await look(device.client, 'chats', null)).map(({ chatId }) => chatId).sort();
  const use = await call(device, 'storageUse', null);
  // What a group's acts lie in is no chat to anybody.
  expect(use?.chats, device.name).toBe(chats.length);
  return chats;
}

/** The texts of all that this device would answer somebody who has nothing of the chat. */
async function whatIsTold(device: SimulatedDevice, chatId: string, to: string): Promise<readonly string[]> {
  const { engine } = device;
  const talk = engine?.chats.get(chatId as ChatId);
  if (engine === undefined || talk === undefined) throw new Error('no such group');
  const from = await engine.job((batch) => engine.groups.floorFor(talk, to as AccountId, batch));
  const documents = await engine.chats.documents(talk);
  const { changes } = await documents.answer({ from: 0, segments: [] }, Infinity, { from });
  return changes.flatMap(({ bytes }) => {
    const change = parseChange(bytes);
    const entry = change.ok ? recallEntry(change.value) : undefined;
    return entry?.ok && entry.value.record.body.kind === 'message' ? [entry.value.record.body.text] : [];
  });
}

/** Undefined when the call was refused. */
async function call<K extends CallName>(
  device: SimulatedDevice,
  name: K,
  input: CallInput<K>,
): Promise<CallValue<K> | undefined> {
  const answer = await device.client.call(name, input);
  return answer.ok ? answer.value : undefined;
}

async function linkOf(device: SimulatedDevice, chatId: string, approval: boolean): Promise<string> {
  const made = await call(device, 'createGroupInvite', { chatId, origin: 'https://app.test', approval });
  if (made === undefined) throw new Error('no link');
  return made.link;
}
