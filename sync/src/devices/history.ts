/** How far the history of a newly linked device is here. */
import type { HistoryProgress } from '../api.ts';
import type { ChatBook } from '../chats/chat-book.ts';
import type { Clock } from '../ports/clock.ts';

/** Nothing came for so long: the own devices that have it are not there. */
const SILENCE = 30_000;

export class History {
  readonly #chats: Pick<ChatBook, 'all'>;
  readonly #clock: Clock;
  #have = -1;
  #movedAt: number;

  constructor({ chats, clock }: { chats: Pick<ChatBook, 'all'>; clock: Clock }) {
    this.#chats = chats;
    this.#clock = clock;
    this.#movedAt = clock.now();
  }

  /** Null: everything that own devices are known to have is here. */
  get progress(): HistoryProgress | null {
    let [have, total] = [0, 0];
    for (const chat of this.#chats.all()) {
      if (chat.filling === undefined) continue;
      have += chat.records;
      total += Math.max(chat.records, chat.filling);
    }
    if (total === 0) return null;
    if (have !== this.#have) this.#movedAt = this.#clock.now();
    this.#have = have;
    return { have, total, waiting: Math.abs(this.#clock.now() - this.#movedAt) > SILENCE };
  }
}
