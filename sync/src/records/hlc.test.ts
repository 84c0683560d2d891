import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_AHEAD_MS, NO_TIME, compareHlc, isAhead, receive, tick } from './hlc.ts';

const hlc = fc.record({ ms: fc.integer({ min: 0, max: 2 ** 47 }), counter: fc.integer({ min: 0, max: 0xffff }) });
const now = fc.integer({ min: 0, max: 2 ** 47 });

describe('the hybrid clock', () => {
  it('S-REC-5 always ticks forward, and with the wall clock when that is ahead', () => {
    fc.assert(
      fc.property(hlc, now, (last, time) => {
        const next = tick(last, time);
        expect(compareHlc(next, last)).toBeGreaterThan(0);
        expect(next.ms).toBeGreaterThanOrEqual(Math.max(last.ms, time) - 1);
        if (time > last.ms) expect(next).toEqual({ ms: time, counter: 0 });
      }),
      { seed: 3 },
    );
  });

  it('S-REC-5 moves on when the counter is used up', () => {
    expect(tick({ ms: 5, counter: 0xffff }, 5)).toEqual({ ms: 6, counter: 0 });
  });

  it('S-REC-6 takes over what is later, but not from a clock that runs a day ahead', () => {
    fc.assert(
      fc.property(hlc, hlc, now, (last, remote, time) => {
        const next = receive(last, remote, time);
        expect(compareHlc(next, last)).toBeGreaterThanOrEqual(0);
        expect(next === last || next === remote).toBe(true);
        if (remote.ms > time + MAX_AHEAD_MS) expect(next).toBe(last);
      }),
      { seed: 4 },
    );
    expect(isAhead({ ms: MAX_AHEAD_MS, counter: 0 }, 0)).toBe(false);
    expect(isAhead({ ms: MAX_AHEAD_MS + 1, counter: 0 }, 0)).toBe(true);
    expect(receive(NO_TIME, { ms: 1, counter: 0 }, 0)).toEqual({ ms: 1, counter: 0 });
  });
});
