/** Two own devices off line change the same thing; afterwards both show the same, as SPEC-documents says which. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;

interface Pair {
  readonly world: World;
  readonly ann: SimulatedDevice;
  readonly tablet: SimulatedDevice;
  readonly bob: SimulatedDevice;
  readonly chatId: string;
  readonly bobId: string;
}

async function scene(seed: number): Promise<Pair> {
  const { world, ann, bob, chatId } = await couple(seed);
  const tablet = await addOwnDevice(ann, 'Tablet', world);
  await world.pass(2 * MINUTE);
  return { world, ann, tablet, bob, chatId, bobId: bob.engine?.self.identity.account.id ?? '' };
}

/** Both do something while neither hears of the other; then they meet, the first of `order` first. */
async function apart(
  { world, ann, tablet }: Pair,
  act: (device: SimulatedDevice, name: string) => Promise<unknown>,
  order: 'ann' | 'tablet',
): Promise<void> {
  for (const device of [ann, tablet]) {
    device.line.cut = true;
    device.line.hangUp();
  }
  await act(ann, 'phone');
  await world.pass(MINUTE);
  await act(tablet, 'tablet');
  await world.pass(10 * MINUTE);
  for (const device of order === 'ann' ? [ann, tablet] : [tablet, ann]) {
    device.line.cut = false;
    device.client.call('reconnect', null).catch(() => undefined);
    await world.pass(5 * MINUTE);
  }
  await world.pass(10 * MINUTE);
}

interface Shown {
  readonly draft: string | undefined;
  readonly folder: string | undefined;
  readonly pinned: boolean;
  readonly theme: string;
  readonly name: string;
  readonly nickname: string | undefined;
}

async function shown({ client }: SimulatedDevice, chatId: string): Promise<Shown> {
  const chat = (await look(client, 'chats', null)).find((each) => each.chatId === chatId);
  const [contact] = await look(client, 'contacts', null);
  return {
    draft: chat?.draft,
    folder: chat?.folder,
    pinned: chat?.pinned === true,
    theme: (await look(client, 'settings', null)).theme,
    name: (await look(client, 'profile', null)).name,
    nickname: contact?.nickname,
  };
}

describe.each(['ann', 'tablet'] as const)('two own devices off line, %s back first', (order) => {
  it('S-MERGE-1 what both set is on both one of the two values; later each of them can change it', async () => {
    const pair = await scene(order === 'ann' ? 71 : 72);
    const { world, ann, tablet, bob, chatId, bobId } = pair;
    await apart(
      pair,
      async ({ client }, name) => {
        await client.call('setDraft', { chatId, text: `draft of the ${name}` });
        await client.call('setChatFlags', { chatId, folder: `Folder ${name}`, pinned: name === 'phone' });
        await client.call('setSettings', { theme: name === 'phone' ? 'dark' : 'light' });
        await client.call('setProfile', { name: `Ann of the ${name}` });
        await client.call('setNickname', { accountId: bobId, nickname: `Bob of the ${name}` });
      },
      order,
    );
    const [here, there] = [await shown(ann, chatId), await shown(tablet, chatId)];
    expect(here).toEqual(there);
    for (const [value, both] of [
      [here.draft, ['draft of the phone', 'draft of the tablet']],
      [here.folder, ['Folder phone', 'Folder tablet']],
      [here.theme, ['dark', 'light']],
      [here.name, ['Ann of the phone', 'Ann of the tablet']],
      [here.nickname, ['Bob of the phone', 'Bob of the tablet']],
    ] as const)
      expect(both).toContain(value);
    // Contacts end with the name that the devices have, whichever reached them first.
    const [chat] = (await look(bob.client, 'chats', null)).filter((each) => each.chatId === chatId);
    expect(chat?.title).toBe(here.name);
    for (const device of [ann, tablet]) {
      await device.client.call('setDraft', { chatId, text: `last of ${device.name}` });
      await device.client.call('setProfile', { name: `Ann at last, ${device.name}` });
      await world.pass(MINUTE);
      for (const each of [ann, tablet])
        expect(await shown(each, chatId)).toMatchObject({
          draft: `last of ${device.name}`,
          name: `Ann at last, ${device.name}`,
        });
    }
    expect(world.violations).toEqual([]);
  }, 180_000);

  it('S-MERGE-2 set on one and cleared on the other it is set; of two read marks the higher counts', async () => {
    const pair = await scene(order === 'ann' ? 73 : 74);
    const { world, ann, tablet, bob, chatId } = pair;
    for (let n = 1; n <= 4; n += 1) await send(bob, chatId, `message ${String(n)}`);
    await ann.client.call('setDraft', { chatId, text: 'old draft' });
    await ann.client.call('setChatFlags', { chatId, folder: 'Old' });
    await world.pass(MINUTE);
    const ids = (await ann.timeline(chatId)).map(({ id }) => id);
    const isClearing = (name: string): boolean => (name === 'phone') === (order === 'ann');
    await apart(
      pair,
      async ({ client }, name) => {
        await client.call('setDraft', { chatId, text: isClearing(name) ? '' : 'new draft' });
        await client.call('setChatFlags', { chatId, folder: isClearing(name) ? null : 'New' });
        await client.call('markRead', { chatId, upTo: ids[isClearing(name) ? 2 : 0] ?? '' });
        await client.call('setStarred', { chatId, recordId: ids[isClearing(name) ? 1 : 3] ?? '', starred: true });
      },
      order,
    );
    for (const device of [ann, tablet]) {
      expect(await shown(device, chatId)).toMatchObject({ draft: 'new draft', folder: 'New' });
      const chat = (await look(device.client, 'chats', null)).find((each) => each.chatId === chatId);
      expect(chat?.unread).toBe(1);
      expect((await device.timeline(chatId)).map(({ starred }) => starred)).toEqual([false, true, false, true]);
    }
  }, 180_000);

  it('S-MERGE-3 blocked on one while the other goes on with the contact: blocked on both, until one decides', async () => {
    const pair = await scene(order === 'ann' ? 75 : 76);
    const { world, ann, tablet, bob, chatId, bobId } = pair;
    await apart(
      pair,
      async ({ client }, name) => {
        if ((name === 'phone') === (order === 'ann'))
          await client.call('setBlocked', { accountId: bobId, blocked: true });
        else await client.call('setNickname', { accountId: bobId, nickname: 'my friend' });
      },
      order,
    );
    const isBlocked = async (device: SimulatedDevice): Promise<unknown> =>
      (await look(device.client, 'contacts', null)).map(({ state, nickname }) => [state, nickname]);
    for (const device of [ann, tablet]) expect(await isBlocked(device)).toEqual([['blocked', 'my friend']]);
    await send(bob, chatId, 'do you hear me?');
    await world.pass(MINUTE);
    for (const device of [ann, tablet]) expect(await device.timeline(chatId)).toEqual([]);
    await tablet.client.call('setBlocked', { accountId: bobId, blocked: false });
    await world.pass(20 * MINUTE);
    for (const device of [ann, tablet]) {
      expect(await isBlocked(device)).toEqual([['accepted', 'my friend']]);
      expect((await device.timeline(chatId)).map(({ text }) => text)).toEqual(['do you hear me?']);
    }
  }, 180_000);
});
