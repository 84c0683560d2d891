/**
 * The one shape in which the engine publishes state: a current value and a way to hear of the next.
 * Knows nothing of Svelte, workers or documents.
 */

/** A value that changes. `get` is cheap and returns the same reference until something changed. */
export interface Readable<T> {
  get(): T;
  /** Calls `onChange` after each change, never at once; returns the unsubscribe function. */
  subscribe(onChange: () => void): () => void;
}

/** A {@link Readable} that its owner sets. */
export class Source<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();
  readonly #idle: () => void;

  /** `idle` is called when the last listener leaves, so that a cache can drop the source. */
  constructor(value: T, idle: () => void = () => undefined) {
    this.#value = value;
    this.#idle = idle;
  }

  get(): T {
    return this.#value;
  }

  /** Publishes `value` unless it is the very same reference. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => {
      if (this.#listeners.delete(onChange) && this.#listeners.size === 0) this.#idle();
    };
  }
}
