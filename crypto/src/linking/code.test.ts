import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { must, randomOf } from '../../test/support/world.ts';
import { createLinkCode, formatLinkCode, linkRendezvous, parseLinkCode, ready } from '../index.ts';

beforeAll(ready);

const NOT_A_CODE = { ok: false, error: { type: 'NotACode' } };

describe('link code', () => {
  it('C-LINK-1 is 100 random bits, each symbol as likely as the other', () => {
    const random = randomOf(1);
    const codes = Array.from({ length: 2_000 }, () => formatLinkCode(createLinkCode(random)));
    expect(new Set(codes).size).toBe(2_000);
    expect(codes.every((code) => /^(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/.test(code))).toBe(true);
    const counts = new Map<string, number>();
    for (const symbol of codes.join('').replaceAll('-', '')) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect(counts.size).toBe(32);
    // 40,000 symbols, 1,250 of each expected with a deviation of 35.
    expect(Math.min(...counts.values())).toBeGreaterThan(1_050);
    expect(Math.max(...counts.values())).toBeLessThan(1_450);
  });

  it('C-LINK-1 is read as people type it', () => {
    const code = Uint8Array.from({ length: 20 }, (_, index) => (index < 4 ? [0, 1, 1, 0][index] : index + 8) ?? 0);
    const text = '0110-CDEF-GHJK-MNPQ-RSTV';
    expect(must(parseLinkCode(text))).toEqual(code);
    const typed = [
      text.toLowerCase(),
      text.replaceAll('-', ''),
      text.replaceAll('-', ' '),
      ` ${text.replaceAll('-', ' – ')}\n`,
      text.replaceAll('-', '\u2011'),
      text.replaceAll('-', '\u00a0'),
      'OILO-CDEF-GHJK-MNPQ-RSTV',
      'oIlo cdef ghjk mnpq rstv',
      [...text].join(' '),
      '０１１０-ＣＤＥＦ-GHJK-MNPQ-RSTV',
    ];
    for (const variant of typed) expect(must(parseLinkCode(variant)), variant).toEqual(code);
    expect(formatLinkCode(must(parseLinkCode(text)))).toBe(text);
  });

  it('C-LINK-1 nothing else is a code', () => {
    const text = '0110-CDEF-GHJK-MNPQ-RSTV';
    const bad = [
      '',
      '-',
      text.slice(1),
      `${text}0`,
      text.replace('C', 'U'),
      text.replace('C', 'Ç'),
      text.replace('0', '٠'),
    ];
    for (const other of [...bad, text.replace('C', '😀'), `${text}${' '.repeat(100)}`, 'x'.repeat(1_000_000)])
      expect(parseLinkCode(other), other.slice(0, 30)).toEqual(NOT_A_CODE);
  });

  it('C-LINK-1 any code comes back from its text, and any text that is one is one code', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(31), { minLength: 20, maxLength: 20 }), (values) => {
        const code = createLinkCode(() => Uint8Array.from(values));
        expect(must(parseLinkCode(formatLinkCode(code)))).toEqual(code);
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const parsed = parseLinkCode(text);
        if (parsed.ok) expect(parseLinkCode(formatLinkCode(parsed.value))).toEqual(parsed);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('C-LINK-2 leads both to one place, which says nothing about it', () => {
    const random = randomOf(2);
    const code = createLinkCode(random);
    const place = hkdfSync('sha256', code, new Uint8Array(32), 'SecureChat link rendezvous v1', 16);
    expect(linkRendezvous(code)).toEqual(new Uint8Array(place));
    expect(linkRendezvous(must(parseLinkCode(formatLinkCode(code))))).toEqual(linkRendezvous(code));
    const near = createLinkCode(() => code.map((value, index) => (index === 19 ? value ^ 1 : value)));
    const same = linkRendezvous(near).filter((byte, index) => byte === linkRendezvous(code)[index]);
    expect(same.length).toBeLessThan(4);
  });
});
