/** Messages that disappear. */

/** The times to choose from, in seconds; 0: never. */
export const TIMES = [0, 3600, 8 * 3600, 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600] as const;

const UNITS = [
  [24 * 3600, 'day', 'days'],
  [3600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
] as const;

/** In the largest unit that fits: somebody else's app may offer other times. */
export function sayDuration(seconds: number): string {
  const [size, one, many] = UNITS.find(([unit]) => seconds % unit === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${String(count)} ${count === 1 ? one : many}`;
}

export const timer = {
  title: 'Disappearing messages',
  hint: 'New messages disappear from everybody’s devices this long after they were written, read or not. Somebody can still copy one, and an app that was altered can keep them.',
  after: (seconds: number) => (seconds === 0 ? 'Off' : `After ${sayDuration(seconds)}`),
  on: (seconds: number) => `Messages disappear after ${sayDuration(seconds)}`,
  disappears: (when: string) => `Disappears ${when}`,
  change: 'New messages disappear',
};

/** A line in a chat: who set when its messages disappear. */
export function describeTimer(who: string, seconds: number): string {
  return seconds === 0
    ? `${who} turned disappearing messages off`
    : `${who} set new messages to disappear after ${sayDuration(seconds)}`;
}
