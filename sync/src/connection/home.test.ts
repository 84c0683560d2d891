import { type DeviceLog, PRE_KEY_LIMITS, openPreKeyBundle, ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW, party, randomOf, withTablet } from '../../test/support/party.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import { loadIdentity, putIdentity, putPreKeys } from '../identity/identity.ts';
import { Lane } from '../lane.ts';
import { Home } from './home.ts';

beforeAll(ready);

interface Published {
  readonly signed: Uint8Array;
  readonly oneTime: readonly { readonly id: number }[];
}

/** A relay's HTTP half in the test's hands: what it knows, and errors that it gives once each. */
class Desk {
  readonly asked: string[] = [];
  readonly published: Published[] = [];
  readonly errors = new Map<string, string>();
  isRegistered = false;
  oneTime = 0;
  expiresAt = NOW + 3600_000;
  tokens = 0;

  readonly ask = (_url: string, name: string, query: { body?: unknown; token?: string } = {}): Promise<unknown> => {
    this.asked.push(name);
    const error = this.errors.get(name);
    this.errors.delete(name);
    if (error !== undefined) return Promise.resolve({ ok: false, error: { type: error } });
    return Promise.resolve({ ok: true, value: this.#answer(name, query) });
  };

  #answer(name: string, { body }: { body?: unknown }): unknown {
    switch (name) {
      case 'register':
        this.isRegistered = true;
        return {};
      case 'challenge':
        return { challenge: new Uint8Array(32), expiresAt: NOW };
      case 'signIn':
        this.tokens += 1;
        return { token: `token ${String(this.tokens)}`, expiresAt: this.expiresAt };
      case 'countPreKeys':
        return { oneTime: this.oneTime };
      case 'publishPreKeys': {
        const published = body as Published;
        this.published.push(published);
        this.oneTime = published.oneTime.length;
        return {};
      }
      default:
        return {};
    }
  }
}

async function open(oneTimePreKeys = 4) {
  const timers: { readonly ms: number; readonly act: () => void }[] = [];
  const [desk, lane, store, time] = [new Desk(), new Lane(), createMemoryStore(), { now: NOW }];
  const self = party('ann');
  const relay: { log: DeviceLog | undefined; isUnlinked: boolean } = { log: undefined, isUnlinked: false };
  await inBatch(store, (batch) => {
    putIdentity(batch, self.identity);
    putPreKeys(batch, self.preKeys);
  });
  const home = new Home({
    ...{ self, lane, store, oneTimePreKeys },
    directory: desk as unknown as Pick<Directory, 'ask'>,
    clock: {
      now: () => time.now,
      after: (ms, act) => {
        const timer = { ms, act };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    },
    random: randomOf('home'),
    mailboxOf: () => undefined,
    catchUp: () => Promise.resolve(relay.log),
    isUnlinked: () => relay.isUnlinked,
  });
  /** As on coming on line. */
  const arrive = async () => {
    const signedIn = await home.signIn();
    await home.keepPreKeys();
    return signedIn;
  };
  return { desk, home, self, store, time, relay, timers, arrive };
}

/** The id in a published signed pre-key. */
function signedId({ desk, self }: Awaited<ReturnType<typeof open>>): number | undefined {
  const last = desk.published.at(-1);
  const bundle = last && openPreKeyBundle(self.identity.device.publicKey, last.signed);
  return bundle?.ok === true ? bundle.value.signedId : undefined;
}

describe('home', () => {
  it('S-HOME-1 registers once, signs in, publishes pre-keys once, and remembers both over a restart', async () => {
    const the = await open();
    expect(await the.arrive()).toEqual({ ok: true, value: 'token 1' });
    expect(the.desk.asked).toEqual(['register', 'challenge', 'signIn', 'publishPreKeys']);
    the.desk.asked.length = 0;
    the.desk.oneTime = 4;
    await the.arrive();
    expect(the.desk.asked).toEqual(['challenge', 'signIn', 'countPreKeys']);
    const stored = await loadIdentity(the.store);
    expect(stored?.identity).toMatchObject({ registered: 1, published: the.self.preKeys.signed.id });
  });

  it('S-HOME-2 registers again with a relay that was reset', async () => {
    const the = await open();
    await the.arrive();
    the.desk.errors.set('signIn', 'NotFound');
    the.desk.oneTime = 0;
    the.desk.asked.length = 0;
    expect((await the.arrive()).ok).toBe(true);
    expect(the.desk.asked).toEqual([
      'challenge',
      'signIn',
      'register',
      'challenge',
      'signIn',
      'countPreKeys',
      'publishPreKeys',
    ]);
  });

  it('S-HOME-7 looks at the log that the relay has first: one that is shorter is replaced, a removed device stays away', async () => {
    const the = await open();
    await the.home.signIn();
    the.relay.log = the.self.identity.log;
    the.desk.asked.length = 0;
    await the.home.signIn();
    expect(the.desk.asked).not.toContain('register');
    const { identity } = withTablet(the.self).self;
    the.self.identity = { ...identity, registered: 2 };
    await the.home.signIn();
    expect(the.desk.asked.filter((name) => name === 'register')).toHaveLength(1);
    the.relay.isUnlinked = true;
    the.desk.asked.length = 0;
    expect(await the.home.signIn()).toEqual({ ok: false, error: 'Unlinked' });
    expect(the.desk.asked).toEqual([]);
  });

  it('S-HOME-3 makes new one-time pre-keys when fewer than half are left, stored before they are public', async () => {
    const the = await open();
    await the.arrive();
    const first = the.desk.published[0]?.oneTime.map(({ id }) => id) ?? [];
    the.desk.oneTime = 1;
    the.desk.errors.set('publishPreKeys', 'Internal');
    await the.arrive();
    const stored = (await loadIdentity(the.store))?.preKeys;
    expect(stored).toEqual(the.self.preKeys);
    await the.arrive();
    const second = the.desk.published[1]?.oneTime.map(({ id }) => id) ?? [];
    expect([second.length, second.some((id) => first.includes(id))]).toEqual([4, false]);
    expect(stored?.oneTime.length).toBeGreaterThan(4);
  });

  it('S-HOME-8 signing in does not wait for pre-keys; those that the relay did not take are tried again, ever later', async () => {
    const the = await open();
    await the.home.signIn();
    expect(the.desk.asked).not.toContain('publishPreKeys');
    for (const ms of [5_000, 10_000, 20_000]) {
      the.desk.errors.set('publishPreKeys', 'ServerBusy');
      await the.home.keepPreKeys();
      expect(the.timers.map((timer) => timer.ms)).toEqual([ms]);
    }
    the.timers[0]?.act();
    await expect.poll(() => the.desk.published.length).toBe(1);
    expect(the.timers).toEqual([]);
    the.home.stop();
    the.desk.errors.set('countPreKeys', 'Offline');
    await the.home.keepPreKeys();
    expect(the.timers).toEqual([]);
  });

  it('S-HOME-4 a signed pre-key is replaced every week, the old one kept, and published until the relay has it', async () => {
    const the = await open();
    await the.arrive();
    the.desk.oneTime = 4;
    const first = signedId(the);
    the.time.now = NOW + PRE_KEY_LIMITS.rotateAfter - 1;
    await the.arrive();
    expect([the.desk.published.length, signedId(the)]).toEqual([1, first]);
    the.time.now = NOW + PRE_KEY_LIMITS.rotateAfter;
    the.desk.errors.set('publishPreKeys', 'Offline');
    await the.arrive();
    the.time.now += 1_000;
    await the.arrive();
    expect([the.desk.published.length, signedId(the)]).toEqual([2, the.self.preKeys.signed.id]);
    expect(signedId(the)).not.toBe(first);
    expect(the.self.preKeys.retired.map(({ id }) => id)).toEqual([first]);
    // The one-time pre-keys that are out there stay good.
    expect(the.desk.published[1]?.oneTime).toEqual(the.desk.published[0]?.oneTime);
  });

  it('S-HOME-4 one that a wrong clock dated into the future is replaced too', async () => {
    const the = await open();
    await the.arrive();
    the.desk.oneTime = 4;
    the.time.now = NOW - PRE_KEY_LIMITS.rotateAfter;
    await the.arrive();
    expect(the.desk.published).toHaveLength(2);
  });

  it('S-HOME-5 says who refuses, and that nobody was there', async () => {
    for (const [code, problem] of [
      ['Offline', undefined],
      ['Unintelligible', undefined],
      ['RateLimited', undefined],
      ['ServerBusy', undefined],
      ['InviteNeeded', 'SignInRefused'],
      ['BadSignature', 'SignInRefused'],
    ] as const) {
      const the = await open();
      the.desk.errors.set('register', code);
      expect(await the.home.signIn()).toEqual({ ok: false, error: problem });
    }
  });

  it('S-HOME-6 a token is used while it is fresh; one that the relay does not take is replaced once', async () => {
    const the = await open();
    await the.home.signIn();
    const used: string[] = [];
    const say = (answer: { ok: true; value: string } | { ok: false; error: { type: 'TokenInvalid' } }) =>
      the.home.authorized((token) => {
        used.push(token);
        return Promise.resolve(answer);
      });
    expect(await say({ ok: true, value: 'done' })).toEqual({ ok: true, value: { ok: true, value: 'done' } });
    await say({ ok: false, error: { type: 'TokenInvalid' } });
    expect(used).toEqual(['token 1', 'token 1', 'token 2']);
    the.time.now = the.desk.expiresAt - 30_000;
    await say({ ok: true, value: 'done' });
    expect(used.at(-1)).toBe('token 3');
    the.desk.errors.set('challenge', 'Offline');
    expect(await say({ ok: true, value: 'done' })).toEqual({ ok: false, error: undefined });
  });
});
