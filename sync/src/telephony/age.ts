/** How long ago something was, as devices whose clocks differ tell each other: u32, in milliseconds. */

const LONGEST = 0xffff_ffff;

/** A clock that was put back makes it no shorter than nothing. */
export function ageOf(since: number, now: number): number {
  return Math.min(LONGEST, Math.max(0, Math.round(now - since)));
}
