/** Promise 3, "The server is blind": unique strings in every field, then a search in all that the relay holds and says. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.ts';
import { prepare } from '../simulation/setup.ts';
import { befriend, until } from './asking.ts';
import { formsOf } from './forms.ts';
import { Profile } from './node-client.ts';
import { RelayProcess } from './relay-process.ts';

const CANARIES = {
  annsName: 'canary-ann-name-7f3a',
  bobsName: 'canary-bob-name-91cd',
  nickname: 'canary-nickname-55ee',
  message: 'canary-message-0b1c',
  edited: 'canary-edited-8d2e',
  draft: 'canary-draft-6a7b',
  search: 'canary-search-4e5f',
  reaction: '🦄',
  passphrase: 'canary-passphrase-3c4d',
} as const;

const clients: Client[] = [];
let relay: RelayProcess | undefined;

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await relay?.destroy();
});

it('no field of anything that two people do is in the relay database, logs or metrics, or in a stored value or key', async () => {
  relay = await RelayProcess.create();
  const profiles = [new Profile(), new Profile()] as const;
  const ann = await profiles[0].open();
  const bob = await profiles[1].open();
  clients.push(ann, bob);
  await ann.call('createAccount', { name: CANARIES.annsName, relayUrl: relay.url });
  await bob.call('createAccount', { name: CANARIES.bobsName, relayUrl: relay.url });
  const chatId = await befriend(ann, bob);
  const sent = await ann.call('sendMessage', { id: 'a'.repeat(22), chatId, text: CANARIES.message });
  if (!sent.ok) throw new Error(sent.error.type);
  const { recordId } = sent.value;
  await until(bob, 'chat', { chatId }, (chat) => chat?.unread === 1);
  await bob.call('markRead', { chatId, upTo: recordId });
  await bob.call('react', { chatId, recordId, emoji: CANARIES.reaction });
  await bob.call('setDraft', { chatId, text: CANARIES.draft });
  await bob.call('setTyping', { chatId, typing: true });
  await until(ann, 'timeline', { chatId, anchor: 'end', older: 9, newer: 0 }, ({ items }) =>
    items.some((item) => item.type === 'message' && item.reactions.length === 1 && item.tick === 'read'),
  );
  await ann.call('editMessage', { chatId, recordId, text: CANARIES.edited });
  const annId = await until(bob, 'contacts', null, (all) => all.length === 1);
  await bob.call('setNickname', { accountId: annId[0]?.accountId ?? '', nickname: CANARIES.nickname });
  await until(bob, 'search', { text: CANARIES.search, limit: 5 }, ({ done }) => done);
  await until(bob, 'timeline', { chatId, anchor: 'end', older: 9, newer: 0 }, ({ items }) =>
    items.some((item) => item.type === 'message' && item.text === CANARIES.edited),
  );
  // Bob goes; what Ann writes now waits on the relay's disk.
  await bob.close();
  clients.splice(clients.indexOf(bob), 1);
  await ann.call('sendMessage', { id: 'b'.repeat(22), chatId, text: CANARIES.message });
  await until(ann, 'connection', null, ({ waiting }) => waiting === 0);

  const held = [await relay.disk(), Buffer.from(relay.output), Buffer.from(await relay.metrics())];
  expect(held[0]?.length).toBeGreaterThan(1000);
  for (const [field, canary] of Object.entries(CANARIES)) {
    for (const bytes of held)
      for (const form of formsOf(canary)) expect(bytes.includes(form), `${field} on the relay`).toBe(false);
    for (const profile of profiles) {
      for (const form of formsOf(canary)) expect(await profile.holds(form), `${field} in a profile`).toBe(false);
    }
  }
}, 60_000);
