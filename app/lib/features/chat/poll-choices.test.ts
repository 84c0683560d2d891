import { expect, it } from 'vitest';
import type { Poll } from '@securechat/sync/api';
import { toggledChoices } from './poll-choices.ts';

const poll = (multiple: boolean, ...mine: readonly boolean[]): Poll => ({
  ...{ multiple, closed: false, voters: 1, mine: mine.includes(true) },
  options: mine.map((isMine, at) => ({ text: String(at), votes: 0, mine: isMine, names: [] })),
});

it('replaces a single choice, also by itself', () => {
  expect(toggledChoices(poll(false, true, false), 1)).toEqual([1]);
  expect(toggledChoices(poll(false, true, false), 0)).toEqual([0]);
});

it('adds to several choices, or takes away', () => {
  expect(toggledChoices(poll(true, true, false, false), 2)).toEqual([0, 2]);
  expect(toggledChoices(poll(true, true, false, true), 0)).toEqual([2]);
});
