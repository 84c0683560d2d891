import { expect, it } from 'vitest';
import { handsOf, sharerOf, speakerOf } from './speaker.ts';

const off = { microphone: true, camera: false, screen: false };
const one = (deviceId: string, level = 0, rest: { me?: boolean; screen?: boolean; isShown?: boolean } = {}) => {
  const { me = false, screen = false, isShown = screen } = rest;
  return { deviceId, level, me, isShown, media: { ...off, screen } };
};

it('the loudest of the others is large', () => {
  const members = [one('me', 0, { me: true }), one('a', 0.1), one('b', 0.4)];
  expect(speakerOf(members, undefined)?.deviceId).toBe('b');
});

it('who is large stays in silence, and while another is only a little louder', () => {
  expect(speakerOf([one('a'), one('b')], 'b')?.deviceId).toBe('b');
  expect(speakerOf([one('a', 0.01), one('b')], 'b')?.deviceId).toBe('b');
  expect(speakerOf([one('a', 0.3), one('b', 0.25)], 'b')?.deviceId).toBe('b');
  expect(speakerOf([one('a', 0.3), one('b', 0.1)], 'b')?.deviceId).toBe('a');
});

it('who left is not large any more; who is alone is', () => {
  expect(speakerOf([one('me', 0, { me: true }), one('a')], 'gone')?.deviceId).toBe('a');
  expect(speakerOf([one('me', 0, { me: true })], 'gone')?.deviceId).toBe('me');
  expect(speakerOf([], undefined)).toBeUndefined();
});

it('a screen that is sent counts, and of several the first', () => {
  const members = [one('a'), one('b', 0, { screen: true, isShown: false }), one('c', 0, { screen: true })];
  expect(sharerOf(members)?.deviceId).toBe('c');
  expect(sharerOf([one('a')])).toBeUndefined();
});

it('hands are in the order in which they were raised', () => {
  const members = [{ name: 'a', hand: 9 }, { name: 'b' }, { name: 'c', hand: 4 }];
  expect(handsOf(members).map(({ name }) => name)).toEqual(['c', 'a']);
});
