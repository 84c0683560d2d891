import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerptOf } from './excerpt.ts';
import { findRanges, foldText, mapText } from './folded-text.ts';

/** What the marks of a search for `term` cover in `text`. */
const marked = (text: string, term: string): string[] =>
  findRanges(mapText(text), foldText(term)).map(([start, end]) => text.slice(start, end));

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'İ',
      'Σ',
      'ς',
      'é',
      'e\u0301',
      'ﬁ',
      'ｶ',
      'ﾞ',
      '가',
      'ㄱ',
      'ㅏ',
      '\u1100',
      '\u1161',
      '㌔',
      '\u00ad',
      '\u0323',
      '\ud83d',
      '👩‍👩‍👧',
      ' ',
    ),
    maxLength: 30,
  }),
);

describe('folding', () => {
  it('S-SEARCH-1 case, width, compatibility forms and invisible characters do not matter', () => {
    const same = [
      ['Hello', 'hELLO'],
      ['ＦＵＬＬ　ｗｉｄｔｈ', 'full width'],
      ['ｶﾞｷﾞｸﾞ', 'ガギグ'],
      ['Ärger', 'a\u0308rger'],
      ['ﬁne', 'fine'],
      ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
      ['İstanbul', 'istanbul'],
      ['한국어', '\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165'],
      ['soft\u00adhyphen', 'softhyphen'],
      ['❤\ufe0f', '❤'],
      ['a\nb', 'a b'],
    ];
    for (const [a = '', b = ''] of same) expect(foldText(a), a).toBe(foldText(b));
    expect(foldText('東京')).toBe('東京');
  });

  it('S-SEARCH-1 folding twice is folding once, and the separator cannot be in it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const folded = foldText(text);
        expect(foldText(folded)).toBe(folded);
        expect(folded).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('marks in the original', () => {
  it('S-SEARCH-2 cover what the person wrote', () => {
    expect(marked('Say HELLO, hello!', 'hello')).toEqual(['HELLO', 'hello']);
    expect(marked('私は東京タワーへ行く', '京タ')).toEqual(['京タ']);
    expect(marked('ｶﾞｷﾞ and more', 'ガ')).toEqual(['ｶﾞ']);
    expect(marked('the ﬁne print', 'in')).toEqual(['ﬁn', 'in']);
    expect(marked('cafe\u0301 noir', 'é n')).toEqual(['e\u0301 n']);
    expect(marked('ㅋㅋㅋ', 'ㅋㅋ')).toEqual(['ㅋㅋ']);
    expect(marked('zebra 🦓🦓', '🦓')).toEqual(['🦓', '🦓']);
    expect(marked('İİ', 'i')).toEqual(['İ', 'İ']);
  });

  it('S-SEARCH-2 the folding of each marked piece holds the term', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), fc.integer({ min: 1, max: 4 }), (text, at, length) => {
        const folded = foldText(text);
        const start = folded.length === 0 ? 0 : at % folded.length;
        const term = folded.slice(start, start + length);
        if (term === '' || /\p{Surrogate}/u.test(term)) return;
        const ranges = findRanges(mapText(text), term);
        expect(ranges.length).toBeGreaterThan(0);
        let last = 0;
        for (const [from, to] of ranges) {
          expect(foldText(text.slice(from, to))).toContain(term);
          expect(from).toBeGreaterThanOrEqual(last);
          last = to;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('excerpts', () => {
  it('S-SEARCH-3 a short text is shown whole', () => {
    expect(excerptOf('Breakfast at nine, BREAKFAST!', 'breakfast')).toEqual({
      excerpt: 'Breakfast at nine, BREAKFAST!',
      ranges: [
        [0, 9],
        [19, 28],
      ],
    });
    expect(excerptOf('nothing here', 'breakfast')).toBeUndefined();
  });

  it('S-SEARCH-3 a long text is cut around the first match, and the marks move with it', () => {
    const text = `${'x'.repeat(500)} Needle ${'y'.repeat(500)} needle`;
    const found = excerptOf(text, 'needle');
    expect(found?.excerpt.length).toBeLessThanOrEqual(162);
    expect(found?.excerpt).toMatch(/^….*Needle.*…$/);
    expect(found?.ranges.map(([start, end]) => found.excerpt.slice(start, end))).toEqual(['Needle']);
  });

  it('S-SEARCH-3 the first match is always in the excerpt and marked, and no character is cut in half', () => {
    const long = fc.array(anyText, { minLength: 4, maxLength: 14 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(long, fc.nat(), fc.integer({ min: 1, max: 200 }), (text, at, length) => {
        const folded = foldText(text);
        const term = folded.slice(at % Math.max(1, folded.length)).slice(0, length);
        if (term === '' || /\p{Surrogate}/u.test(term)) return;
        const found = excerptOf(text, term);
        const [first] = found?.ranges ?? [];
        if (found === undefined || first === undefined) throw new Error('a match expected');
        expect(foldText(found.excerpt.slice(...first))).toContain(term);
        expect(text).toContain(found.excerpt.replace(/^…|…$/g, ''));
      }),
      { numRuns: 1000 },
    );
  });
});
