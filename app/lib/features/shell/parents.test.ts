import { expect, it } from 'vitest';
import { parentOf } from './parents.ts';

it.each([
  ['/', undefined],
  ['/new', '/'],
  ['/chat/abc', '/'],
  ['/chat/abc/info', '/chat/abc'],
  ['/chat/abc/safety', '/chat/abc/info'],
  ['/settings', '/'],
  ['/settings/profile', '/settings'],
])('back from %s leads to %s', (path, expected) => {
  expect(parentOf(path)).toBe(expected);
});
