/**
 * A non-extractable AES-GCM key in a small IndexedDB database of its own: script of this origin can use it, nobody can
 * read it out through the API. It does not protect from someone who copies the whole browser profile: THREATS says so.
 */
import type { DeviceSecret } from '../ports/device-secret.ts';

const NONCE = 12;
const STORE = 'keys';
const KEY = 'device';

/** `name` is the database's name; one device secret per name. */
export function createWebDeviceSecret(name: string): DeviceSecret {
  return {
    async wrap(secret) {
      const key = (await loadKey(name)) ?? (await makeKey(name));
      const iv = crypto.getRandomValues(new Uint8Array(NONCE));
      const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, copy(secret)));
      const wrapped = new Uint8Array(NONCE + sealed.length);
      wrapped.set(iv);
      wrapped.set(sealed, NONCE);
      return wrapped;
    },
    async unwrap(wrapped) {
      const key = await loadKey(name);
      if (key === undefined || wrapped.length <= NONCE) return undefined;
      try {
        const iv = copy(wrapped.subarray(0, NONCE));
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, copy(wrapped.subarray(NONCE))));
      } catch {
        return undefined; // authentication failed: another key or damaged bytes
      }
    },
    async forget() {
      await settle(indexedDB.deleteDatabase(name));
    },
  };
}

/** WebCrypto refuses views on shared memory; wasm output may be one. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

async function makeKey(name: string): Promise<CryptoKey> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await withStore(name, 'readwrite', (store) => store.put(key, KEY));
  return key;
}

async function loadKey(name: string): Promise<CryptoKey | undefined> {
  const found: unknown = await withStore(name, 'readonly', (store) => store.get(KEY) as IDBRequest<unknown>);
  return found instanceof CryptoKey ? found : undefined;
}

async function withStore<T>(
  name: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const open = indexedDB.open(name, 1);
  open.onupgradeneeded = () => {
    open.result.createObjectStore(STORE);
  };
  const database = await settle(open);
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('aborted'));
      };
    });
    const value = await settle(act(transaction.objectStore(STORE)));
    await done;
    return value;
  } finally {
    database.close();
  }
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB request failed'));
    };
  });
}
