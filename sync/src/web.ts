/**
 * The engine in a browser worker: Dexie and automerge-repo's adapter over IndexedDB, a non-extractable device key, fetch
 * and WebSocket. The caller makes sure (Web Locks) that only one worker of the origin opens it at a time.
 */
import { ready, systemRandom } from '@securechat/crypto';
import { openDexieStore } from './adapters/dexie-store.ts';
import { createMemoryBlobCache } from './adapters/memory-blob-cache.ts';
import { createOpfsBlobCache } from './adapters/opfs-blob-cache.ts';
import { createWebDeviceSecret } from './adapters/web-device-secret.ts';
import { createWebLink } from './adapters/web-link.ts';
import type { ClientApi, StorageUse } from './api.ts';
import { createClient } from './client.ts';
import { createIndexedDbStorageAdapter, initAutomerge } from './documents/index.ts';
import type { BlobCache } from './ports/blob-cache.ts';
import { systemClock } from './ports/clock.ts';

export interface WebEngineOptions {
  /** Where the Automerge wasm is: the page's bundler knows, the worker does not. */
  readonly automergeWasm: URL | string;
  /** Prefix of the origin's databases. Default `securechat`. */
  readonly databaseName?: string;
  /** The app remembers that this browser had an account; an empty database then means that it was evicted. */
  readonly hadAccount?: boolean;
  readonly onError?: (error: unknown) => void;
}

/** Opens the engine; resolves when its first phase is known. Rejects when IndexedDB or the wasm cannot be opened. */
export async function openWebEngine(options: WebEngineOptions): Promise<ClientApi> {
  const name = options.databaseName ?? 'securechat';
  await Promise.all([ready(), initAutomerge(String(options.automergeWasm))]);
  const storage = createIndexedDbStorageAdapter(`${name}-documents`);
  const client = await createClient({
    store: await openDexieStore(name),
    storage,
    eraseStorage: () => storage.removeRange([]),
    deviceSecret: createWebDeviceSecret(`${name}-device-key`),
    link: createWebLink(),
    blobCache: await openBlobCache(`${name}-media`),
    clock: systemClock,
    random: systemRandom,
    estimate,
    ...(options.hadAccount !== undefined && { hadAccount: options.hadAccount }),
    ...(options.onError && { onError: options.onError }),
  });
  addEventListener('offline', () => client.engine?.networkLost());
  addEventListener('online', () => void client.call('reconnect', null));
  return client;
}

/** Some browsers have no private files, or not in private windows: there files of messages are in memory, and fetched again. */
async function openBlobCache(name: string): Promise<BlobCache> {
  const cache = createOpfsBlobCache(name);
  try {
    await cache.list();
    return cache;
  } catch {
    return createMemoryBlobCache();
  }
}

async function estimate(): Promise<Pick<StorageUse, 'originBytes' | 'quotaBytes' | 'persistent'>> {
  const { usage, quota } = await navigator.storage.estimate();
  const persistent = await navigator.storage.persisted();
  return {
    persistent,
    ...(usage !== undefined && { originBytes: usage }),
    ...(quota !== undefined && { quotaBytes: quota }),
  };
}
