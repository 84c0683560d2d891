/** What the banner says about the connection. Pure; undefined: nothing worth a banner. */
import type { Connection, Millis } from '@securechat/sync/api';
import { text } from '../../text/index.ts';

export interface Banner {
  readonly kind: 'quiet' | 'info' | 'warning' | 'danger';
  readonly text: string;
  readonly canRetry: boolean;
}

export function describeConnection(connection: Connection, now: Millis): Banner | undefined {
  const { state, waiting, problem, draining, nextAttemptAt } = connection;
  if (problem)
    return { kind: 'danger', text: text.connection.problems[problem], canRetry: problem !== 'VersionTooOld' };
  if (state === 'offline')
    return {
      kind: 'warning',
      text: waiting > 0 ? text.connection.offlineWaiting(waiting) : text.connection.offline,
      canRetry: true,
    };
  if (state === 'connecting') {
    const seconds = nextAttemptAt === undefined ? 0 : Math.ceil((nextAttemptAt - now) / 1000);
    const main = waiting > 0 ? text.connection.connectingWaiting(waiting) : text.connection.connecting;
    return {
      kind: 'quiet',
      text: seconds > 2 ? `${main} ${text.connection.inSeconds(seconds)}` : main,
      canRetry: seconds > 2,
    };
  }
  if (draining !== undefined) return { kind: 'quiet', text: text.connection.draining(draining), canRetry: false };
  return undefined;
}
