import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './base64url.ts';

it('agrees with Node on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(text)).toEqual(bytes);
    }),
    { seed: 4 },
  );
});

it.each(['A', 'AAAAA', 'AA==', 'A A', 'AB', 'AAB', '+/+/', 'é'])('refuses %j', (text) => {
  expect(fromBase64Url(text)).toBeUndefined();
});
