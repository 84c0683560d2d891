/**
 * Store adapter over IndexedDB. Dexie owns opening, schema and transactions; one Dexie table per table name, with
 * outbound string keys. Knows nothing of what it holds: put a sealed store on top.
 *
 * `strict` durability makes a commit wait for the disk: the ratchets are only safe when "stored" means stored.
 */
import Dexie, { type Table, type Transaction } from 'dexie';
import { TABLES, type Entry, type Range, type Store, type StoreOp, type TableName } from '../ports/store.ts';
import { DamagedValueError } from '../ports/store-error.ts';
import { mapped } from './dexie-error.ts';
import { readRange } from './dexie-range.ts';
import { estimateBytes } from './store-usage.ts';

/** Raised whenever `TABLES` changes; Dexie adds and drops the difference. */
const SCHEMA_VERSION = 2;

export interface DexieStoreOptions {
  /** Where the platform has none of its own (Node). */
  readonly indexedDB?: IDBFactory;
  readonly IDBKeyRange?: typeof IDBKeyRange;
}

/** Opens or creates the database. Rejects with a StoreUnavailableError when there is no usable IndexedDB. */
export async function openDexieStore(name: string, options: DexieStoreOptions = {}): Promise<Store> {
  const db = new Dexie(name, { ...options, chromeTransactionDurability: 'strict', cache: 'disabled' });
  db.version(SCHEMA_VERSION).stores(Object.fromEntries(TABLES.map((table) => [table, ''])));
  await mapped(db.open());
  return new DexieStore(db, options.IDBKeyRange ?? IDBKeyRange);
}

class DexieStore implements Store {
  readonly #db: Dexie;
  readonly #keyRange: typeof IDBKeyRange;

  constructor(db: Dexie, keyRange: typeof IDBKeyRange) {
    this.#db = db;
    this.#keyRange = keyRange;
  }

  async get(table: TableName, key: string): Promise<Uint8Array | undefined> {
    return optionalBytes(table, await mapped(this.#table(table).get(key)));
  }

  async getMany(table: TableName, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const values = await mapped(this.#table(table).bulkGet([...keys]));
    return values.map((value) => optionalBytes(table, value));
  }

  async range(table: TableName, range: Range): Promise<readonly Entry[]> {
    if (isEmpty(range)) return [];
    const query = this.#query(range);
    const records = await mapped(
      this.#db.transaction('r', table, (tx) => Dexie.Promise.resolve(readRange(objectStore(tx, table), query, range))),
    );
    return records.map(({ key, value }) => ({ key: String(key), value: bytes(table, value) }));
  }

  async count(table: TableName, range: Pick<Range, 'from' | 'to'>): Promise<number> {
    if (isEmpty(range)) return 0;
    const { from, to } = range;
    if (from === undefined && to === undefined) return mapped(this.#table(table).count());
    return mapped(this.#db.transaction('r', table, (tx) => settled(objectStore(tx, table).count(this.#query(range)))));
  }

  async commit(ops: readonly StoreOp[]): Promise<void> {
    if (ops.length === 0) return;
    const names = [...new Set(ops.map((op) => op.table))];
    await mapped(
      this.#db.transaction('rw', names, async () => {
        for (const run of runsOf(ops)) await this.#write(run);
      }),
    );
  }

  async usage(): Promise<number> {
    let sum = 0;
    for (const table of TABLES) sum += await estimateBytes(this, table);
    return sum;
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  async destroy(): Promise<void> {
    await mapped(this.#db.delete());
  }

  #table(name: TableName): Table<unknown, string> {
    return this.#db.table(name);
  }

  #query({ from, to }: Range): IDBKeyRange | undefined {
    if (from !== undefined && to !== undefined) return this.#keyRange.bound(from, to, false, true);
    if (from !== undefined) return this.#keyRange.lowerBound(from);
    return to === undefined ? undefined : this.#keyRange.upperBound(to, true);
  }

  async #write(run: readonly StoreOp[]): Promise<void> {
    const first = run[0];
    if (first === undefined) return;
    const table = this.#table(first.table);
    if (first.op === 'deleteRange') await table.where(':id').between(first.from, first.to, true, false).delete();
    else if (first.op === 'delete') await table.bulkDelete(run.map((op) => (op.op === 'delete' ? op.key : '')));
    else await this.#putAll(table, run);
  }

  async #putAll(table: Table<unknown, string>, run: readonly StoreOp[]): Promise<void> {
    const puts = run.filter((op) => op.op === 'put');
    const values = puts.map((op) => compact(op.value));
    await table.bulkPut(
      values,
      puts.map((op) => op.key),
    );
  }
}

/** Cuts a batch into runs of one table and one kind, which can be written in one go. A deleteRange stands alone. */
function runsOf(ops: readonly StoreOp[]): StoreOp[][] {
  const runs: StoreOp[][] = [];
  for (const op of ops) {
    const run = runs.at(-1);
    const last = run?.[0];
    if (run !== undefined && last?.table === op.table && last.op === op.op && op.op !== 'deleteRange') run.push(op);
    else runs.push([op]);
  }
  return runs;
}

function isEmpty({ from, to, limit }: Range): boolean {
  return (limit !== undefined && limit <= 0) || (from !== undefined && to !== undefined && from >= to);
}

function objectStore(tx: Transaction, table: TableName): IDBObjectStore {
  return tx.idbtrans.objectStore(table);
}

/** IndexedDB clones the whole buffer behind a view, so a view on a large one must be copied first. */
function compact(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function optionalBytes(table: TableName, value: unknown): Uint8Array | undefined {
  return value === undefined ? undefined : bytes(table, value);
}

function bytes(table: TableName, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new DamagedValueError(table);
  return value;
}

function settled<T>(request: IDBRequest<T>): PromiseLike<T> {
  return new Dexie.Promise<T>((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error);
    };
  });
}
