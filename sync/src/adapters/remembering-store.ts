/**
 * Store decorator: values of one table that were read or written lately are answered from memory. Every change of a chat
 * makes the open windows anew, row by row, and nearly all of these rows are the ones of a moment before; below this, each
 * would be a request to the database and a value to open. Knows nothing of what it holds. Spec: SPEC-projection, S-STORE-30.
 */
import type { Store, StoreOp, TableName } from '../ports/store.ts';

export interface RememberingStoreOptions {
  readonly inner: Store;
  readonly table: TableName;
  /** Values kept, those used last. */
  readonly most: number;
}

/** Nothing else but this may write to the table. */
export function createRememberingStore({ inner, table, most }: RememberingStoreOptions): Store {
  const memory = new Memory(most);

  const getMany: Store['getMany'] = async (name, keys) => {
    if (name !== table) return inner.getMany(name, keys);
    const known = keys.map((key) => memory.get(key));
    const missing = keys.filter((_, index) => known[index] === undefined);
    if (missing.length === 0) return known;
    const { moment } = memory;
    const read = await inner.getMany(table, missing);
    // A commit meanwhile: which of the two was first, nobody knows.
    if (memory.moment === moment) for (const [index, key] of missing.entries()) memory.put(key, read[index]);
    let next = 0;
    return known.map((value) => value ?? read[next++]);
  };

  return {
    getMany,
    get: async (name, key) => (await getMany(name, [key]))[0],
    range: (name, range) => inner.range(name, range),
    count: (name, range) => inner.count(name, range),
    commit: async (ops) => {
      const own = ops.filter((op) => op.table === table);
      if (own.length === 0) return inner.commit(ops);
      // What is read until it is done may be either; whether it was done is only known when it succeeds.
      const end = memory.begin();
      try {
        await inner.commit(ops);
        memory.take(own);
      } catch (error) {
        memory.clear();
        throw error;
      } finally {
        end();
      }
    },
    usage: () => inner.usage(),
    close: () => {
      memory.close();
      return inner.close();
    },
    destroy: () => {
      memory.close();
      return inner.destroy();
    },
  };
}

class Memory {
  readonly #most: number;
  /** The one used last is the last. */
  readonly #values = new Map<string, Uint8Array>();
  #writing = 0;
  #commits = 0;
  #closed = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** The same at two times: nothing was written between them, nor is now. */
  get moment(): number {
    return this.#writing > 0 ? NaN : this.#commits;
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value.slice();
  }

  put(key: string, value: Uint8Array | undefined): void {
    this.#values.delete(key);
    if (value === undefined || this.#closed) return;
    this.#values.set(key, value.slice());
    const oldest = this.#values.keys().next();
    if (this.#values.size > this.#most && oldest.done !== true) this.#values.delete(oldest.value);
  }

  /** A commit began; answers how to say that it ended. */
  begin(): () => void {
    this.#writing += 1;
    this.#commits += 1;
    return () => {
      this.#writing -= 1;
    };
  }

  take(ops: readonly StoreOp[]): void {
    for (const op of ops) {
      if (op.op === 'put') this.put(op.key, op.value);
      else if (op.op === 'delete') this.#values.delete(op.key);
      else this.clear();
    }
  }

  clear(): void {
    this.#values.clear();
  }

  close(): void {
    this.#closed = true;
    this.clear();
  }
}
