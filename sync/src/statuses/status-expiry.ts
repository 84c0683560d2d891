/**
 * The end of statuses: at its moment each is gone from the screen, and from the disk after it, one at a time. Until then what is
 * over is left out by the clock, so that nothing depends on when this runs.
 */
import { inBatch } from '../batch.ts';
import type { Clock } from '../ports/clock.ts';
import { storeErrorType } from '../ports/store-error.ts';
import type { Store } from '../ports/store.ts';
import type { Keeping } from './keeping.ts';
import type { StatusBook } from './status-book.ts';
import type { LiveStatus } from './status-row.ts';

/** A timer that was set before a device slept may be late by as long as it slept, so the clock is looked at meanwhile. */
const LOOK = 60_000;

export interface StatusExpiryOptions {
  readonly store: Store;
  readonly book: StatusBook;
  readonly keeping: Keeping;
  readonly clock: Clock;
  /** A lane job that nobody waits for. */
  readonly background: (job: () => Promise<void>) => void;
  /** These are not shown any more. */
  readonly over: (rows: readonly LiveStatus[]) => void;
}

export class StatusExpiry {
  readonly #options: StatusExpiryOptions;
  #cancel: () => void = () => undefined;
  #isStarted = false;
  #planned: number | undefined;

  constructor(options: StatusExpiryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStarted = true;
    this.#again();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel();
  }

  /** One may have come that is over before all others. */
  plan(): void {
    const { book, clock } = this.#options;
    const next = book.nextEnd;
    if (!this.#isStarted || next === this.#planned) return;
    this.#cancel();
    this.#planned = next;
    if (next === undefined) return;
    this.#cancel = clock.after(Math.min(Math.max(0, next - clock.now()), LOOK), this.#look);
  }

  /** Lane job, before anything is shown: what ended while this device was off. A full disk leaves it for later. */
  async sweepFirst(): Promise<void> {
    try {
      await this.#sweep();
    } catch (error) {
      if (storeErrorType(error) !== 'QuotaExceeded') throw error;
    }
  }

  readonly #look = (): void => {
    const { book, over, background } = this.#options;
    const rows = book.overdue();
    if (rows.length === 0) {
      this.#again();
      return;
    }
    over(rows);
    background(this.#sweep);
    // The sweep fails while the disk is full.
    this.#cancel = this.#options.clock.after(LOOK, this.#look);
  };

  readonly #sweep = async (): Promise<void> => {
    const { store, book, keeping } = this.#options;
    for (const row of book.overdue()) await inBatch(store, (batch) => keeping.end(batch, row, false));
    await inBatch(store, (batch) => {
      book.forgetOld(batch);
    });
    this.#again();
  };

  /** Plans anew, for what is next by now. */
  #again(): void {
    this.#cancel();
    this.#planned = undefined;
    this.plan();
  }
}
