import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRange } from './range.ts';

it('ST-16 a part is always inside of the blob', () => {
  const numbers = fc.option(fc.nat(40), { nil: '' });
  const header = fc.tuple(numbers, numbers).map(([first, last]) => `bytes=${first}-${last}`);
  fc.assert(
    fc.property(header, fc.integer({ min: 1, max: 20 }), (range, size) => {
      const wanted = parseRange(range, size);
      if (wanted.type !== 'Part') return;
      expect(wanted.start).toBeGreaterThanOrEqual(0);
      expect(wanted.end).toBeGreaterThanOrEqual(wanted.start);
      expect(wanted.end).toBeLessThan(size);
    }),
    { seed: 2, numRuns: 2000 },
  );
});
