/** What the tests of the storage server share: a real server on a folder of its own, a clock that tests set, tokens, uploads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import { SignJWT } from 'jose';
import { Upload, type DetailedError } from 'tus-js-client';
import { onTestFinished } from 'vitest';
import { DEFAULT_LIMITS, startStorageServer, type Limits, type Log, type StorageConfig } from '../src/index.ts';

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

export function configFor(directory: string, limits: Partial<Limits> = {}): StorageConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    directory,
    secret,
    limits: { ...DEFAULT_LIMITS, spareBytes: 0, ...limits },
    sweepMs: 3_600_000,
    idleMs: 60_000,
    metricsToken: undefined,
  };
}

/** A server with everything that a test may want to touch; closed after the test. */
export async function startServer(limits: Partial<Limits> = {}, folder?: string) {
  const directory = folder ?? (await temporaryFolder());
  const clock = createClock();
  const log = createLog();
  const server = await startStorageServer(configFor(directory, limits), log, clock);
  onTestFinished(() => server.close());
  return { ...server, directory, clock, log, endpoint: `${server.url}/files` };
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
