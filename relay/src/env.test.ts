import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from './config.ts';
import { readEnv, SETTING_NAMES } from './env.ts';

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const lines = example.split('\n').flatMap((line) => (/^[A-Z_]+=/.test(line) ? [line.split('=', 2)] : []));

describe('settings', () => {
  it('R-OPS-5: are all in .env.example, which says the defaults', () => {
    expect(lines.map(([name]) => name)).toEqual([...SETTING_NAMES]);
    expect(readEnv(Object.fromEntries(lines) as Record<string, string>)).toEqual(readEnv({}));
  });

  it('default to a relay on this machine, with its data beside it', () => {
    const read = readEnv({});
    expect(read).toMatchObject({
      ok: true,
      value: { logLevel: 'info', server: { host: '127.0.0.1', port: 8787, dataDir: './data', relay: DEFAULT_CONFIG } },
    });
  });

  it('are read into what they mean', () => {
    const read = readEnv({
      SECURECHAT_PUBLIC_HOSTS: 'chat.example, chat.example:8443',
      SECURECHAT_REGISTRATION: 'invite',
      SECURECHAT_INVITE_CODES: 'a,b',
      SECURECHAT_RETENTION_DAYS: '2',
      SECURECHAT_TRUST_PROXY: 'on',
      SECURECHAT_RENDEZVOUS_MINUTES: '5',
      SECURECHAT_RATE_LIMITS: 'off',
      SECURECHAT_TOKEN_SECRET: 'x'.repeat(32),
      SECURECHAT_TURN_URLS: 'turn:turn.example, turns:turn.example:5349',
      SECURECHAT_TURN_SECRET: 'y'.repeat(32),
      SECURECHAT_TURN_MINUTES: '30',
    });
    expect(read).toMatchObject({
      ok: true,
      value: {
        server: {
          trustProxy: true,
          tokenSecret: new TextEncoder().encode('x'.repeat(32)),
          relay: {
            publicHosts: ['chat.example', 'chat.example:8443'],
            registration: { type: 'invite', codes: ['a', 'b'] },
            retentionMs: 2 * 24 * 60 * 60_000,
            rendezvous: { ...DEFAULT_CONFIG.rendezvous, lifeMs: 5 * 60_000 },
            rates: { frames: { burst: Infinity } },
            turn: {
              urls: ['turn:turn.example', 'turns:turn.example:5349'],
              secret: new TextEncoder().encode('y'.repeat(32)),
            },
            turnMs: 30 * 60_000,
          },
        },
      },
    });
  });

  it('that are wrong are all named, never repeated', () => {
    const read = readEnv({ SECURECHAT_PORT: '99999', SECURECHAT_TRANSPORT: 'x', SECURECHAT_TOKEN_SECRET: 'short' });
    expect(read).toEqual({
      ok: false,
      error: [
        { name: 'SECURECHAT_PORT', want: 'a whole number from 0 to 65535' },
        { name: 'SECURECHAT_TRANSPORT', want: 'one of auto, uws, ws' },
        { name: 'SECURECHAT_TOKEN_SECRET', want: 'at least 32 characters' },
      ],
    });
  });

  it('of TURN servers are wrong when one half is missing or a URL is none', () => {
    const secret = 'y'.repeat(32);
    const namesOf = (env: Record<string, string>) => {
      const read = readEnv(env);
      return read.ok ? [] : read.error.map(({ name }) => name);
    };
    expect(namesOf({ SECURECHAT_TURN_URLS: 'turn:turn.example' })).toEqual(['SECURECHAT_TURN_SECRET']);
    expect(namesOf({ SECURECHAT_TURN_SECRET: secret })).toEqual(['SECURECHAT_TURN_URLS']);
    for (const urls of ['https://turn.example', Array.from({ length: 9 }, (_, i) => `turn:t${String(i)}`).join()])
      expect(namesOf({ SECURECHAT_TURN_URLS: urls, SECURECHAT_TURN_SECRET: secret })).toEqual(['SECURECHAT_TURN_URLS']);
  });
});
