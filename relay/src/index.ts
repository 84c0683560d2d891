/** The relay as a library: its transport-free core, its storage adapters, and the whole server on a port. */
export { createRelay, type Relay, type RelayParts } from './relay.ts';
export type { Connection, Socket } from './connection.ts';
export { DEFAULT_CONFIG, type Rates, type RegistrationPolicy, type RelayConfig } from './config.ts';
export { systemClock, type Clock } from './clock.ts';
export { silentLog, type Log } from './log.ts';
export { UNLIMITED, type Rate } from './limits/bucket.ts';
export type { MailboxStore, Quota } from './mailbox/port.ts';
export { memoryMailboxes } from './mailbox/memory.ts';
export type { Directory } from './directory/port.ts';
export { memoryDirectory } from './directory/memory.ts';
export { DEFAULT_SERVER, startRelay, type RunningRelay, type ServerConfig } from './start.ts';
