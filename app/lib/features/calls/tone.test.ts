import { expect, it } from 'vitest';
import type { CallView } from '@securechat/sync/api';
import { toneOf } from './tone.ts';

const off = { microphone: false, camera: false, screen: false };
const incoming: CallView = {
  ...{ callId: 'c', chatId: 'chat', peer: 'bob', name: 'Bob', outgoing: false, video: false, phase: 'ringing' },
  ...{ since: 0, reached: false, held: { mine: false, theirs: false }, theirs: off },
};
const outgoing: CallView = { ...incoming, outgoing: true };
const here = { isMine: true, isRinger: true, isSmall: false };

it('rings in one tab only, until it is put away or answered', () => {
  expect(toneOf(incoming, here)).toBe('ring');
  expect(toneOf(incoming, { ...here, isRinger: false })).toBeUndefined();
  expect(toneOf(incoming, { ...here, isSmall: true })).toBeUndefined();
  expect(toneOf({ ...incoming, phase: 'connecting' }, here)).toBeUndefined();
});

it('lets who calls hear that it rings there, in the tab that calls', () => {
  expect(toneOf(outgoing, here)).toBeUndefined();
  expect(toneOf({ ...outgoing, reached: true }, here)).toBe('ringback');
  expect(toneOf({ ...outgoing, reached: true }, { ...here, isMine: false })).toBeUndefined();
});

it('says that it is over, but not to who ended it before it began', () => {
  expect(toneOf({ ...outgoing, phase: 'ended', end: 'hungUp' }, here)).toBe('ended');
  expect(toneOf({ ...outgoing, phase: 'ended', end: 'cancelled' }, here)).toBeUndefined();
  expect(toneOf({ ...incoming, phase: 'ended', end: 'missed' }, { ...here, isMine: false })).toBeUndefined();
  expect([toneOf(null, here), toneOf(undefined, here)]).toEqual([undefined, undefined]);
});
