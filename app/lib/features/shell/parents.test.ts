import { expect, it } from 'vitest';
import { parentOf } from './parents.ts';

it.each([
  ['/', undefined],
  ['/new', '/'],
  ['/chat/abc', '/'],
  ['/chat/abc/info', '/chat/abc'],
  ['/chat/abc/media', '/chat/abc'],
  ['/chat/abc/safety', '/chat/abc/info'],
  ['/settings', '/'],
  ['/settings/profile', '/settings'],
  ['/settings/devices', '/settings'],
  ['/settings/devices/link', '/settings/devices'],
  ['/settings/recovery/phrase', '/settings/recovery'],
  ['/restored', '/'],
  ['/status', '/'],
  ['/status/new', '/status'],
])('back from %s leads to %s', (path, expected) => {
  expect(parentOf(path)).toBe(expected);
});
