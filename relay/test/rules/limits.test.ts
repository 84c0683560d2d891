import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, UNLIMITED, type Rates } from '../../src/index.ts';
import { bytesOf, World } from '../world.ts';

const DAY = 24 * 60 * 60_000;
const withRates = (rates: Partial<Rates>): World =>
  new World({ config: { rates: { ...DEFAULT_CONFIG.rates, ...rates } } });

describe('limits', () => {
  it('R-LIMIT-1: posts over the rate are refused with RateLimited, the connection stays, and it recovers', async () => {
    const world = withRates({ deliveries: { perSecond: 1, burst: 3 } });
    const [ann, bob] = [await world.join(), await world.join()];
    const fromAnn = await world.connect(ann);
    for (let n = 0; n < 4; n++) fromAnn.post([bob.mailbox], bytesOf('x'));
    await world.clock.advance(5);
    expect(fromAnn.all('accepted').length).toBe(3);
    expect(fromAnn.all('refused')[0]?.failures).toEqual([{ mailbox: bob.mailbox, code: 'RateLimited' }]);
    await world.clock.advance(1000);
    fromAnn.post([bob.mailbox], bytesOf('x'));
    await world.clock.advance(5);
    expect(fromAnn.all('accepted').length).toBe(4);
  });

  it('R-LIMIT-2: bytes count as often as there are recipients', async () => {
    const world = withRates({ bytes: { perSecond: 0, burst: 100 } });
    const people = [await world.join(), await world.join(), await world.join()];
    const socket = await world.connect(await world.join());
    socket.post(
      people.map((person) => person.mailbox),
      new Uint8Array(30),
    );
    socket.post(
      people.map((person) => person.mailbox),
      new Uint8Array(30),
    );
    await world.clock.advance(5);
    expect([socket.all('accepted').length, socket.all('refused').length]).toEqual([1, 1]);
  });

  it('R-LIMIT-3: who has not signed in gets less', async () => {
    const world = withRates({ strangerDeliveries: { perSecond: 0, burst: 1 } });
    const bob = await world.join();
    const stranger = world.dial();
    stranger.post([bob.mailbox], bytesOf('1'));
    stranger.post([bob.mailbox], bytesOf('2'));
    await world.clock.advance(5);
    expect([stranger.all('accepted').length, stranger.all('refused').length]).toEqual([1, 1]);
  });

  it('R-LIMIT-4: the connections of one address share a rate', async () => {
    const world = withRates({ addressDeliveries: { perSecond: 0, burst: 1 } });
    const bob = await world.join();
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1']) {
      const stranger = world.dial(address);
      stranger.post([bob.mailbox], bytesOf('1'));
      await world.clock.advance(5);
      expect(stranger.received[0]?.type).toBe(address.endsWith('9') ? 'refused' : 'accepted');
    }
  });

  it('R-LIMIT-5: a flood of frames ends the connection with RateLimited', () => {
    const world = withRates({ frames: { perSecond: 1, burst: 10 } });
    const socket = world.dial();
    for (let n = 0; n < 11; n++) socket.say({ type: 'ping' });
    expect(socket.received.at(-1)).toEqual({ type: 'error', code: 'RateLimited' });
    expect(socket.isClosed).toBe(true);
  });

  it('R-LIMIT-6: one address has so many connections and no more, until some end', () => {
    const world = new World({ config: { connectionsPerAddress: 2 } });
    const [first] = [world.dial('192.0.2.1'), world.dial('192.0.2.1')];
    const third = world.dial('192.0.2.1');
    expect(third.received).toEqual([{ type: 'error', code: 'RateLimited' }]);
    expect(third.isClosed).toBe(true);
    expect(world.dial('192.0.2.2').isClosed).toBe(false);
    first.hangUp();
    expect(world.dial('192.0.2.1').isClosed).toBe(false);
  });

  it('R-LIMIT-7: memory for unacked deliveries is bounded; beyond it they go through the disk', async () => {
    const world = new World({ config: { heldBytes: 100 } });
    const [ann, bob] = [await world.join(), await world.join()];
    const [fromAnn, atBob] = [await world.connect(ann), await world.connect(bob)];
    for (let n = 0; n < 5; n++) fromAnn.post([bob.mailbox], new Uint8Array(60).fill(n));
    await world.clock.advance(20);
    expect(fromAnn.all('accepted').length).toBe(5);
    expect(atBob.all('deliver').map((frame) => frame.data[0])).toEqual([0, 1, 2, 3, 4]);
  });

  it('R-LIMIT-8: more than may wait for the disk is refused with ServerBusy', async () => {
    const world = new World({
      config: { waitingBytes: 100, rates: { ...DEFAULT_CONFIG.rates, strangerBytes: UNLIMITED } },
    });
    const bob = await world.join();
    const stranger = world.dial();
    for (let n = 0; n < 3; n++) stranger.post([bob.mailbox], new Uint8Array(101));
    await world.clock.advance(5);
    expect(stranger.all('accepted').length).toBe(1);
    expect(stranger.all('refused').map((frame) => frame.failures[0]?.code)).toEqual(['ServerBusy', 'ServerBusy']);
  });
});

describe('the queue', () => {
  it('R-QUEUE-1: forgets envelopes and ids after the retention time', async () => {
    const world = new World({ config: { retentionMs: 7 * DAY } });
    const bob = await world.join();
    const stranger = world.dial();
    const id = stranger.post([bob.mailbox], bytesOf('old'));
    await world.clock.advance(6 * DAY);
    stranger.post([bob.mailbox], bytesOf('younger'));
    await world.clock.advance(1.5 * DAY);
    expect((await world.connect(bob)).delivered).toEqual(['younger']);
    stranger.post([bob.mailbox], bytesOf('old'), { id });
    await world.clock.advance(2000);
    expect((await world.store.usage(bob.mailbox))?.count).toBe(2);
    const metrics = await world.relay.http(new Request('http://relay.test/metrics'), { address: '' });
    expect(await metrics.text()).toContain('securechat_envelopes_total{event="expired"} 1');
  });
});
