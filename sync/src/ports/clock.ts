/** Port: time. The engine never calls `Date.now` or `setTimeout` itself, so that a test owns both. */
export interface Clock {
  /** Milliseconds since 1970 by the device's own clock: may be wrong. */
  now(): number;
  /** Runs `fn` once after `ms`; returns a cancel function. */
  after(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
