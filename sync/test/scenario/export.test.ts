/** The export: one JSON document over several parts, with everything in it that the user can see, and nothing hidden. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Couple, addContact, couple, prepare, send } from '../simulation/setup.ts';

beforeAll(prepare);

interface Exported {
  readonly format: string;
  readonly version: number;
  readonly name: string;
  readonly contacts: readonly { readonly name: string; readonly nickname?: string }[];
  readonly chats: readonly {
    readonly kind: string;
    readonly name?: string;
    readonly messages: readonly {
      readonly text: string;
      readonly from: string;
      readonly edited?: boolean;
      readonly reactions?: unknown;
    }[];
  }[];
}

/** All parts, read as one JSON document; `between` is called after each. */
async function exportAll({ ann }: Couple, between: () => Promise<unknown> = () => Promise.resolve()) {
  let [text, cursor, parts]: [string, string | undefined, number] = ['', undefined, 0];
  let progress = 0;
  do {
    const part: Awaited<ReturnType<typeof ask>> = await ask(ann, cursor);
    if (!part.ok) throw new Error(part.error.type);
    expect(part.value.done).toBeGreaterThanOrEqual(progress);
    expect(part.value.done).toBeLessThanOrEqual(part.value.total);
    progress = part.value.done;
    text += part.value.text;
    cursor = part.value.next;
    parts += 1;
    await between();
  } while (cursor !== undefined);
  return { parts, read: JSON.parse(text) as Exported };
}

function ask(device: Couple['ann'], cursor: string | undefined) {
  return device.client.call('exportPart', cursor === undefined ? {} : { cursor });
}

describe('export', () => {
  it('S-EXPORT-1 has every message that can be seen, and no other', async () => {
    const here = await couple();
    const { world, ann, bob, chatId } = here;
    const first = await send(ann, chatId, 'with "quotes", \n a line and 天気');
    await world.pass(1_000);
    const second = await send(bob, chatId, 'edited soon');
    const third = await send(bob, chatId, 'deleted soon');
    const fourth = await send(bob, chatId, 'hidden soon');
    await world.pass(5_000);
    await bob.client.call('editMessage', { chatId, recordId: second, text: 'edited' });
    await bob.client.call('deleteForEveryone', { chatId, recordId: third });
    await bob.client.call('react', { chatId, recordId: first, emoji: '👍' });
    await ann.client.call('react', { chatId, recordId: first, emoji: '❤️' });
    await ann.client.call('deleteForMe', { chatId, recordId: fourth, hidden: true });
    await world.pass(5_000);
    const { read } = await exportAll(here);
    expect(read).toMatchObject({ format: 'securechat-export', version: 1, name: 'Ann', contacts: [{ name: 'Bob' }] });
    const chat = read.chats.find((one) => one.kind === 'direct');
    expect(chat).toMatchObject({ name: 'Bob' });
    expect(chat?.messages.map(({ text, from }) => [from, text])).toEqual([
      ['Bob', 'edited'],
      ['me', 'with "quotes", \n a line and 天気'],
    ]);
    expect(chat?.messages[0]?.edited).toBe(true);
    expect(new Set(chat?.messages[1]?.reactions as object[])).toEqual(
      new Set([
        { emoji: '👍', from: 'Bob' },
        { emoji: '❤️', from: 'me' },
      ]),
    );
  });

  it('S-EXPORT-2 is one JSON document however many parts it has, also when a chat is added meanwhile', async () => {
    const here = await couple();
    const { world, ann, chatId } = here;
    const sent = Array.from({ length: 900 }, (_, i) => `message ${String(i)}`);
    for (const text of sent) await send(ann, chatId, text);
    const cleo = await world.addDevice('Cleo');
    await world.pass(1_000);
    let isAdded = false;
    const { parts, read } = await exportAll(here, async () => {
      if (!isAdded) await addContact(ann, cleo);
      isAdded = true;
    });
    expect(parts).toBeGreaterThan(4);
    expect(read.chats).toHaveLength(3);
    const messages = read.chats.find((chat) => chat.name === 'Bob')?.messages ?? [];
    expect(messages.map(({ text }) => text).reverse()).toEqual(sent);
  });

  it('S-EXPORT-2 also when there is nothing in it, or only hidden messages on a page', async () => {
    const here = await couple();
    expect((await exportAll(here)).read.chats.map(({ messages }) => messages)).toEqual([[], []]);
    const { ann, chatId } = here;
    const recordId = await send(ann, chatId, 'gone');
    await ann.client.call('deleteForEveryone', { chatId, recordId });
    expect((await exportAll(here)).read.chats.map(({ messages }) => messages)).toEqual([[], []]);
  });
});
