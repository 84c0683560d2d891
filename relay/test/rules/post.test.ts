import { describe, expect, it } from 'vitest';
import { bytesOf, World } from '../world.ts';

describe('posting', () => {
  it('hello, smoke', async () => {
    const world = new World();
    const [ann, bob] = [await world.join(), await world.join()];
    const [fromAnn, atBob] = [await world.connect(ann), await world.connect(bob)];
    expect(atBob.received.map((f) => f.type)).toEqual(['welcome', 'drained']);
    const id = fromAnn.post([bob.mailbox], bytesOf('hello'));
    await world.clock.advance(3);
    expect(atBob.delivered).toEqual(['hello']);
    expect(fromAnn.all('accepted')).toEqual([]);
    atBob.ack(id);
    expect(fromAnn.all('accepted')).toEqual([{ type: 'accepted', id }]);
    const other = fromAnn.post([bob.mailbox], bytesOf('again'));
    await world.clock.advance(1100);
    expect(fromAnn.all('accepted').length).toBe(2);
    expect(await world.store.usage(bob.mailbox)).toEqual({ count: 1, bytes: 5 });
    atBob.ack(other);
    await world.clock.advance(5);
    expect(await world.store.usage(bob.mailbox)).toEqual({ count: 0, bytes: 0 });
    atBob.hangUp();
    for (const n of ['1', '2', '3']) fromAnn.post([bob.mailbox], bytesOf(n));
    await world.clock.advance(5);
    expect(fromAnn.all('accepted').length).toBe(5);
    const again = await world.connect(bob);
    expect(again.delivered).toEqual(['1', '2', '3']);
    expect(again.received.map((f) => f.type)).toEqual(['welcome', 'deliver', 'deliver', 'deliver', 'drained']);
  });
});
