/** Puts the parts together: folder, ledger, bytes, clock, port. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createAdmission } from './admission.ts';
import { openFileStore } from './blobs/file-store.ts';
import { Ledger } from './blobs/ledger.ts';
import { systemClock, type Clock } from './clock.ts';
import type { StorageConfig } from './config.ts';
import type { Desk } from './desk.ts';
import { reconcile, sweep } from './expiry.ts';
import { factsOf, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createStorageServer } from './server.ts';
import { createHttpServer } from './transport/node-http.ts';

/** A server that listens. */
export interface RunningStorageServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening, cuts what is under way (uploads resume later) and waits for the ledger. */
  close(): Promise<void>;
}

/** Opens the parts of a server on a folder and makes ledger and bytes agree. */
export async function openDesk(config: StorageConfig, log: Log, clock: Clock = systemClock): Promise<Desk> {
  await mkdir(config.directory, { recursive: true, mode: 0o700 });
  const ledger = await Ledger.open(path.join(config.directory, 'ledger.jsonl'));
  const blobs = await openFileStore(path.join(config.directory, 'content'), ledger);
  const admit = createAdmission(config.secret, clock);
  const { limits } = config;
  const desk = { admit, ledger, blobs, limits, clock, random: randomBytes, metrics: createMetrics(ledger), log };
  log.info({ ...(await reconcile(desk)) }, 'ledger and blobs agree');
  return desk;
}

/** Starts a server. Rejects when the folder or the port cannot be used. */
export async function startStorageServer(
  config: StorageConfig,
  log: Log,
  clock: Clock = systemClock,
): Promise<RunningStorageServer> {
  const desk = await openDesk(config, log, clock);
  const onFault = (thrown: unknown) => {
    log.error(factsOf(thrown), 'answer broke off');
  };
  const server = createHttpServer(createStorageServer(desk, config.metricsToken), { idleMs: config.idleMs, onFault });
  server.listen(config.port, config.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const timer = setInterval(() => {
    sweep(desk).then(
      (expired) => {
        if (expired > 0) log.info({ expired }, 'swept');
      },
      (thrown: unknown) => {
        log.error(factsOf(thrown), 'sweep failed');
      },
    );
  }, config.sweepMs);
  return {
    url: `http://${config.host}:${port}`,
    port,
    close: async () => {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await desk.ledger.close();
    },
  };
}
