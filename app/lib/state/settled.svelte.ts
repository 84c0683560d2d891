/** A value that appears only after it has lasted a while, and goes at once. */
export class Settled<T> {
  #current = $state.raw<T>();
  readonly #value: () => T | undefined;

  constructor(value: () => T | undefined, delay: number) {
    this.#value = value;
    $effect(() => {
      const next = value();
      if (next === undefined || this.#current !== undefined) {
        this.#current = next;
        return undefined;
      }
      const timer = setTimeout(() => {
        this.#current = this.#value();
      }, delay);
      return () => {
        clearTimeout(timer);
      };
    });
  }

  get current(): T | undefined {
    return this.#current;
  }
}
