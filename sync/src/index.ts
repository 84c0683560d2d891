/** The client engine. The app uses `./web` inside a worker and `./api` for types; Node programs build a client from ports. */
export * from './api.ts';
export { Client, createClient } from './client.ts';
export type { ClientOptions } from './client.ts';
export { initAutomerge, createMemoryStorageAdapter } from './documents/index.ts';
export { createMemoryStore } from './adapters/memory-store.ts';
export { createMemoryBlobCache } from './adapters/memory-blob-cache.ts';
export { createWebStorageLink } from './adapters/web-storage-link.ts';
export { createMemoryDeviceSecret } from './adapters/memory-device-secret.ts';
export { createWebLink } from './adapters/web-link.ts';
export type { BlobCache, BlobFile } from './ports/blob-cache.ts';
export type { BlobAnswer, BlobRequest, StorageLink } from './ports/storage-link.ts';
export type { Clock } from './ports/clock.ts';
export { systemClock } from './ports/clock.ts';
export type { HttpAnswer, HttpRequest, RelayLink, Socket, SocketEvents } from './ports/relay-link.ts';
export type { Store } from './ports/store.ts';
