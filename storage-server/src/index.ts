/** Resumable uploads of encrypted blobs, and their download. SPEC.md says what a caller may rely on. */
export { DEFAULT_LIMITS, readConfig, type Limits, type S3Config, type StorageConfig } from './config.ts';
export type { Facts, Log } from './log.ts';
export type { Clock } from './clock.ts';
export type { Desk } from './desk.ts';
export { createStorageServer, type StorageServer } from './server.ts';
export { openDesk, startStorageServer, type RunningStorageServer } from './start.ts';
