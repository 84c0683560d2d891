import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { must, randomOf } from '../../test/support/world.ts';
import { createRecovery, readRecoveryWords, ready, recoveryWords } from '../index.ts';
import { asSecret } from '../keys.ts';

beforeAll(ready);

const secretOf = (bytes: Uint8Array) => asSecret<'Recovery'>(bytes);
/** From the test vectors that BIP-39 publishes (128 bits). */
const PUBLISHED = [
  ['00', 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'],
  ['7f', 'legal winner thank year wave sausage worth useful legal winner thank yellow'],
  ['80', 'letter advice cage absurd amount doctor acoustic avoid letter advice cage above'],
  ['ff', 'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong'],
] as const;
const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const SECRET = secretOf(new Uint8Array(16).fill(0x7f));

describe('recovery words', () => {
  it('C-RECOVERY-3 are those that BIP-39 publishes', () => {
    for (const [byte, phrase] of PUBLISHED) {
      const secret = new Uint8Array(16).fill(parseInt(byte, 16));
      expect(recoveryWords(secretOf(secret)).join(' ')).toBe(phrase);
      expect(must(readRecoveryWords(phrase))).toEqual(secret);
    }
  });

  it('C-RECOVERY-3 the list is the published one', () => {
    // SHA-256 of english.txt in the repository of the BIPs.
    const digest = createHash('sha256')
      .update(`${wordlist.join('\n')}\n`)
      .digest('hex');
    expect(digest).toBe('2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda');
  });

  it('C-RECOVERY-3 agree with another implementation, and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const words = recoveryWords(secretOf(bytes));
        expect(words).toHaveLength(12);
        expect(words.join(' ')).toBe(entropyToMnemonic(bytes, wordlist));
        expect(must(readRecoveryWords(words.join(' ')))).toEqual(mnemonicToEntropy(words.join(' '), wordlist));
      }),
      { seed: 1 },
    );
  });

  it('C-RECOVERY-4 are read as people type and print them', () => {
    const words = PHRASE.split(' ');
    const typed = [
      PHRASE.toUpperCase(),
      `  ${words.join('   ')}\n`,
      words.join('\n'),
      words.join(', '),
      words.map((word, index) => `${index + 1}. ${word}`).join('\n'),
      words.map((word, index) => `${index + 1}.${word}`).join(' '),
      words.map((word, index) => `${index + 1}) ${word}`).join('\r\n'),
      words.map((word, index) => `${index + 1}\t${word}`).join('\t'),
      words.join('\u00a0'),
      PHRASE.replace('legal', 'ｌｅｇａｌ'),
    ];
    for (const text of typed) expect(must(readRecoveryWords(text)), text).toEqual(SECRET);
  });

  it('C-RECOVERY-4 another number of words is WrongLength', () => {
    const words = PHRASE.split(' ');
    for (const count of [0, 1, 11, 13, 24]) {
      const text = [...words, ...words].slice(0, count).join(' ');
      expect(readRecoveryWords(text)).toEqual({ ok: false, error: { type: 'WrongLength', words: count } });
    }
    expect(readRecoveryWords('1. 2. 3.')).toEqual({ ok: false, error: { type: 'WrongLength', words: 0 } });
  });

  it('C-RECOVERY-4 the first word that is not in the list is named, with its place', () => {
    for (const [index, word] of [
      [0, 'lega'],
      [4, 'waves'],
      [11, 'yell0w'],
      [3, 'ÿear'],
    ] as const) {
      const words = PHRASE.split(' ');
      words[index] = word;
      const unknown = { ok: false, error: { type: 'UnknownWord', index, word } };
      expect(readRecoveryWords(words.join(' '))).toEqual(unknown);
      const numbered = words.map((other, place) => `${place + 1}. ${other}`).join('\n');
      expect(readRecoveryWords(numbered)).toEqual(unknown);
    }
    expect(readRecoveryWords(PHRASE.replace('winner', 'toString'))).toMatchObject({ error: { word: 'tostring' } });
    expect(readRecoveryWords(PHRASE.replaceAll('legal', 'x'))).toMatchObject({ error: { index: 0, word: 'x' } });
  });

  it('C-RECOVERY-4 words that do not fit together are BadChecksum, in 15 of 16 cases', () => {
    const swapped = PHRASE.replace('legal winner', 'winner legal');
    expect(readRecoveryWords(swapped)).toEqual({ ok: false, error: { type: 'BadChecksum' } });
    const others = wordlist.filter((word) => word !== 'yellow').map((word) => PHRASE.replace('yellow', word));
    const accepted = others.filter((text) => readRecoveryWords(text).ok);
    expect(accepted).toHaveLength(127);
    for (const text of accepted) expect(must(readRecoveryWords(text))).not.toEqual(SECRET);
  });

  it('C-RECOVERY-4 any text has an answer', () => {
    const word = fc.oneof(fc.constantFrom(...wordlist), fc.string({ unit: 'grapheme', maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(word, { minLength: 10, maxLength: 14 }), (words) => {
        const read = readRecoveryWords(words.join(' '));
        if (read.ok) expect(must(readRecoveryWords(recoveryWords(read.value).join(' ')))).toEqual(read.value);
      }),
      { seed: 2, numRuns: 500 },
    );
    expect(readRecoveryWords('a '.repeat(200_000))).toMatchObject({ error: { words: 200_000 } });
  });

  it('C-RECOVERY-1 a new secret has words of its own', () => {
    const random = randomOf(4);
    const phrases = Array.from({ length: 50 }, () => recoveryWords(createRecovery(random)).join(' '));
    expect(new Set(phrases).size).toBe(50);
  });
});
