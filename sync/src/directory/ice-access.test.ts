import { type HttpCode, type IceAnswer, endpoints } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { Directory } from './directory.ts';
import { IceAccess, type IceError } from './ice-access.ts';

const MINUTE = 60_000;
const LIFE = 60 * MINUTE;
const START = Date.UTC(2026, 0, 5);
const RELAY = 'https://relay.test';

function serversNamed(name: string): IceAnswer['servers'] {
  return [{ urls: ['turn:turn.test:3478'], username: name, credential: 'secret' }];
}

/** A relay that gives other credentials each time it is asked, and a device that is signed in there unless said otherwise. */
function home(change: { readonly status?: number; readonly body?: unknown; readonly signIn?: string } = {}) {
  const state = { now: START, asked: 0, lifeMs: LIFE, isReached: true };
  const directory = new Directory({
    openSocket: () => {
      throw new Error('no sockets here');
    },
    request: (_, { path, method, token }) => {
      expect([method, path, token]).toEqual(['POST', '/v1/ice-servers', 'token']);
      if (!state.isReached) return Promise.reject(new TypeError('Failed to fetch'));
      state.asked += 1;
      const fresh = { servers: serversNamed(`name-${String(state.asked)}`), lifeMs: state.lifeMs };
      const body = change.body ?? endpoints.iceServers.response.print(fresh);
      return Promise.resolve({ status: change.status ?? 200, body });
    },
  });
  const authorized: ConstructorParameters<typeof IceAccess>[0]['home']['authorized'] = async (ask) =>
    change.signIn === undefined
      ? { ok: true, value: await ask('token') }
      : { ok: false, error: change.signIn === 'Offline' ? undefined : 'SignInRefused' };
  const clock = { now: () => state.now };
  return { state, access: new IceAccess({ home: { authorized }, directory, clock, relayUrl: () => RELAY }) };
}

async function nameOf(access: IceAccess): Promise<string | IceError> {
  const got = await access.get();
  return got.ok ? (got.value.servers[0]?.username ?? 'none') : got.error;
}

describe('ice servers', () => {
  it('S-ICE-1 are asked for once, and used until five minutes before their end', async () => {
    const { state, access } = home();
    expect(await access.get()).toEqual({
      ok: true,
      value: { servers: serversNamed('name-1'), expiresAt: START + LIFE },
    });
    state.now = START + LIFE - 5 * MINUTE - 1;
    expect(await nameOf(access)).toBe('name-1');
    state.now += 1;
    expect(await nameOf(access)).toBe('name-2');
    expect(state.asked).toBe(2);
  });

  it('S-ICE-1 those who ask at once share one question', async () => {
    const { state, access } = home();
    expect(await Promise.all([nameOf(access), nameOf(access)])).toEqual(['name-1', 'name-1']);
    expect(state.asked).toBe(1);
  });

  it('S-ICE-1 a clock that is set back does not keep them for longer', async () => {
    const { state, access } = home();
    await access.get();
    state.now = START - 24 * 60 * MINUTE;
    expect(await nameOf(access)).toBe('name-2');
  });

  it('S-ICE-1 credentials that live less than five minutes are good for once', async () => {
    const { state, access } = home();
    state.lifeMs = MINUTE;
    expect([await nameOf(access), await nameOf(access)]).toEqual(['name-1', 'name-2']);
  });

  it('S-ICE-2 off line there are none, unless good ones are known; once on line there are', async () => {
    const { state, access } = home();
    state.isReached = false;
    expect(await nameOf(access)).toEqual({ type: 'Offline' });
    state.isReached = true;
    expect(await nameOf(access)).toBe('name-1');
    state.isReached = false;
    expect(await nameOf(access)).toBe('name-1');
    state.now += LIFE;
    expect(await nameOf(access)).toEqual({ type: 'Offline' });
  });

  it('S-ICE-2 a refusal keeps its name, and is no answer for the next time', async () => {
    const refusals: readonly HttpCode[] = ['RateLimited', 'TokenInvalid', 'NotFound'];
    for (const code of refusals) {
      const { state, access } = home({ status: 429, body: { error: { code, message: '' } } });
      expect(await nameOf(access)).toEqual({ type: 'Refused', code });
      expect(await nameOf(access)).toEqual({ type: 'Refused', code });
      expect(state.asked).toBe(2);
    }
    expect(await nameOf(home({ signIn: 'SignInRefused' }).access)).toEqual({ type: 'Refused', code: 'SignInRefused' });
    expect(await nameOf(home({ signIn: 'Offline' }).access)).toEqual({ type: 'Offline' });
  });

  it('S-ICE-2 what no browser would take is no answer', async () => {
    const wrong = { servers: [{ urls: ['https://turn.test'], username: 'a', credential: 'b' }], lifeMs: LIFE };
    expect(await nameOf(home({ body: wrong }).access)).toEqual({ type: 'Offline' });
    expect(await nameOf(home({ body: { servers: [], lifeMs: LIFE } }).access)).toBe('none');
  });
});
