import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idAt } from '../script.fixture.ts';
import { foldText } from './folded-text.ts';
import { decodeBlock, encodeBlock, packTexts, searchBlock, unpackTexts } from './text-block.ts';

const texts = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '東', '🦓', ' ', '"'), maxLength: 12 }), { maxLength: 40 })
  .map((items) => new Map(items.map((text, index) => [idAt(1000 + index), foldText(text)])));

describe('text blocks', () => {
  it('S-SEARCH-4 a block finds exactly the texts that hold the term', () => {
    fc.assert(
      fc.property(
        texts,
        fc.string({ unit: fc.constantFrom('a', 'b', 'é', '東'), minLength: 1, maxLength: 3 }),
        (all, term) => {
          const expected = [...all].filter(([, text]) => text.includes(term)).map(([id]) => id);
          expect(searchBlock(packTexts(all), term)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('S-SEARCH-4 texts survive packing, and an empty one leaves nothing', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const block = decodeBlock(encodeBlock(packTexts(all)));
        const kept = new Map([...all].filter(([, text]) => text !== ''));
        expect(block && unpackTexts(block)).toEqual(kept);
      }),
    );
  });
});
