/** How good the connections of a call are, and how loud what comes over each is: from one count to the next. */
import { judge, type Counts, type Quality } from './quality.ts';

export interface Gauge {
  /** Absent until it was counted twice. */
  readonly quality?: Quality;
  /** 0 to 1. */
  readonly level: number;
}

export class Gauges {
  readonly #counted = new Map<string, { readonly counts: Counts; readonly quality?: Quality }>();

  /** What was counted of a connection; undefined: there is none. */
  note(name: string, counts: Counts | undefined): void {
    const before = this.#counted.get(name)?.counts;
    if (!counts) this.#counted.delete(name);
    // A connection that was made anew counts from nothing.
    else if (!before || counts.received < before.received) this.#counted.set(name, { counts });
    else this.#counted.set(name, { counts, quality: judge(before, counts) });
  }

  of(name: string): Gauge {
    const { counts, quality } = this.#counted.get(name) ?? {};
    return { level: counts?.level ?? 0, ...(quality && { quality }) };
  }
}
