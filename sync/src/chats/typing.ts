/** Who is typing, as far as this device was told. Kept in memory only; what is not taken back is forgotten by itself. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Clock } from '../ports/clock.ts';

/** A "typing" that was not taken back is forgotten after this long. */
const LIFE = 8_000;
/** Members of the largest group in which it is told: beyond, somebody always types, and each says it to everybody. */
export const TYPING_MEMBERS = 50;

export class Typing {
  readonly #clock: Clock;
  readonly #changed: (chatId: ChatId) => void;
  /** By chat, each with what ends the waiting for them to take it back. */
  readonly #typists = new Map<ChatId, Map<AccountId, () => void>>();

  constructor(clock: Clock, changed: (chatId: ChatId) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Who types in the chat, in the order in which they began. */
  in(chatId: ChatId): readonly AccountId[] {
    return [...(this.#typists.get(chatId)?.keys() ?? [])];
  }

  set(chatId: ChatId, accountId: AccountId, typing: boolean): void {
    const typists = this.#typists.get(chatId) ?? new Map<AccountId, () => void>();
    const was = typists.get(accountId);
    was?.();
    if (typing && (was !== undefined || typists.size < TYPING_MEMBERS)) {
      // Who goes on keeps the place in which they began.
      typists.set(
        accountId,
        this.#clock.after(LIFE, () => {
          this.set(chatId, accountId, false);
        }),
      );
    } else typists.delete(accountId);
    if (typists.size > 0) this.#typists.set(chatId, typists);
    else this.#typists.delete(chatId);
    if ((was !== undefined) !== typists.has(accountId)) this.#changed(chatId);
  }

  stop(): void {
    for (const typists of this.#typists.values()) for (const cancel of typists.values()) cancel();
    this.#typists.clear();
  }
}
