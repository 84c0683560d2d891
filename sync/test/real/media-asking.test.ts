/** A file that the storage server lost, asked for among those who may have it: two people, and a group with a liar in it. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { MediaDraft } from '../../src/api.ts';
import { inBatch } from '../../src/batch.ts';
import type { Client } from '../../src/client.ts';
import type { Part } from '../../src/payload/payload.ts';
import { prepare } from '../simulation/setup.ts';
import { befriend, must, until } from './asking.ts';
import { MediaWorld } from './media-world.ts';
import { Profile } from './node-client.ts';

const PATIENCE = 180_000;
const worlds: MediaWorld[] = [];
const strangers: Client[] = [];

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(strangers.splice(0).map((client) => client.close()));
  await Promise.all(worlds.splice(0).map((world) => world.end()));
});

async function start(): Promise<MediaWorld> {
  const world = await MediaWorld.create();
  worlds.push(world);
  return world;
}

/** Mallory, a contact of both. */
async function addMallory({ ann, bob, servers }: MediaWorld): Promise<Client> {
  const mallory = await new Profile().open();
  strangers.push(mallory);
  await must(mallory.call('createAccount', { name: 'Mallory', relayUrl: servers.relay.url }));
  for (const other of [ann, bob]) await befriend(other, mallory);
  return mallory;
}

function file(text: string): MediaDraft & { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(Buffer.alloc(300_000, text));
  return { bytes, content: new Blob([bytes.slice()]), kind: 'file', type: 'application/pdf', name: `${text}.pdf` };
}

/** The server loses all that it has; what clients have of it stays. */
async function loseAll(world: MediaWorld): Promise<void> {
  const { storage } = world.servers;
  await storage.kill();
  for (const name of await world.blobs()) await rm(name);
  await storage.start();
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function accountOf(client: Client): AccountId {
  return engineOf(client).self.identity.account.id;
}

function engineOf(client: Client) {
  const { engine } = client;
  if (engine === undefined) throw new Error('not open');
  return engine;
}

/** What a modified client says to all devices of somebody. */
async function say(from: Client, to: Client, part: Part): Promise<void> {
  const engine = engineOf(from);
  await engine.lane.run(() =>
    inBatch(engine.store, (batch) => {
      engine.outbox.tell(batch, { accountId: accountOf(to), parts: [part], topic: `said:${JSON.stringify(part)}` });
    }),
  );
  engine.kick();
}

/** The blob of the newest message with media in a chat, as its pointer names it. */
async function blobIn(client: Client, chatId: string, recordId: string): Promise<string> {
  const row = await engineOf(client).projection.get(chatId as ChatId, recordId);
  return row?.media?.[0]?.blob ?? '';
}

it(
  'S-LOST-2 S-LOST-6 what the server lost comes from the sender, also when that was off line, and goes with the message',
  async () => {
    const world = await start();
    const sent = file('minutes');
    await must(world.bob.call('setSettings', { autoDownloadFiles: 0 }));
    await world.send([sent]);
    await world.sent();
    const { id } = await world.message(world.bob, (item) => item.media !== undefined);
    await loseAll(world);
    const place = { chatId: world.chatId, recordId: id };
    await must(world.bob.call('loadMedia', place));
    await world.state(world.bob, id, ({ failure }) => failure === 'Expired');
    await world.ann.close();
    await must(world.bob.call('askForMedia', { ...place, index: 0 }));
    await world.state(world.bob, id, ({ asked }) => asked === 'asking');
    await world.reopenBob();
    await world.state(world.bob, id, ({ state, asked }) => state === 'absent' && asked === 'waiting');
    world.ann = await world.profiles.ann.open();
    await world.state(world.bob, id, ({ state, asked }) => state === 'here' && asked === undefined);
    expect(digest(await world.file(world.bob, id, sent.bytes.length))).toBe(digest(sent.bytes));
    // Freed, it is fetched again from where it is by now.
    await must(world.bob.call('freeMedia', {}));
    await must(world.bob.call('loadMedia', place));
    await world.state(world.bob, id, ({ state }) => state === 'here');
    expect(await world.blobs()).toHaveLength(1);
    await must(world.ann.call('deleteForEveryone', place));
    await expect.poll(() => world.blobs(), { timeout: PATIENCE }).toEqual([]);
  },
  PATIENCE,
);

it(
  'S-LOST-4 a member who answers with another file is found out, and an honest answer still counts',
  async () => {
    const world = await start();
    const { ann, bob } = world;
    const mallory = await addMallory(world);
    const members = [bob, mallory].map(accountOf);
    const { chatId } = await must(ann.call('createGroup', { name: 'Minutes', members }));
    for (const client of [bob, mallory]) await until(client, 'chat', { chatId }, (chat) => chat !== null);
    world.chatId = chatId;
    await must(bob.call('setSettings', { autoDownloadFiles: 0 }));
    const [sent, bait] = [file('minutes'), file('bait')];
    await world.send([sent]);
    await world.sent();
    const { id } = await world.message(bob, (item) => item.media !== undefined);
    await loseAll(world);
    await world.ann.close();
    // Mallory's own file, in place of the one that is asked for.
    await must(mallory.call('sendMedia', { id: world.nextId(), chatId, items: [bait] }));
    const baited = await world.message(bob, (item) => item.media?.[0]?.name === 'bait.pdf');
    const [blob, name] = [await blobIn(bob, chatId, id), await blobIn(bob, chatId, baited.id)];
    await must(bob.call('askForMedia', { chatId, recordId: id, index: 0 }));
    const lie: Part = { type: 'mediaAt', chatId: chatId as ChatId, blob, url: world.servers.storage.url, name };
    await say(mallory, bob, lie);
    await world.state(bob, id, ({ failure }) => failure === 'ReplayedBlob');
    await world.state(bob, id, ({ asked }) => asked !== undefined);
    world.ann = await world.profiles.ann.open();
    await world.state(bob, id, ({ state }) => state === 'here');
    expect(digest(await world.file(bob, id, sent.bytes.length))).toBe(digest(sent.bytes));
  },
  PATIENCE,
);

it(
  'S-LOST-3 who is not in the chat is not answered, whatever chat they name',
  async () => {
    const world = await start();
    const { ann, bob, chatId } = world;
    const mallory = await addMallory(world);
    const shared = [...engineOf(mallory).chats.all()].find(({ with: { peer } }) => peer === accountOf(ann))?.chatId;
    if (shared === undefined) throw new Error('no chat with Ann');
    await world.send([file('minutes')]);
    await world.sent();
    const { id } = await world.message(bob, (item) => item.media !== undefined);
    await must(bob.call('loadMedia', { chatId, recordId: id }));
    await world.state(bob, id, ({ state }) => state === 'here');
    const blob = await blobIn(bob, chatId, id);
    const [before] = await world.blobs();
    const heard: { readonly account: AccountId; readonly device: DeviceId }[] = [];
    const { answering } = engineOf(ann).media;
    const hear = answering.heard.bind(answering);
    answering.heard = (asked) => {
      heard.push({ account: asked.from.accountId, device: asked.from.deviceId });
      hear(asked);
    };
    // Ann's device ignores the first as one about a chat of others, and hears of the second only what is not Mallory's to have.
    for (const named of [chatId, shared]) await say(mallory, ann, { type: 'mediaAsk', chatId: named as ChatId, blob });
    await expect.poll(() => heard.length, { timeout: PATIENCE }).toBe(1);
    await must(bob.call('freeMedia', {}));
    await loseAll(world);
    await must(bob.call('askForMedia', { chatId, recordId: id, index: 0 }));
    await world.state(bob, id, ({ state }) => state === 'here');
    expect(heard.map(({ account }) => account)).toEqual([accountOf(mallory), accountOf(bob)]);
    const blobs = await world.blobs();
    expect(blobs).toHaveLength(1);
    expect(blobs).not.toContain(before);
  },
  PATIENCE,
);
