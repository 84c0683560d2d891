import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import encodeQR from 'qr';
import { initialsOf, toneOf } from './avatar-tone.ts';
import { EMOJI_GROUPS } from './emoji.ts';
import { splitRanges } from './highlight.ts';
import { qrPath } from './qr-path.ts';

describe('initials', () => {
  it.each([
    ['Bob', 'B'],
    ['Bob Schneider', 'BS'],
    ['  anna  maria de la cruz ', 'AC'],
    ['林美 Mei Lin', '林L'],
    ['👩‍🚀 Space', '👩‍🚀S'],
    ['', '?'],
    ['   ', '?'],
  ])('of %s are %s', (name, expected) => {
    expect(initialsOf(name)).toBe(expected);
  });
  it('come with a colour that stays', () => {
    expect(toneOf('abc')).toBe(toneOf('abc'));
    for (const id of ['', 'a', 'x'.repeat(43)]) expect(toneOf(id)).toBeLessThan(8);
  });
});

describe('highlights', () => {
  it('marks each range', () => {
    expect(
      splitRanges('one two one', [
        [0, 3],
        [8, 11],
      ]),
    ).toEqual([
      { text: 'one', marked: true },
      { text: ' two ', marked: false },
      { text: 'one', marked: true },
    ]);
  });
  it('never loses a character, whatever the ranges', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))),
        (text, ranges) => {
          expect(
            splitRanges(text, ranges)
              .map((part) => part.text)
              .join(''),
          ).toBe(text);
        },
      ),
      { seed: 7 },
    );
  });
});

it('draws exactly the dark modules of a QR code', () => {
  const modules = encodeQR('securechat', 'raw');
  const { side, path } = qrPath(modules);
  const drawn = new Set<string>();
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g))
    for (let i = 0; i < Number(length); i++) drawn.add(`${String(Number(x) + i)},${y ?? ''}`);
  const dark = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${String(x)},${String(y)}`] : [])));
  expect(side).toBe(modules.length);
  expect([...drawn].sort()).toEqual(dark.sort());
});

it('offers each emoji once', () => {
  const all = EMOJI_GROUPS.flatMap(({ emoji }) => emoji);
  expect(new Set(all).size).toBe(all.length);
});
