/** Polls as members live them: asking, voting, changing one's mind, closing, with somebody away. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Poll } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send } from '../simulation/setup.ts';
import { circle, cut, found } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const OPTIONS = ['soup', 'salad', 'nothing'];

async function ask(by: SimulatedDevice, chatId: string, question: string, multiple = false): Promise<string> {
  const input = { id: question.padEnd(22, '-').slice(0, 22), chatId, question, options: OPTIONS, multiple };
  const asked = await by.client.call('createPoll', input);
  if (!asked.ok) throw new Error(asked.error.type);
  return asked.value.recordId;
}

async function vote(by: SimulatedDevice, chatId: string, recordId: string, ...choices: readonly number[]) {
  return (await by.client.call('vote', { chatId, recordId, choices })).ok;
}

async function pollOf(device: SimulatedDevice, chatId: string): Promise<Poll | undefined> {
  return (await device.timeline(chatId)).find(({ poll }) => poll !== undefined)?.poll;
}

const counts = async (device: SimulatedDevice, chatId: string) =>
  (await pollOf(device, chatId))?.options.map(({ votes }) => votes);

describe('polls', () => {
  it('S-POLL-1 votes from any device, offline too, add up the same for everybody', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const id = await ask(ann, chatId, 'Lunch?');
    await world.pass(MINUTE);
    cut(cleo, true);
    expect(await vote(ann, chatId, id, 0)).toBe(true);
    expect(await vote(bob, chatId, id, 0)).toBe(true);
    expect(await vote(cleo, chatId, id, 1)).toBe(true);
    expect(await counts(cleo, chatId)).toEqual([0, 1, 0]);
    await world.pass(MINUTE);
    cut(cleo, false);
    expect(await vote(tablet, chatId, id, 2)).toBe(true);
    await world.pass(10 * MINUTE);
    for (const device of [ann, bob, tablet, cleo]) expect(await counts(device, chatId)).toEqual([1, 1, 1]);
    expect(await pollOf(bob, chatId)).toMatchObject({
      ...{ voters: 3, mine: true, closed: false, multiple: false },
      options: [
        { text: 'soup', mine: false, names: ['Ann'] },
        { text: 'salad', mine: false, names: ['Cleo'] },
        { text: 'nothing', mine: true, names: [] },
      ],
    });
    expect(await vote(cleo, chatId, id)).toBe(true);
    await world.pass(MINUTE);
    for (const device of [ann, bob, tablet, cleo]) expect(await counts(device, chatId)).toEqual([1, 0, 1]);
  });

  it('S-POLL-2 who asked closes it, and what is voted later counts for nobody', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    const id = await ask(ann, chatId, 'Lunch?');
    await world.pass(MINUTE);
    await vote(bob, chatId, id, 0);
    await world.pass(MINUTE);
    expect(await bob.client.call('closePoll', { chatId, recordId: id })).toMatchObject({ error: { type: 'NotYours' } });
    cut(bob, true);
    expect((await ann.client.call('closePoll', { chatId, recordId: id })).ok).toBe(true);
    await world.pass(MINUTE);
    // He does not know yet.
    expect(await vote(bob, chatId, id, 1)).toBe(true);
    expect(await cleo.client.call('vote', { chatId, recordId: id, choices: [0] })).toMatchObject({
      error: { type: 'PollClosed' },
    });
    cut(bob, false);
    await world.pass(10 * MINUTE);
    for (const device of [ann, bob, cleo]) {
      expect(await counts(device, chatId)).toEqual([1, 0, 0]);
      expect((await pollOf(device, chatId))?.closed).toBe(true);
    }
  });

  it('S-POLL-3 what is no poll is refused, and a poll is as it was asked', async () => {
    const { world, ann, bob, chatId } = await couple();
    const refusal = async (question: string, options: readonly string[]) => {
      const made = await ann.client.call('createPoll', {
        id: 'x'.repeat(22),
        chatId,
        question,
        options,
        multiple: false,
      });
      return made.ok ? undefined : made.error.type;
    };
    expect(await refusal('  ', OPTIONS)).toBe('TooLong');
    expect(await refusal('x'.repeat(301), OPTIONS)).toBe('TooLong');
    for (const options of [['one'], ['one', ' one '], ['one', ' '], ['one', 'x'.repeat(101)], Array(13).fill('x')])
      expect(await refusal('Lunch?', options)).toBe('PollInvalid');
    const id = await ask(ann, chatId, 'Lunch?');
    const plain = await send(ann, chatId, 'no poll');
    await world.pass(MINUTE);
    expect(await vote(bob, chatId, id, 3)).toBe(false);
    expect(await vote(bob, chatId, id, 0, 1)).toBe(false);
    expect(await vote(bob, chatId, plain, 0)).toBe(false);
    expect(await vote(bob, chatId, id, 1)).toBe(true);
    const edited = await ann.client.call('editMessage', { chatId, recordId: id, text: 'Dinner?' });
    expect(edited).toMatchObject({ error: { type: 'NotEditable' } });
    await ann.client.call('deleteForEveryone', { chatId, recordId: id });
    await world.pass(MINUTE);
    expect(await pollOf(bob, chatId)).toBeUndefined();
    expect(await vote(bob, chatId, id, 0)).toBe(false);
  });

  it('S-POLL-4 the list of chats says that the last message is a poll', async () => {
    const { world, ann, bob, chatId } = await couple();
    await ask(ann, chatId, 'Lunch?', true);
    await world.pass(MINUTE);
    const [chat] = (await look(bob.client, 'chats', null)).filter((each) => each.chatId === chatId);
    expect(chat?.preview).toMatchObject({ kind: 'poll', text: 'Lunch?' });
  });
});
