import { TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { signToken, verifyToken } from './jwt.ts';

const secret = new Uint8Array(32).fill(3);
const now = 1_800_000_000_000;
const claims = { sub: 'device', aud: TOKEN_AUDIENCE.relay, exp: now / 1000 + 60 };

it('is read by jose', async () => {
  const read = await jwtVerify(signToken(claims, secret), secret, { audience: claims.aud, currentDate: new Date(now) });
  expect(read.payload).toEqual(claims);
});

it('reads what jose writes', async () => {
  const token = await new SignJWT({ sub: 'device', aud: claims.aud, exp: claims.exp })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(secret);
  expect(verifyToken(token, TOKEN_AUDIENCE.relay, secret, now)).toBe('device');
});

it('refuses other audiences, secrets, times and algorithms', async () => {
  const token = signToken(claims, secret);
  expect(verifyToken(token, TOKEN_AUDIENCE.storage, secret, now)).toBeUndefined();
  expect(verifyToken(token, TOKEN_AUDIENCE.relay, new Uint8Array(32), now)).toBeUndefined();
  expect(verifyToken(token, TOKEN_AUDIENCE.relay, secret, claims.exp * 1000)).toBeUndefined();
  const [, payload = ''] = token.split('.');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  expect(verifyToken(none, TOKEN_AUDIENCE.relay, secret, now)).toBeUndefined();
  const longer = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(new Uint8Array(64).fill(3));
  expect(verifyToken(longer, TOKEN_AUDIENCE.relay, new Uint8Array(64).fill(3), now)).toBeUndefined();
});

it('refuses any change and never throws', () => {
  const token = signToken(claims, secret);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, letter) => {
      const bent = token.slice(0, at) + letter + token.slice(at + 1);
      fc.pre(bent !== token && !sameBits(bent, token));
      expect(verifyToken(bent, TOKEN_AUDIENCE.relay, secret, now)).toBeUndefined();
    }),
    { seed: 6, numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(verifyToken(text, TOKEN_AUDIENCE.relay, secret, now)).toBeUndefined();
    }),
    { seed: 7 },
  );
});

/** The last letter of a mac has spare bits: two spellings of one mac. */
function sameBits(a: string, b: string): boolean {
  const macOf = (token: string): string => Buffer.from(token.split('.')[2] ?? '', 'base64url').toString('hex');
  return a.slice(0, a.lastIndexOf('.')) === b.slice(0, b.lastIndexOf('.')) && macOf(a) === macOf(b);
}
