import { endpoints, LIMITS, toBase64Url } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, UNLIMITED, type RelayConfig } from '../../src/index.ts';
import { randomId } from '../people.ts';
import { bytesOf, HOST, World } from '../world.ts';

const MINUTE = 60_000;
const { lifeMs, refusedMs } = DEFAULT_CONFIG.rendezvous;
const freshId = (): string => toBase64Url(randomId());

/** A relay with limits of its own, and the two calls. */
function open(change: Partial<RelayConfig> = {}) {
  const world = new World({ config: change });
  return {
    world,
    put: (rendezvousId: string, slot: number | string, data: Uint8Array | string, address?: string) =>
      world.call(
        endpoints.putRendezvous,
        { data: typeof data === 'string' ? bytesOf(data) : data },
        { params: { rendezvousId, slot: String(slot) }, ...(address !== undefined && { address }) },
      ),
    get: async (rendezvousId: string, slot: number | string, address?: string) => {
      const params = { rendezvousId, slot: String(slot) };
      const answer = await world.call(endpoints.rendezvous, {}, { params, ...(address !== undefined && { address }) });
      return typeof answer === 'string' ? answer : Buffer.from(answer.data).toString();
    },
    metrics: async () => (await world.relay.http(new Request(`http://${HOST}/metrics`), { address: '' })).text(),
  };
}

const withLimits = (rendezvous: Partial<RelayConfig['rendezvous']>) =>
  open({ rendezvous: { ...DEFAULT_CONFIG.rendezvous, ...rendezvous } });
const withRate = (rendezvous: RelayConfig['rates']['rendezvous']) =>
  open({ rates: { ...DEFAULT_CONFIG.rates, rendezvous } });

describe('a rendezvous', () => {
  it('R-MEET-1: is where whoever knows its id leaves bytes and finds those of the other', async () => {
    const { put, get } = open();
    const id = freshId();
    expect(await put(id, 0, 'offer', '192.0.2.1')).toEqual({});
    expect(await get(id, 0, '203.0.113.5')).toBe('offer');
    expect(await put(id, 7, 'reply', '203.0.113.5')).toEqual({});
    expect(await get(id, 7, '192.0.2.1')).toBe('reply');
    expect(await get(id, 0)).toBe('offer');
    expect(await get(freshId(), 0)).toBe('NotFound');
  });

  it('R-MEET-1: has an id of 16 bytes and slots 0 to 7', async () => {
    const { put, get } = open();
    const id = freshId();
    for (const slot of ['8', '10', '-1', '00', '1.0', 'x']) {
      expect([await put(id, slot, 'x'), await get(id, slot)]).toEqual(['Malformed', 'Malformed']);
    }
    for (const wrong of [id.slice(1), `${id}A`, `${id.slice(0, 21)}B`, '%'.repeat(22)]) {
      expect([await put(wrong, 0, 'x'), await get(wrong, 0)]).toEqual(['Malformed', 'Malformed']);
    }
  });

  it('R-MEET-2: takes bytes into a slot once; the same bytes again are fine, others are Taken', async () => {
    const { put, get } = open();
    const id = freshId();
    const atOnce = await Promise.all([put(id, 1, 'mine'), put(id, 1, 'yours')]);
    expect(atOnce).toEqual([{}, 'Taken']);
    expect(await put(id, 1, 'mine')).toEqual({});
    expect(await put(id, 1, 'mine!')).toBe('Taken');
    expect(await get(id, 1)).toBe('mine');
  });

  it('R-MEET-3: answers NotFound for a slot that nobody filled yet', async () => {
    const { put, get } = open();
    const id = freshId();
    await put(id, 1, 'x');
    for (const slot of [0, 2, 7]) expect(await get(id, slot)).toBe('NotFound');
  });

  it('R-MEET-4: ends ten minutes after its first write, whatever came later', async () => {
    const { world, put, get } = open();
    const id = freshId();
    await put(id, 0, 'x');
    await world.clock.advance(lifeMs - MINUTE);
    expect(await put(id, 1, 'y')).toEqual({});
    await world.clock.advance(MINUTE - 1);
    expect(await get(id, 1)).toBe('y');
    await world.clock.advance(1);
    expect([await get(id, 0), await get(id, 1), await get(id, 2)]).toEqual(['Expired', 'Expired', 'Expired']);
  });

  it('R-MEET-4: is then Expired for an hour, and an id like any other after it', async () => {
    const { world, put, get } = open();
    const id = freshId();
    await put(id, 0, 'x');
    await world.clock.advance(lifeMs);
    expect([await put(id, 0, 'x'), await put(id, 5, 'late')]).toEqual(['Expired', 'Expired']);
    await world.clock.advance(refusedMs - 1);
    expect(await put(id, 0, 'x')).toBe('Expired');
    await world.clock.advance(1);
    expect(await get(id, 0)).toBe('NotFound');
    expect(await put(id, 0, 'anew')).toEqual({});
    expect(await get(id, 0)).toBe('anew');
  });

  it('R-MEET-4: lives as long as the relay is told', async () => {
    const { world, put, get } = withLimits({ lifeMs: MINUTE, refusedMs: 2 * MINUTE });
    const id = freshId();
    await put(id, 0, 'x');
    await world.clock.advance(MINUTE);
    expect(await get(id, 0)).toBe('Expired');
    await world.clock.advance(2 * MINUTE);
    expect(await get(id, 0)).toBe('NotFound');
  });

  it('R-MEET-5: holds up to 256 KiB in a slot, and at least a byte', async () => {
    const { world, put } = open();
    const id = freshId();
    const largest = new Uint8Array(LIMITS.rendezvousBytes).map((_, at) => at * 31);
    expect(await put(id, 0, largest)).toEqual({});
    const answer = await world.call(endpoints.rendezvous, {}, { params: { rendezvousId: id, slot: '0' } });
    expect(typeof answer === 'string' ? answer : Buffer.compare(answer.data, largest)).toBe(0);
    expect(await put(id, 1, new Uint8Array(LIMITS.rendezvousBytes + 1))).toBe('Malformed');
    expect(await put(id, 1, '')).toBe('Malformed');
    expect(await put(id, 1, new Uint8Array(LIMITS.bodyBytes))).toBe('TooLarge');
  });
});

describe('all rendezvous together', () => {
  it('R-MEET-6: are bounded in number: one more is ServerBusy, those that are open go on', async () => {
    const { world, put, get, metrics } = withLimits({ count: 2 });
    const [first, second, third] = [freshId(), freshId(), freshId()];
    await put(first, 0, 'a');
    await world.clock.advance(MINUTE);
    await put(second, 0, 'b');
    expect(await put(third, 0, 'c')).toBe('ServerBusy');
    expect(await get(third, 0)).toBe('NotFound');
    expect([await put(first, 1, 'more'), await get(second, 0)]).toEqual([{}, 'b']);
    expect(await metrics()).toContain('securechat_rendezvous_open 2');
    await world.clock.advance(lifeMs - MINUTE);
    expect(await put(third, 0, 'c')).toEqual({});
    expect([await get(first, 0), await get(second, 0)]).toEqual(['Expired', 'b']);
  });

  it('R-MEET-6: are bounded in bytes, which count until they end, and end although nobody comes', async () => {
    const { world, put, get, metrics } = withLimits({ bytes: 100 });
    const id = freshId();
    expect(await put(id, 0, new Uint8Array(60))).toEqual({});
    expect(await put(id, 0, new Uint8Array(60))).toEqual({});
    expect(await put(id, 1, new Uint8Array(41))).toBe('ServerBusy');
    expect(await put(freshId(), 0, new Uint8Array(41))).toBe('ServerBusy');
    expect(await get(id, 1)).toBe('NotFound');
    expect(await put(id, 1, new Uint8Array(40))).toEqual({});
    expect(await metrics()).toMatch(/rendezvous_open 1\n[^]*rendezvous_bytes 100\n/);
    await world.clock.advance(lifeMs);
    expect(await metrics()).toMatch(/rendezvous_open 0\n[^]*rendezvous_bytes 0\n/);
    expect(await put(freshId(), 0, new Uint8Array(100))).toEqual({});
  });

  it('R-MEET-6: that are over are forgotten although nobody comes, and do not count as open', async () => {
    const { world, put, get } = withLimits({ count: 1, lifeMs: MINUTE, refusedMs: 3 * MINUTE });
    const ids = [freshId(), freshId(), freshId()];
    for (const id of ids) {
      expect(await put(id, 0, 'x')).toEqual({});
      await world.clock.advance(MINUTE);
    }
    expect(await Promise.all(ids.map((id) => get(id, 0)))).toEqual(['Expired', 'Expired', 'Expired']);
    await world.clock.advance(MINUTE);
    expect(await Promise.all(ids.map((id) => get(id, 0)))).toEqual(['NotFound', 'Expired', 'Expired']);
  });

  it('R-MEET-7: cost an address the bytes it leaves and fetches, and what it opens; more is RateLimited', async () => {
    const { world, put, get } = withRate({ perSecond: 1024, burst: 400 * 1024 });
    const [id, other] = [freshId(), freshId()];
    expect(await put(id, 0, new Uint8Array(200 * 1024))).toEqual({});
    expect(await put(id, 1, new Uint8Array(100 * 1024))).toBe('RateLimited');
    expect(await get(id, 0)).toBe('RateLimited');
    expect(await put(other, 0, 'x')).toBe('RateLimited');
    expect(await put(other, 0, 'x', '203.0.113.5')).toEqual({});
    expect(await get(id, 0, '203.0.113.5')).toHaveLength(200 * 1024);
    await world.clock.advance(100_000);
    expect(await put(id, 1, new Uint8Array(100 * 1024))).toEqual({});
  });

  it('R-MEET-7: can be looked at once a second by many devices of one address, until something is there', async () => {
    const { world, put, get } = open();
    const ids = Array.from({ length: 8 }, freshId);
    for (const id of ids) await put(id, 0, new Uint8Array(16 * 1024));
    const answers = new Set<string>();
    for (let second = 0; second < lifeMs / 1000; second++) {
      for (const id of ids) answers.add(await get(id, 1));
      await world.clock.advance(999);
    }
    expect([...answers]).toEqual(['NotFound']);
  });

  it('R-MEET-7: count against the rate of requests like any other', async () => {
    const { put, get } = open({ rates: { ...DEFAULT_CONFIG.rates, requests: { perSecond: 1, burst: 2 } } });
    const id = freshId();
    expect([await put(id, 0, 'x'), await get(id, 0), await get(id, 0)]).toEqual([{}, 'x', 'RateLimited']);
  });

  it('R-MEET-7: cannot all be opened by one address', async () => {
    const { put } = open({ rates: { ...DEFAULT_CONFIG.rates, requests: UNLIMITED } });
    const answers = [];
    for (let n = 0; n < DEFAULT_CONFIG.rendezvous.count; n++) answers.push(await put(freshId(), 0, 'x'));
    expect(answers.filter((answer) => answer === 'RateLimited').length).toBeGreaterThan(800);
    expect(await put(freshId(), 0, 'x', '203.0.113.5')).toEqual({});
  });

  it('R-MEET-8: are in memory only: a relay that was restarted knows none', async () => {
    const { world, put } = open();
    const id = freshId();
    await put(id, 0, 'x');
    await world.relay.close();
    const { store, directory, clock } = world;
    const again = new World({ store, directory, clock });
    const params = { rendezvousId: id, slot: '0' };
    expect(await again.call(endpoints.rendezvous, {}, { params })).toBe('NotFound');
  });
});
