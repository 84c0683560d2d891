/**
 * Credentials for TURN servers that share a secret with this relay, as coturn's `use-auth-secret` checks them (the TURN REST
 * API, draft-uberti-behave-turn-rest):
 *
 *   user name  = seconds since 1970 until which it opens allocations ":" 16 random bytes in base64url
 *   credential = base64(HMAC-SHA-1(secret, user name))
 *
 * Whose it is, only the moment of asking knows: nothing in it leads to an account, and nothing of it is kept.
 */
import { createHmac } from 'node:crypto';
import { toBase64Url, type IceAnswer } from '@securechat/relay-protocol';
import type { Clock } from './clock.ts';
import type { RelayConfig } from './config.ts';

/** What the TURN desk needs. */
export interface TurnDeskParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: (length: number) => Uint8Array;
  readonly config: Pick<RelayConfig, 'turn' | 'turnMs'>;
}

/** See the module's header. */
export class TurnDesk {
  constructor(private readonly parts: TurnDeskParts) {}

  /** All servers with a credential that nobody else gets; no server when the relay was told of none. */
  issue(): IceAnswer {
    const { clock, random, config } = this.parts;
    const { turn, turnMs: lifeMs } = config;
    if (turn === undefined) return { servers: [], lifeMs };
    const username = `${String(Math.ceil((clock.now() + lifeMs) / 1000))}:${toBase64Url(random(16))}`;
    return { servers: [{ urls: turn.urls, username, credential: turnCredential(turn.secret, username) }], lifeMs };
  }
}

/** What a TURN server with this secret wants as the password of this user name. */
function turnCredential(secret: Uint8Array, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}
