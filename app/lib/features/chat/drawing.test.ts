import { describe, expect, it } from 'vitest';
import { nextDrawn } from './drawing.ts';
import type { Entry } from './entries.ts';

const entries = (from: number, to: number): Entry[] =>
  Array.from({ length: to - from }, (_none, i) => ({ type: 'day', key: `e${String(from + i)}`, time: 0 }));
/** First and last of what is drawn. */
const ends = (drawn: readonly Entry[]): (string | undefined)[] => [drawn[0]?.key, drawn.at(-1)?.key];
/** Draws until all is there; answers every step. */
function drawAll(all: readonly Entry[], before: readonly Entry[], wanted: string[]): (readonly Entry[])[] {
  const steps: (readonly Entry[])[] = [];
  for (let drawn = before; drawn.length < all.length; steps.push(drawn)) drawn = nextDrawn(all, drawn, wanted);
  return steps;
}

describe('a page that is drawn in steps', () => {
  const all = entries(0, 60);

  it('begins at the newest message, and grows upwards to all of it', () => {
    const steps = drawAll(all, [], ['e59']);
    expect(steps.map(ends)).toEqual([
      ['e48', 'e59'],
      ...[43, 38, 33, 28, 23, 18, 13, 8, 3, 0].map((first) => [`e${String(first)}`, 'e59']),
    ]);
  });

  it('begins around the message that is jumped to', () => {
    expect(ends(nextDrawn(all, entries(100, 120), ['e30']))).toEqual(['e20', 'e40']);
  });

  it('holds the first unread message and everything after it at once', () => {
    expect(ends(nextDrawn(all, [], ['e59', 'e20']))).toEqual(['e10', 'e59']);
  });

  it('keeps what is drawn when the window moves, and adds a step at each end', () => {
    const before = entries(20, 50);
    for (const drawn of drawAll(all, before, [])) expect(drawn).toEqual(expect.arrayContaining(before));
    expect(ends(nextDrawn(all, before, []))).toEqual(['e15', 'e54']);
    expect(ends(nextDrawn(entries(30, 90), before, []))).toEqual(['e30', 'e54']);
  });

  it('never adds more than two steps at once, but for what is wanted', () => {
    const steps = [entries(28, 30), ...drawAll(all, entries(28, 30), [])];
    for (const [i, drawn] of steps.entries())
      expect(drawn.length - (steps[i - 1]?.length ?? drawn.length)).toBeLessThanOrEqual(10);
  });

  it('shows a new message at once', () => {
    expect(ends(nextDrawn(entries(0, 61), all, ['e60']))).toEqual(['e0', 'e60']);
  });

  it('is drawn whole when what was asked for is not there', () => {
    expect(nextDrawn(all, [], ['gone'])).toEqual(all);
    expect(nextDrawn([], all, [])).toEqual([]);
  });
});
