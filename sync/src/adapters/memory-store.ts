/**
 * Store adapter in memory, for the simulation and for tests. Owns crash and fault injection; knows nothing of sealing.
 * Values are copied in and out, as a database would, so that a caller that reuses a buffer is found out here.
 */
import { TABLES, type Entry, type Range, type Store, type StoreOp, type TableName } from '../ports/store.ts';
import { StoreUnavailableError } from '../ports/store-error.ts';

/** Everything that was durable at one moment. Immutable. */
export type MemorySnapshot = ReadonlyMap<TableName, ReadonlyMap<string, Uint8Array>>;

export interface MemoryStoreOptions {
  /** Called before each batch; when it throws, nothing of the batch is stored and `commit` rejects with that error. */
  readonly beforeWrite?: (ops: readonly StoreOp[]) => void;
  readonly snapshot?: MemorySnapshot;
}

export interface MemoryStore extends Store {
  /** What a process that starts now would find. Later writes do not touch it. */
  snapshot(): MemorySnapshot;
  restore(snapshot: MemorySnapshot): void;
}

/** Starts empty, or from what `snapshot` holds. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  let tables = openTables(options.snapshot);
  let closed = false;

  const table = (name: TableName): MemoryTable => {
    if (closed) throw new StoreUnavailableError('closed');
    return tables[name];
  };

  return {
    get: async (name, key) => copy(table(name).values.get(key)),
    getMany: async (name, keys) => keys.map((key) => copy(table(name).values.get(key))),
    range: async (name, range) => table(name).range(range),
    count: async (name, range) => {
      const [start, end] = table(name).bounds(range.from, range.to);
      return Math.max(0, end - start);
    },
    commit: async (ops) => {
      options.beforeWrite?.(ops);
      const writes = ops.map((op) => ({
        to: table(op.table),
        op: op.op === 'put' ? { ...op, value: op.value.slice() } : op,
      }));
      for (const { to, op } of writes) to.write(op);
    },
    usage: async () => TABLES.reduce((sum, name) => sum + table(name).bytes(), 0),
    close: async () => {
      closed = true;
    },
    destroy: async () => {
      tables = openTables(undefined);
      closed = true;
    },
    snapshot: () => new Map(TABLES.map((name) => [name, new Map(tables[name].values)])),
    restore: (snapshot) => {
      tables = openTables(snapshot);
      closed = false;
    },
  };
}

type Tables = Readonly<Record<TableName, MemoryTable>>;

function openTables(snapshot: MemorySnapshot | undefined): Tables {
  const entries = TABLES.map((name) => [name, new MemoryTable(snapshot?.get(name) ?? [])] as const);
  return Object.fromEntries(entries) as Tables;
}

function copy(value: Uint8Array | undefined): Uint8Array | undefined {
  return value?.slice();
}

/** A map whose keys are put in order when a range is next asked for. */
class MemoryTable {
  readonly values: Map<string, Uint8Array>;
  #sorted: string[] = [];
  /** Keys added since `#sorted` was right; undefined when keys were also removed. */
  #added: string[] | undefined = undefined;

  constructor(entries: Iterable<readonly [string, Uint8Array]>) {
    this.values = new Map(entries);
  }

  write(op: StoreOp): void {
    if (op.op === 'put') this.#put(op.key, op.value);
    else if (op.op === 'delete') this.#delete(op.key);
    else this.#deleteRange(op.from, op.to);
  }

  range({ from, to, limit = Infinity, reverse = false }: Range): readonly Entry[] {
    const [start, end] = this.bounds(from, to);
    const keys = reverse
      ? this.#sorted.slice(Math.max(start, end - limit), Math.max(start, end)).reverse()
      : this.#sorted.slice(start, Math.min(end, start + limit));
    return keys.map((key) => ({ key, value: this.#at(key).slice() }));
  }

  /** Positions of a half-open range in the sorted keys. */
  bounds(from: string | undefined, to: string | undefined): readonly [number, number] {
    this.#sort();
    const start = from === undefined ? 0 : lowerBound(this.#sorted, from);
    const end = to === undefined ? this.#sorted.length : lowerBound(this.#sorted, to);
    return [start, end];
  }

  bytes(): number {
    let sum = 0;
    for (const value of this.values.values()) sum += value.length;
    return sum;
  }

  #at(key: string): Uint8Array {
    const value = this.values.get(key);
    if (value === undefined) throw new Error('sorted keys out of step');
    return value;
  }

  #put(key: string, value: Uint8Array): void {
    if (!this.values.has(key)) this.#added?.push(key);
    this.values.set(key, value);
  }

  #delete(key: string): void {
    if (!this.values.delete(key)) return;
    if (this.#added === undefined || this.#added.length > 0) this.#added = undefined;
    else this.#sorted.splice(lowerBound(this.#sorted, key), 1);
  }

  #deleteRange(from: string, to: string): void {
    const [start, end] = this.bounds(from, to);
    for (const key of this.#sorted.splice(start, Math.max(0, end - start))) this.values.delete(key);
  }

  #sort(): void {
    if (this.#added === undefined) this.#sorted = [...this.values.keys()].sort(compare);
    else if (this.#added.length > 0) this.#merge(this.#added);
    this.#added = [];
  }

  /** The usual case is a few keys at the end; anything else is worth a sort. */
  #merge(added: string[]): void {
    added.sort(compare);
    const last = this.#sorted.at(-1);
    const first = added[0];
    this.#sorted.push(...added);
    if (last !== undefined && first !== undefined && first < last) this.#sorted.sort(compare);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Index of the first key >= `key`. */
function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
