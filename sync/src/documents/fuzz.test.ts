import { ready } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fuzzTargets as recordTargets } from '../records/fuzz.ts';
import { fuzzTargets as documentTargets } from './fuzz.ts';
import { authorNamed, craft } from './testing.ts';

beforeAll(ready);

describe('decoders', () => {
  it.each(Object.entries({ ...recordTargets, ...documentTargets }))('%s never throws', (_, target) => {
    const seeds = [craft({ author: authorNamed('alice') }).bytes, craft({ author: authorNamed('bob'), seq: 9 }).bytes];
    const mutated = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        fc.nat(),
      )
      .map(([bytes, edits, cut]) => {
        const copy = bytes.slice(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0));
        for (const [at, byte] of edits) copy[at % Math.max(copy.length, 1)] = byte;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated), (bytes) => {
        expect(() => target(bytes)).not.toThrow();
      }),
      { seed: 10, numRuns: 500 },
    );
  });
});
