/** Mentions: who is meant, who counts, and what a chat says of them until they are read. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { MentionRange, MessageItem } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare } from '../simulation/setup.ts';
import { accountOf, circle, found, removeFrom } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
let calls = 0;

async function say(
  by: SimulatedDevice,
  chatId: string,
  text: string,
  mentions: readonly MentionRange[],
): Promise<string> {
  const id = `mention-${String((calls += 1))}`.padEnd(22, '-');
  const sent = await by.client.call('sendMessage', { id, chatId, text, mentions });
  if (!sent.ok) throw new Error(sent.error.type);
  return sent.value.recordId;
}

async function last(device: SimulatedDevice, chatId: string): Promise<MessageItem | undefined> {
  return (await device.timeline(chatId)).at(-1);
}

async function isMentioned(device: SimulatedDevice, chatId: string): Promise<boolean> {
  const chat = (await look(device.client, 'chats', null)).find((each) => each.chatId === chatId);
  return (chat?.mentioned ?? 0) > 0;
}

describe('mentions', () => {
  it('S-MENTION-1 name members of a group, as each reader calls them, and nobody else', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await ann.client.call('setNickname', { accountId: accountOf(bob), nickname: 'Bobby' });
    const [of, whom] = [accountOf(bob), accountOf(cleo)];
    const nobody = 'A'.repeat(43);
    await say(ann, chatId, '@Bob @Cleo @Nobody', [
      { at: 0, length: 4, accountId: of },
      { at: 5, length: 5, accountId: whom },
      { at: 11, length: 7, accountId: nobody },
    ]);
    await world.pass(MINUTE);
    expect((await last(ann, chatId))?.mentions).toMatchObject([
      { at: 0, length: 4, accountId: of, name: 'Bobby', me: false },
      { at: 5, length: 5, accountId: whom, name: 'Cleo', me: false },
    ]);
    expect((await last(cleo, chatId))?.mentions).toMatchObject([{ me: false }, { me: true }]);
    await removeFrom(ann, chatId, cleo);
    await world.pass(MINUTE);
    expect((await last(bob, chatId))?.mentions).toMatchObject([{ accountId: of, me: true }]);
  });

  it('S-MENTION-1 in a chat of two nobody is mentioned', async () => {
    const { world, ann, bob, chatId } = await couple();
    await say(ann, chatId, '@Bob hello', [{ at: 0, length: 4, accountId: accountOf(bob) }]);
    await world.pass(MINUTE);
    expect(await last(bob, chatId)).toMatchObject({ text: '@Bob hello' });
    expect(await last(bob, chatId)).not.toHaveProperty('mentions');
    expect(await isMentioned(bob, chatId)).toBe(false);
  });

  it('S-MENTION-2 what is no stretch of the text of its own is not written', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    const accountId = accountOf(bob);
    const range = (at: number, length: number) => ({ at, length, accountId });
    const bad = [
      range(-1, 2),
      range(0.5, 1),
      range(3, 1),
      range(9, 2),
      range(4, 0),
      { at: 6, length: 1, accountId: 'x' },
    ];
    await say(ann, chatId, '@Bob hello', [...bad, range(2, 3), range(0, 2)]);
    const kept = (await last(ann, chatId))?.mentions?.map(({ at, length }) => [at, length]);
    expect(kept).toEqual([
      [0, 2],
      [2, 3],
    ]);
    await say(
      ann,
      chatId,
      '@'.repeat(40),
      Array.from({ length: 40 }, (_, at) => range(at, 1)),
    );
    expect((await last(ann, chatId))?.mentions).toHaveLength(32);
  });

  it('S-MENTION-3 a chat says that one is mentioned until it is read, edited away or deleted, on every own device', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const mentions = [{ at: 0, length: 4, accountId: accountOf(bob) }];
    const seenBy = async () => {
      await world.pass(MINUTE);
      return Promise.all([bob, tablet, cleo].map((device) => isMentioned(device, chatId)));
    };
    const first = await say(ann, chatId, 'hello', []);
    expect(await seenBy()).toEqual([false, false, false]);
    await ann.client.call('editMessage', { chatId, recordId: first, text: '@Bob hello', mentions });
    expect(await seenBy()).toEqual([true, true, false]);
    await ann.client.call('editMessage', { chatId, recordId: first, text: 'hello' });
    expect(await seenBy()).toEqual([false, false, false]);
    const second = await say(ann, chatId, '@Bob again', mentions);
    expect(await seenBy()).toEqual([true, true, false]);
    await tablet.client.call('markRead', { chatId, upTo: second });
    expect(await seenBy()).toEqual([false, false, false]);
    const third = await say(ann, chatId, '@Bob once more', mentions);
    expect(await seenBy()).toEqual([true, true, false]);
    await ann.client.call('deleteForEveryone', { chatId, recordId: third });
    expect(await seenBy()).toEqual([false, false, false]);
  });
});
