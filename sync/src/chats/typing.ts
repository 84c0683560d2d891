/** Who is typing, as far as this device was told. Kept in memory only; what is not taken back is forgotten by itself. */
import type { ChatId } from '@securechat/crypto';
import type { Clock } from '../ports/clock.ts';

/** A "typing" that was not taken back is forgotten after this long. */
const LIFE = 8_000;

export class Typing {
  readonly #clock: Clock;
  readonly #changed: (chatId: ChatId) => void;
  readonly #cancels = new Map<ChatId, () => void>();

  constructor(clock: Clock, changed: (chatId: ChatId) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  has(chatId: ChatId): boolean {
    return this.#cancels.has(chatId);
  }

  set(chatId: ChatId, typing: boolean): void {
    this.#cancels.get(chatId)?.();
    const was = this.#cancels.delete(chatId);
    if (typing) {
      const cancel = this.#clock.after(LIFE, () => {
        this.set(chatId, false);
      });
      this.#cancels.set(chatId, cancel);
    }
    if (was !== typing) this.#changed(chatId);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
