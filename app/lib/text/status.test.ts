import { expect, it } from 'vitest';
import { formatLeft, formatSince, status } from './status.ts';

const MINUTE = 60_000;

it.each([
  [24 * 60 * MINUTE - 1, '23 h'],
  [60 * MINUTE, '1 h'],
  [59.9 * MINUTE, '59 min'],
  [MINUTE - 1, 'less than a minute'],
  [-1, 'less than a minute'],
])('of %d ms are left: %s', (millis, words) => {
  expect(formatLeft(millis)).toBe(words);
});

it.each([
  [30_000, 'just now'],
  [-5 * MINUTE, 'just now'],
  [MINUTE, '1 minute ago'],
  [59 * MINUTE, '59 minutes ago'],
  [60 * MINUTE, '1 hour ago'],
  [23.9 * 60 * MINUTE, '23 hours ago'],
])('what was shared %d ms ago was shared %s', (age, words) => {
  expect(formatSince(-age, 0)).toBe(words);
});

it('a row says how many there are, how many of them are new, and since when', () => {
  expect(status.row('Bob', 3, 1, 'just now')).toBe('Bob, 1 new of 3 updates, just now');
  expect(status.row('Bob', 1, 0, 'yesterday')).toBe('Bob, 1 update, seen, yesterday');
});
