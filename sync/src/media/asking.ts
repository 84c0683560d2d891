/**
 * Asking for files that cannot be had from where their messages say: whoever still has the blob uploads it again and says where. An
 * answer is only a place to try; what is there is held against the record's size, key and digest as always. Who answered
 * something else is not believed again, and the others go on being asked. Questions survive a restart.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Clock } from '../ports/clock.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import { pack, unpack } from '../values.ts';
import type { Downloads } from './downloads.ts';
import type { Place, Places } from './places.ts';
import {
  type Audience,
  PATIENCE,
  type Question,
  type QuestionRow,
  type Wanted,
  nextRound,
  pauseOf,
  questionKey,
  questionOf,
} from './question.ts';

export interface AskingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly places: Places;
  readonly downloads: Pick<Downloads, 'load' | 'cancel' | 'stateOf'>;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  /** Who may have a file of the chat that this account sent. */
  readonly audience: (chatId: ChatId, author: AccountId) => Audience;
  /** Asks all devices of an account, once the batch is committed. */
  readonly tell: (batch: Batch, accountId: AccountId, wanted: Wanted) => void;
  readonly changed: () => void;
  /** Runs beside the lane. */
  readonly beside: (act: () => Promise<void>) => void;
}

/** Open questions; beyond, the oldest is given up. */
export const QUESTIONS = 64;
/** The same for one that nobody could answer for so long. */
const LIFE = 30 * 24 * 3_600_000;

export class Asking {
  readonly #options: AskingOptions;
  readonly #questions = new Map<string, Question>();
  #isStopped = true;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#options.store.range('media', prefixRange('question'))) {
      const row = unpack<QuestionRow>(value);
      this.#questions.set(row.pointer.blob, questionOf(row));
    }
  }

  start(): void {
    this.#isStopped = false;
    for (const question of this.#questions.values()) this.#rest(question);
  }

  stop(): void {
    this.#isStopped = true;
    for (const { rest } of this.#questions.values()) rest();
  }

  /** Undefined: it is not asked for. */
  stateOf(blob: string): 'asking' | 'waiting' | undefined {
    const question = this.#questions.get(blob);
    return question && (question.isFresh ? 'asking' : 'waiting');
  }

  /** Durable when it resolves. False: there is nobody to ask. Of a file that is asked for already it is asked again, from the first on. */
  async ask(pointer: MediaPointer, chatId: ChatId, author: AccountId): Promise<boolean> {
    const { audience, clock } = this.#options;
    const { own, others } = audience(chatId, author);
    if (own.length + others.length === 0) return false;
    const known = this.#questions.get(pointer.blob);
    if (known?.isFresh === true || known?.trying !== undefined) return true;
    const [now, begun] = [clock.now(), { rounds: 0, passes: 0 }];
    const row: QuestionRow = known
      ? { ...known.row, ...begun }
      : { ...{ pointer, chatId, author, since: now, at: now, asked: [] }, ...begun };
    const question = known ?? questionOf(row);
    question.row = row;
    this.#questions.set(pointer.blob, question);
    const oldest = [...this.#questions.keys()].slice(0, Math.max(0, this.#questions.size - QUESTIONS));
    await this.end(oldest);
    await this.#round(question);
    return true;
  }

  /** Somebody says where a file is by now. Of whoever was not asked, or answered wrongly before, it is not heard. */
  answered(chatId: ChatId, blob: string, from: AccountId, place: Place): void {
    const question = this.#questions.get(blob);
    if (question === undefined || question.row.chatId !== chatId) return;
    if (!question.row.asked.includes(from) || question.unbelieved.has(from)) return;
    if (question.trying !== from) question.answers.set(from, place);
    if (question.trying === undefined) this.#options.beside(() => this.#tryAll(question));
  }

  /** These are not asked for any more: they are here, nobody wants them, or no message points to them. */
  async end(blobs: readonly string[]): Promise<void> {
    const { job, changed } = this.#options;
    const known = blobs.filter((blob) => this.#questions.has(blob));
    if (known.length === 0) return;
    for (const blob of known) {
      this.#questions.get(blob)?.rest();
      this.#questions.delete(blob);
    }
    await job((batch) => {
      for (const blob of known) batch.delete('media', questionKey(blob));
    });
    changed();
  }

  async #round(question: Question): Promise<void> {
    const { clock, audience, job, tell, changed } = this.#options;
    const { chatId, author, since } = question.row;
    if (Math.abs(clock.now() - since) > LIFE) {
      await this.end([question.row.pointer.blob]);
      return;
    }
    const { ask, row } = nextRound(question.row, audience(chatId, author), clock.now());
    await job((batch) => {
      batch.put('media', questionKey(row.pointer.blob), pack(row));
      for (const accountId of ask) tell(batch, accountId, row);
    });
    question.row = row;
    question.isFresh = true;
    this.#rest(question);
    changed();
  }

  /** Plans the next round, and before it, when it is long, that nobody is waited for any more. */
  #rest(question: Question): void {
    const { clock, changed, beside } = this.#options;
    const { row } = question;
    question.rest();
    if (this.#isStopped || !this.#isOpen(question)) return;
    // A moment in the future is a clock that was put back.
    const left = Math.max(0, pauseOf(row) - Math.abs(clock.now() - row.at));
    if (question.isFresh && left > PATIENCE)
      question.rest = clock.after(PATIENCE, () => {
        question.isFresh = false;
        this.#rest(question);
        changed();
      });
    else
      question.rest = clock.after(left, () => {
        beside(() => this.#round(question));
      });
  }

  /** One answer after the other, until the file is here. */
  async #tryAll(question: Question): Promise<void> {
    for (;;) {
      const [next] = question.answers;
      if (next === undefined || question.trying !== undefined || !this.#isOpen(question)) return;
      const [from, place] = next;
      question.answers.delete(from);
      question.trying = from;
      try {
        const isLie = await this.#try(question.row, place);
        if (isLie && !this.#isStopped) question.unbelieved.add(from);
      } finally {
        question.trying = undefined;
      }
    }
  }

  /** True when what is at the place is not the file. */
  async #try({ pointer, chatId }: QuestionRow, place: Place): Promise<boolean> {
    const { places, downloads } = this.#options;
    await downloads.cancel(pointer.blob);
    await places.put(pointer.blob, place);
    await downloads.load(pointer, chatId);
    const { state, failure } = downloads.stateOf(pointer);
    if (state === 'here') await this.end([pointer.blob]);
    // A place that was not reached may be reached later.
    return state === 'failed' && failure !== 'Unavailable' && failure !== 'StorageFull';
  }

  #isOpen(question: Question): boolean {
    return this.#questions.get(question.row.pointer.blob) === question;
  }
}
