import { describe, expect, it } from 'vitest';
import { watchLine } from './line.ts';

/** Timers that go off when the test lets time go by. */
function createClock() {
  let now = 0;
  const timers = new Map<() => void, number>();
  const after = (ms: number, act: () => void): (() => void) => {
    timers.set(act, now + ms);
    return () => timers.delete(act);
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const [act, at] of [...timers]) if (at <= now && timers.delete(act)) act();
  };
  return { after, pass };
}

describe('a line', () => {
  it('is given up when nothing moved for a minute', () => {
    const clock = createClock();
    const line = watchLine(clock, new AbortController().signal);
    clock.pass(59_000);
    line.moved();
    clock.pass(59_000);
    expect(line.signal.aborted).toBe(false);
    clock.pass(1_000);
    expect(line.signal.aborted).toBe(true);
  });

  it('is not given up while pieces come, however small and slow', async () => {
    const clock = createClock();
    const line = watchLine(clock, new AbortController().signal);
    async function* slow() {
      for (let i = 0; i < 10; i += 1) {
        clock.pass(59_000);
        yield Uint8Array.of(i);
      }
    }
    const got: number[] = [];
    for await (const piece of line.moving(slow())) got.push(...piece);
    expect([got.length, line.signal.aborted]).toEqual([10, false]);
    clock.pass(60_000);
    expect(line.signal.aborted).toBe(true);
  });

  it('ends with whoever stops it, and watches nothing when it is over', () => {
    const clock = createClock();
    const stop = new AbortController();
    const [stopped, over] = [watchLine(clock, stop.signal), watchLine(clock, stop.signal)];
    over.end();
    stop.abort();
    clock.pass(120_000);
    expect([stopped.signal.aborted, over.signal.aborted]).toEqual([true, false]);
  });
});
