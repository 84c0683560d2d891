/**
 * Which blobs are on this device: how much of each, whole or on its way, and when it was last used. What is on the shelf may be
 * thrown away at any time and fetched again; files that are still to be sent are not on it.
 *
 *     blob : name  ->  Entry
 */
import type { ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

export interface Entry {
  /** The blob's name at the storage server. */
  readonly blob: string;
  /** Its file in the cache. */
  readonly file: string;
  /** For which chat it came here. */
  readonly chatId: ChatId;
  /** Bytes from the beginning that are here. */
  readonly have: number;
  /** All of it is here, and it is the file that was announced. */
  readonly isWhole: boolean;
  readonly used: number;
}

export interface ShelfOptions {
  readonly store: Store;
  readonly cache: BlobCache;
  readonly clock: Pick<Clock, 'now'>;
  /** Runs one job that changes the store. */
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
}

/** A use is noted when the last one that was noted is older. */
const NOTE_AFTER = 3_600_000;

export class Shelf {
  readonly #options: ShelfOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** Reads what is here. `others` are files of the cache that are not on the shelf; every further one is nobody's and goes. */
  async load(others: ReadonlySet<string>): Promise<void> {
    const { store, cache } = this.#options;
    for (const { value } of await store.range('media', prefixRange('blob'))) {
      const entry = unpack<Entry>(value);
      this.#entries.set(entry.blob, entry);
    }
    const files = new Map((await cache.list()).map(({ id, size }) => [id, size]));
    const mine = new Set([...this.#entries.values()].map(({ file }) => file));
    for (const id of files.keys()) if (!mine.has(id) && !others.has(id)) await cache.delete(id);
    // A browser may have thrown files away.
    const lost = [...this.#entries.values()].filter(({ file, have }) => (files.get(file) ?? 0) < have);
    for (const { blob } of lost) await this.drop([blob]);
  }

  get(blob: string): Entry | undefined {
    return this.#entries.get(blob);
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Puts an entry on the shelf, or a new state of it, in the caller's batch. */
  stage(batch: Batch, entry: Entry): void {
    batch.put('media', keyOf(entry.blob), pack(entry));
    batch.then(() => this.#entries.set(entry.blob, entry));
  }

  async put(entry: Entry): Promise<void> {
    await this.#options.job((batch) => {
      this.stage(batch, entry);
    });
  }

  /** Somebody looks at it: it will not be the next to go. */
  async use(blob: string): Promise<void> {
    const entry = this.#entries.get(blob);
    const now = this.#options.clock.now();
    if (entry !== undefined && Math.abs(now - entry.used) > NOTE_AFTER) await this.put({ ...entry, used: now });
  }

  /** Takes blobs off the shelf and deletes their files; answers the bytes that this freed. */
  async drop(blobs: readonly string[]): Promise<number> {
    const { job, cache } = this.#options;
    const entries = blobs.flatMap((blob) => this.#entries.get(blob) ?? []);
    if (entries.length === 0) return 0;
    await job((batch) => {
      for (const { blob } of entries) {
        batch.delete('media', keyOf(blob));
        batch.then(() => this.#entries.delete(blob));
      }
    });
    // A file whose deletion is cut short is nobody's at the next start.
    for (const { file } of entries) await cache.delete(file);
    return entries.reduce((sum, { have }) => sum + have, 0);
  }

  /** Drops what was not used for longest until no more than `limit` bytes are left; never what `isBusy`. */
  async shrink(limit: number, isBusy: (blob: string) => boolean): Promise<void> {
    let total = 0;
    for (const { have } of this.#entries.values()) total += have;
    const victims: string[] = [];
    for (const { blob, have } of [...this.#entries.values()].sort((a, b) => a.used - b.used)) {
      if (total <= limit) break;
      if (isBusy(blob)) continue;
      victims.push(blob);
      total -= have;
    }
    await this.drop(victims);
  }
}

function keyOf(blob: string): string {
  return storeKey('blob', blob);
}
