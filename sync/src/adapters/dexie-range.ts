/**
 * Keys and values of a range from one IndexedDB object store, in as few requests as the browser allows:
 * `getAllRecords` where it exists, else `getAll` with `getAllKeys`, else (backwards) a cursor.
 */
import Dexie from 'dexie';
import type { Range } from '../ports/store.ts';

export interface FoundRecord {
  readonly key: IDBValidKey;
  readonly value: unknown;
}

type Order = Pick<Range, 'limit' | 'reverse'>;

/** Must be called inside an open transaction; `query` undefined means everything. */
export function readRange(
  store: IDBObjectStore,
  query: IDBKeyRange | undefined,
  order: Order,
): PromiseLike<readonly FoundRecord[]> {
  return new Dexie.Promise<readonly FoundRecord[]>((resolve, reject) => {
    const done = { resolve, reject };
    if (canGetAllRecords(store)) readRecords(store, query, order, done);
    else if (order.reverse === true) readBackwards(store, query, order, done);
    else readPairs(store, query, order, done);
  });
}

interface Done {
  resolve(records: readonly FoundRecord[]): void;
  reject(error: unknown): void;
}

/** Not yet in TypeScript's DOM library. */
interface GetsAllRecords {
  getAllRecords(options: {
    query?: IDBKeyRange;
    count?: number;
    direction?: IDBCursorDirection;
  }): IDBRequest<FoundRecord[]>;
}

function canGetAllRecords(store: object): store is GetsAllRecords {
  return 'getAllRecords' in store && typeof store.getAllRecords === 'function';
}

function readRecords(store: GetsAllRecords, query: IDBKeyRange | undefined, order: Order, done: Done): void {
  const request = store.getAllRecords({
    ...(query === undefined ? {} : { query }),
    ...(order.limit === undefined ? {} : { count: order.limit }),
    direction: order.reverse === true ? 'prev' : 'next',
  });
  request.onsuccess = () => {
    done.resolve(request.result);
  };
  request.onerror = () => {
    done.reject(request.error);
  };
}

/** Both requests run in one transaction, so that they see the same records. */
function readPairs(store: IDBObjectStore, query: IDBKeyRange | undefined, order: Order, done: Done): void {
  const keys = store.getAllKeys(query, order.limit);
  const values: IDBRequest<unknown[]> = store.getAll(query, order.limit);
  keys.onerror = () => {
    done.reject(keys.error);
  };
  values.onerror = () => {
    done.reject(values.error);
  };
  values.onsuccess = () => {
    done.resolve(keys.result.map((key, index) => ({ key, value: values.result[index] })));
  };
}

function readBackwards(store: IDBObjectStore, query: IDBKeyRange | undefined, order: Order, done: Done): void {
  const found: FoundRecord[] = [];
  const request = store.openCursor(query, 'prev');
  request.onerror = () => {
    done.reject(request.error);
  };
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor !== null) found.push({ key: cursor.primaryKey, value: cursor.value });
    if (cursor === null || found.length === order.limit) done.resolve(found);
    else cursor.continue();
  };
}
