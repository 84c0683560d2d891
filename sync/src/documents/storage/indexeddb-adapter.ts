/**
 * automerge-repo's IndexedDB adapter with two repairs. Its writes listen for the transaction's `error` only, but a full
 * disk *aborts* the transaction at commit, without one: the promise would never settle, and the engine would wait for
 * ever (2.5.6). And it reads a range with a cursor, one event an entry; `getAll` takes one.
 */
import { IndexedDBStorageAdapter } from '@automerge/automerge-repo-storage-indexeddb';
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';

const STORE = 'documents';

interface Row {
  readonly key: StorageKey;
  readonly binary: Uint8Array;
}

/**
 * Opens (or creates) a database of this name. Writes reject with the transaction's error, `QuotaExceededError` when the
 * disk is full; nothing is then stored.
 */
export function createIndexedDbStorageAdapter(database: string): StorageAdapterInterface {
  return new RepairedIndexedDbAdapter(database, STORE);
}

class RepairedIndexedDbAdapter extends IndexedDBStorageAdapter {
  override save(key: StorageKey, binary: Uint8Array): Promise<void> {
    return this.#write((store) => store.put({ key, binary } satisfies Row, key));
  }

  override remove(key: StorageKey): Promise<void> {
    return this.#write((store) => store.delete(key));
  }

  override removeRange(keyPrefix: StorageKey): Promise<void> {
    return this.#write((store) => store.delete(rangeBelow(keyPrefix)));
  }

  override async loadRange(keyPrefix: StorageKey): Promise<Chunk[]> {
    const database = await this['dbPromise'];
    const request = database.transaction(STORE).objectStore(STORE).getAll(rangeBelow(keyPrefix));
    return new Promise((resolve, reject) => {
      request.onerror = () => {
        reject(failure(request.error));
      };
      request.onsuccess = () => {
        resolve((request.result as Row[]).map(({ key, binary }) => ({ key, data: binary })));
      };
    });
  }

  async #write(act: (store: IDBObjectStore) => void): Promise<void> {
    const database = await this['dbPromise'];
    const transaction = database.transaction(STORE, 'readwrite');
    act(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      transaction.onabort = () => {
        reject(failure(transaction.error));
      };
    });
  }
}

function rangeBelow(keyPrefix: StorageKey): IDBKeyRange {
  return IDBKeyRange.bound(keyPrefix, [...keyPrefix, '\uffff']);
}

function failure(error: DOMException | null): Error {
  return error ?? new DOMException('the transaction was aborted', 'AbortError');
}
