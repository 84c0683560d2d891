import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { NewDevice } from './new-device.svelte.ts';
import { PHRASE_LENGTH, fillWords, splitWords } from './phrase-words.ts';
import { Restore } from './restore.svelte.ts';

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ');
const EMPTY = Array.from({ length: PHRASE_LENGTH }, () => '');

function open(): { api: FakeClient; view: Restore } {
  const api = new FakeClient();
  const device = new NewDevice({ name: 'Phone', relayUrl: 'https://relay.example' });
  return { api, view: new Restore(new App(api), device) };
}

describe('words that are pasted', () => {
  it.each([
    ['in a line', WORDS.join(' ')],
    ['in lines', WORDS.join('\n')],
    ['with capitals and commas', WORDS.join(', ').toUpperCase()],
    ['as a numbered list', WORDS.map((word, i) => `${String(i + 1)}. ${word}`).join('\n')],
  ])('%s are found', (_how, pasted) => {
    expect(splitWords(pasted)).toEqual(WORDS);
  });

  it('fill the boxes from where they are pasted; a whole phrase fills all', () => {
    expect(fillWords(EMPTY, 10, 'one two three').words).toEqual([...EMPTY.slice(2), 'one', 'two']);
    expect(fillWords(EMPTY, 5, WORDS.join(' '))).toEqual({ words: WORDS, next: 11 });
    expect(fillWords(EMPTY, 2, 'one two').next).toBe(4);
  });

  it('never make another number of boxes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(PHRASE_LENGTH - 1), (text, index) => {
        const { words, next } = fillWords(EMPTY, index, text);
        expect(words).toHaveLength(PHRASE_LENGTH);
        expect(next).toBeLessThan(PHRASE_LENGTH);
      }),
      { seed: 3 },
    );
  });
});

describe('restoring with the phrase', () => {
  it('moves on with a space, not with a letter', () => {
    const { view } = open();
    expect(view.enter(0, 'legal')).toBe(0);
    expect(view.enter(0, 'legal ')).toBe(1);
    expect(view.words[0]).toBe('legal');
  });

  it('asks the engine only for twelve words', async () => {
    const { api, view } = open();
    view.enter(0, WORDS.slice(0, 11).join(' '));
    expect(await view.start()).toBe(false);
    expect(api.calls).toEqual([]);
    expect(view.wrong).toEqual([11]);
    expect(view.error).toBe('One word is missing.');
  });

  it('hands over the phrase and tells when the account is here', async () => {
    const { api, view } = open();
    api.on('restore', () => done(null));
    view.enter(0, WORDS.join(' '));
    expect(await view.start()).toBe(true);
    expect(api.inputs('restore')).toEqual([
      { phrase: WORDS.join(' '), deviceName: 'Phone', relayUrl: 'https://relay.example' },
    ]);
  });

  it('marks the word that is in no list until it is changed', async () => {
    const { api, view } = open();
    api.on('restore', () => refused({ type: 'PhraseWord', index: 3, word: 'yaer' }));
    view.enter(0, WORDS.join(' '));
    await view.start();
    expect(view.wrong).toEqual([3]);
    expect(view.error).toContain('Word 4');
    view.enter(3, 'year');
    expect(view.wrong).toEqual([]);
    expect(view.error).toBeUndefined();
  });

  it('points at the relay when it knows no such account', async () => {
    const { api, view } = open();
    api.on('restore', () => refused({ type: 'PhraseUnknown' }));
    view.enter(0, WORDS.join(' '));
    await view.start();
    expect(view.isRelayInDoubt).toBe(true);
  });
});
