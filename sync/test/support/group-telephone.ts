/** Calls of groups of simulated devices: tabs that hold them, and what is shown. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { CallEvent, CallSignal, GroupCallView, GroupCallWire } from '../../src/api.ts';
import type { GroupCallWord } from '../../src/payload/group-call-parts.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look, send } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { call } from './calls.ts';
import { type Circle, accountOf, circle, found } from './group.ts';
import { fingerprintOf, newCallId } from './telephone.ts';

/** The name that every device's one tab has. */
export const HOLDER = 'tab';

/** A group of three in which everybody has everybody's sender key. */
export async function talkingCircle(): Promise<Circle & { readonly chatId: string }> {
  const the = await circle();
  const chatId = await found(the.ann, the.bob, the.cleo);
  await the.world.pass(60_000);
  for (const device of [the.ann, the.bob, the.cleo]) await send(device, chatId, `here is ${device.name}`);
  await the.world.pass(60_000);
  return { ...the, chatId };
}

/** Begins a call, or joins the one that is on; answers its id. */
export async function join(device: SimulatedDevice, chatId: string, callId = newCallId()): Promise<string> {
  const keys = { fingerprint: fingerprintOf(device) };
  const joined = await call(device, 'joinGroupCall', { callId, chatId, video: false, holder: HOLDER, keys });
  return joined.callId;
}

export async function leave(device: SimulatedDevice, callId: string): Promise<void> {
  await call(device, 'leaveGroupCall', { callId });
}

export function groupCalls(device: SimulatedDevice): Promise<readonly GroupCallView[]> {
  return look(device.client, 'groupCalls', null);
}

export function groupWire(device: SimulatedDevice): Promise<GroupCallWire | null> {
  return look(device.client, 'groupCallWire', { holder: HOLDER });
}

export function deviceIdOf({ engine, name }: SimulatedDevice): DeviceId {
  if (engine === undefined) throw new Error(`${name} is not open`);
  return engine.self.identity.device.id;
}

/** Who is in the calls that each device sees, as it calls them; `*` marks the device itself. */
export function inCalls(...devices: readonly SimulatedDevice[]): Promise<readonly string[]> {
  return Promise.all(
    devices.map(async (device) => {
      const calls = await groupCalls(device);
      return calls
        .map(({ members }) =>
          members
            .map(({ name, me }) => (me ? '*' : name))
            .sort()
            .join(' '),
        )
        .join(' | ');
    }),
  );
}

/** Lets time pass, the tabs of these devices saying that they are there. */
export async function passHeld(world: World, ms: number, ...holders: readonly SimulatedDevice[]): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    for (const { client, isOpen } of holders) {
      const calls = isOpen ? await look(client, 'groupCalls', null) : [];
      for (const { callId, holder } of calls)
        if (holder === HOLDER) await client.call('keepGroupCall', { callId, holder });
    }
    await world.pass(Math.min(5_000, left));
  }
}

export async function sendTo(from: SimulatedDevice, to: SimulatedDevice, signal: CallSignal): Promise<void> {
  const callId = (await groupWire(from))?.callId ?? '';
  await call(from, 'sendGroupSignal', { callId, holder: HOLDER, to: deviceIdOf(to), signal });
}

/** What came from another device and was not taken. */
export async function signalsOf(at: SimulatedDevice, from: SimulatedDevice): Promise<readonly string[]> {
  const peer = (await groupWire(at))?.peers.find(({ deviceId }) => deviceId === deviceIdOf(from));
  return peer?.signals.map(({ n, type, payload }) => `${String(n)} ${type} ${payload}`) ?? [];
}

/** Lines about calls in the group's chat, oldest first. */
export async function callLines(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  const page = await look(device.client, 'timeline', { chatId, anchor: 'end', older: 399, newer: 0 });
  const events = page.items.flatMap((item): readonly CallEvent[] =>
    item.type === 'system' && item.event.type === 'Call' ? [item.event] : [],
  );
  return events.map(({ outcome, seconds }) => `${outcome} ${String(seconds)}`);
}

/** All keys that a device tells from now on, and to which devices, by their first bytes. */
export function watchKeys({ engine, name }: SimulatedDevice): { readonly told: Map<string, Set<string>> } {
  if (engine === undefined) throw new Error(`${name} is not open`);
  const told = new Map<string, Set<string>>();
  const tell = engine.outbox.tell.bind(engine.outbox);
  engine.outbox.tell = (batch, input) => {
    for (const part of input.parts)
      if (part.type === 'groupCall' && part.word.type === 'key') {
        const key = keyName(part.word.key.key);
        told.set(key, (told.get(key) ?? new Set()).add(input.deviceId ?? 'all'));
      }
    tell(batch, input);
  };
  return { told };
}

export function keyName(key: Uint8Array): string {
  return [...key.slice(0, 8)].join('.');
}

/** The newest key that this device has of another one's. */
export async function keyOf(at: SimulatedDevice, from: SimulatedDevice): Promise<string> {
  const peer = (await groupWire(at))?.peers.find(({ deviceId }) => deviceId === deviceIdOf(from));
  const key = peer?.keys.at(-1)?.key;
  return key === undefined ? 'none' : keyName(key);
}

/** What this device seals with. */
export async function ownKey(device: SimulatedDevice): Promise<string> {
  const key = (await groupWire(device))?.key.key;
  return key === undefined ? 'none' : keyName(key);
}

interface Saying {
  readonly callId: string;
  readonly chatId: string;
  readonly word: GroupCallWord;
}

/** Says any word to a whole group, as the engine says its own. */
export async function sayToGroup({ engine }: SimulatedDevice, { callId, chatId, word }: Saying): Promise<void> {
  const part = { type: 'groupCall', chatId: chatId as ChatId, callId, word } as const;
  await engine?.job((batch) => {
    engine.outbox.addForGroup(batch, { groupId: chatId as ChatId, ephemeral: true, parts: [part] });
  });
  engine?.kick();
}

/** Says any word to the devices of one account. */
export async function sayTo(
  { engine }: SimulatedDevice,
  to: SimulatedDevice,
  { callId, chatId, word }: Saying,
): Promise<void> {
  const part = { type: 'groupCall', chatId: chatId as ChatId, callId, word } as const;
  await engine?.job((batch) => {
    engine.outbox.add(batch, { accountId: accountOf(to) as AccountId, parts: [part] });
  });
  engine?.kick();
}
