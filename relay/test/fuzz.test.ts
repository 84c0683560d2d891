import fc from 'fast-check';
import { describe, it } from 'vitest';
import { fuzzSamples, fuzzTargets } from './fuzz.ts';

/** A sample with a few bytes changed, cut or added. */
function bent(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const bends = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 });
  return fc
    .tuple(fc.constantFrom(...samples), bends, fc.integer({ min: -4, max: 4 }))
    .map(([sample, changes, stretch]) => {
      const bytes = new Uint8Array(Math.max(0, sample.length + stretch));
      bytes.set(sample.subarray(0, bytes.length));
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      return bytes;
    });
}

describe('what a stranger sends never throws', () => {
  it.each(Object.entries(fuzzTargets))('%s', async (name, read) => {
    const inputs = fc.oneof(fc.uint8Array({ maxLength: 300 }), bent(fuzzSamples[name] ?? [new Uint8Array(0)]));
    await fc.assert(
      fc.asyncProperty(inputs, async (bytes) => {
        await read(bytes);
      }),
      { seed: 20_260_102, numRuns: 500 },
    );
  });
});
