/**
 * Blobs of ours that nobody is to have any more: the storage server is asked to forget each until it has answered, after growing
 * pauses while it does not. What to ask survives a restart.
 *
 *     end : name  ->  URL
 */
import { utf8 } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Clock } from '../ports/clock.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import type { Store } from '../ports/store.ts';
import type { StorageAccess } from './storage-access.ts';

export interface EndingsOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, 'after'>;
  readonly access: StorageAccess;
  readonly link: Pick<StorageLink, 'remove'>;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  /** Runs beside the lane. */
  readonly beside: (act: () => Promise<void>) => void;
}

const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 3_600_000;

export class Endings {
  readonly #options: EndingsOptions;
  readonly #urls = new Map<string, string>();
  #running: Promise<void> | undefined;
  /** Somebody asked for a run while one was under way, which may have passed by what they staged. */
  #isWantedAgain = false;
  #attempts = 0;
  #rest = (): void => undefined;
  #isStopped = false;

  constructor(options: EndingsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.range('media', prefixRange('end')))
      this.#urls.set(key, new TextDecoder().decode(value));
  }

  /** To be ended, once the caller's batch is committed. */
  stage(batch: Batch, url: string): void {
    const key = storeKey('end', url.slice(url.lastIndexOf('/') + 1));
    batch.put('media', key, utf8(url));
    batch.then(() => this.#urls.set(key, url));
  }

  /** Tries all of them once, also those that are staged meanwhile; what is not answered is tried again later. */
  run(): Promise<void> {
    this.#isWantedAgain = true;
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#rest();
    await this.#running;
  }

  async #runAll(): Promise<void> {
    let isDone = true;
    this.#rest();
    try {
      while (this.#isWantedAgain) {
        this.#isWantedAgain = false;
        isDone = await this.#tryAll();
      }
    } finally {
      // In the same turn as the last look at the wish: none is lost between them.
      this.#running = undefined;
    }
    this.#attempts = isDone ? 0 : this.#attempts + 1;
    if (!isDone) this.#restAWhile();
  }

  #restAWhile(): void {
    if (this.#isStopped) return;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#attempts - 1));
    this.#rest = this.#options.clock.after(pause, () => {
      this.#options.beside(() => this.run());
    });
  }

  /** False: the server is not reached, or does not want to be asked now. */
  async #tryAll(): Promise<boolean> {
    for (const [key, url] of [...this.#urls]) {
      const access = this.#isStopped ? undefined : await this.#options.access.get();
      if (access?.ok !== true) return false;
      const status = await this.#options.link.remove(url, access.value.token).catch(() => undefined);
      if (status === 401) this.#options.access.forget(access.value.token);
      // Gone now or before, or never ours to end.
      if (status === undefined || status === 401 || status >= 500 || status === 429) return false;
      await this.#options.job((batch) => {
        batch.delete('media', key);
        batch.then(() => this.#urls.delete(key));
      });
    }
    return true;
  }
}
