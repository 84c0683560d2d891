import { expect, it } from 'vitest';
import { COLOURS, colourAt } from './colours.ts';
import { text } from '../../text/index.ts';

/** As WCAG 2 counts it. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

it.each(COLOURS)('white can be read on %s', (colour) => {
  expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThan(4.5);
});

it('there is a colour for every place, and a name for every colour', () => {
  for (const place of [0, 7, 8, 255]) expect(COLOURS).toContain(colourAt(place));
  expect(new Set(text.statusPost.colours).size).toBe(COLOURS.length);
});
