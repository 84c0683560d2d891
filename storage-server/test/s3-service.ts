/**
 * An S3 service on loopback for tests: s3rver, which keeps objects in a folder and checks signatures, and in front of it what
 * it lacks of multipart uploads (`s3-multipart`). Tests can take it out of reach, or let parts fail.
 */
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import S3rver from 's3rver';
import { onTestFinished } from 'vitest';
import type { S3Config } from '../src/config.ts';
import { MultipartUploads } from './s3-multipart.ts';

/** The only account that s3rver knows. */
const KEYS = { accessKey: 'S3RVER', secretKey: 'S3RVER' };
const BUCKET = 'blobs';
const FAILURE_MS = 2000;
const OBJECT = '._S3rver_object';

/** A service with one bucket, gone after the test. */
export interface S3Service {
  readonly config: S3Config;
  /** The folder of the bucket. */
  readonly directory: string;
  /** Every request is answered with 503 while this is true. */
  isDown: boolean;
  /** Parts of these numbers are answered with 500, after a while in which a later one could come first. */
  readonly failingParts: Set<number>;
  /** What is in the bucket: keys of objects, and of uploads that are begun, sorted. */
  keys(): Promise<string[]>;
}

/** Starts a service that keeps its objects in `root`. */
export async function startS3(root: string): Promise<S3Service> {
  const app = new S3rver({ directory: root, silent: true, vhostBuckets: false, configureBuckets: [{ name: BUCKET }] });
  await app.configureBuckets();
  const directory = path.join(root, BUCKET);
  const uploads = new MultipartUploads(directory);
  const server = await app.listen(0, '127.0.0.1');
  const { port } = server.address() as AddressInfo;
  const service: S3Service = {
    config: { bucket: BUCKET, region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, ...KEYS },
    directory,
    isDown: false,
    failingParts: new Set(),
    keys: async () => {
      const objects = (await readdir(directory)).filter((name) => name.endsWith(OBJECT));
      const begun = (await uploads.all()).map(({ key }) => key);
      return [...objects.map((name) => name.slice(0, -OBJECT.length)), ...begun].sort();
    },
  };
  const serve = app.callback();
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '/', 'http://s3');
    const part = Number(url.searchParams.get('partNumber'));
    if (service.isDown) res.writeHead(503).end();
    else if (service.failingParts.has(part)) setTimeout(() => res.writeHead(500).end(), FAILURE_MS);
    else if (!(await uploads.answer(req, res, url))) void serve(req, res);
  };
  server.removeAllListeners('request').on('request', (req, res) => void answer(req, res));
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return service;
}
