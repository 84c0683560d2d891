/**
 * A storage adapter in memory, for tests and the simulation: what is stored can be copied at any moment and opened
 * again, and a hook before each write can stand for a crash or a full disk.
 */
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';

/** What is stored, as of when it was taken; values are shared and never changed. */
export type MemoryStorageSnapshot = ReadonlyMap<string, Uint8Array>;

export interface StorageWrite {
  readonly op: 'save' | 'remove' | 'removeRange';
  readonly key: StorageKey;
}

export interface MemoryStorageOptions {
  /** Called before each write; when it throws, the write did not happen. */
  readonly beforeWrite?: (write: StorageWrite) => void;
  readonly snapshot?: MemoryStorageSnapshot;
}

export interface MemoryStorageAdapter extends StorageAdapterInterface {
  snapshot(): MemoryStorageSnapshot;
  restore(snapshot: MemoryStorageSnapshot): void;
  /** Bytes of all values. */
  size(): number;
}

/** An empty store, or one that starts from a snapshot. */
export function createMemoryStorageAdapter(options: MemoryStorageOptions = {}): MemoryStorageAdapter {
  return new MemoryAdapter(options);
}

class MemoryAdapter implements MemoryStorageAdapter {
  #values: Map<string, Uint8Array>;
  readonly #beforeWrite: (write: StorageWrite) => void;

  constructor({ beforeWrite, snapshot }: MemoryStorageOptions) {
    this.#values = new Map(snapshot);
    this.#beforeWrite = beforeWrite ?? (() => undefined);
  }

  load(key: StorageKey): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#values.get(nameOf(key)));
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    await Promise.resolve();
    this.#beforeWrite({ op: 'save', key });
    this.#values.set(nameOf(key), data.slice());
  }

  async remove(key: StorageKey): Promise<void> {
    await Promise.resolve();
    this.#beforeWrite({ op: 'remove', key });
    this.#values.delete(nameOf(key));
  }

  loadRange(keyPrefix: StorageKey): Promise<Chunk[]> {
    const names = [...this.#values.keys()].filter((name) => isBelow(name, keyPrefix)).sort();
    return Promise.resolve(names.map((name) => ({ key: keyOf(name), data: this.#values.get(name) })));
  }

  async removeRange(keyPrefix: StorageKey): Promise<void> {
    await Promise.resolve();
    this.#beforeWrite({ op: 'removeRange', key: keyPrefix });
    for (const name of [...this.#values.keys()]) if (isBelow(name, keyPrefix)) this.#values.delete(name);
  }

  snapshot(): MemoryStorageSnapshot {
    return new Map(this.#values);
  }

  restore(snapshot: MemoryStorageSnapshot): void {
    this.#values = new Map(snapshot);
  }

  size(): number {
    return [...this.#values.values()].reduce((sum, value) => sum + value.length, 0);
  }
}

/** Parts are joined by a character that no part holds. */
const SEPARATOR = '\u0000';

function nameOf(key: StorageKey): string {
  return key.join(SEPARATOR);
}

function keyOf(name: string): StorageKey {
  return name.split(SEPARATOR);
}

function isBelow(name: string, prefix: StorageKey): boolean {
  const start = nameOf(prefix);
  return prefix.length === 0 || name === start || name.startsWith(start + SEPARATOR);
}
