import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChatRecord } from './chat-head.ts';
import { fold } from './fold.ts';
import { fuzzTargets } from './fuzz.ts';
import { EMPTY_DIRECTORY } from './packed-list.ts';
import { encodeDirectory, encodeLeaf } from './packed-list-bytes.ts';
import { encodeState } from './row.ts';
import { accountOf, idAt, randomScript } from './script.fixture.ts';
import { encodeBlock, packTexts } from './search/text-block.ts';

/** Real values, to be damaged: most bugs hide behind bytes that are almost right. */
const named: (readonly [string, Uint8Array])[] = [
  ...[...fold(randomScript(5, 60), accountOf).values()].map((state) => ['projection row', encodeState(state)] as const),
  ['projection leaf', encodeLeaf([idAt(1), idAt(2)])],
  ['projection directory', encodeDirectory(EMPTY_DIRECTORY)],
  [
    'projection chat record',
    encodeChatRecord({ timeline: EMPTY_DIRECTORY, voices: ['author'], collections: ['links'] }),
  ],
  [
    'projection text block',
    encodeBlock(
      packTexts(
        new Map([
          [idAt(1), 'one'],
          [idAt(2), 'two'],
        ]),
      ),
    ),
  ],
];
const samples = named.map(([, sample]) => sample);

const json = fc.json({ maxDepth: 4 }).map((text) => new TextEncoder().encode(text));
const damaged = fc
  .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255), fc.nat())
  .map(([sample, at, byte, end]) => {
    const bytes = sample.slice(0, end % 3 === 0 ? end % sample.length : sample.length);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  });

describe('decoders of stored values', () => {
  for (const [name, target] of Object.entries(fuzzTargets)) {
    it(`S-FUZZ-1 ${name}: any bytes give a value or undefined, never an exception`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), json, damaged), (bytes) => {
          target(bytes);
        }),
        { numRuns: 2000, seed: 20260101 },
      );
    });
  }

  it('S-FUZZ-1 real values go through their decoders', () => {
    for (const [name, sample] of named) expect(fuzzTargets[name]?.(sample), name).toBeDefined();
  });
});
