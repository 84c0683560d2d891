/**
 * Where blobs are that the servers of their pointers have no more: somebody of the chat uploaded them again. Only a place, which
 * is worth no more than the pointer's: what it gives is checked in the same way.
 *
 *     moved : name  ->  Place
 */
import type { Batch } from '../batch.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import { pack, unpack } from '../values.ts';

/** The blob is at `<url>/files/<name>`. */
export interface Place {
  readonly url: string;
  readonly name: string;
}

export interface PlacesOptions {
  readonly store: Store;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
}

export class Places {
  readonly #options: PlacesOptions;
  /** By the name in the pointer. */
  readonly #places = new Map<string, Place>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.range('media', prefixRange('moved')))
      this.#places.set(key.slice(key.indexOf(':') + 1), unpack<Place>(value));
  }

  /** Where to fetch the pointer's blob from. */
  urlOf({ url, blob }: MediaPointer): string {
    return urlAt(this.#places.get(blob) ?? { url, name: blob });
  }

  async put(blob: string, place: Place): Promise<void> {
    await this.#options.job((batch) => {
      batch.put('media', keyOf(blob), pack(place));
      batch.then(() => this.#places.set(blob, place));
    });
  }

  /** From now on the pointers' own places count again. */
  async forget(blobs: readonly string[]): Promise<void> {
    const known = blobs.filter((blob) => this.#places.has(blob));
    if (known.length === 0) return;
    await this.#options.job((batch) => {
      for (const blob of known) {
        batch.delete('media', keyOf(blob));
        batch.then(() => this.#places.delete(blob));
      }
    });
  }
}

export function urlAt({ url, name }: Place): string {
  return `${url}/files/${name}`;
}

function keyOf(blob: string): string {
  return storeKey('moved', blob);
}
