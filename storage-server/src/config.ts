/** What a storage server can be told, with defaults that suit a small one. Durations in milliseconds, sizes in bytes. */
import { err, ok, type Result } from '@securechat/relay-protocol';

/** The limits that the server holds its callers to. */
export interface Limits {
  /** Largest blob. */
  readonly blobBytes: number;
  /** What one account may occupy. */
  readonly quotaBytes: number;
  readonly quotaBlobs: number;
  /** Uploads that one account may have begun and not finished. */
  readonly unfinished: number;
  /** How long an upload may take. */
  readonly unfinishedMs: number;
  /** How long a finished blob is kept. */
  readonly keepMs: number;
  /** Space on the disk that is never used. */
  readonly spareBytes: number;
}

/** A bucket at a service that speaks the S3 protocol. Nothing else may be in it. */
export interface S3Config {
  readonly bucket: string;
  readonly region: string;
  /** The service's URL; undefined for Amazon's own of that region. */
  readonly endpoint: string | undefined;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The configuration of a running server. */
export interface StorageConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The folder of everything it keeps, or with `s3` of the ledger alone. One process per folder. */
  readonly directory: string;
  /** Where the bytes are, when that is not the folder. */
  readonly s3: S3Config | undefined;
  /** Shared with the relay, which signs tokens with it. */
  readonly secret: Uint8Array;
  readonly limits: Limits;
  readonly sweepMs: number;
  /** A connection that says nothing for so long is closed. */
  readonly idleMs: number;
  /** When set, /metrics wants it as a bearer token. */
  readonly metricsToken: string | undefined;
}

const MiB = 1024 * 1024;
const HOUR = 3_600_000;

/** The default limits. */
export const DEFAULT_LIMITS: Limits = {
  blobBytes: 2048 * MiB,
  quotaBytes: 10_240 * MiB,
  quotaBlobs: 20_000,
  unfinished: 64,
  unfinishedMs: 24 * HOUR,
  keepMs: 30 * 24 * HOUR,
  spareBytes: 1024 * MiB,
};

/** Reads the environment (documented in `.env.example`); an error lists everything that is wrong with it. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): Result<StorageConfig, readonly string[]> {
  const problems: string[] = [];
  const text: Setting = (name) => env[`SECURECHAT_STORAGE_${name}`] || undefined;
  const number = (name: string, unit: number, fallback: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (!/^\d+(\.\d+)?$/.test(value)) problems.push(`SECURECHAT_STORAGE_${name} must be a number`);
    return Math.round(Number(value) * unit);
  };
  const secret = text('TOKEN_SECRET') ?? '';
  if (secret.length < 32) problems.push('SECURECHAT_STORAGE_TOKEN_SECRET must have at least 32 characters');
  const limits: Limits = {
    blobBytes: number('MAX_BLOB_MIB', MiB, DEFAULT_LIMITS.blobBytes),
    quotaBytes: number('QUOTA_MIB', MiB, DEFAULT_LIMITS.quotaBytes),
    quotaBlobs: number('QUOTA_BLOBS', 1, DEFAULT_LIMITS.quotaBlobs),
    unfinished: number('MAX_UNFINISHED', 1, DEFAULT_LIMITS.unfinished),
    unfinishedMs: number('UNFINISHED_HOURS', HOUR, DEFAULT_LIMITS.unfinishedMs),
    keepMs: number('KEEP_DAYS', 24 * HOUR, DEFAULT_LIMITS.keepMs),
    spareBytes: number('SPARE_MIB', MiB, DEFAULT_LIMITS.spareBytes),
  };
  const config: StorageConfig = {
    host: text('HOST') ?? '127.0.0.1',
    port: number('PORT', 1, 8788),
    directory: text('DATA') ?? 'data/blobs',
    s3: readS3(text, problems),
    secret: new TextEncoder().encode(secret),
    limits,
    sweepMs: number('SWEEP_MINUTES', HOUR / 60, HOUR / 6),
    idleMs: number('IDLE_SECONDS', 1000, 60_000),
    metricsToken: text('METRICS_TOKEN'),
  };
  return problems.length === 0 ? ok(config) : err(problems);
}

type Setting = (name: string) => string | undefined;

function readS3(text: Setting, problems: string[]): S3Config | undefined {
  const [bucket, endpoint] = [text('S3_BUCKET'), text('S3_ENDPOINT')];
  const [accessKey, secretKey] = [text('S3_ACCESS_KEY'), text('S3_SECRET_KEY')];
  if (bucket === undefined) {
    if (endpoint !== undefined) problems.push('SECURECHAT_STORAGE_S3_ENDPOINT does nothing without S3_BUCKET');
    return undefined;
  }
  if (endpoint !== undefined && !/^https?:$/.test(protocolOf(endpoint))) {
    problems.push('SECURECHAT_STORAGE_S3_ENDPOINT must be a URL with http or https');
  }
  if (accessKey === undefined || secretKey === undefined) {
    problems.push('SECURECHAT_STORAGE_S3_ACCESS_KEY and _S3_SECRET_KEY are needed with a bucket');
    return undefined;
  }
  return { bucket, region: text('S3_REGION') ?? 'us-east-1', endpoint, accessKey, secretKey };
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
