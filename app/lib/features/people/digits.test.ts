import { expect, it } from 'vitest';
import { toGroups } from './digits.ts';

it('shows 60 digits as 12 groups of 5', () => {
  const groups = toGroups('0123456789'.repeat(6));
  expect(groups).toHaveLength(12);
  expect(groups.every((group) => group.length === 5)).toBe(true);
});
