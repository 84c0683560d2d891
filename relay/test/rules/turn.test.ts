import { createHmac } from 'node:crypto';
import { endpoints, isTurnUrl, toBase64Url, type IceAnswer } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/index.ts';
import { anotherDeviceOf, entryOf, registrationOf, type Person } from '../people.ts';
import { HOST, World } from '../world.ts';

const SECRET = 'a secret that two servers share, and nobody else';
const URLS = ['turn:turn.example:3478', 'turns:turn.example:5349?transport=tcp'];
const turn = { urls: URLS, secret: new TextEncoder().encode(SECRET) };

async function ask(world: World, person: Person): Promise<IceAnswer> {
  const answer = await world.call(endpoints.iceServers, {}, { token: await world.tokenOf(person) });
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

describe('TURN servers', () => {
  it('R-TURN-1: are told to signed-in devices only, with for how long', async () => {
    const world = new World({ config: { turn, turnMs: 600_000 } });
    const { servers, lifeMs } = await ask(world, await world.join());
    expect(servers.map(({ urls }) => urls)).toEqual([URLS]);
    expect(lifeMs).toBe(600_000);
    expect(await world.call(endpoints.iceServers, {})).toBe('TokenInvalid');
    expect(await world.call(endpoints.iceServers, {}, { token: 'made.up.token' })).toBe('TokenInvalid');
  });

  it('R-TURN-1: are an empty list where the relay was told none', async () => {
    const world = new World();
    expect(await ask(world, await world.join())).toEqual({ servers: [], lifeMs: DEFAULT_CONFIG.turnMs });
  });

  it('R-TURN-2: a user name is the second of its end and random bytes, the credential its HMAC under the secret', async () => {
    const world = new World({ config: { turn } });
    const [server] = (await ask(world, await world.join())).servers;
    const [end = '', random = ''] = (server?.username ?? '').split(':');
    expect(Number(end)).toBe(Math.ceil((world.clock.now() + DEFAULT_CONFIG.turnMs) / 1000));
    expect(random).toMatch(/^[\w-]{22}$/);
    const expected = createHmac('sha1', SECRET).update(`${end}:${random}`).digest('base64');
    expect(server?.credential).toBe(expected);
  });

  it('R-TURN-2: each answer has new ones, and none leads to who asked', async () => {
    const world = new World({ config: { turn } });
    const bob = await world.join();
    const answers = [await ask(world, bob), await ask(world, bob), await ask(world, await world.join())];
    const servers = answers.flatMap((answer) => answer.servers);
    expect(new Set(servers.map(({ username }) => username.split(':')[1])).size).toBe(3);
    expect(new Set(servers.map(({ credential }) => credential)).size).toBe(3);
    const said = JSON.stringify(answers);
    for (const id of [bob.accountId, bob.deviceId, toBase64Url(bob.mailbox)]) expect(said).not.toContain(id);
  });

  it('R-TURN-3: too many answers to one account are RateLimited, whichever of its devices asks; others get theirs', async () => {
    const rates = { ...DEFAULT_CONFIG.rates, turn: { perSecond: 0.1, burst: 2 } };
    const world = new World({ config: { turn, rates } });
    const [ann, bob] = [await world.join(), await world.join()];
    const second = anotherDeviceOf(bob);
    const change = { version: 2, devices: [entryOf(bob), entryOf(second)] };
    expect(await world.call(endpoints.register, registrationOf(bob, HOST, change))).toEqual({});
    await ask(world, bob);
    await ask(world, second);
    await expect(ask(world, bob)).rejects.toThrow('RateLimited');
    await expect(ask(world, second)).rejects.toThrow('RateLimited');
    expect((await ask(world, ann)).servers).toHaveLength(1);
    await world.clock.advance(10_000);
    expect((await ask(world, bob)).servers).toHaveLength(1);
  });
});

it('R-TURN-1: a URL is one that browsers take', () => {
  const good = [...URLS, 'turn:127.0.0.1', 'turn:[::1]:3478?transport=udp', 'turns:a.b-c.example'];
  expect(good.filter((url) => !isTurnUrl(url))).toEqual([]);
  const bad = [
    ...['', 'turn:', 'stun:turn.example', 'https://turn.example', 'turn://turn.example', 'turn:turn.example/'],
    ...['turn:a:0', 'turn:a:65536', 'turn:a:b', 'turn:a?transport=sctp', 'turn:a?x', 'turn:user@a', 'turn:a b'],
    ...['turn:[::1', 'turn:[:::]', 'turn:1.2.3.999', 'TURN:a', `turn:${'a'.repeat(240)}`],
  ];
  expect(bad.filter(isTurnUrl)).toEqual([]);
});
