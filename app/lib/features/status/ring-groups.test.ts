import { expect, it } from 'vitest';
import type { StatusRing } from '@securechat/sync/api';
import { answeredBy, countFreshAuthors, firstOf, groupRings, hasStatus, segmentsOf } from './ring-groups.ts';

const ring = (accountId: string, ...seen: boolean[]): StatusRing => ({
  ...{ accountId, name: accountId, time: 1 },
  segments: seen.map((each, i) => ({ statusId: `${accountId}${String(i)}`, seen: each })),
});
const bob = ring('bob', true, false);
const cleo = ring('cleo', true);
const dan = ring('dan', false);
const statuses = { mine: { segments: ring('me', true).segments, sendings: [] }, others: [cleo, bob], muted: [dan] };

it('those of whom something is new come first, muted ones last, and no group is empty', () => {
  expect(groupRings(statuses)).toEqual([
    { name: 'recent', rings: [bob] },
    { name: 'viewed', rings: [cleo] },
    { name: 'muted', rings: [dan] },
  ]);
  expect(groupRings({ others: [], muted: [] })).toEqual([]);
});

it('counts who has something new, but not those who are muted', () => {
  expect([countFreshAuthors(statuses), countFreshAuthors(undefined)]).toEqual([1, 0]);
});

it('begins with the first that is new, or with the oldest', () => {
  expect([firstOf(bob.segments), firstOf(cleo.segments), firstOf([])]).toEqual(['bob1', 'cleo0', undefined]);
});

it('knows the segments of everybody: of oneself and of muted ones too', () => {
  const ids = (accountId: string): string[] => segmentsOf(statuses, accountId, 'me').map(({ statusId }) => statusId);
  expect([ids('me'), ids('dan'), ids('cleo'), ids('nobody')]).toEqual([['me0'], ['dan0'], ['cleo0'], []]);
});

it('knows whose status a message answers, and whether it can still be looked at', () => {
  const sides = { me: 'me', peer: 'dan' };
  expect([answeredBy({ mine: true }, sides), answeredBy({ mine: false }, sides)]).toEqual(['dan', 'me']);
  const has = (accountId: string, statusId: string): boolean => hasStatus(statuses, { accountId, statusId }, 'me');
  expect([has('dan', 'dan0'), has('me', 'me0')]).toEqual([true, true]);
  // It went, it is somebody else's, nothing is known yet.
  expect([has('dan', 'dan1'), has('me', 'dan0'), has('nobody', 'dan0')]).toEqual([false, false, false]);
  expect(hasStatus(undefined, { accountId: 'dan', statusId: 'dan0' }, 'me')).toBe(false);
});
