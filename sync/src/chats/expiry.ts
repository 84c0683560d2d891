/**
 * Messages that disappear, and lines about calls: the screen is told at the moment when one does, and the store is swept after it, a few at a time.
 * Until then the projection leaves out by the clock what is over, so that nothing depends on when this runs.
 */
import type { ChatId } from '@securechat/crypto';
import type { Clock } from '../ports/clock.ts';
import type { Commit } from '../projection/projection.ts';

/** Messages that one job destroys. */
const STEP = 64;
/** A timer that was set before a device slept may be late by as long as it slept, so the clock is looked at meanwhile. */
const LOOK = 60_000;

/** Something of chats that disappears: the messages, the calls. */
export interface Disappearing {
  /** When the next of it disappears; undefined: nothing is to. */
  nextExpiry(): number | undefined;
  /** Chats with what disappeared and is in the store still. */
  overdue(): readonly string[];
  /** Destroys at most so many. */
  sweep(chatId: ChatId, limit: number, commit: Commit): Promise<void>;
}

/** Several sorts of it as one. */
export function allDisappearing(parts: readonly Disappearing[]): Disappearing {
  return {
    nextExpiry: () => {
      const next = Math.min(...parts.map((part) => part.nextExpiry() ?? Infinity));
      return next === Infinity ? undefined : next;
    },
    overdue: () => [...new Set(parts.flatMap((part) => part.overdue()))],
    sweep: async (chatId, limit, commit) => {
      for (const part of parts) if (part.overdue().includes(chatId)) await part.sweep(chatId, limit, commit);
    },
  };
}

export interface ExpiryOptions {
  readonly what: Disappearing;
  readonly clock: Clock;
  /** A lane job that nobody waits for. */
  readonly background: (job: () => Promise<void>) => void;
  /** Stores what destroys them, and lets go of their files. */
  readonly commit: Commit;
  /** Something of the chat disappeared. */
  readonly changed: (chatId: ChatId) => void;
}

export class Expiry {
  readonly #options: ExpiryOptions;
  #cancel: (() => void) | undefined;
  /** What the timer that runs is for. */
  #planned: number | undefined;
  #isStarted = false;
  #isSweeping = false;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStarted = true;
    this.plan();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel?.();
  }

  /** A message may have come that disappears before all others. */
  plan(): void {
    const { what, clock } = this.#options;
    const next = what.nextExpiry();
    if (!this.#isStarted || this.#isSweeping || next === this.#planned) return;
    this.#cancel?.();
    this.#planned = next;
    if (next === undefined) return;
    this.#cancel = clock.after(Math.min(Math.max(0, next - clock.now()), LOOK), this.#look);
  }

  readonly #look = (): void => {
    const { what, clock, changed, background } = this.#options;
    const overdue = what.overdue();
    if (overdue.length === 0) {
      this.#again();
      return;
    }
    this.#isSweeping = true;
    for (const chatId of overdue) changed(chatId as ChatId);
    background(this.#sweep);
    // The sweep fails while the disk is full.
    this.#cancel = clock.after(LOOK, this.#look);
  };

  /** Lane job: one step, and the next one after whatever else waits. */
  readonly #sweep = async (): Promise<void> => {
    const { what, changed, commit, background } = this.#options;
    const [chatId] = what.overdue();
    if (chatId === undefined) {
      this.#isSweeping = false;
      this.#again();
      return;
    }
    await what.sweep(chatId as ChatId, STEP, commit);
    changed(chatId as ChatId);
    background(this.#sweep);
  };

  /** Plans anew, for what is next by now. */
  #again(): void {
    this.#cancel?.();
    this.#planned = undefined;
    this.plan();
  }
}
