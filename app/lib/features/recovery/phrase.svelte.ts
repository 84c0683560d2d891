/** A new recovery phrase: explained, shown once, checked. It is in force from the moment when it is shown. */
import type { ClientError } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';
import { pickQuestions } from './quiz.ts';

const QUESTIONS = 3;

export type PhraseStep = 'Explain' | 'Words' | 'Check' | 'Done';

export class Phrase {
  step = $state<PhraseStep>('Explain');
  words = $state.raw<readonly string[]>([]);
  /** The words that are asked for, and what was answered. */
  asked = $state.raw<readonly number[]>([]);
  answers = $state<string[]>([]);
  /** Questions (not words) whose answer is wrong. */
  wrong = $state.raw<readonly number[]>([]);
  isBusy = $state(false);
  readonly error = $derived.by(() => this.#error && describeError(this.#error));
  #error = $state.raw<ClientError>();
  readonly #app: App;
  readonly #random: () => number;

  constructor(app: App, random: () => number) {
    this.#app = app;
    this.#random = random;
  }

  async make(): Promise<void> {
    this.isBusy = true;
    this.#error = undefined;
    const result = await this.#app.ask('createRecovery', null);
    this.isBusy = false;
    if (result && !result.ok) this.#error = result.error;
    if (!result?.ok) return;
    this.words = result.value.words;
    this.step = 'Words';
  }

  /** Asks for other words each time. */
  startCheck(): void {
    this.asked = pickQuestions(this.words.length, QUESTIONS, this.#random);
    this.answers = this.asked.map(() => '');
    this.wrong = [];
    this.step = 'Check';
  }

  showAgain(): void {
    this.step = 'Words';
  }

  check(): void {
    this.wrong = this.asked.flatMap((word, i) => (isSame(this.answers[i], this.words[word]) ? [] : [i]));
    if (this.wrong.length > 0) return;
    this.words = [];
    this.step = 'Done';
  }

  /** The screen is left: what was not checked may not have been written down. */
  close(): void {
    const wasShown = this.step === 'Words' || this.step === 'Check';
    this.words = [];
    if (wasShown) this.#app.toasts.error(text.phrase.unchecked);
  }
}

function isSame(answer: string | undefined, word: string | undefined): boolean {
  return word !== undefined && answer?.trim().normalize('NFKC').toLowerCase() === word;
}
