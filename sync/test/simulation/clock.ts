/** Virtual time: nothing happens by itself; the world runs the next timer when all promises have settled. */
import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, Math.round(ms)), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Runs the next timer that is due at or before `end`; false when there is none. */
  step(end: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (next === undefined || next.at > end) {
      this.#now = Math.max(this.#now, end);
      return false;
    }
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.fn();
    return true;
  }
}

/** A clock that one device or relay sees: off by `skew`, and dead once its owner is: a crashed process has no timers. */
export class OwnedClock implements Clock {
  #alive = true;
  readonly #base: VirtualClock;
  /** How far off it is; may be set while it runs, as a user sets a clock. */
  skew: number;

  constructor(base: VirtualClock, skew = 0) {
    this.#base = base;
    this.skew = skew;
  }

  now(): number {
    return this.#base.now() + this.skew;
  }

  after(ms: number, fn: () => void): () => void {
    return this.#base.after(ms, () => {
      if (this.#alive) fn();
    });
  }

  kill(): void {
    this.#alive = false;
  }
}
