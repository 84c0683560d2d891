/** What goes on with one sending while this device runs; its row is what stays. */
import type { Sending, SendingFailure } from '../api.ts';
import type { SendingRow } from './sending.ts';

export interface Activity {
  row: SendingRow;
  state: Sending['state'];
  /** Bytes of the item that is under way; of all items while they are being sealed. */
  sent: number;
  failure: SendingFailure | undefined;
  /** Tries that brought nothing. */
  attempts: number;
  /** Cancels the pause before the next try; undefined: there is none. */
  rest: (() => void) | undefined;
  stop: AbortController;
}

/** As the row says, with nothing going on. */
export function activityOf(row: SendingRow): Activity {
  const state = row.failure !== undefined ? 'failed' : row.isPaused ? 'paused' : 'waiting';
  return { row, state, sent: 0, failure: row.failure, attempts: 0, rest: undefined, stop: new AbortController() };
}

/** Pauses are counted in timers, never in clock time, because clocks jump. */
export function endRest(activity: Activity): void {
  activity.rest?.();
  activity.rest = undefined;
}

/** It would go on now, were it its turn. */
export function isReady({ state, rest }: Activity): boolean {
  return state === 'waiting' && rest === undefined;
}

/**
 * Whether one that was begun before has to be up first. A status is dated when it is up: so one of them goes after the other, though it may
 * be smaller. What has to be tried again, is paused or has failed holds up nobody, and messages go as they can.
 */
export function isBehind(activity: Activity, all: Iterable<Activity>): boolean {
  if (activity.row.status === undefined) return false;
  const statuses = [...all].filter(({ row }) => row.status !== undefined).sort((a, b) => a.row.time - b.row.time);
  const before = statuses.slice(0, statuses.indexOf(activity));
  return before.some((each) => isReady(each) || each.state === 'sealing' || each.state === 'uploading');
}
