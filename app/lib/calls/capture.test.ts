import { expect, it } from 'vitest';
import { failureOf } from './capture.ts';

it.each([
  ['NotAllowedError', 'denied'],
  ['SecurityError', 'denied'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'none'],
  ['NotReadableError', 'busy'],
  ['AbortError', 'busy'],
  ['UnknownError', 'failed'],
])('%s of the browser is “%s” to the user', (name, expected) => {
  expect(failureOf(new DOMException('', name))).toBe(expected);
});

it('takes whatever else is thrown as a failure', () => {
  expect([failureOf(new TypeError('x')), failureOf(undefined)]).toEqual(['failed', 'failed']);
});
