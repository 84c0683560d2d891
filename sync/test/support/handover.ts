/** Telephone calls that move to another own device of one side: what the two tabs do that it goes on in. */
import { toBase64Url } from '@securechat/crypto';
import type { CallElsewhere } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { call, refusalOf } from './calls.ts';
import { aCandidate, descriptionOf } from './phone.ts';
import { fingerprintOf, newCallId } from './telephone.ts';

const HOLDER = 'tab';

/** What a device knows of a call at another own one. */
export function elsewhereAt({ client }: SimulatedDevice): Promise<CallElsewhere | null> {
  return look(client, 'callElsewhere', null);
}

/** The user goes on at this device; answers the id of the call's new part. */
export async function moveTo(device: SimulatedDevice, callId = newCallId()): Promise<string> {
  const from = (await elsewhereAt(device))?.callId ?? toBase64Url(new Uint8Array(16));
  await call(device, 'moveCall', { callId, from, holder: HOLDER, keys: { fingerprint: fingerprintOf(device) } });
  return callId;
}

/** Why the user cannot go on at this device with this call. */
export function moveRefused(device: SimulatedDevice, from: string): Promise<string | undefined> {
  const keys = { fingerprint: fingerprintOf(device) };
  return refusalOf(device, 'moveCall', { callId: newCallId(), from, holder: HOLDER, keys });
}

/** The other side's tab goes on by itself, under another name. */
export async function follow(device: SimulatedDevice, callId: string): Promise<void> {
  await call(device, 'answerCall', { callId, holder: `${HOLDER} 2`, keys: { fingerprint: fingerprintOf(device) } });
}

/** Both tabs connect. */
export async function connectMoved(
  world: World,
  { callId, to, other }: { readonly callId: string; readonly to: SimulatedDevice; readonly other: SimulatedDevice },
): Promise<void> {
  const ends = [
    { device: to, holder: HOLDER, type: 'OFFER' },
    { device: other, holder: `${HOLDER} 2`, type: 'ANSWER' },
  ] as const;
  for (const { device, holder, type } of ends) {
    for (const signal of [descriptionOf(type, fingerprintOf(device)), aCandidate])
      await call(device, 'sendSignal', { callId, holder, signal });
    await world.pass(500);
  }
  for (const { device, holder } of ends) await call(device, 'reportConnection', { callId, holder, state: 'connected' });
  await world.pass(500);
}

/** The call that `to` knows of goes on there, with `other` as before; answers the id of its new part. */
export async function handOver(
  world: World,
  { to, other }: { readonly to: SimulatedDevice; readonly other: SimulatedDevice },
): Promise<string> {
  const callId = await moveTo(to);
  await world.pass(500);
  await follow(other, callId);
  await world.pass(1_000);
  await connectMoved(world, { callId, to, other });
  return callId;
}
