import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { Phrase } from './phrase.svelte.ts';
import { pickQuestions } from './quiz.ts';

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ');

function open(): { api: FakeClient; app: App; view: Phrase } {
  const api = new FakeClient().on('createRecovery', () => done({ words: WORDS }));
  const app = new App(api);
  const randoms = [0.99, 0.3, 0];
  return { api, app, view: new Phrase(app, () => randoms.shift() ?? 0.5) };
}

it('asks for different words, in their order, whatever chance says', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })), (stream) => {
      const numbers = stream[Symbol.iterator]();
      const picked = pickQuestions(12, 3, () => Number(numbers.next().value));
      expect(new Set(picked).size).toBe(3);
      expect(picked).toEqual([...picked].sort((a, b) => a - b));
      expect(picked.every((index) => index >= 0 && index < 12)).toBe(true);
    }),
    { seed: 5 },
  );
});

describe('a recovery phrase', () => {
  it('is shown, asked for in parts, and then forgotten', async () => {
    const { api, app, view } = open();
    await view.make();
    expect(view.step).toBe('Words');
    expect(view.words).toEqual(WORDS);
    view.startCheck();
    expect(view.asked).toEqual([0, 3, 11]);
    view.answers = [' Legal', 'YEAR', 'yellow '];
    view.check();
    expect(view.step).toBe('Done');
    expect(view.words).toEqual([]);
    view.close();
    expect(app.toasts.items).toEqual([]);
    expect(api.calls).toHaveLength(1);
  });

  it('is asked for again when a word is wrong, and can be looked at again', async () => {
    const { view } = open();
    await view.make();
    view.startCheck();
    view.answers = ['legal', 'yaer', ''];
    view.check();
    expect(view.step).toBe('Check');
    expect(view.wrong).toEqual([1, 2]);
    view.showAgain();
    view.startCheck();
    expect(view.wrong).toEqual([]);
    expect(view.answers).toEqual(['', '', '']);
  });

  it('is made only online', async () => {
    const { api, view } = open();
    api.on('createRecovery', () => refused({ type: 'Offline' }));
    await view.make();
    expect(view.step).toBe('Explain');
    expect(view.error).toContain('connection');
  });

  it('that was shown but not checked leaves a warning', async () => {
    const { app, view } = open();
    view.close();
    expect(app.toasts.items).toEqual([]);
    await view.make();
    view.close();
    expect(app.toasts.items).toMatchObject([{ kind: 'error' }]);
  });
});
