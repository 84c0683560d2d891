/**
 * How much of a sending is sealed by now. Whoever uploads it meanwhile waits here for the bytes that come next: sealing and the
 * line then work at the same time, and a file is up soon after it is sealed.
 */

interface Waiter {
  readonly to: number;
  readonly resolve: () => void;
}

export class SealedPart {
  readonly #signal: AbortSignal;
  #done = 0;
  #waiters: readonly Waiter[] = [];

  /** When `signal` is aborted nothing more comes. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** So many bytes are in the cache, of all files together and in their order. */
  reached(done: number): void {
    this.#done = done;
    const ready = this.#waiters.filter(({ to }) => to <= done);
    this.#waiters = this.#waiters.filter(({ to }) => to > done);
    for (const { resolve } of ready) resolve();
  }

  /** Resolves when bytes before `to` are in the cache. Rejects with the signal's reason. */
  async upTo(to: number): Promise<void> {
    this.#signal.throwIfAborted();
    if (to <= this.#done) return;
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        reject(this.#signal.reason as Error);
      };
      this.#signal.addEventListener('abort', abort, { once: true });
      const settle = (): void => {
        this.#signal.removeEventListener('abort', abort);
        resolve();
      };
      this.#waiters = [...this.#waiters, { to, resolve: settle }];
    });
  }
}
