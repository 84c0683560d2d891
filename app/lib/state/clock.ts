/** The wall clock as something to read from; it stands still while nobody does. */
import type { Readable } from './live.ts';

/** Moves every so many milliseconds. */
export function createClock(every: number): Readable<number> {
  let now = Date.now();
  return {
    get: () => now,
    subscribe(onChange) {
      now = Date.now();
      const timer = setInterval(() => {
        now = Date.now();
        onChange();
      }, every);
      return () => {
        clearInterval(timer);
      };
    },
  };
}
