import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCursor, ByteSink, Unreadable } from './cursor.ts';

describe('canonical numbers', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 2 ** 48 - 1 }), (leb, fixed) => {
        const cursor = new ByteCursor(new ByteSink().uleb(leb).uint(fixed, 6).finish());
        expect([cursor.uleb(), cursor.uint(6)]).toEqual([leb, fixed]);
        cursor.end();
      }),
      { seed: 9 },
    );
  });

  it.each([[[0x80, 0x00]], [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]], [[0x80]], [[]]])(
    'refuse %j: padded, too large, or cut',
    (bytes) => {
      expect(() => new ByteCursor(Uint8Array.from(bytes)).uleb()).toThrow(Unreadable);
    },
  );

  it('refuse to read past the end, text that is not UTF-8, and trailing bytes', () => {
    const cursor = new ByteCursor(Uint8Array.of(0xff, 1));
    expect(() => cursor.take(3)).toThrow(Unreadable);
    expect(() => cursor.part(3)).toThrow(Unreadable);
    expect(() => cursor.utf8(1)).toThrow(Unreadable);
    expect(() => {
      cursor.end();
    }).toThrow(Unreadable);
  });
});
