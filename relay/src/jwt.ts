/**
 * JSON Web Tokens (RFC 7519) with HS256, synchronous on Node's crypto: a sign-in takes no trip through a thread pool, so a
 * simulation replays exactly. One algorithm, one exact header, no options: there is nothing to confuse. Tested against jose.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOKEN_ALGORITHM, type TokenAudience } from '@securechat/relay-protocol';

/** What a token says. `exp` in seconds since 1970. */
export interface Claims {
  readonly sub: string;
  readonly aud: TokenAudience;
  readonly exp: number;
}

const HEADER = Buffer.from(JSON.stringify({ alg: TOKEN_ALGORITHM })).toString('base64url');

/** A signed token. */
export function signToken(claims: Claims, secret: Uint8Array): string {
  const content = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${content}.${macOf(content, secret).toString('base64url')}`;
}

/** The subject of a token for `audience`, or undefined when it is forged, for something else, or expired at `now` (ms). */
export function verifyToken(
  token: string,
  audience: TokenAudience,
  secret: Uint8Array,
  now: number,
): string | undefined {
  const [header, payload, mac, ...more] = token.split('.');
  if (header !== HEADER || payload === undefined || mac === undefined || more.length > 0) return undefined;
  if (!isSameMac(Buffer.from(mac, 'base64url'), macOf(`${header}.${payload}`, secret))) return undefined;
  const claims = readClaims(payload);
  return claims?.aud === audience && claims.exp * 1000 > now ? claims.sub : undefined;
}

function macOf(content: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}

function isSameMac(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function readClaims(payload: string): { sub: string; aud: unknown; exp: number } | undefined {
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const { sub, aud, exp } = claims;
  return typeof sub === 'string' && typeof exp === 'number' ? { sub, aud, exp } : undefined;
}
