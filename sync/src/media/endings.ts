/**
 * Blobs of ours that nobody is to have any more: the storage server is asked to forget each until it has answered. What to ask
 * survives a restart.
 *
 *     end : name  ->  URL
 */
import { utf8 } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import type { Store } from '../ports/store.ts';
import type { StorageAccess } from './storage-access.ts';

export interface EndingsOptions {
  readonly store: Store;
  readonly access: StorageAccess;
  readonly link: Pick<StorageLink, 'remove'>;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
}

export class Endings {
  readonly #options: EndingsOptions;
  readonly #urls = new Map<string, string>();
  #running: Promise<void> | undefined;
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

  /** Tries all of them, once; what is not answered stays for the next time. */
  run(): Promise<void> {
    this.#running ??= this.#tryAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #tryAll(): Promise<void> {
    for (const [key, url] of [...this.#urls]) {
      const access = this.#isStopped ? undefined : await this.#options.access.get();
      if (access?.ok !== true) return;
      const status = await this.#options.link.remove(url, access.value.token).catch(() => undefined);
      if (status === 401) this.#options.access.forget(access.value.token);
      // Gone now or before, or never ours to end.
      if (status === undefined || status === 401 || status >= 500 || status === 429) return;
      await this.#options.job((batch) => {
        batch.delete('media', key);
        batch.then(() => this.#urls.delete(key));
      });
    }
  }
}
