/** A clock that moves only when a test says so. */
import type { Clock } from '../src/index.ts';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** See the module's header. */
export class FakeClock implements Clock {
  private timers = new Set<Timer>();

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Drops every timer, as a crash does. */
  forget(): void {
    this.timers.clear();
  }

  /** Moves on by `ms`, running what falls due in order and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.fn();
      await settle();
    }
    this.time = end;
  }
}

/** Lets every promise that can settle without time passing settle (crypto done off-thread included). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
