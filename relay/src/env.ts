/** Reads the configuration from the environment: every setting once, with what it may be. `.env.example` documents them. */
import { err, isHttpUrl, isTurnUrl, LIMITS, ok, type Result } from '@securechat/relay-protocol';
import { DEFAULT_CONFIG, type Rates, type RelayConfig, type TurnConfig } from './config.ts';
import { UNLIMITED } from './limits/bucket.ts';
import { DEFAULT_SERVER, type ServerConfig } from './start.ts';

/** A setting that cannot be used. The value itself is not repeated: it may be a secret. */
export interface BadSetting {
  readonly name: SettingName;
  readonly want: string;
}

/** What main.ts starts with. */
export interface EnvConfig {
  readonly server: Omit<ServerConfig, 'log'>;
  readonly logLevel: string;
}

type Read = (name: SettingName) => string | undefined;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Every setting's name. */
export const SETTING_NAMES = [
  'SECURECHAT_HOST',
  'SECURECHAT_PORT',
  'SECURECHAT_DATA_DIR',
  'SECURECHAT_WEB_ROOT',
  'SECURECHAT_PUBLIC_HOSTS',
  'SECURECHAT_TRUST_PROXY',
  'SECURECHAT_TRANSPORT',
  'SECURECHAT_LOG_LEVEL',
  'SECURECHAT_REGISTRATION',
  'SECURECHAT_INVITE_CODES',
  'SECURECHAT_QUOTA_COUNT',
  'SECURECHAT_QUOTA_BYTES',
  'SECURECHAT_RETENTION_DAYS',
  'SECURECHAT_CONNECTIONS_PER_ADDRESS',
  'SECURECHAT_RENDEZVOUS_MINUTES',
  'SECURECHAT_RATE_LIMITS',
  'SECURECHAT_METRICS_TOKEN',
  'SECURECHAT_TOKEN_SECRET',
  'SECURECHAT_STORAGE_TOKEN_SECRET',
  'SECURECHAT_STORAGE_URL',
  'SECURECHAT_TURN_URLS',
  'SECURECHAT_TURN_SECRET',
  'SECURECHAT_TURN_MINUTES',
] as const;
/** The name of a setting. */
export type SettingName = (typeof SETTING_NAMES)[number];

/** The configuration, or every setting that is wrong. */
export function readEnv(env: Readonly<Record<string, string | undefined>>): Result<EnvConfig, readonly BadSetting[]> {
  const bad: BadSetting[] = [];
  const read: Read = (name) => (env[name] === '' ? undefined : env[name]);
  const ask = asker(read, bad);
  const config: EnvConfig = {
    server: {
      ...DEFAULT_SERVER,
      host: read('SECURECHAT_HOST') ?? '127.0.0.1',
      port: ask.integer('SECURECHAT_PORT', 8787, 0, 65_535),
      dataDir: read('SECURECHAT_DATA_DIR') ?? './data',
      webRoot: read('SECURECHAT_WEB_ROOT'),
      trustProxy: ask.choice('SECURECHAT_TRUST_PROXY', ['off', 'on']) === 'on',
      transport: ask.choice('SECURECHAT_TRANSPORT', ['auto', 'uws', 'ws']),
      tokenSecret: ask.secret('SECURECHAT_TOKEN_SECRET'),
      storageTokenSecret: ask.secret('SECURECHAT_STORAGE_TOKEN_SECRET'),
      relay: readRelay(read, ask),
    },
    logLevel: ask.choice('SECURECHAT_LOG_LEVEL', ['info', 'debug', 'warn', 'error', 'silent']),
  };
  return bad.length === 0 ? ok(config) : err(bad);
}

function readRelay(read: Read, ask: ReturnType<typeof asker>): RelayConfig {
  const codes = listOf(read('SECURECHAT_INVITE_CODES'));
  const policy = ask.choice('SECURECHAT_REGISTRATION', ['open', 'invite']);
  const limits = ask.choice('SECURECHAT_RATE_LIMITS', ['on', 'off']);
  return {
    ...DEFAULT_CONFIG,
    publicHosts: listOf(read('SECURECHAT_PUBLIC_HOSTS')),
    registration: policy === 'open' ? { type: 'open' } : { type: 'invite', codes },
    quota: {
      count: ask.integer('SECURECHAT_QUOTA_COUNT', DEFAULT_CONFIG.quota.count, 1, 10_000_000),
      bytes: ask.integer('SECURECHAT_QUOTA_BYTES', DEFAULT_CONFIG.quota.bytes, 1, 2 ** 40),
    },
    retentionMs: DAY * ask.integer('SECURECHAT_RETENTION_DAYS', DEFAULT_CONFIG.retentionMs / DAY, 1, 3650),
    connectionsPerAddress: ask.integer(
      'SECURECHAT_CONNECTIONS_PER_ADDRESS',
      DEFAULT_CONFIG.connectionsPerAddress,
      1,
      1_000_000,
    ),
    rendezvous: {
      ...DEFAULT_CONFIG.rendezvous,
      lifeMs: MINUTE * ask.integer('SECURECHAT_RENDEZVOUS_MINUTES', DEFAULT_CONFIG.rendezvous.lifeMs / MINUTE, 1, 60),
    },
    rates: limits === 'on' ? DEFAULT_CONFIG.rates : withoutLimits(DEFAULT_CONFIG.rates),
    storageUrl: ask.url('SECURECHAT_STORAGE_URL'),
    turn: readTurn(read, ask),
    turnMs: MINUTE * ask.integer('SECURECHAT_TURN_MINUTES', DEFAULT_CONFIG.turnMs / MINUTE, 10, 24 * 60),
    metricsToken: read('SECURECHAT_METRICS_TOKEN'),
  };
}

/** URLs without a secret, or a secret without URLs, are a mistake that would show only in the first call that fails. */
function readTurn(read: Read, ask: ReturnType<typeof asker>): TurnConfig | undefined {
  const urls = ask.turnUrls('SECURECHAT_TURN_URLS');
  const secret = ask.secret('SECURECHAT_TURN_SECRET');
  if (secret !== undefined && urls.length > 0) return { urls, secret };
  if (secret !== undefined) ask.missing('SECURECHAT_TURN_URLS', 'SECURECHAT_TURN_SECRET');
  if (urls.length > 0) ask.missing('SECURECHAT_TURN_SECRET', 'SECURECHAT_TURN_URLS');
  return undefined;
}

function asker(read: Read, bad: BadSetting[]) {
  return {
    integer: (name: SettingName, fallback: number, least: number, most: number): number => {
      const text = read(name) ?? String(fallback);
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= least && value <= most) return value;
      bad.push({ name, want: `a whole number from ${String(least)} to ${String(most)}` });
      return fallback;
    },
    choice: <T extends string>(name: SettingName, choices: readonly [T, ...T[]]): T => {
      const text = read(name) ?? choices[0];
      const chosen = choices.find((choice) => choice === text);
      if (chosen === undefined) bad.push({ name, want: `one of ${choices.join(', ')}` });
      return chosen ?? choices[0];
    },
    url: (name: SettingName): string | undefined => {
      const text = read(name);
      if (text !== undefined && !isHttpUrl(text)) bad.push({ name, want: 'an http(s) URL without a slash at its end' });
      return text;
    },
    turnUrls: (name: SettingName): readonly string[] => {
      const urls = listOf(read(name));
      if (urls.length > LIMITS.iceUrls || !urls.every(isTurnUrl))
        bad.push({ name, want: `at most ${String(LIMITS.iceUrls)} turn: or turns: URLs` });
      return urls;
    },
    missing: (name: SettingName, other: SettingName): void => {
      bad.push({ name, want: `to be set, because ${other} is` });
    },
    secret: (name: SettingName): Uint8Array | undefined => {
      const text = read(name);
      if (text === undefined) return undefined;
      if (text.length < 32) bad.push({ name, want: 'at least 32 characters' });
      return new TextEncoder().encode(text);
    },
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function withoutLimits(rates: Rates): Rates {
  return Object.fromEntries(Object.keys(rates).map((name) => [name, UNLIMITED])) as unknown as Rates;
}
