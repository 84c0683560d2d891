/** The one bridge from what the engine publishes to Svelte: a Readable becomes `.current`. */
import { createSubscriber } from 'svelte/reactivity';
import type { ClientApi, WatchArgs, WatchName, WatchValue } from '@securechat/sync/api';

export interface Readable<T> {
  get(): T;
  subscribe(onChange: () => void): () => void;
}

/** A {@link Readable} as reactive state: reading `current` in an effect or template subscribes to it. */
export class Live<T> {
  readonly #source: Readable<T>;
  readonly #subscribe: () => void;

  constructor(source: Readable<T>) {
    this.#source = source;
    this.#subscribe = createSubscriber((update) => source.subscribe(update));
  }

  get current(): T {
    this.#subscribe();
    return this.#source.get();
  }
}

/** A watch as a {@link Readable}: runs while somebody listens, keeps the last snapshot in between. */
export function watched<K extends WatchName>(
  client: ClientApi,
  name: K,
  args: WatchArgs<K>,
): Readable<WatchValue<K> | undefined> {
  const listeners = new Set<() => void>();
  let value: WatchValue<K> | undefined;
  let stop: (() => void) | undefined;
  const publish = (next: WatchValue<K>): void => {
    value = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => value,
    subscribe(onChange) {
      listeners.add(onChange);
      stop ??= client.watch(name, args, publish);
      return () => {
        if (!listeners.delete(onChange) || listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** {@link watched} and {@link Live} in one step. */
export function liveWatch<K extends WatchName>(
  client: ClientApi,
  name: K,
  args: WatchArgs<K>,
): Live<WatchValue<K> | undefined> {
  return new Live(watched(client, name, args));
}

/** The first snapshot that is wanted. Never rejects; waits as long as it takes. */
export function firstSnapshot<K extends WatchName>(
  client: ClientApi,
  name: K,
  args: WatchArgs<K>,
  isWanted: (value: WatchValue<K>) => boolean,
): Promise<WatchValue<K>> {
  return new Promise((resolve) => {
    let isDone = false;
    const stop = client.watch(name, args, (value) => {
      if (isDone || !isWanted(value)) return;
      isDone = true;
      resolve(value);
      // The first snapshot may come before the watch has begun.
      queueMicrotask(() => stop());
    });
  });
}
