import { expect, it } from 'vitest';
import type { GroupEvent } from '@securechat/sync/api';
import { describeGroupEvent } from './groups.ts';

const WHATS = [
  ...(['founded', 'added', 'removed', 'banned', 'unbanned', 'owner', 'admin', 'member', 'named'] as const),
  ...(['described', 'permitted', 'pinned', 'unpinned', 'timed'] as const),
];

/** An act by Ann about Bob, as one of the two or another member reads it. */
function told(what: GroupEvent['what'], reader: 'Ann' | 'Bob' | 'Cleo'): string {
  return describeGroupEvent({
    ...{ type: 'Group', act: 'x', by: 'ann', whom: 'bob', what, text: 'Tea', seconds: 7200 },
    names: { by: 'Ann', whom: 'Bob', byMe: reader === 'Ann', ofMe: reader === 'Bob' },
  });
}

it('says who did what, with “you” for the reader', () => {
  expect(WHATS.map((what) => told(what, 'Cleo'))).toEqual([
    'Ann founded the group “Tea”',
    'Ann added Bob',
    'Ann removed Bob',
    'Ann removed and banned Bob',
    'Ann lifted the ban of Bob',
    'Ann made Bob an owner',
    'Ann made Bob an admin',
    'Ann made Bob an ordinary member',
    'Ann named the group “Tea”',
    'Ann changed the group’s picture or description',
    'Ann changed who may do what',
    'Ann pinned a message',
    'Ann unpinned a message',
    'Ann set new messages to disappear after 2 hours',
  ]);
  expect(told('removed', 'Ann')).toBe('You removed Bob');
  expect(told('admin', 'Bob')).toBe('Ann made you an admin');
});

it('says of who removed themselves that they left', () => {
  const left: GroupEvent = { type: 'Group', act: 'x', by: 'bob', whom: 'bob', what: 'removed' };
  const names = { by: 'Bob', whom: 'Bob', byMe: false, ofMe: false };
  expect(describeGroupEvent({ ...left, names })).toBe('Bob left');
  expect(describeGroupEvent({ ...left, names: { ...names, byMe: true, ofMe: true } })).toBe('You left');
});

it('has a word for people whose names have not arrived', () => {
  const names = { by: '', whom: '', byMe: false, ofMe: false };
  expect(describeGroupEvent({ type: 'Group', act: 'x', by: 'a', whom: 'b', what: 'added', names })).toBe(
    'Somebody added Somebody',
  );
});
