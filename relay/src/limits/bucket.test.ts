import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bucket, UNLIMITED } from './bucket.ts';
import { BucketMap } from './bucket-map.ts';

describe('a bucket', () => {
  it('gives its burst at once, then its rate', () => {
    const bucket = new Bucket({ perSecond: 2, burst: 3 }, 0);
    expect([1, 1, 1, 1].map((cost) => bucket.take(cost, 0))).toEqual([true, true, true, false]);
    expect([bucket.take(1, 499), bucket.take(1, 500), bucket.take(1, 501)]).toEqual([false, true, false]);
    expect([bucket.take(3, 1e9), bucket.take(1, 1e9)]).toEqual([true, false]);
  });

  it('lets a cost over its burst through only when it is full, and owes the rest', () => {
    const bucket = new Bucket({ perSecond: 1, burst: 2 }, 0);
    expect(bucket.take(4, 0)).toBe(true);
    expect([bucket.take(1, 2000), bucket.take(1, 3000)]).toEqual([false, true]);
  });

  it('never gives more than burst + rate x time, whatever is asked', () => {
    const steps = fc.array(fc.tuple(fc.nat(5), fc.nat(2000)), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (asked) => {
        const bucket = new Bucket({ perSecond: 3, burst: 10 }, 0);
        let [now, given] = [0, 0];
        for (const [cost, ms] of asked) if (bucket.take(cost, (now += ms))) given += cost;
        expect(given).toBeLessThanOrEqual(10 + (3 * now) / 1000 + 1e-6);
      }),
      { seed: 5 },
    );
  });

  it('without a limit gives everything, and a clock that steps back takes nothing away', () => {
    const free = new Bucket(UNLIMITED, 0);
    expect([free.take(1e12, 0), free.take(1e12, 0)]).toEqual([true, true]);
    const bucket = new Bucket({ perSecond: 1, burst: 2 }, 10_000);
    expect([bucket.take(1, 5000), bucket.take(1, 4000), bucket.take(1, 4500)]).toEqual([true, true, false]);
  });
});

describe('buckets by key', () => {
  it('are apart, and bounded in number', () => {
    const map = new BucketMap({ perSecond: 1, burst: 1 }, 100);
    for (let n = 0; n < 1000; n++) expect(map.take(String(n), 1, n)).toBe(true);
    expect(map.size).toBeLessThanOrEqual(100);
    expect(map.take('999', 1, 1000)).toBe(false);
  });

  it('forget idle keys first', () => {
    const map = new BucketMap({ perSecond: 1, burst: 1 }, 2);
    map.take('idle', 1, 0);
    map.take('busy', 1, 5000);
    map.take('new', 1, 5000);
    expect([map.size, map.take('busy', 1, 5001)]).toEqual([2, false]);
  });
});
