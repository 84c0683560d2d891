import { expect, it } from 'vitest';
import { fingerprintOf } from './identity.ts';

const hex = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':');

it('reads the SHA-256 fingerprint out of a description', () => {
  const sdp = `v=0\r\na=setup:actpass\r\na=fingerprint:sha-256 ${hex}\r\na=mid:0\r\n`;
  expect(fingerprintOf(sdp)).toEqual(Uint8Array.from({ length: 32 }, (_, i) => i));
});

it.each([
  ['none', 'v=0\r\n'],
  ['another digest', `a=fingerprint:sha-1 ${hex}\r\n`],
  ['one that is too short', `a=fingerprint:sha-256 ${hex.slice(3)}\r\n`],
  ['one that is too long', `a=fingerprint:sha-256 ${hex}:00\r\n`],
])('finds none in a description with %s', (_what, sdp) => {
  expect(fingerprintOf(sdp)).toBeUndefined();
});
