import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arcsOf } from './ring-arcs.ts';

it('is whole for one status, and nothing for none', () => {
  expect(arcsOf(1)).toEqual([{ start: 0, length: 100 }]);
  expect(arcsOf(0)).toEqual([]);
});

it('has one arc a status, none of which touches another, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 200 }), (count) => {
      const arcs = arcsOf(count);
      expect(arcs).toHaveLength(count);
      for (const [i, { start, length }] of arcs.entries()) {
        expect(length).toBeGreaterThan(0);
        expect(start + length).toBeLessThan(arcs[i + 1]?.start ?? 100);
      }
    }),
    { seed: 11 },
  );
});
