import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRange } from './range.ts';

it.each([
  [undefined, { from: 0, to: 10 }],
  ['bytes=0-', { from: 0, to: 10 }],
  ['bytes=5-', { from: 5, to: 15 }],
  ['bytes=5-7', { from: 5, to: 8 }],
  ['bytes=90-200', { from: 90, to: 100 }],
  ['bytes=-3', { from: 97, to: 100 }],
  ['bytes=-500', { from: 0, to: 10 }],
  ['bytes=100-', undefined],
  ['bytes=7-5', undefined],
  ['bytes=-', undefined],
  ['bytes=-0', undefined],
  ['bytes=0-1,5-6', undefined],
  ['lines=0-', undefined],
])('of 100 bytes, ten at most, %s is %j', (header, range) => {
  expect(parseRange(header, 100, 10)).toEqual(range);
});

it('never leads out of the file or over the limit', () => {
  const header = fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,17}-\d{0,17}$/));
  fc.assert(
    fc.property(header, fc.nat(1000), fc.integer({ min: 1, max: 50 }), (text, size, most) => {
      const range = parseRange(text, size, most);
      if (!range) return;
      expect(range.from >= 0 && range.from < range.to && range.to <= size).toBe(true);
      expect(range.to - range.from).toBeLessThanOrEqual(most);
    }),
  );
});
