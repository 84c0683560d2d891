/** A poll that is being made: a question and its choices. */
import { type ChatId, POLL_LIMITS } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';
import { newMessageId } from './message-id.ts';

interface Choice {
  /** Tells the boxes apart while choices come and go. */
  readonly key: number;
  text: string;
}

export class NewPoll {
  question = $state('');
  choices = $state<Choice[]>([]);
  multiple = $state(false);
  isBusy = $state(false);
  questionError = $state<string>();
  error = $state<string>();
  readonly canAdd = $derived(this.choices.length < POLL_LIMITS.options);
  readonly canRemove = $derived(this.choices.length > POLL_LIMITS.leastOptions);
  readonly #app: App;
  readonly #chatId: ChatId;
  #nextKey = 0;

  constructor(app: App, chatId: ChatId) {
    this.#app = app;
    this.#chatId = chatId;
    this.clear();
  }

  clear(): void {
    this.question = '';
    this.choices = Array.from({ length: POLL_LIMITS.leastOptions }, () => this.#choice());
    this.multiple = false;
    this.questionError = undefined;
    this.error = undefined;
  }

  /** Another choice below this one, if there is room; answers the place to write on at. */
  addAfter(at: number): number {
    const isNextEmpty = this.choices[at + 1]?.text === '';
    if (!isNextEmpty && this.canAdd) this.choices.splice(at + 1, 0, this.#choice());
    return Math.min(at + 1, this.choices.length - 1);
  }

  remove(at: number): void {
    if (this.canRemove) this.choices.splice(at, 1);
  }

  /** True when the poll is in the chat. Boxes that were left empty are no choices. */
  async create(): Promise<boolean> {
    const question = this.question.trim();
    const options = this.choices.map((choice) => choice.text.trim()).filter((option) => option !== '');
    this.questionError = question === '' ? text.poll.needsQuestion : undefined;
    this.error = problemWith(options);
    if (this.isBusy || this.questionError !== undefined || this.error !== undefined) return false;
    this.isBusy = true;
    const { multiple } = this;
    const poll = { id: newMessageId(), chatId: this.#chatId, question, options, multiple };
    const result = await this.#app.ask('createPoll', poll);
    this.isBusy = false;
    if (result && !result.ok) this.error = describeError(result.error);
    return result?.ok ?? false;
  }

  #choice(): Choice {
    this.#nextKey += 1;
    return { key: this.#nextKey, text: '' };
  }
}

function problemWith(options: readonly string[]): string | undefined {
  if (options.length < POLL_LIMITS.leastOptions) return text.poll.needsOptions;
  return new Set(options).size < options.length ? text.poll.needsDifferent : undefined;
}
