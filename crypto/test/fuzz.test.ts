import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzSamples, fuzzTargets } from './fuzz.ts';

const TARGETS = Object.entries(fuzzTargets).map(([name, target]) => ({
  name,
  target,
  sample: fuzzSamples[name]?.[0] ?? new Uint8Array(),
}));

/** A sample with bytes overwritten, cut out, doubled or appended. */
function mutated(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(), length: fc.nat(6), with: fc.uint8Array({ maxLength: 6 }) });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce((bytes, { at, length, with: replacement }) => {
      const start = at % (bytes.length + 1);
      return Uint8Array.of(...bytes.subarray(0, start), ...replacement, ...bytes.subarray(start + length));
    }, sample),
  );
}

describe('decoders', () => {
  it.each(TARGETS)('C-CODEC-5 $name answers for any bytes', async ({ target }) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => void (await target(bytes))),
      { seed: 7, numRuns: 200 },
    );
  });

  it.each(TARGETS)('C-CODEC-5 $name answers for mutations of a genuine input', async ({ target, sample }) => {
    await fc.assert(
      fc.asyncProperty(mutated(sample), async (bytes) => void (await target(bytes))),
      { seed: 8, numRuns: 200 },
    );
  });

  it('C-CODEC-5 each genuine input is one: what is fuzzed is more than the first check', async () => {
    const answers = await Promise.all(TARGETS.map(({ target, sample }) => target(sample)));
    const accepted = TARGETS.filter((_, index) => {
      const answer = answers[index];
      return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
    });
    const notResults = [
      'padding',
      'signature',
      'record',
      'certificate',
      'publicKey',
      'inviteProof',
      'inviteSecret',
      'texts',
    ];
    const results = Object.keys(fuzzTargets).filter((name) => !notResults.includes(name));
    expect(accepted.map(({ name }) => name)).toEqual(results);
    expect(Object.keys(fuzzSamples).sort()).toEqual(Object.keys(fuzzTargets).sort());
  });
});
