/** Brings an account to this device with its recovery phrase. */
import type { ClientError } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';
import type { NewDevice } from './new-device.svelte.ts';
import { PHRASE_LENGTH, fillWords, splitWords } from './phrase-words.ts';

export class Restore {
  readonly device: NewDevice;
  words = $state.raw<readonly string[]>(Array.from({ length: PHRASE_LENGTH }, () => ''));
  isBusy = $state(false);
  #tried = $state(false);
  #error = $state.raw<ClientError>();
  readonly #app: App;

  constructor(app: App, device: NewDevice) {
    this.#app = app;
    this.device = device;
  }

  readonly #missing = $derived(this.words.flatMap((word, i) => (word === '' ? [i] : [])));
  /** Words to look at again: not in the list, or missing. */
  readonly wrong = $derived.by((): readonly number[] => {
    if (this.#error?.type === 'PhraseWord') return [this.#error.index];
    return this.#tried ? this.#missing : [];
  });
  readonly error = $derived.by(() => {
    if (this.#error) return describeError(this.#error);
    return this.#tried && this.#missing.length > 0 ? text.restore.missing(this.#missing.length) : undefined;
  });
  /** The relay may be another one: worth showing where it is set. */
  readonly isRelayInDoubt = $derived(this.#error?.type === 'PhraseUnknown' || this.#error?.type === 'RelayRefused');

  /** Something was typed into or pasted in a box. Answers the box to go on in. */
  enter(index: number, typed: string): number {
    this.#error = undefined;
    if (splitWords(typed).length < 2 && !/\s$/.test(typed)) {
      this.words = this.words.map((word, i) => (i === index ? typed.trim().toLowerCase() : word));
      return index;
    }
    const { words, next } = fillWords(this.words, index, typed);
    this.words = words;
    return next;
  }

  /** True when the account is here. */
  async start(): Promise<boolean> {
    this.#tried = true;
    this.#error = undefined;
    const isReady = this.device.check();
    if (this.#missing.length > 0 || !isReady) return false;
    this.isBusy = true;
    const result = await this.#app.ask('restore', { ...this.device.input, phrase: this.words.join(' ') });
    this.isBusy = false;
    if (result && !result.ok) this.#error = result.error;
    return result?.ok ?? false;
  }
}
