import { expect, it } from 'vitest';
import type { GrantStep } from '@securechat/sync/api';
import { describeGrant, groupLinks } from './joining.ts';

const step: GrantStep = { act: 'x', by: 'ann', byName: 'Ann', time: 1, founded: false };

it('says by which act somebody is a member', () => {
  expect(describeGrant({ ...step, founded: true }, false, 'Bob')).toBe('Ann founded the group');
  expect(describeGrant(step, false, 'Bob')).toBe('Ann added Bob');
  expect(describeGrant(step, true, 'Bob')).toBe('You added Bob');
  expect(describeGrant({ ...step, byName: '' }, false, 'you')).toBe('Somebody added you');
});

it('says of a link by whom it is, how often it was used and when it ends', () => {
  expect(groupLinks.details('Ann', 0, undefined)).toBe('By Ann, not used yet, does not end');
  expect(groupLinks.details('Ann', 1, '3 Mar 2024')).toBe('By Ann, used once, ends 3 Mar 2024');
  expect(groupLinks.details('', 2, undefined)).toBe('By Somebody, used 2 times, does not end');
});
