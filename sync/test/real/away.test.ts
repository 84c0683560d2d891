/** Promise 2, "Nothing is lost", with real processes: B is away, A sends 500, the relay is killed, B comes back. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.ts';
import { prepare } from '../simulation/setup.ts';
import { befriend, until } from './asking.ts';
import { Profile, allMessages } from './node-client.ts';
import { RelayProcess } from './relay-process.ts';

const clients: Client[] = [];
let relay: RelayProcess | undefined;

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await relay?.destroy();
});

async function start(profile: Profile): Promise<Client> {
  const client = await profile.open();
  clients.push(client);
  return client;
}

it('A sends 500 messages while B is away and the relay is killed: B gets all, once, in order', async () => {
  relay = await RelayProcess.create();
  const [profileA, profileB] = [new Profile(), new Profile()];
  const ann = await start(profileA);
  const bob = await start(profileB);
  await ann.call('createAccount', { name: 'Ann', relayUrl: relay.url });
  await bob.call('createAccount', { name: 'Bob', relayUrl: relay.url });
  const chatId = await befriend(ann, bob);
  await bob.close();
  clients.splice(clients.indexOf(bob), 1);

  const sent = Array.from({ length: 500 }, (_, i) => `message ${String(i + 1)}`);
  for (const [i, text] of sent.entries()) {
    const answer = await ann.call('sendMessage', { id: String(i).padStart(22, '0'), chatId, text });
    expect(answer.ok).toBe(true);
  }
  await until(ann, 'connection', null, ({ waiting }) => waiting === 0);
  await relay.kill();
  await relay.start();

  const again = await start(profileB);
  await until(again, 'chat', { chatId }, (chat) => chat !== null && chat.unread === 500);
  expect((await allMessages(again, chatId)).map((item) => item.text)).toEqual(sent);
  // Sent is not the end: the sender learns that all of them arrived.
  await until(ann, 'timeline', { chatId, anchor: 'end', older: 399, newer: 0 }, (page) =>
    page.items.every((item) => item.type !== 'message' || item.tick === 'delivered'),
  );
}, 120_000);
