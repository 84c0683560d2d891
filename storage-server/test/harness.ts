/** What the tests of the storage server share: a real server on a folder of its own, a clock that tests set, tokens, uploads. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import { SignJWT } from 'jose';
import { Upload, type DetailedError } from 'tus-js-client';
import { onTestFinished } from 'vitest';
import {
  DEFAULT_LIMITS,
  startStorageServer,
  type Limits,
  type Log,
  type S3Config,
  type StorageConfig,
} from '../src/index.ts';
import { startS3, type S3Service } from './s3-service.ts';

export const secret = new TextEncoder().encode('a secret of at least 32 characters');
export const START = Date.UTC(2030, 0, 1);

/** A clock that stands still until it is moved. */
export function createClock(now = START) {
  return {
    now: () => now,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

/** A log that keeps its lines. */
export function createLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (facts: object, event: string) => {
    lines.push(JSON.stringify({ ...facts, event }));
  };
  return { lines, info: keep, warn: keep, error: keep };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-storage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function configFor(directory: string, limits: Partial<Limits> = {}, s3?: S3Config): StorageConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    directory,
    s3,
    secret,
    limits: { ...DEFAULT_LIMITS, spareBytes: 0, ...limits },
    sweepMs: 3_600_000,
    idleMs: 60_000,
    metricsToken: undefined,
  };
}

/** Where blobs can be kept: most scenarios run with each. */
export const STORES = ['folder', 'bucket'] as const;
export type StoreName = (typeof STORES)[number];

/** A place for blobs that is gone after the test, and a look at what is in it. */
export interface Place {
  readonly directory: string;
  readonly s3: S3Service | undefined;
  /** The names of everything that is kept of blobs, sorted. */
  kept(): Promise<string[]>;
}

/** An empty place. */
export async function createPlace(store: StoreName = 'folder'): Promise<Place> {
  const directory = await temporaryFolder();
  const s3 = store === 'bucket' ? await startS3(await temporaryFolder()) : undefined;
  const kept = async () => (s3 === undefined ? (await readdir(path.join(directory, 'content'))).sort() : s3.keys());
  return { directory, s3, kept };
}

/** A server with everything that a test may want to touch; closed after the test. */
export async function startServer(limits: Partial<Limits> = {}, at: StoreName | Place = 'folder') {
  const place = typeof at === 'string' ? await createPlace(at) : at;
  const clock = createClock();
  const log = createLog();
  const server = await startStorageServer(configFor(place.directory, limits, place.s3?.config), log, clock);
  onTestFinished(() => server.close());
  return { ...server, ...place, place, clock, log, endpoint: `${server.url}/files` };
}

export interface TokenClaims {
  readonly owner?: string;
  readonly audience?: string;
  readonly expiresAt?: number;
  readonly secret?: Uint8Array;
}

/** A token as the relay makes it; anything about it may be wrong. */
export function createToken(claims: TokenClaims = {}): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: TOKEN_ALGORITHM })
    .setSubject(claims.owner ?? 'alice')
    .setAudience(claims.audience ?? TOKEN_AUDIENCE.storage)
    .setExpirationTime(Math.floor((claims.expiresAt ?? START + 3_600_000) / 1000))
    .sign(claims.secret ?? secret);
}

/** Bytes that are not all the same and differ by seed. */
export function createBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

/** Uploads all bytes with tus-js-client; resolves with the blob's URL, rejects with the client's error. */
export function upload(endpoint: string, bytes: Uint8Array, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const task = new Upload(Buffer.from(bytes), {
      endpoint,
      headers: { authorization: `Bearer ${token}` },
      retryDelays: null,
      onError: reject,
      onSuccess: () => {
        resolve(task.url ?? '');
      },
    });
    task.start();
  });
}

/** The refusal inside of an error of tus-js-client. */
export function refusalOf(error: unknown): string | undefined {
  return (error as DetailedError).originalResponse?.getHeader('x-securechat-refusal');
}

/** A request of the upload protocol. */
export async function tus(url: string, method: string, token: string, more: RequestInit = {}): Promise<Response> {
  const headers = { 'tus-resumable': '1.0.0', authorization: `Bearer ${token}`, ...(more.headers as object) };
  return fetch(url, { ...more, method, headers });
}

/** Creates an upload without bytes; resolves with its URL. */
export async function create(endpoint: string, size: number, token: string): Promise<string> {
  const response = await tus(endpoint, 'POST', token, { headers: { 'upload-length': String(size) } });
  return new URL(response.headers.get('location') ?? 'none', endpoint).href;
}

/** Appends bytes to an upload. */
export function append(url: string, offset: number, bytes: Uint8Array, token: string): Promise<Response> {
  const headers = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
  return tus(url, 'PATCH', token, { headers, body: Buffer.from(bytes) });
}

/** The code of a refusal, or `none`. */
export function codeOf(response: Response): string {
  return response.headers.get('x-securechat-refusal') ?? 'none';
}
