import { expect, it } from 'vitest';
import { pressCallKey } from './call-keys.ts';

const NO_KEY = { altKey: true, ctrlKey: false, metaKey: false, repeat: false, defaultPrevented: false };

function press(code: string, more: Partial<KeyboardEvent> = {}): { done: string[]; prevented: boolean } {
  const done: string[] = [];
  let prevented = false;
  const event = { ...NO_KEY, code, ...more };
  pressCallKey({ ...event, preventDefault: () => (prevented = true) } as KeyboardEvent, {
    answer: () => done.push('answer'),
    end: () => done.push('end'),
    microphone: () => done.push('microphone'),
    camera: () => done.push('camera'),
  });
  return { done, prevented };
}

it.each([
  ['KeyA', 'answer'],
  ['KeyX', 'end'],
  ['KeyM', 'microphone'],
  ['KeyV', 'camera'],
])('%s with Alt: %s', (code, expected) => {
  expect(press(code)).toEqual({ done: [expected], prevented: true });
});

it('a group has two more', () => {
  const done: string[] = [];
  const none = (): void => undefined;
  const commands = { answer: none, end: none, microphone: none, camera: none };
  for (const code of ['KeyH', 'KeyG']) {
    const event = { ...NO_KEY, code, preventDefault: none } as unknown as KeyboardEvent;
    expect(pressCallKey(event, commands)).toBe(false);
    const more = { hand: () => done.push('hand'), layout: () => done.push('layout') };
    expect(pressCallKey(event, { ...commands, ...more })).toBe(true);
  }
  expect(done).toEqual(['hand', 'layout']);
});

it('leaves all other keys alone', () => {
  const nothing = { done: [], prevented: false };
  expect(press('KeyA', { altKey: false })).toEqual(nothing);
  expect(press('KeyA', { ctrlKey: true })).toEqual(nothing);
  expect(press('KeyA', { repeat: true })).toEqual(nothing);
  expect(press('KeyA', { defaultPrevented: true })).toEqual(nothing);
  expect(press('KeyB')).toEqual(nothing);
});
