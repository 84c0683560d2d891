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

/** The configuration of a running server. */
export interface StorageConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The folder of everything it keeps. One process per folder. */
  readonly directory: string;
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
  const text = (name: string) => env[`SECURECHAT_STORAGE_${name}`] || undefined;
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
    secret: new TextEncoder().encode(secret),
    limits,
    sweepMs: number('SWEEP_MINUTES', HOUR / 60, HOUR / 6),
    idleMs: number('IDLE_SECONDS', 1000, 60_000),
    metricsToken: text('METRICS_TOKEN'),
  };
  return problems.length === 0 ? ok(config) : err(problems);
}
