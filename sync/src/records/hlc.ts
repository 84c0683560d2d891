/**
 * Hybrid logical clock: a wall-clock time that never runs backwards and that orders what one device wrote after what it
 * had seen. Pure; the caller passes `now` and keeps the last value. Knows nothing of records.
 */

/** A moment: milliseconds since 1970 (48 bits), and a counter (16 bits) for several within one millisecond. */
export interface Hlc {
  readonly ms: number;
  readonly counter: number;
}

/** Before every moment that a device can name. */
export const NO_TIME: Hlc = { ms: 0, counter: 0 };

/** How far ahead of our own clock another device's may be before we refuse what it dates: a day, which forgives a wrong
 * time zone and little more. */
export const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

const MAX_COUNTER = 0xffff;

/** The next moment: strictly later than `last`, and not before `now`. */
export function tick(last: Hlc, now: number): Hlc {
  if (now > last.ms) return { ms: Math.floor(now), counter: 0 };
  if (last.counter < MAX_COUNTER) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: 0 };
}

/** The later of `last` and `remote`; a `remote` more than {@link MAX_AHEAD_MS} ahead of `now` is ignored. */
export function receive(last: Hlc, remote: Hlc, now: number): Hlc {
  if (isAhead(remote, now)) return last;
  return compareHlc(last, remote) < 0 ? remote : last;
}

/** Whether `time` is further ahead of `now` than an honest clock would be. */
export function isAhead(time: Hlc, now: number): boolean {
  return time.ms > now + MAX_AHEAD_MS;
}

/** Negative, zero or positive, as `a` is before, at or after `b`. */
export function compareHlc(a: Hlc, b: Hlc): number {
  return a.ms - b.ms || a.counter - b.counter;
}
