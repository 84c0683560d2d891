import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderedNumber, prefixRange, splitBound, splitKey, storeKey } from './store-key.ts';

describe('store keys', () => {
  it('S-STORE-25 keys of bad parts are bugs', () => {
    for (const parts of [[], [''], ['a', ''], ['a:b'], ['a;b'], ['~1', 'a']]) {
      expect(() => storeKey(...parts), parts.join('|')).toThrow(RangeError);
    }
    expect(storeKey('a', 'b', '~1')).toBe('a:b:~1');
    expect(storeKey('~1')).toBe('~1');
  });

  it('S-STORE-25 numbers sort as numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        expect(orderedNumber(a) < orderedNumber(b)).toBe(a < b);
      }),
    );
    for (const n of [-1, 1.5, NaN, Infinity, 2 ** 53]) expect(() => orderedNumber(n)).toThrow(RangeError);
    expect(orderedNumber(Number.MAX_SAFE_INTEGER)).toHaveLength(12);
  });

  it('S-STORE-25 keys and bounds come apart as they were joined', () => {
    expect(splitKey('a:b:~1')).toEqual({ hidden: ['a', 'b'], ordered: '~1' });
    expect(splitKey('a:b')).toEqual({ hidden: ['a', 'b'] });
    expect(splitBound('')).toEqual({ hidden: [], sign: '', ordered: '' });
    expect(splitBound('a:b:')).toEqual({ hidden: ['a', 'b'], sign: ':', ordered: '' });
    expect(splitBound('a;')).toEqual({ hidden: ['a'], sign: ';', ordered: '' });
    expect(splitBound('a:~1')).toEqual({ hidden: ['a'], sign: ':', ordered: '~1' });
    expect(prefixRange('a', 'b')).toEqual({ from: 'a:b:', to: 'a:b;' });
  });
});
