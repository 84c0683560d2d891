/** The composition root: opens the disk, makes the relay, puts it on a port, and takes all down again in order. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { DEFAULT_CONFIG, type RelayConfig } from './config.ts';
import { memoryDirectory } from './directory/memory.ts';
import type { Directory } from './directory/port.ts';
import { refusalResponse } from './http/answer.ts';
import type { HttpHandler } from './http/api.ts';
import { createWebRoot } from './http/web-root.ts';
import { silentLog, type Log } from './log.ts';
import { memoryMailboxes } from './mailbox/memory.ts';
import type { MailboxStore } from './mailbox/port.ts';
import { createRelay } from './relay.ts';
import { startTransport, type TransportChoice } from './transport/start.ts';

/** What a relay on a port can be told. */
export interface ServerConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Folder of the database and the token key; undefined keeps everything in memory, for tests. */
  readonly dataDir: string | undefined;
  /** Folder of the built web app; undefined serves none. */
  readonly webRoot: string | undefined;
  readonly trustProxy: boolean;
  readonly transport: TransportChoice;
  readonly tokenSecret: Uint8Array | undefined;
  readonly storageTokenSecret: Uint8Array | undefined;
  readonly relay: RelayConfig;
  readonly log: Log;
}

/** The defaults of a relay started from code: in memory, on any free port of this machine. */
export const DEFAULT_SERVER: ServerConfig = {
  host: '127.0.0.1',
  port: 0,
  dataDir: undefined,
  webRoot: undefined,
  trustProxy: false,
  transport: 'auto',
  tokenSecret: undefined,
  storageTokenSecret: undefined,
  relay: DEFAULT_CONFIG,
  log: silentLog,
};

/** A relay on a port. */
export interface RunningRelay {
  readonly url: string;
  readonly port: number;
  /** Which transport carries it. */
  readonly engine: 'uws' | 'ws';
  /** Ends connections, writes what is held in memory, closes the database. */
  close(): Promise<void>;
}

interface Disk {
  readonly store: MailboxStore;
  readonly directory: Directory;
  readonly tokenSecret: Uint8Array;
}

/** Starts a relay. Rejects when the port, the folder or the database cannot be had. */
export async function startRelay(given: Partial<ServerConfig> = {}): Promise<RunningRelay> {
  const config = { ...DEFAULT_SERVER, ...given };
  const { host, port, trustProxy, log } = config;
  const { store, directory, tokenSecret } = await openDisk(config);
  const relay = createRelay({
    store,
    directory,
    clock: systemClock,
    random: (length) => new Uint8Array(randomBytes(length)),
    config: config.relay,
    log,
    tokenSecret: config.tokenSecret ?? tokenSecret,
    ...(config.storageTokenSecret && { storageTokenSecret: config.storageTokenSecret }),
  });
  const http = withWebRoot(relay.http, config.webRoot);
  const transport = await startTransport(config.transport, {
    connect: relay.connect,
    http,
    host,
    port,
    trustProxy,
    log,
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(transport.port)}`,
    port: transport.port,
    engine: transport.engine,
    close: async () => {
      await relay.close();
      await transport.close();
      await store.end();
    },
  };
}

async function openDisk({ dataDir, relay }: ServerConfig): Promise<Disk> {
  if (dataDir === undefined) {
    return { store: memoryMailboxes(relay.quota), directory: memoryDirectory(), tokenSecret: randomBytes(32) };
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const [{ openSqlite }, { sqliteMailboxes }, { sqliteDirectory }] = await Promise.all([
    import('./sqlite.ts'),
    import('./mailbox/sqlite.ts'),
    import('./directory/sqlite.ts'),
  ]);
  const db = openSqlite(join(dataDir, 'relay.db'));
  return { store: sqliteMailboxes(db, relay.quota), directory: sqliteDirectory(db), tokenSecret: keepSecret(dataDir) };
}

/** The secret in the data folder, made on the first start. */
function keepSecret(dataDir: string): Uint8Array {
  const file = join(dataDir, 'token.key');
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  }
  const secret = readFileSync(file);
  if (secret.length !== 32) throw new Error(`${file} is not a token key`);
  return secret;
}

function withWebRoot(api: HttpHandler, folder: string | undefined): HttpHandler {
  const webRoot = folder === undefined ? undefined : createWebRoot(folder);
  return async (request, peer) => {
    const { pathname } = new URL(request.url);
    if (webRoot === undefined || /^\/(v\d+\/.*|healthz|metrics)$/.test(pathname)) return api(request, peer);
    return (await webRoot(request)) ?? refusalResponse({ code: 'NotFound', message: 'no such file' });
  };
}
