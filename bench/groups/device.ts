/**
 * One device with the whole engine, as a process of its own so that its CPU time can be read: does what its parent says.
 * All it stores is in its memory.
 */
import { type ChatId, createGroupSecret, fromBase64Url, groupChatId, toBase64Url } from '@securechat/crypto';
import { writeAct } from '../../sync/src/calls/group-calls.ts';
import type { Client } from '../../sync/src/client.ts';
import type { Engine } from '../../sync/src/engine.ts';
import { type Act, ACT_LIMITS, type NewMember } from '../../sync/src/records/index.ts';
import { type Peer, devicesOf } from '../../sync/src/peers/peers.ts';
import { must, until } from '../../sync/test/real/asking.ts';
import { emptyStored, nodeLink, openStored } from '../../sync/test/real/made-account.ts';
import { type Traffic, countedLink } from '../processes/counted-link.ts';
import { serve } from '../processes/serve.ts';

/** What the parent can ask for; every answer is JSON. */
export interface Acts {
  /** Makes an account and goes online; answers its link for contacts and its key. */
  begin(relayUrl: string, name: string): Promise<{ readonly link: string; readonly key: string }>;
  befriend(link: string): Promise<null>;
  /** Founds a group with these accounts (keys, base64url), whether they are contacts or not. */
  found(members: readonly string[]): Promise<string>;
  add(chatId: string, member: string): Promise<null>;
  remove(chatId: string, accountId: string): Promise<null>;
  /** Sends so many messages, each after the one before was taken by the relay; answers the last one's text. */
  say(chatId: string, count: number): Promise<string>;
  /** The newest message is here. */
  hears(chatId: string, text: string): Promise<null>;
  /** The group has so many members, all of them are known with an address, and nothing waits to be sent or done. */
  settled(chatId: string, members: number): Promise<null>;
  /** Nothing waits to be sent or done. */
  quiet(): Promise<null>;
  /** Every member's device has shown that it knows this one. */
  known(chatId: string): Promise<null>;
  /** Since the last call. */
  usage(): Promise<Usage>;
}

export interface Usage extends Traffic {
  /** Milliseconds of CPU. */
  readonly cpu: number;
}

const PAUSE_MS = 25;
const TEXT = 'I will be at the station at a quarter past nine, look for the yellow umbrella by the clock! ';

let client: Client | undefined;
let said = 0;
const traffic: Traffic = { sent: 0, received: 0, posts: 0 };
let cpu = process.cpuUsage();

const acts: Acts = {
  async begin(relayUrl, name) {
    client = await openStored(emptyStored(), countedLink(nodeLink(), traffic));
    await must(client.call('createAccount', { name, relayUrl }));
    await until(client, 'connection', null, ({ state }) => state === 'online');
    const { link } = await must(client.call('invite', { origin: 'https://app.test' }));
    return { link, key: toBase64Url(theEngine().self.identity.account.publicKey) };
  },
  async befriend(link) {
    const { chatId } = await must(theClient().call('addByLink', { text: link }));
    await until(theClient(), 'chat', { chatId }, (chat) => chat?.state === 'accepted');
    return null;
  },
  async found(members) {
    const engine = theEngine();
    const { account, relayUrl } = engine.self.identity;
    const nonce = engine.random(16);
    const groupId = groupChatId(account.publicKey, nonce);
    await engine.job((batch) => engine.groups.open(batch, groupId, createGroupSecret(engine.random), account.id));
    await write(groupId, { type: 'found', founderKey: account.publicKey, nonce, name: 'A large group' });
    for (let from = 0; from < members.length; from += ACT_LIMITS.members) {
      const some = members.slice(from, from + ACT_LIMITS.members);
      await write(groupId, { type: 'add', members: some.map((key) => newMember(key, relayUrl)) });
    }
    return groupId;
  },
  async add(chatId, member) {
    const { relayUrl } = theEngine().self.identity;
    await write(chatId as ChatId, { type: 'add', members: [newMember(member, relayUrl)] });
    return null;
  },
  async remove(chatId, accountId) {
    await must(theClient().call('removeMember', { chatId, accountId }));
    return null;
  },
  async say(chatId, count) {
    let text = '';
    for (let i = 0; i < count; i += 1) {
      said += 1;
      text = `${TEXT}${String(said).padStart(8, '0')}`;
      await must(theClient().call('sendMessage', { id: String(said).padStart(22, '0'), chatId, text }));
      await until(theClient(), 'connection', null, ({ waiting }) => waiting === 0);
    }
    return text;
  },
  async hears(chatId, text) {
    await until(theClient(), 'timeline', { chatId, anchor: 'end', older: 3, newer: 0 }, ({ items }) => {
      return items.some((item) => item.type === 'message' && item.text === text);
    });
    return null;
  },
  async settled(chatId, members) {
    await eventually(() => isSettled(chatId as ChatId, members));
    return null;
  },
  async quiet() {
    await eventually(isQuiet);
    return null;
  },
  async known(chatId) {
    await eventually(() => everyPeer(chatId as ChatId, isAcquainted));
    return null;
  },
  usage() {
    const { user, system } = process.cpuUsage(cpu);
    const usage = { ...traffic, cpu: (user + system) / 1000 };
    Object.assign(traffic, { sent: 0, received: 0, posts: 0 });
    globalThis.gc?.();
    cpu = process.cpuUsage();
    return Promise.resolve(usage);
  },
};

function isSettled(groupId: ChatId, count: number): boolean {
  const members = theEngine().groups.book.stateOf(groupId)?.members.size;
  return isQuiet() && members === count && everyPeer(groupId, isReachable);
}

function isQuiet(): boolean {
  const { outbox, composer, lane } = theEngine();
  return outbox.size === 0 && composer.pending === 0 && lane.waiting === 0;
}

/** The other members, as this device knows them. */
function everyPeer(groupId: ChatId, isSo: (peer: Peer) => boolean): boolean {
  const { groups, peers, self } = theEngine();
  const members = [...(groups.book.stateOf(groupId)?.members.keys() ?? [])];
  return members.every((accountId) => {
    const peer = peers.get(accountId);
    return accountId === self.identity.account.id || (peer !== undefined && isSo(peer));
  });
}

function isReachable(peer: Peer): boolean {
  return devicesOf(peer).some(({ id }) => peer.addresses[id] !== undefined);
}

function isAcquainted(peer: Peer): boolean {
  return devicesOf(peer).some(({ id }) => (peer.knows[id]?.log ?? 0) > 0);
}

/** What is waited for here has no watch in the engine's API. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function newMember(key: string, relayUrl: string): NewMember {
  const accountKey = fromBase64Url(key);
  if (accountKey === undefined) throw new Error('not a key');
  return { accountKey, relayUrl, role: 'member', history: { from: 'nothing' } };
}

async function write(groupId: ChatId, act: Act): Promise<void> {
  await must(writeAct(theEngine(), groupId, act));
}

function theClient(): Client {
  if (client === undefined) throw new Error('not open');
  return client;
}

function theEngine(): Engine {
  const { engine } = theClient();
  if (engine === undefined) throw new Error('not open');
  return engine;
}

serve(acts);
