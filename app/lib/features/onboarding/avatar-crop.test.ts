import { expect, it } from 'vitest';
import { fitCrop } from './avatar-crop.ts';

it.each([
  ['the largest square in the middle', { x: 400, y: 300, zoom: 1 }, { x: 400, y: 300, side: 600 }],
  ['moved only where there is picture', { x: 0, y: 0, zoom: 1 }, { x: 300, y: 300, side: 600 }],
  ['a smaller square when zoomed', { x: 799, y: 599, zoom: 2 }, { x: 650, y: 450, side: 300 }],
  ['never larger than the picture', { x: 400, y: 300, zoom: 0.5 }, { x: 400, y: 300, side: 600 }],
])('%s', (_what, wanted, expected) => {
  expect(fitCrop({ width: 800, height: 600 }, wanted)).toEqual(expected);
});
