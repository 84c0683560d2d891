/** Puts the parts together: folder, ledger, bytes, clock, port. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createAdmission } from './admission.ts';
import { isBlobId } from './blobs/blob-id.ts';
import { openFileStore } from './blobs/file-store.ts';
import { Ledger } from './blobs/ledger.ts';
import type { BlobStore } from './blobs/port.ts';
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

/** Opens the parts of a server and makes ledger and bytes agree. */
export async function openDesk(config: StorageConfig, log: Log, clock: Clock = systemClock): Promise<Desk> {
  await mkdir(config.directory, { recursive: true, mode: 0o700 });
  const ledger = new Ledger();
  const blobs = await openBlobs(config, ledger);
  const file = path.join(config.directory, 'ledger.jsonl');
  // Without its ledger every blob would look like a stray: whoever moved one without the other would lose them all.
  if (!existsSync(file) && [...(await blobs.contents()).keys()].some(isBlobId)) {
    throw new LedgerMissingError('there are blobs, and the ledger that knows them is missing');
  }
  await ledger.load(file);
  const admit = createAdmission(config.secret, clock);
  const { limits } = config;
  const desk = { admit, ledger, blobs, limits, clock, random: randomBytes, metrics: createMetrics(ledger), log };
  log.info({ ...(await reconcile(desk)) }, 'ledger and blobs agree');
  return desk;
}

/** The library for S3 is loaded only by who uses it. */
async function openBlobs({ s3, directory }: StorageConfig, ledger: Ledger): Promise<BlobStore> {
  if (s3 === undefined) return openFileStore(path.join(directory, 'content'), ledger);
  const { openS3Store } = await import('./blobs/s3-store.ts');
  return openS3Store(s3, ledger);
}

class LedgerMissingError extends Error {
  override readonly name = 'LedgerMissingError';
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
      ({ expired, stuck }) => {
        if (expired + stuck > 0) log.info({ expired, stuck }, 'swept');
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
      desk.blobs.close();
      await desk.ledger.close();
    },
  };
}
