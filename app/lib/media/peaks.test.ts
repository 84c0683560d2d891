import { expect, it } from 'vitest';
import { peaksOf } from './peaks.ts';

it('has 64 bars, of which the loudest is full', () => {
  const samples = Float32Array.from({ length: 6400 }, (_, i) => (i < 3200 ? 0.1 : 0.4) * (i % 2 === 0 ? 1 : -1));
  const peaks = peaksOf(samples);
  expect(peaks.length).toBe(64);
  expect([peaks[0], peaks[63]]).toEqual([64, 255]);
});

it('of silence, of nothing and of nonsense is flat', () => {
  for (const samples of [new Float32Array(1000), new Float32Array(), Float32Array.of(NaN, Infinity)])
    expect([...peaksOf(samples)].every((bar) => bar === 0)).toBe(true);
});
