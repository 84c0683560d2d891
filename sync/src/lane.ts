/**
 * The engine's one lane: everything that changes ratchets, documents or queues runs here, one job at a time and in
 * order, so that no two jobs ever seal from the same ratchet state. Jobs must not wait for the network.
 */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /** Runs `job` after all earlier ones; rejects with what it throws. After {@link close} rejects with LaneClosed. */
  run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new LaneClosed());
    this.#waiting += 1;
    const result = this.#tail.then(() => {
      if (this.#closed) throw new LaneClosed();
      return job();
    });
    this.#tail = result
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
      });
    return result;
  }

  /** Jobs queued or running. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when no job is queued or running, also those that running jobs add. */
  async idle(): Promise<void> {
    while (this.#waiting > 0) await this.#tail;
  }

  /** Refuses new jobs and those not yet started; resolves when the running one ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }
}

/** The engine was closed while a job waited; nothing of the job was done. */
export class LaneClosed extends Error {
  override readonly name = 'LaneClosed';
}
