/** What every test that builds a world needs first. */
import { ready } from '@securechat/crypto';
import type { WatchArgs, WatchName, WatchValue } from '../../src/api.ts';
import type { Client } from '../../src/client.ts';
import { initAutomerge } from '../../src/documents/index.ts';
import { nodeAutomergeWasm } from '../../src/documents/node-wasm.ts';
import { type SimulatedDevice, isCrash } from './device.ts';
import { World } from './world.ts';

/** Loads the two wasm modules. A killed device's late writes (automerge-repo saves by a timer) reject into nothing. */
export function prepare(): Promise<void> {
  prepared ??= load();
  return prepared;
}

let prepared: Promise<void> | undefined;

async function load(): Promise<void> {
  process.on('unhandledRejection', (reason) => {
    if (!isCrash(reason)) throw reason;
  });
  await Promise.all([ready(), initAutomerge(await nodeAutomergeWasm())]);
}

export interface Couple {
  readonly world: World;
  readonly ann: SimulatedDevice;
  readonly bob: SimulatedDevice;
  readonly chatId: string;
}

/** Ann and Bob on an honest relay, each the other's contact, everything between them settled. */
export async function couple(seed = 1): Promise<Couple> {
  const world = new World(seed, 0);
  const ann = await world.addDevice('Ann');
  const bob = await world.addDevice('Bob');
  await world.pass(1_000);
  await addContact(ann, bob);
  const chatId = await addContact(bob, ann);
  await world.pass(5_000);
  return { world, ann, bob, chatId };
}

/** `from` opens `to`'s invite link. */
export async function addContact(from: SimulatedDevice, to: SimulatedDevice): Promise<string> {
  const invite = await to.client.call('invite', { origin: 'https://app.test' });
  if (!invite.ok) throw new Error(`invite: ${invite.error.type}`);
  const added = await from.client.call('addByLink', { text: invite.value.link });
  if (!added.ok) throw new Error(`addByLink: ${added.error.type}`);
  return added.value.chatId;
}

let nextId = 1;

/** Sends one message; answers its record id. */
export async function send(from: SimulatedDevice, chatId: string, text: string, id?: string): Promise<string> {
  const callId = id ?? `call-${String(nextId++)}`.padEnd(22, '-');
  const sent = await from.client.call('sendMessage', { id: callId, chatId, text });
  if (!sent.ok) throw new Error(`sendMessage: ${sent.error.type}`);
  return sent.value.recordId;
}

/** The value that a watch shows now. */
export function look<K extends WatchName>(client: Client, name: K, args: WatchArgs<K>): Promise<WatchValue<K>> {
  return new Promise((resolve) => {
    let stop: () => void = () => undefined;
    stop = client.watch(name, args, (value) => {
      resolve(value);
      queueMicrotask(() => {
        stop();
      });
    });
  });
}

/** The texts of a chat, oldest first. */
export async function texts(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  return (await device.timeline(chatId)).map((item) => item.text);
}

/** Lets virtual time run until the answer is there. */
export async function drive<T>(world: World, answer: Promise<T>): Promise<T> {
  let isDone = false;
  void answer.finally(() => {
    isDone = true;
  });
  for (let i = 0; i < 200 && !isDone; i += 1) await world.pass(50);
  return answer;
}
