import { expect, it } from 'vitest';
import { swipeOf } from './touching.ts';

it.each([
  [10, -20, undefined],
  [-61, 30, 'left'],
  [80, -79, 'right'],
  [5, -90, 'up'],
  [-59, 70, 'down'],
])('a movement by %d, %d goes %s', (x, y, to) => {
  expect(swipeOf(x, y)).toBe(to);
});
