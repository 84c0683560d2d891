/** The rows are a cache: thrown away and folded anew from the documents they are what they were. */
import { beforeAll, expect, it } from 'vitest';
import type { ChatId } from '@securechat/crypto';
import type { Engine } from '../../src/engine.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { type Couple, couple, prepare, send } from '../simulation/setup.ts';

beforeAll(prepare);

/** A story with all that a chat can hold, several segments long, with a crash and both sides away in it. */
async function story(): Promise<Couple> {
  const here = await couple();
  const { world, ann, bob, chatId } = here;
  const ids: string[] = [];
  for (let i = 0; i < 30; i += 1) {
    const from = i % 3 === 0 ? bob : ann;
    ids.push(await send(from, chatId, `message ${String(i)} 天気`));
    if (i % 5 === 0) await world.pass(2_000);
  }
  await world.pass(5_000);
  const [first = '', second = '', third = '', fourth = ''] = ids;
  await bob.client.call('editMessage', { chatId, recordId: first, text: 'message 0, corrected' });
  await ann.client.call('react', { chatId, recordId: first, emoji: '👍' });
  await bob.client.call('react', { chatId, recordId: second, emoji: '❤️' });
  await bob.client.call('react', { chatId, recordId: second });
  await ann.client.call('deleteForEveryone', { chatId, recordId: third });
  bob.crash();
  await ann.client.call('editMessage', { chatId, recordId: second, text: 'while Bob was down' });
  await bob.open();
  for (const device of [ann, bob]) {
    device.line.cut = true;
    device.line.hangUp();
    await send(device, chatId, `written apart by ${device.name}`);
  }
  await ann.client.call('deleteForMe', { chatId, recordId: fourth, hidden: true });
  for (const device of [ann, bob]) device.line.cut = false;
  await world.pass(5 * 60_000);
  return here;
}

/** All that the projection says of a chat. */
async function everything(engine: Engine, chatId: ChatId): Promise<unknown> {
  const { projection, store } = engine;
  const states = (await store.range('rows', { from: 'row:', to: 'row;' })).map(({ key, value }) => [
    key,
    new TextDecoder().decode(value),
  ]);
  const hits: unknown[] = [];
  await projection.search(
    { text: '天気', chatId, limit: 50 },
    (results) => hits.push(results),
    new AbortController().signal,
  );
  return {
    states: new Map(states as [string, string][]),
    page: await projection.page({ chatId, anchor: 'end', older: 399, newer: 0 }),
    unread: await projection.unread(chatId, new Map()),
    last: await projection.lastMessage(chatId),
    count: await projection.messageCount(chatId),
    found: hits.at(-1),
  };
}

function engineOf(device: SimulatedDevice): Engine {
  if (device.engine === undefined) throw new Error('not open');
  return device.engine;
}

it('S-REBUILD-1 rows folded anew from the documents are the rows that grew with the story', async () => {
  const { ann, bob, chatId } = await story();
  for (const device of [ann, bob]) {
    const engine = engineOf(device);
    const id = chatId as ChatId;
    const grown = await everything(engine, id);
    expect(grown).toMatchObject({ count: 32 });
    const chat = engine.chats.get(id);
    if (chat === undefined) throw new Error('no chat');
    const documents = await engine.chats.documents(chat);
    await engine.lane.run(() => engine.projection.rebuild(id, documents.readAll()));
    expect(await everything(engine, id)).toEqual(grown);
  }
});

/** Puts something into the store in the place of a row of the projection. */
async function damage(device: SimulatedDevice, kind: string): Promise<void> {
  const engine = engineOf(device);
  const [entry] = await engine.store.range('rows', { from: `${kind}:`, to: `${kind};` });
  if (entry === undefined) throw new Error(`no ${kind}`);
  await engine.store.commit([{ op: 'put', table: 'rows', key: entry.key, value: new TextEncoder().encode('rot') }]);
}

it.each(['row', 'leaf'])(
  'S-REBUILD-2 a damaged %s is found when it is read, and the chat is folded anew',
  async (kind) => {
    const here = await story();
    const { world, ann, bob, chatId } = here;
    const before = (await ann.timeline(chatId)).map((item) => item.text);
    await damage(ann, kind);
    const failing = ann.client.watch('timeline', { chatId, anchor: 'end', older: 399, newer: 0 }, () => undefined);
    await world.pass(1_000);
    failing();
    ann.failure = undefined; // the damage was reported
    await ann.restart();
    expect((await ann.timeline(chatId)).map((item) => item.text)).toEqual(before);
    await send(bob, chatId, 'afterwards');
    await world.pass(10_000);
    expect((await ann.timeline(chatId)).map((item) => item.text)).toEqual([...before, 'afterwards']);
    expect(ann.failure).toBeUndefined();
  },
);

it('S-REBUILD-2 so is one that is met when something arrives; what waits to be published is not lost by it', async () => {
  const { world, ann, bob, chatId } = await story();
  const before = (await ann.timeline(chatId)).map((item) => item.text);
  const { composer } = engineOf(ann);
  const publish = composer.publishOne.bind(composer);
  composer.publishOne = () => Promise.resolve(false);
  await send(ann, chatId, 'not published yet');
  await damage(ann, 'leaf');
  await send(bob, chatId, 'arriving');
  await world.pass(5_000);
  const seen = (await ann.timeline(chatId)).map((item) => item.text);
  expect([...seen].sort()).toEqual([...before, 'not published yet', 'arriving'].sort());
  composer.publishOne = publish;
  await send(ann, chatId, 'and on');
  await world.pass(60_000);
  expect((await bob.timeline(chatId)).map((item) => item.text)).toEqual(
    expect.arrayContaining(['not published yet', 'and on']),
  );
  expect(ann.failure).toBeUndefined();
});
