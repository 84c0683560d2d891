import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sealStream } from '../../test/support/secret-stream.ts';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  backupKey,
  concat,
  createAccount,
  type Random,
  ready,
  startOpening,
  startSealing,
  STREAM_LIMITS,
  utf8,
} from '../index.ts';
import { asSecret } from '../keys.ts';

beforeAll(ready);

const KEY = asSecret<'Backup'>(new Uint8Array(32).fill(7));
const DAMAGED = { ok: false, error: { type: 'Damaged' } };
const CHUNKS = ['first', 'second', '', 'last'].map(utf8);
const NO_AD = new Uint8Array(0);

/** The stream of these chunks; the last one is final. */
function sealAll(chunks: readonly Uint8Array[], random: Random = randomOf(1), ad?: Uint8Array) {
  const { header, push } = startSealing(KEY, random);
  return { header, sealed: chunks.map((chunk, index) => push(chunk, index === chunks.length - 1, ad)) };
}

/** What comes out of these sealed chunks: each content, or nothing where it does not open. */
function openAll(header: Uint8Array, sealed: readonly Uint8Array[]) {
  const { pull } = must(startOpening(KEY, header));
  return sealed.map((bytes) => pull(bytes)).map((opened) => (opened.ok ? opened.value : undefined));
}

describe('stream', () => {
  it('C-STREAM-1 chunks come back in order, and the last says that it is the last', () => {
    const { header, sealed } = sealAll(CHUNKS);
    expect(sealed.map(({ length }) => length)).toEqual(CHUNKS.map(({ length }) => length + 17));
    expect(openAll(header, sealed)).toEqual(CHUNKS.map((chunk, index) => ({ chunk, final: index === 3 })));
  });

  it('C-STREAM-1 any chunks with any ad are what another implementation makes, and come back', () => {
    const chunk = fc.record({ chunk: fc.uint8Array({ maxLength: 200 }), ad: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.nat(), fc.array(chunk, { minLength: 1, maxLength: 6 }), (seed, parts) => {
        const { header, push } = startSealing(KEY, randomOf(seed));
        const plain = parts.map((part, index) => ({ ...part, final: index === parts.length - 1 }));
        const sealed = plain.map(({ chunk, final, ad }) => push(chunk, final, ad));
        expect(sealed).toEqual(sealStream(KEY, header, plain));
        const { pull } = must(startOpening(KEY, header));
        for (const [index, { chunk, final, ad }] of plain.entries())
          expect(must(pull(sealed[index] ?? NO_AD, ad))).toEqual({ chunk, final });
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('C-STREAM-2 a chunk that is changed, missing, doubled or in another order does not open', () => {
    const { header, sealed } = sealAll(CHUNKS);
    const [a, b, c, d] = sealed;
    if (!a || !b || !c || !d) throw new Error('four chunks');
    const opens = (...bytes: readonly Uint8Array[]) => openAll(header, bytes).map((opened) => opened !== undefined);
    expect(opens(a, b, c, d)).toEqual([true, true, true, true]);
    expect(opens(b)).toEqual([false]);
    expect(opens(a, a)).toEqual([true, false]);
    expect(opens(a, c, d)).toEqual([true, false, false]);
    expect(opens(a, d)).toEqual([true, false]);
    expect(opens(concat(a, b))).toEqual([false]);
    for (let bit = 0; bit < a.length * 8; bit++) expect(opens(flip(a, bit)), `bit ${bit}`).toEqual([false]);
    for (let length = 0; length < a.length; length++) expect(opens(a.slice(0, length))).toEqual([false]);
  });

  it('C-STREAM-2 nor under another key, header or ad, nor in another stream', () => {
    const { header, sealed } = sealAll(CHUNKS, randomOf(1), utf8('place 1'));
    const [first = NO_AD] = sealed;
    const other = sealAll(CHUNKS, randomOf(2), utf8('place 1'));
    const pull = (key: typeof KEY, from: Uint8Array, ad?: Uint8Array) => must(startOpening(key, from)).pull(first, ad);
    expect(pull(KEY, header, utf8('place 1')).ok).toBe(true);
    expect(pull(KEY, header, utf8('place 2'))).toEqual(DAMAGED);
    expect(pull(KEY, header)).toEqual(DAMAGED);
    expect(pull(KEY, other.header, utf8('place 1'))).toEqual(DAMAGED);
    expect(pull(asSecret<'Backup'>(new Uint8Array(32)), header, utf8('place 1'))).toEqual(DAMAGED);
    for (let bit = 0; bit < header.length * 8; bit += 5)
      expect(pull(KEY, flip(header, bit), utf8('place 1'))).toEqual(DAMAGED);
    expect(other.sealed[0]).not.toEqual(first);
  });

  it('C-STREAM-2 after a damaged chunk the right one still opens', () => {
    const { header, sealed } = sealAll(CHUNKS);
    const { pull } = must(startOpening(KEY, header));
    for (const [index, bytes] of sealed.entries()) {
      expect(pull(flip(bytes, 9))).toEqual(DAMAGED);
      expect(pull(new Uint8Array(3))).toEqual(DAMAGED);
      expect(must(pull(bytes)).chunk).toEqual(CHUNKS[index]);
    }
  });

  it('C-STREAM-3 a file that was cut never says final, and nothing follows what did', () => {
    const { header, sealed } = sealAll(CHUNKS);
    for (let length = 0; length < sealed.length; length++)
      expect(openAll(header, sealed.slice(0, length)).every((opened) => opened?.final === false)).toBe(true);
    const { pull } = must(startOpening(KEY, header));
    expect(sealed.map((bytes) => must(pull(bytes)).final)).toEqual([false, false, false, true]);
    for (const bytes of [...sealed, NO_AD, new Uint8Array(17)]) expect(pull(bytes)).toEqual(DAMAGED);
    const { push } = startSealing(KEY, randomOf(1));
    push(utf8('all'), true);
    expect(() => push(utf8('more'), false)).toThrow('nothing follows');
  });

  it('C-STREAM-3 a final chunk cannot be passed off as one in the middle, nor the other way about', () => {
    const start = () => startSealing(KEY, randomOf(1));
    const [middle, final] = [start().push(utf8('chunk'), false), start().push(utf8('chunk'), true)];
    expect(middle).not.toEqual(final);
    const { pull } = must(startOpening(KEY, start().header));
    expect(pull(Uint8Array.of(final[0] ?? 0, ...middle.slice(1)))).toEqual(DAMAGED);
    expect(pull(Uint8Array.of(middle[0] ?? 0, ...final.slice(1)))).toEqual(DAMAGED);
    expect(must(pull(middle)).final).toBe(false);
  });

  it('C-STREAM-3 the other tags that libsodium has are not ours, though they authenticate', () => {
    const { header, push } = startSealing(KEY, randomOf(1));
    const plain = { chunk: utf8('chunk'), ad: NO_AD, final: false };
    const tagged = [0, 1, 2, 3, 255].map((tag) => sealStream(KEY, header, [{ ...plain, tag }])[0] ?? NO_AD);
    expect(tagged[0]).toEqual(push(plain.chunk, false));
    const opened = tagged.map((bytes) => must(startOpening(KEY, header)).pull(bytes));
    expect(opened.map(({ ok }) => ok)).toEqual([true, false, false, true, false]);
  });

  it('C-STREAM-4 keeps within its limits', () => {
    const { chunkBytes, headerBytes } = STREAM_LIMITS;
    const { header, push } = startSealing(KEY, randomOf(1));
    expect(() => push(new Uint8Array(chunkBytes + 1), false)).toThrow(RangeError);
    const longest = push(new Uint8Array(chunkBytes), true);
    const { pull } = must(startOpening(KEY, header));
    expect(pull(Uint8Array.of(...longest.slice(0, 20)))).toEqual(DAMAGED);
    expect(pull(new Uint8Array(longest.length + 1))).toEqual(DAMAGED);
    expect(must(pull(longest)).chunk).toHaveLength(chunkBytes);
    for (const length of [0, headerBytes - 1, headerBytes + 1])
      expect(startOpening(KEY, new Uint8Array(length))).toEqual({ ok: false, error: { type: 'Malformed' } });
    expect(() => startSealing(asSecret<'Backup'>(new Uint8Array(31)), randomOf(1))).toThrow(RangeError);
  });

  it('C-RANDOM-1 the same seed gives the same stream; one key serves many', () => {
    expect(sealAll(CHUNKS, randomOf(4))).toEqual(sealAll(CHUNKS, randomOf(4)));
    const random = randomOf(4);
    const [one, two] = [sealAll(CHUNKS, random), sealAll(CHUNKS, random)];
    expect(one.header).not.toEqual(two.header);
    expect(one.sealed).not.toEqual(two.sealed);
  });

  it('C-STREAM-1 many streams side by side keep their own places', () => {
    const key = backupKey(createAccount(randomOf(6)));
    const random = randomOf(7);
    const seals = Array.from({ length: 200 }, () => startSealing(key, random));
    const opens = seals.map(({ header }) => must(startOpening(key, header)));
    for (let round = 0; round < 3; round++)
      for (const [index, { push }] of seals.entries()) {
        const chunk = utf8(`stream ${index}, chunk ${round}`);
        const sealed = push(chunk, round === 2);
        expect(opens[index] && must(opens[index].pull(sealed))).toEqual({ chunk, final: round === 2 });
        if (index > 0) expect(opens[index - 1]?.pull(sealed)).toEqual(DAMAGED);
      }
  });
});
