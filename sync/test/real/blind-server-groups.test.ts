/**
 * Promise 3, "The server is blind", for groups: unique strings in every field, and the group's ids, keys and acts, searched
 * for in all that the relay holds: files, logs, metrics and the memory of its process.
 */
import { type ChatId, fromBase64Url } from '@securechat/crypto';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { rootChatId } from '../../src/chats/chat-book.ts';
import type { Client } from '../../src/client.ts';
import { actIdBytes } from '../../src/records/index.ts';
import { prepare } from '../simulation/setup.ts';
import { befriend, must, until } from './asking.ts';
import { formsOf } from './forms.ts';
import { Profile } from './node-client.ts';
import { searchMemory } from './process-memory.ts';
import { RelayProcess } from './relay-process.ts';

const CANARIES = {
  annsName: 'canary-ann-in-group-2c1f',
  bobsName: 'canary-bob-in-group-7d4e',
  cleosName: 'canary-cleo-in-group-90ab',
  groupName: 'canary-group-name-e31b',
  laterName: 'canary-later-name-5f60',
  description: 'canary-description-b7d2',
  message: 'canary-group-message-04c9',
  waiting: 'canary-waiting-message-8e77',
  draft: 'canary-group-draft-6a15',
  // Longer than one: four bytes are found by chance in a hundred megabytes.
  reaction: '🦄🪿🦤🪼',
} as const;
/** The relay keeps handles, so this one has to be found: else the search finds nothing at all. */
const HANDLE = 'canary_handle_31d5';

const clients: Client[] = [];
let relay: RelayProcess | undefined;

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await relay?.destroy();
});

it('nothing that a group is, says or does is in the relay files, logs, metrics or memory, nor who is in it', async () => {
  relay = await RelayProcess.create();
  const { url } = relay;
  const [ann, bob, cleo] = [
    await join(CANARIES.annsName, url),
    await join(CANARIES.bobsName, url),
    await join(CANARIES.cleosName, url),
  ];
  await must(ann.call('claimHandle', { handle: HANDLE }));
  for (const other of [bob, cleo]) await befriend(ann, other);
  const chatId = await live(ann, bob, cleo);
  const [roles, secrets] = [rolesOf(ann, bob), { ...secretsOf(ann, chatId), ...authorsOf(bob, chatId, 'Bob') }];
  // Bob goes; what Ann writes now waits on the relay's disk.
  await bob.close();
  clients.splice(clients.indexOf(bob), 1);
  await must(ann.call('sendMessage', { id: 'b'.repeat(22), chatId, text: CANARIES.waiting }));
  await until(ann, 'connection', null, ({ waiting }) => waiting === 0);

  const needles = new Map([...needlesOf({ ...CANARIES, ...secrets }), ...roles]);
  const planted = formsOf(HANDLE);
  const held = {
    disk: await relay.disk(),
    logs: Buffer.from(relay.output),
    metrics: Buffer.from(await relay.metrics()),
  };
  for (const [place, bytes] of Object.entries(held))
    for (const [needle, field] of needles)
      expect(bytes.includes(needle), `${field} in the relay's ${place}`).toBe(false);
  const memory = await searchMemory(relay.pid, [...needles.keys(), ...planted]);
  expect([...memory.found].flatMap((needle) => needles.get(needle) ?? [])).toEqual([]);
  expect(planted.some((needle) => held.disk.includes(needle))).toBe(true);
  expect(planted.some((needle) => memory.found.has(needle))).toBe(true);
  expect(held.logs.length).toBeGreaterThan(0);
  expect(memory.bytes).toBeGreaterThan(10_000_000);
  // It goes on where it stood still.
  expect(await relay.metrics()).not.toBe('');
}, 120_000);

async function join(name: string, relayUrl: string): Promise<Client> {
  const client = await new Profile().open();
  clients.push(client);
  await must(client.call('createAccount', { name, relayUrl }));
  return client;
}

/** Everything that people do in a group, up to the removal of one. */
async function live(ann: Client, bob: Client, cleo: Client): Promise<ChatId> {
  const others = [bob, cleo].map(accountOf);
  const { groupName: name, description } = CANARIES;
  const chatId = (await must(ann.call('createGroup', { name, description, members: others }))).chatId as ChatId;
  for (const client of [bob, cleo]) await until(client, 'group', { chatId }, (group) => group?.members.length === 3);
  const [bobs = '', cleos = ''] = others;
  await must(ann.call('setMemberRole', { chatId, accountId: bobs, role: 'admin' }));
  await until(bob, 'group', { chatId }, (group) => group?.role === 'admin');
  await must(bob.call('setGroupInfo', { chatId, name: CANARIES.laterName }));
  await must(bob.call('createGroupInvite', { chatId, origin: 'https://app.test', approval: true }));
  const { recordId } = await must(ann.call('sendMessage', { id: 'a'.repeat(22), chatId, text: CANARIES.message }));
  await until(cleo, 'chat', { chatId }, (chat) => chat?.unread === 1);
  await must(cleo.call('markRead', { chatId, upTo: recordId }));
  await must(cleo.call('setTyping', { chatId, typing: true }));
  await must(bob.call('setDraft', { chatId, text: CANARIES.draft }));
  await until(bob, 'chat', { chatId }, (chat) => chat?.unread === 1);
  await must(bob.call('react', { chatId, recordId, emoji: CANARIES.reaction }));
  for (const client of [ann, cleo])
    await until(client, 'timeline', { chatId, anchor: 'end', older: 30, newer: 0 }, ({ items }) =>
      items.some((item) => item.type === 'message' && item.reactions.length === 1),
    );
  await must(ann.call('removeMember', { chatId, accountId: cleos }));
  for (const client of [ann, bob]) await until(client, 'group', { chatId }, (group) => group?.members.length === 2);
  await until(cleo, 'group', { chatId }, (group) => group?.role === undefined);
  return chatId;
}

type Secrets = Readonly<Record<string, string | Uint8Array>>;

/** What would name the group to whoever saw it with somebody: ids, keys, acts. */
function secretsOf(ann: Client, chatId: ChatId): Secrets {
  const book = ann.engine?.groupBook;
  const [group, state] = [book?.get(chatId), book?.stateOf(chatId)];
  if (group?.own === undefined || state === undefined) throw new Error('no group');
  const rootId = rootChatId(chatId);
  const acts = state.heads.map((id, index): [string, Uint8Array] => [`act ${String(index)}`, actIdBytes(id)]);
  return {
    ...{ groupId: chatId, groupIdBytes: bytesOf(chatId), rootId, rootIdBytes: bytesOf(rootId) },
    ...{ secret: group.secret, headerKey: group.headerKey },
    ...{ senderKeyId: group.own.key.keyId, senderKey: group.own.key.publicKey },
    ...authorsOf(ann, chatId, 'Ann'),
    ...Object.fromEntries(acts),
  };
}

/** The keys that sign a member's records in the group's two chats. */
function authorsOf(client: Client, chatId: ChatId, name: string): Secrets {
  const keys = [chatId, rootChatId(chatId)].map((id) => client.engine?.chats.get(id)?.author?.publicKey);
  const [talk, root] = keys;
  if (talk === undefined || root === undefined) throw new Error(`${name} has not written in the group`);
  return { [`${name}'s author key`]: talk, [`${name}'s author key of acts`]: root };
}

/**
 * Who is what, as the acts say it: tag, account id, role (SPEC-governance, "Acts"). Not in base64, in which the account id
 * alone, that the relay does have, looks the same.
 */
function rolesOf(...members: readonly Client[]): readonly (readonly [Buffer, string])[] {
  return members
    .map(accountOf)
    .flatMap((account) =>
      [0, 1, 2].map((role) => [Buffer.concat([Buffer.of(5), bytesOf(account), Buffer.of(role)]), 'role'] as const),
    );
}

function accountOf(client: Client): string {
  return client.engine?.self.identity.account.id ?? '';
}

function bytesOf(id: string): Uint8Array {
  const bytes = fromBase64Url(id);
  if (bytes === undefined) throw new Error(`${id} is no id`);
  return bytes;
}

/** Every form of every field, with the field's name. */
function needlesOf(fields: Secrets): ReadonlyMap<Buffer, string> {
  return new Map(
    Object.entries(fields).flatMap(([field, value]) => formsOf(value).map((form): [Buffer, string] => [form, field])),
  );
}
