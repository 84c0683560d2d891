/**
 * What changed, by name, and views that compute themselves again when it did. A view never computes twice at once: what
 * changes while it computes makes it compute once more afterwards, so a burst of changes costs two computations.
 */
import type { ChatId } from '@securechat/crypto';

/** `chat:` topics carry the chat's id; the others are about the device as a whole. */
export type Topic =
  | 'connection'
  | 'profile'
  | 'settings'
  | 'contacts'
  | 'chats'
  | 'alarms'
  | 'devices'
  | 'history'
  | 'protection'
  | 'joins'
  /** A message disappeared. */
  | 'expired'
  | 'media'
  | 'sendings'
  | 'statuses'
  /** The call that is on. */
  | 'call'
  /** Calls that are over. */
  | 'calls'
  /** Calls that are on in groups. */
  | 'groupCalls'
  | `chat:${ChatId}`;

export class Topics {
  readonly #listeners = new Map<Topic, Set<() => void>>();

  emit(...topics: readonly Topic[]): void {
    for (const topic of topics) for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener();
  }

  on(topic: Topic, listener: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(topic);
    };
  }
}

export interface ViewOptions<T> {
  readonly topics: Topics;
  readonly on: readonly Topic[];
  readonly compute: () => T | Promise<T>;
  readonly onValue: (value: T) => void;
  readonly onError: (error: unknown) => void;
}

/** Publishes `compute` now and after each change of the topics; returns the stop function. */
export function openView<T>({ topics, on, compute, onValue, onError }: ViewOptions<T>): () => void {
  let state: 'idle' | 'computing' | 'again' | 'stopped' = 'idle';
  const isStopped = (): boolean => state === 'stopped';
  const run = async (): Promise<void> => {
    if (state !== 'idle') {
      if (state === 'computing') state = 'again';
      return;
    }
    do {
      state = 'computing';
      try {
        const value = await compute();
        if (isStopped()) return;
        onValue(value);
      } catch (error) {
        if (!isStopped()) onError(error);
      }
      // `state` may have become 'again' while computing.
    } while ((state as string) === 'again');
    if (!isStopped()) state = 'idle';
  };
  const offs = on.map((topic) => topics.on(topic, () => void run()));
  void run();
  return () => {
    state = 'stopped';
    for (const off of offs) off();
  };
}
