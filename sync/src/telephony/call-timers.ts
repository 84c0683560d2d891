/** Timers of calls, by call and name: one of each at a time. What fires is a lane job of the owner's. */
import type { CallId } from '../api-phone.ts';
import type { Clock } from '../ports/clock.ts';

/** A timer that fired on a full disk fires again. */
const FULL_PAUSE = 5_000;

export interface CallTimersOptions<N extends string> {
  readonly clock: Pick<Clock, 'after'>;
  readonly background: (job: () => Promise<void>) => void;
  /** Lane job: this one has fired, and is not armed any more. */
  readonly wake: (callId: CallId, name: N) => Promise<void>;
}

export class CallTimers<N extends string> {
  readonly #options: CallTimersOptions<N>;
  readonly #armed = new Map<string, () => void>();
  #isStopped = false;

  constructor(options: CallTimersOptions<N>) {
    this.#options = options;
  }

  /** In the place of the one of the same name. */
  arm(callId: CallId, name: N, ms: number): void {
    this.disarm(callId, name);
    if (this.#isStopped) return;
    const key = keyOf(callId, name);
    const cancel = this.#options.clock.after(ms, () => {
      this.#armed.delete(key);
      this.#options.background(() => this.#fire(callId, name));
    });
    this.#armed.set(key, cancel);
  }

  /** Without a name: all of the call. */
  disarm(callId: CallId, name?: N): void {
    for (const [key, cancel] of this.#armed) {
      const isMeant = name === undefined ? key.startsWith(keyOf(callId, '')) : key === keyOf(callId, name);
      if (!isMeant) continue;
      cancel();
      this.#armed.delete(key);
    }
  }

  /** None fires from now on. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#armed.values()) cancel();
    this.#armed.clear();
  }

  async #fire(callId: CallId, name: N): Promise<void> {
    try {
      await this.#options.wake(callId, name);
    } catch (error) {
      this.arm(callId, name, FULL_PAUSE);
      throw error;
    }
  }
}

function keyOf(callId: CallId, name: string): string {
  return `${callId} ${name}`;
}
