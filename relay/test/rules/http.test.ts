import { endpoints, LIMITS } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, memoryDirectory, memoryMailboxes } from '../../src/index.ts';
import { createPerson, registrationOf } from '../people.ts';
import { spyOn } from '../spy-store.ts';
import { HOST, World } from '../world.ts';

describe('http', () => {
  const world = new World();
  const ask = (path: string, init: RequestInit = {}, on = world): Promise<Response> =>
    on.relay.http(new Request(`http://${HOST}${path}`, init), { address: '192.0.2.7' });

  it('R-HTTP-1: refuses with a JSON body that names the code, under the status of that code', async () => {
    const wrong = await ask('/v1/challenges', { method: 'POST', body: '{"deviceId":5}' });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toEqual({ error: { code: 'Malformed', message: 'wrong: deviceId' } });
    expect((await ask('/v1/challenges', { method: 'POST', body: 'no json' })).status).toBe(400);
    expect((await ask('/v1/challenges', { method: 'POST' })).status).toBe(400);
    expect((await ask('/v1/nothing')).status).toBe(404);
    expect((await ask('/v1/prekeys')).status).toBe(401);
    expect((await ask('/v1/prekeys', { headers: { authorization: 'Basic x' } })).status).toBe(401);
  });

  it('R-HTTP-2: may be called from any origin, without cookies', async () => {
    const preflight = await ask('/v1/prekeys', { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example' } });
    expect(preflight.status).toBe(204);
    const answer = await ask('/v1/nothing');
    for (const { headers } of [preflight, answer]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.has('access-control-allow-credentials')).toBe(false);
      expect(headers.get('access-control-allow-headers')).toBe('authorization, content-type');
    }
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('R-HTTP-3: takes no body over the cap', async () => {
    const body = JSON.stringify({ deviceId: 'x'.repeat(LIMITS.bodyBytes) });
    expect((await ask('/v1/challenges', { method: 'POST', body })).status).toBe(413);
  });

  it('R-HTTP-4: a fault inside is 500 without details', async () => {
    const broken = { ...memoryDirectory(), account: () => Promise.reject(new Error('secret detail')) };
    const faulty = new World({ directory: broken });
    const answer = await ask(`/v1/accounts/${createPerson().accountId}`, {}, faulty);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret detail');
  });

  it('R-HTTP-5: too many requests of one address are 429, others are served', async () => {
    const small = new World({ config: { rates: { ...DEFAULT_CONFIG.rates, requests: { perSecond: 1, burst: 2 } } } });
    const body = { deviceId: createPerson().deviceId };
    const call = (address: string) => small.call(endpoints.challenge, body, { address });
    await call('192.0.2.1');
    await call('192.0.2.1');
    expect(await call('192.0.2.1')).toBe('RateLimited');
    expect(await call('192.0.2.2')).toHaveProperty('challenge');
    await small.clock.advance(1000);
    expect(await call('192.0.2.1')).toHaveProperty('challenge');
  });

  it('R-HTTP-6: too many new accounts of one address are 429', async () => {
    const small = new World({
      config: { rates: { ...DEFAULT_CONFIG.rates, accounts: { perSecond: 0.001, burst: 1 } } },
    });
    await small.join();
    expect(await small.call(endpoints.register, registrationOf(createPerson(), HOST))).toBe('RateLimited');
  });
});

describe('probes', () => {
  const ask = (world: World, path: string, headers: Record<string, string> = {}): Promise<Response> =>
    world.relay.http(new Request(`http://${HOST}${path}`, { headers }), { address: '192.0.2.7' });

  it('R-OPS-1: /healthz is 200 while the store answers, 503 when it does not or the relay closes', async () => {
    const store = spyOn(memoryMailboxes(DEFAULT_CONFIG.quota));
    const world = new World({ store });
    expect((await ask(world, '/healthz')).status).toBe(200);
    store.isBroken = true;
    expect((await ask(world, '/healthz')).status).toBe(503);
    store.isBroken = false;
    await world.relay.close();
    expect((await ask(world, '/healthz')).status).toBe(503);
  });

  it('R-OPS-2: /metrics is Prometheus text, behind a token when one is set', async () => {
    const open = await ask(new World(), '/metrics');
    expect(await open.text()).toContain('securechat_deliveries_total{path="direct"} 0');
    const closed = new World({ config: { metricsToken: 'm' } });
    expect((await ask(closed, '/metrics')).status).toBe(401);
    expect((await ask(closed, '/metrics', { authorization: 'Bearer m' })).status).toBe(200);
  });
});
