/** One bucket per key (an address, an account), bounded in number: idle ones are forgotten first, then the oldest. */
import { Bucket, type Rate } from './bucket.ts';

/** See the module's header. */
export class BucketMap {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: Rate,
    private readonly cap = 50_000,
  ) {}

  /** Takes `cost` from the bucket of `key`. */
  take(key: string, cost: number, now: number): boolean {
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= this.cap) this.prune(now);
      bucket = new Bucket(this.rate, now);
      this.buckets.set(key, bucket);
    }
    return bucket.take(cost, now);
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.buckets.size;
  }

  /** Forgets what has filled up; if that is not enough, the oldest tenth. */
  prune(now: number): void {
    for (const [key, bucket] of this.buckets) if (bucket.isIdle(now)) this.buckets.delete(key);
    if (this.buckets.size < this.cap) return;
    const surplus = [...this.buckets.keys()].slice(0, Math.ceil(this.cap / 10));
    for (const key of surplus) this.buckets.delete(key);
  }
}
