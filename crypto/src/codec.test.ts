import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { stateLayout, wireLayout } from './codec.ts';
import { constant, fixed, flag, list, optional, rest, sized, text, time, unsigned } from './fields.ts';
import { ready } from './sodium.ts';

beforeAll(ready);

const LAYOUT = wireLayout({
  version: constant(1),
  small: unsigned(1),
  large: unsigned(4),
  when: time,
  on: flag,
  maybe: optional(unsigned(2)),
  name: text(8),
  blob: sized(4),
  items: list(fixed(2), 3),
  tail: rest(5),
});
const VALUE = {
  version: 1,
  small: 255,
  large: 4_294_967_295,
  when: 1_700_000_000_000,
  on: true,
  maybe: null,
  name: 'zoë',
  blob: Uint8Array.of(1, 2),
  items: [Uint8Array.of(3, 4)],
  tail: Uint8Array.of(5),
} as const;

describe('layouts', () => {
  it('C-CODEC-1 one value has one encoding, and nothing else decodes', () => {
    const bytes = LAYOUT.encode(VALUE);
    expect(LAYOUT.decode(bytes)).toEqual(VALUE);
    for (let length = 0; length < bytes.length - 1; length++)
      expect(LAYOUT.decode(bytes.slice(0, length))).toBeUndefined();
    const flags = stateLayout({ on: flag });
    expect([0, 1, 2, 255].map((byte) => flags.decode(Uint8Array.of(byte))?.on)).toEqual([
      false,
      true,
      undefined,
      undefined,
    ]);
    expect(flags.decode(Uint8Array.of(1, 0))).toBeUndefined();
    expect(wireLayout({ version: constant(2) }).decode(Uint8Array.of(1))).toBeUndefined();
    expect(wireLayout({ name: text(4) }).decode(Uint8Array.of(0, 1, 0xff))).toBeUndefined();
  });

  it('C-CODEC-1 whatever decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const value = LAYOUT.decode(Uint8Array.of(1, ...bytes));
        if (value !== undefined) expect(LAYOUT.encode(value)).toEqual(Uint8Array.of(1, ...bytes));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('C-CODEC-2 lengths over their cap are refused in both directions', () => {
    const capped = [wireLayout({ v: sized(4) }), wireLayout({ v: list(unsigned(1), 4) }), wireLayout({ v: text(4) })];
    for (const layout of capped) {
      expect(layout.decode(Uint8Array.of(0, 4, 65, 65, 65, 65))).toBeDefined();
      expect(layout.decode(Uint8Array.of(0, 5, 65, 65, 65, 65, 65))).toBeUndefined();
      expect(layout.decode(Uint8Array.of(255, 255))).toBeUndefined();
    }
    expect(wireLayout({ v: rest(2) }).decode(new Uint8Array(3))).toBeUndefined();
    expect(() => wireLayout({ v: sized(4) }).encode({ v: new Uint8Array(5) })).toThrow(RangeError);
    expect(() => wireLayout({ v: list(unsigned(1), 1) }).encode({ v: [1, 2] })).toThrow(RangeError);
    expect(() => wireLayout({ v: fixed(4) }).encode({ v: new Uint8Array(5) })).toThrow(RangeError);
    expect(() => wireLayout({ v: unsigned(1) }).encode({ v: 256 })).toThrow(RangeError);
  });

  it('what is decoded does not change with the buffer it came from', () => {
    const bytes = LAYOUT.encode(VALUE);
    const value = LAYOUT.decode(bytes);
    bytes.fill(0);
    expect(value).toEqual(VALUE);
  });
});

describe('base64url', () => {
  it('C-CODEC-4 agrees with another implementation and refuses what that would not print', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      }),
      { seed: 2 },
    );
    for (const bad of ['A', 'AAAAA', 'AA==', 'A+', 'A/', 'AB', 'AAB', 'A A', 'é', 'AA\n']) {
      expect(fromBase64Url(bad), bad).toBeUndefined();
    }
    expect(fromBase64Url('')).toEqual(new Uint8Array(0));
  });

  it('C-CODEC-4 any text either is refused or prints back as itself', () => {
    fc.assert(
      fc.property(fc.string(), (candidate) => {
        const bytes = fromBase64Url(candidate);
        if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(candidate);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
