import { expect, it } from 'vitest';
import { describeHistory } from './history-state.ts';

it('says nothing when everything is here', () => {
  expect(describeHistory(undefined)).toBeUndefined();
  expect(describeHistory(null)).toBeUndefined();
});

it('says how far it is', () => {
  const state = describeHistory({ have: 1204, total: 4310, waiting: false });
  expect(state?.words).toMatch(/^Fetching history: 1\D?204 of 4\D?310 messages$/);
  expect(state?.part).toBeCloseTo(0.279, 3);
  expect(state?.hint).toBeUndefined();
});

it('says what to do when nobody answers', () => {
  expect(describeHistory({ have: 0, total: 1, waiting: true })).toEqual({
    words: 'Fetching history: 0 of 1 message',
    part: 0,
    hint: 'Open SecureChat on another of your devices to go on.',
  });
});

it('never says more than all', () => {
  expect(describeHistory({ have: 7, total: 5, waiting: false })).toMatchObject({ part: 1 });
  expect(describeHistory({ have: 0, total: 0, waiting: false })).toMatchObject({ part: 0 });
});
