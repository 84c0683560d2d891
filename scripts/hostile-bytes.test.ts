import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileBytes } from './hostile-bytes.ts';

const sample = new TextEncoder().encode('a perfectly valid sample of some length');

describe('bytes for the fuzzer', () => {
  it('are the same for the same seed', () => {
    const draw = () => fc.sample(hostileBytes([sample]), { seed: 5, numRuns: 50 });
    expect(draw()).toEqual(draw());
  });

  it('are noise without a sample and mostly near it with one', () => {
    const near = (bytes: Uint8Array) => Buffer.from(bytes).includes(Buffer.from(sample.subarray(0, 8)));
    expect(fc.sample(hostileBytes([]), { seed: 5, numRuns: 200 }).some(near)).toBe(false);
    expect(fc.sample(hostileBytes([sample]), { seed: 5, numRuns: 200 }).filter(near).length).toBeGreaterThan(60);
  });

  it('leave the sample itself alone, and survive an empty one', () => {
    const before = sample.slice();
    fc.sample(hostileBytes([sample, new Uint8Array()]), { seed: 6, numRuns: 500 });
    expect(sample).toEqual(before);
  });
});
