/** Who asks: the token that the relay gave out (see relay-protocol, `tokens`), checked and turned into an owner. */
import { err, ok, TOKEN_ALGORITHM, TOKEN_AUDIENCE, type Result } from '@securechat/relay-protocol';
import { jwtVerify } from 'jose';
import type { Owner } from './blobs/ledger.ts';
import type { Clock } from './clock.ts';
import type { Refusal } from './refusal.ts';

/** Longest pseudonym taken from a token. */
const OWNER_LENGTH = 128;

/** Reads the owner from a request, or says why not. */
export type Admission = (request: Request) => Promise<Result<Owner, Refusal>>;

/** Admits the bearer of a token that is signed with `secret`, for a storage server, and has not run out. */
export function createAdmission(secret: Uint8Array, clock: Clock): Admission {
  return async (request) => {
    const token = /^Bearer ([\w.-]+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    if (token === undefined) return refusal('a bearer token is needed');
    const owner = await ownerOf(token, secret, clock);
    return owner === undefined ? refusal('the token is forged, expired or for something else') : ok(owner);
  };
}

async function ownerOf(token: string, secret: Uint8Array, clock: Clock): Promise<Owner | undefined> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      audience: TOKEN_AUDIENCE.storage,
      algorithms: [TOKEN_ALGORITHM],
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub'],
    });
    const { sub = '' } = payload;
    return sub.length > 0 && sub.length <= OWNER_LENGTH ? (sub as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(message: string): { readonly ok: false; readonly error: Refusal } {
  return err({ code: 'TokenInvalid', message });
}
