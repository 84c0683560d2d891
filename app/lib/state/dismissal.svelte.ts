/** When something was waved away on this device, remembered over reloads. */
import type { Millis } from '@securechat/sync/api';
import { browserMemory, type Memory } from './memory.ts';

export class Dismissal {
  #at = $state<Millis>();
  readonly #key: string;
  readonly #memory: Memory;

  constructor(name: string, memory: Memory = browserMemory) {
    this.#key = `${name}-dismissed`;
    this.#memory = memory;
    const time = Number(memory.recall(this.#key));
    this.#at = Number.isFinite(time) ? time : undefined;
  }

  /** Undefined: never. */
  get at(): Millis | undefined {
    return this.#at;
  }

  dismiss(now: Millis): void {
    this.#at = now;
    this.#memory.remember(this.#key, String(now));
  }
}
