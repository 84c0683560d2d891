import { expect, it } from 'vitest';
import { endOfDay, isoDay } from './day.ts';

it('a day ends right before the next one begins, also over the end of a year', () => {
  const end = endOfDay('2024-12-31') ?? 0;
  expect(isoDay(end)).toBe('2024-12-31');
  expect(isoDay(end + 1)).toBe('2025-01-01');
});

it('what is no day has no end', () => {
  expect(endOfDay('')).toBeUndefined();
  expect(endOfDay('20 May')).toBeUndefined();
});
