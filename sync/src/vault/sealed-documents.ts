/**
 * The device's document storage as the engine uses it: sealed, and with failures that carry the names of
 * `ports/store-error.ts`. Adapters reject with whatever their platform throws; what has no such name gets one here, so
 * that a storage that failed can be told from a message that cannot be digested.
 */
import type { Random } from '@securechat/crypto';
import { DamagedChunkError, createEncryptedStorageAdapter } from '../documents/index.ts';
import type { DocumentStorage } from '../ports/document-storage.ts';
import { StoreUnavailableError, storeErrorType } from '../ports/store-error.ts';
import type { VaultKeys } from './vault.ts';

export interface SealedDocumentsOptions {
  readonly inner: DocumentStorage;
  readonly keys: VaultKeys;
  readonly random: Random;
}

export function sealDocuments({ inner, keys, random }: SealedDocumentsOptions): DocumentStorage {
  return nameFaults(
    createEncryptedStorageAdapter({ inner, keys: { values: keys.documents, names: keys.documentNames }, random }),
  );
}

/** Whether an error says that a store or the document storage failed, as opposed to what was being worked on. */
export function isStorageFault(error: unknown): boolean {
  return storeErrorType(error) !== undefined || error instanceof DamagedChunkError;
}

function nameFaults(inner: DocumentStorage): DocumentStorage {
  return {
    load: (key) => named(inner.load(key)),
    save: (key, data) => named(inner.save(key, data)),
    remove: (key) => named(inner.remove(key)),
    loadRange: (prefix) => named(inner.loadRange(prefix)),
    removeRange: (prefix) => named(inner.removeRange(prefix)),
  };
}

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isStorageFault(error)) throw error;
    throw new StoreUnavailableError('document storage', { cause: error });
  }
}
