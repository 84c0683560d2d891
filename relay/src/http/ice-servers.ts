/** TURN servers for a call, with credentials for them. */
import { ok, type IceAnswer } from '@securechat/relay-protocol';
import { refuse, type Answer } from './answer.ts';
import type { Caller, Desk } from './desk.ts';

/** New credentials, the same rights for everybody. No servers: this relay was told of none. */
export function iceServers({ governor, turn }: Desk, { accountId }: Caller): Answer<IceAnswer> {
  const isWithinRate = governor.takeTurn(accountId);
  return Promise.resolve(isWithinRate ? ok(turn.issue()) : refuse('RateLimited', 'too many credentials'));
}
