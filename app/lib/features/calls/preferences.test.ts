import { expect, it } from 'vitest';
import { CallPreferences, readChoices } from './preferences.svelte.ts';

const first = { noiseSuppression: true, lowBandwidth: false, hideAddress: false };

it('remembers what was chosen', () => {
  const stored = new Map<string, string>();
  const memory = {
    recall: (key: string) => stored.get(key),
    remember: (key: string, value: string) => void stored.set(key, value),
  };
  const preferences = new CallPreferences(memory);
  preferences.set({ microphone: 'headset' });
  preferences.set({ hideAddress: true });
  expect(new CallPreferences(memory).current).toEqual({ ...first, microphone: 'headset', hideAddress: true });
});

it.each([undefined, '', '{', 'null', '[]', '"x"', '{"microphone":7,"hideAddress":"yes"}'])(
  'begins anew when it remembers %j',
  (json) => {
    expect(readChoices(json)).toEqual(first);
  },
);
