/** The client in Node as it is in a browser: Dexie over (fake) IndexedDB, a real socket, the system's clock. */
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { type MessageItem, systemClock } from '../../src/index.ts';
import { systemRandom } from '@securechat/crypto';
import { WebSocket } from 'ws';
import { openDexieStore } from '../../src/adapters/dexie-store.ts';
import { createMemoryBlobCache } from '../../src/adapters/memory-blob-cache.ts';
import { createMemoryDeviceSecret } from '../../src/adapters/memory-device-secret.ts';
import { createWebLink } from '../../src/adapters/web-link.ts';
import type { Client } from '../../src/client.ts';
import { createClient } from '../../src/client.ts';
import { createMemoryStorageAdapter } from '../../src/documents/index.ts';
import type { StorageLink } from '../../src/ports/storage-link.ts';
import { until } from './asking.ts';

/** What stays when the client is closed. */
export class Profile {
  readonly indexedDB = new IDBFactory();
  readonly storage = createMemoryStorageAdapter();
  readonly blobs = createMemoryBlobCache();
  readonly secret = createMemoryDeviceSecret(systemRandom);

  /** Whether the bytes are anywhere in what this profile stored: keys and values of all databases, and the documents. */
  async holds(bytes: Buffer): Promise<boolean> {
    const documents = [...this.storage.snapshot()].map(([key, value]) =>
      Buffer.concat([Buffer.from(key), Buffer.from(value)]),
    );
    const blobs = this.blobs.snapshot();
    return Buffer.concat([await dumpDatabases(this.indexedDB), ...documents, ...blobs.values()]).includes(bytes);
  }

  /** `link`: a storage server that is not as it says. `ahead`: by how much its clock is, in milliseconds. */
  async open({ link, ahead = 0 }: { readonly link?: StorageLink; readonly ahead?: number } = {}): Promise<Client> {
    return createClient({
      store: await openDexieStore('securechat', { indexedDB: this.indexedDB, IDBKeyRange }),
      storage: this.storage,
      eraseStorage: () => this.storage.removeRange([]),
      deviceSecret: this.secret,
      blobCache: this.blobs,
      ...(link && { storageLink: link }),
      link: createWebLink({ WebSocket: WebSocket as unknown as typeof globalThis.WebSocket }),
      clock: { ...systemClock, now: () => systemClock.now() + ahead },
      random: systemRandom,
    });
  }
}

/** Every key and value of every store of every database, as bytes. */
async function dumpDatabases(indexedDB: IDBFactory): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await settle(indexedDB.open(name ?? ''));
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store, 'readonly').objectStore(store);
      const [keys, values] = [await settle(objects.getAllKeys()), await settle(objects.getAll())] as [
        unknown[],
        unknown[],
      ];
      parts.push(...[...keys, ...values].map(toBytes));
    }
    database.close();
  }
  return Buffer.concat(parts);
}

function toBytes(value: unknown): Buffer {
  return value instanceof Uint8Array
    ? Buffer.from(value)
    : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function settle<T>(request: { result: T; onsuccess: unknown; onerror: unknown; error: unknown }): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error instanceof Error ? request.error : new Error('IndexedDB'));
    };
  });
}

/** Every message of a chat, oldest first. */
export async function allMessages(client: Client, chatId: string): Promise<readonly MessageItem[]> {
  const all: MessageItem[] = [];
  let anchor = 'end';
  for (;;) {
    const page = await until(client, 'timeline', { chatId, anchor, older: 399, newer: 0 }, () => true);
    const items = page.items.filter((item) => item.type === 'message').filter((item) => item.id !== anchor);
    all.unshift(...items);
    const [oldest] = items;
    if (!page.hasOlder || oldest === undefined) return all;
    anchor = oldest.id;
  }
}
