/** A token bucket: `burst` at once, `perSecond` in the long run. */

/** The two numbers of a bucket. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A rate that refuses nothing: for tests and benches. */
export const UNLIMITED: Rate = { perSecond: Infinity, burst: Infinity };

/** See the module's header. Time is passed in, in milliseconds. */
export class Bucket {
  private level: number;

  constructor(
    private readonly rate: Rate,
    private at: number,
  ) {
    this.level = rate.burst;
  }

  /** Takes `cost` if it is there. A cost over the burst is allowed from a full bucket, which then owes the rest. */
  take(cost: number, now: number): boolean {
    this.refill(now);
    if (this.level < Math.min(cost, this.rate.burst)) return false;
    this.level -= cost;
    return true;
  }

  /** Whether it has had time to fill up: then nothing is lost by forgetting it. */
  isIdle(now: number): boolean {
    this.refill(now);
    return this.level >= this.rate.burst;
  }

  private refill(now: number): void {
    if (now > this.at)
      this.level = Math.min(this.rate.burst, this.level + ((now - this.at) / 1000) * this.rate.perSecond);
    this.at = now;
  }
}
