/** Sign-in: a challenge, the device key's signature over it, a short token. */
import { LABELS, ok, signInBytes } from '@securechat/relay-protocol';
import type { endpoints, RequestOf, ResponseOf } from '@securechat/relay-protocol';
import { isSignedBy } from '../signatures.ts';
import type { IssuedToken } from '../tokens.ts';
import { refuse, type Answer } from './answer.ts';
import { isOurHost, type Caller, type Desk, type Visit } from './desk.ts';

type Challenge = typeof endpoints.challenge;

/** A challenge for any device id: whether it is known shows only at sign-in. */
export function challenge(desk: Desk, _visit: Visit, body: RequestOf<Challenge>): Answer<ResponseOf<Challenge>> {
  return Promise.resolve(ok(desk.tokens.challenge(body.deviceId)));
}

/** Trades a signed challenge for a token. */
export async function signIn(desk: Desk, visit: Visit, body: RequestOf<typeof endpoints.signIn>): Answer<IssuedToken> {
  if (!desk.tokens.isOpen(body.deviceId, body.challenge))
    return refuse('ChallengeUnknown', 'not ours, expired or used');
  const device = await desk.directory.device(body.deviceId);
  if (device === undefined) return refuse('NotFound', 'no such device here');
  const signed = signInBytes(body.challenge, visit.host);
  if (!isOurHost(desk, visit.host) || !isSignedBy(device.deviceKey, LABELS.signIn, signed, body.signature)) {
    return refuse('BadSignature', 'not signed by the device key for this host');
  }
  desk.tokens.spend(body.challenge);
  return ok(desk.tokens.issueRelayToken(body.deviceId));
}

/** A token for the storage server, and where that is. */
export function storageToken(desk: Desk, caller: Caller): Answer<ResponseOf<typeof endpoints.storageToken>> {
  const { storageUrl: url } = desk.config;
  return Promise.resolve(ok({ ...desk.tokens.issueStorageToken(caller.accountId), ...(url !== undefined && { url }) }));
}
