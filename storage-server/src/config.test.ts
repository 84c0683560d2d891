import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, readConfig } from './config.ts';

const SECURECHAT_STORAGE_TOKEN_SECRET = 'x'.repeat(32);

describe('the environment', () => {
  it('needs only the secret', () => {
    const config = readConfig({ SECURECHAT_STORAGE_TOKEN_SECRET });
    expect(config).toMatchObject({ ok: true, value: { host: '127.0.0.1', port: 8788, limits: DEFAULT_LIMITS } });
  });

  it('has the defaults that .env.example shows', () => {
    const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n');
    const shown = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('=', 2));
    const env = { ...(Object.fromEntries(shown) as Record<string, string>), SECURECHAT_STORAGE_TOKEN_SECRET };
    expect(readConfig(env)).toEqual(readConfig({ SECURECHAT_STORAGE_TOKEN_SECRET }));
  });

  it('is refused with everything that is wrong with it', () => {
    const config = readConfig({ SECURECHAT_STORAGE_TOKEN_SECRET: 'short', SECURECHAT_STORAGE_PORT: 'http' });
    expect(config).toMatchObject({ ok: false });
    expect(config.ok ? [] : config.error).toHaveLength(2);
  });

  it('takes units as they are named', () => {
    const env = { SECURECHAT_STORAGE_MAX_BLOB_MIB: '1', SECURECHAT_STORAGE_KEEP_DAYS: '0.5' };
    const config = readConfig({ SECURECHAT_STORAGE_TOKEN_SECRET, ...env });
    expect(config).toMatchObject({ ok: true, value: { limits: { blobBytes: 1_048_576, keepMs: 43_200_000 } } });
  });

  it('takes a bucket, with the keys to it', () => {
    const keys = { SECURECHAT_STORAGE_S3_ACCESS_KEY: 'a', SECURECHAT_STORAGE_S3_SECRET_KEY: 's' };
    const env = { SECURECHAT_STORAGE_TOKEN_SECRET, SECURECHAT_STORAGE_S3_BUCKET: 'blobs', ...keys };
    const s3 = { bucket: 'blobs', region: 'us-east-1', endpoint: undefined, accessKey: 'a', secretKey: 's' };
    expect(readConfig(env)).toMatchObject({ ok: true, value: { s3 } });
  });

  it.each([
    [{ SECURECHAT_STORAGE_S3_BUCKET: 'blobs' }, 'ACCESS_KEY'],
    [{ SECURECHAT_STORAGE_S3_ENDPOINT: 'http://localhost:9000' }, 'without S3_BUCKET'],
    [{ SECURECHAT_STORAGE_S3_BUCKET: 'blobs', SECURECHAT_STORAGE_S3_ENDPOINT: 'localhost:9000' }, 'must be a URL'],
  ])('refuses half of a bucket: %j', (env, problem) => {
    const config = readConfig({ SECURECHAT_STORAGE_TOKEN_SECRET, ...env });
    expect(config.ok ? '' : config.error.join()).toContain(problem);
  });
});
