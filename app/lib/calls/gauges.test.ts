import { expect, it } from 'vitest';
import { Gauges } from './gauges.ts';
import type { Counts } from './quality.ts';

const counts = (received: number, lost = 0, level = 0.5): Counts => ({
  ...{ at: 0, bytes: 0, frames: 0, sounds: 0 },
  ...{ received, lost, level },
});

it('knows how loud it is at once, and how good after two counts of one connection', () => {
  const gauges = new Gauges();
  expect(gauges.of('bob')).toEqual({ level: 0 });
  gauges.note('bob', counts(100));
  expect(gauges.of('bob')).toEqual({ level: 0.5 });
  gauges.note('bob', counts(200, 50, 0.1));
  expect(gauges.of('bob')).toEqual({ level: 0.1, quality: 'poor' });
  gauges.note('ann', counts(1));
  expect(gauges.of('bob').quality).toBe('poor');
});

it('begins anew with a connection that was made anew, and forgets one that is gone', () => {
  const gauges = new Gauges();
  gauges.note('bob', counts(100));
  gauges.note('bob', counts(10));
  expect(gauges.of('bob')).toEqual({ level: 0.5 });
  gauges.note('bob', counts(90));
  expect(gauges.of('bob').quality).toBe('good');
  gauges.note('bob', undefined);
  expect(gauges.of('bob')).toEqual({ level: 0 });
});
