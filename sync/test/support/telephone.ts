/** Telephone calls of simulated devices: a tab that talks as WebRTC would, and what is shown. */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import type { CallEnd, CallEntry, CallSignal, CallView, CallWire } from '../../src/api.ts';
import type { PhoneWord } from '../../src/payload/phone-parts.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { call } from './calls.ts';
import { accountOf } from './group.ts';
import { aCandidate, bytesOf, descriptionOf } from './phone.ts';

/** The name that every device's one tab has. */
const HOLDER = 'tab';

/** The certificate of a device's tab. */
export function fingerprintOf(device: SimulatedDevice): Uint8Array {
  return bytesOf(`fingerprint ${device.name}`);
}

let next = 0;

/** A new id; with `first` as its first byte. */
export function newCallId(first = 100): string {
  next += 1;
  const bytes = new Uint8Array(16).fill(first, 0, 1);
  new DataView(bytes.buffer).setUint32(12, next);
  return toBase64Url(bytes);
}

/** The user of a device calls; answers the call's id. */
export async function dial(device: SimulatedDevice, chatId: string, callId = newCallId()): Promise<string> {
  const keys = { fingerprint: fingerprintOf(device) };
  await call(device, 'startCall', { callId, chatId, video: false, holder: HOLDER, keys });
  return callId;
}

export async function answer(device: SimulatedDevice, callId: string): Promise<void> {
  await call(device, 'answerCall', { callId, holder: HOLDER, keys: { fingerprint: fingerprintOf(device) } });
}

export function shownCall(device: SimulatedDevice): Promise<CallView | null> {
  return look(device.client, 'call', null);
}

/** What a device shows, in one word: the phase, or why it ended. */
export async function phaseOf(device: SimulatedDevice): Promise<CallView['phase'] | CallEnd | 'none'> {
  const shown = await shownCall(device);
  return shown === null ? 'none' : (shown.end ?? shown.phase);
}

export function phases(...devices: readonly SimulatedDevice[]): Promise<readonly string[]> {
  return Promise.all(devices.map(phaseOf));
}

export function wireOf(device: SimulatedDevice): Promise<CallWire | null> {
  return look(device.client, 'callWire', { holder: HOLDER });
}

export async function sendSignal(device: SimulatedDevice, callId: string, signal: CallSignal): Promise<void> {
  await call(device, 'sendSignal', { callId, holder: HOLDER, signal });
}

export async function report(
  device: SimulatedDevice,
  callId: string,
  state: 'connected' | 'lost' | 'failed',
): Promise<void> {
  await call(device, 'reportConnection', { callId, holder: HOLDER, state });
}

/** Lets time pass, the tabs of these devices saying that they are there. */
export async function passWith(world: World, ms: number, ...holders: readonly SimulatedDevice[]): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    for (const { client, isOpen } of holders) {
      const shown = isOpen ? await look(client, 'call', null) : null;
      for (const { callId, holder } of shown && shown.phase !== 'ended' ? [shown, shown.moving ?? shown] : [])
        if (holder !== undefined) await client.call('keepCall', { callId, holder });
    }
    await world.pass(Math.min(5_000, left));
  }
}

/** Both tabs connect, as WebRTC does it: an offer, an answer, candidates both ways. */
export async function connect(
  world: World,
  {
    callId,
    caller,
    callee,
  }: { readonly callId: string; readonly caller: SimulatedDevice; readonly callee: SimulatedDevice },
): Promise<void> {
  await sendSignal(caller, callId, descriptionOf('OFFER', fingerprintOf(caller)));
  await sendSignal(caller, callId, aCandidate);
  await world.pass(500);
  await sendSignal(callee, callId, descriptionOf('ANSWER', fingerprintOf(callee)));
  await sendSignal(callee, callId, aCandidate);
  await world.pass(500);
  for (const device of [caller, callee]) await report(device, callId, 'connected');
  await world.pass(500);
}

/** `caller` calls, `callee` answers, and both are connected. */
export async function talk(
  world: World,
  {
    chatId,
    caller,
    callee,
  }: { readonly chatId: string; readonly caller: SimulatedDevice; readonly callee: SimulatedDevice },
): Promise<string> {
  const callId = await dial(caller, chatId);
  await world.pass(1_000);
  await answer(callee, callId);
  await world.pass(1_000);
  await connect(world, { callId, caller, callee });
  return callId;
}

/** What is written of calls, newest first: outcome and seconds. */
export async function written(device: SimulatedDevice): Promise<readonly string[]> {
  const entries: readonly CallEntry[] = await look(device.client, 'callList', null);
  return entries.map(({ outgoing, outcome, seconds }) => `${outgoing ? 'out' : 'in'} ${outcome} ${String(seconds)}`);
}

/** Says any word about a call to an account, as the engine says its own; stored by the relay if `isLasting`. */
export async function sayOfCall(
  { engine }: SimulatedDevice,
  to: SimulatedDevice,
  {
    callId,
    chatId,
    word,
    isLasting = false,
  }: { readonly callId: string; readonly chatId: string; readonly word: PhoneWord; readonly isLasting?: boolean },
): Promise<void> {
  const parts = [{ type: 'phone', chatId: chatId as ChatId, callId, word }] as const;
  await engine?.job((batch) => {
    const item = { accountId: accountOf(to) as AccountId, parts };
    if (isLasting) engine.outbox.add(batch, item);
    else engine.outbox.tell(batch, { ...item, ephemeral: true, topic: `test:${callId}:${word.type}` });
  });
  engine?.kick();
}
