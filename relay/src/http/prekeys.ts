/** Pre-keys: offered by their device, claimed by whoever wants to write to it. */
import { ok } from '@securechat/relay-protocol';
import type { ClaimedPreKeys, endpoints, RequestOf } from '@securechat/relay-protocol';
import { refuse, type Answer } from './answer.ts';
import type { Caller, Desk, Visit } from './desk.ts';

type Publication = RequestOf<typeof endpoints.publishPreKeys>;
type Claim = RequestOf<typeof endpoints.claimPreKeys>;

/** Replaces what the caller's device offers. */
export async function publishPreKeys(desk: Desk, caller: Caller, { signed, oneTime }: Publication): Answer<object> {
  await desk.directory.publishPreKeys(caller.deviceId, signed, oneTime);
  return ok({});
}

/** How many one-time pre-keys the caller's device has left. */
export async function countPreKeys(desk: Desk, caller: Caller): Answer<{ oneTime: number }> {
  return ok({ oneTime: await desk.directory.countPreKeys(caller.deviceId) });
}

/** Bundles of an account's devices. Somebody who claims too often gets them without one-time pre-keys, not an error. */
export async function claimPreKeys(desk: Desk, visit: Visit, { accountId, deviceIds }: Claim): Answer<ClaimedPreKeys> {
  const generous = desk.governor.takeClaim(visit.address, accountId);
  const claimed = await desk.directory.claim(accountId, deviceIds, generous);
  if (claimed === undefined) return refuse('NotFound', 'no such account here');
  for (const device of claimed.devices) {
    if (device.oneTime === undefined) desk.tally.lastResort++;
    else desk.tally.oneTimeHanded++;
  }
  return ok(claimed);
}
