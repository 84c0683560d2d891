import { expect, it } from 'vitest';
import { describeTimer, sayDuration, TIMES } from './timer.ts';

it('says how long in the largest unit that fits', () => {
  expect(TIMES.slice(1).map(sayDuration)).toEqual(['1 hour', '8 hours', '1 day', '7 days', '30 days']);
  expect([1, 90, 120, 5400].map(sayDuration)).toEqual(['1 second', '90 seconds', '2 minutes', '90 minutes']);
});

it('says who set it, and who turned it off', () => {
  expect(describeTimer('Ann', 3600)).toBe('Ann set new messages to disappear after 1 hour');
  expect(describeTimer('You', 0)).toBe('You turned disappearing messages off');
});
