import { beforeEach, describe, expect, it } from 'vitest';
import { memoryMailboxes } from '../../src/index.ts';
import { FakeClock } from '../fake-clock.ts';
import { createPerson, randomId, type Person } from '../people.ts';
import { slowly } from '../spy-store.ts';
import { bytesOf, World, type TestSocket } from '../world.ts';

const WINDOW = { count: 8, bytes: 100_000 };
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));

describe('delivery', () => {
  let world: World;
  let bob: Person = createPerson();
  let fromAnn: TestSocket;
  beforeEach(async () => {
    world = new World({ config: { window: WINDOW } });
    const ann = await world.join();
    bob = await world.join();
    fromAnn = await world.connect(ann);
  });

  const send = (texts: readonly string[]): void => {
    for (const text of texts) fromAnn.post([bob.mailbox], bytesOf(text));
  };
  /** Acks everything that arrived, until nothing more comes. */
  async function ackAll(socket: TestSocket): Promise<void> {
    for (let acked = 0; acked < socket.all('deliver').length;) {
      const fresh = socket.all('deliver').slice(acked);
      acked += fresh.length;
      socket.ack(...fresh.map((frame) => frame.id));
      await world.clock.advance(5);
    }
  }

  it('R-DELIVER-1: keeps the order in which the relay took the posts, live and queued', async () => {
    send(numbers(1, 30));
    await world.clock.advance(5);
    const atBob = await world.connect(bob);
    await ackAll(atBob);
    send(numbers(31, 36));
    await ackAll(atBob);
    expect(atBob.delivered).toEqual(numbers(1, 36));
    expect(fromAnn.all('accepted').length).toBe(36);
  });

  it('R-DELIVER-2: repeats on the next connection what was not acked, and never what was', async () => {
    send(numbers(1, 4));
    await world.clock.advance(5);
    const first = await world.connect(bob);
    first.ack(
      ...first
        .all('deliver')
        .slice(0, 2)
        .map((frame) => frame.id),
    );
    first.hangUp();
    await world.clock.advance(5);
    expect((await world.connect(bob)).delivered).toEqual(['3', '4']);
  });

  it('R-DELIVER-3: puts no more on the wire than the window before acks come', async () => {
    send(numbers(1, 300));
    await world.clock.advance(5);
    const atBob = await world.connect(bob);
    expect(atBob.delivered.length).toBe(WINDOW.count);
    await ackAll(atBob);
    expect(atBob.delivered).toEqual(numbers(1, 300));
  });

  it('R-DELIVER-4: waits for a full socket without losing or reordering anything', async () => {
    const atBob = await world.connect(bob);
    send(numbers(1, 3));
    atBob.full = true;
    send(numbers(4, 20));
    await world.clock.advance(5);
    expect(fromAnn.all('accepted').length).toBe(20);
    expect(atBob.delivered).toEqual(numbers(1, 3));
    atBob.makeRoom();
    await world.clock.advance(5);
    await ackAll(atBob);
    expect(atBob.delivered).toEqual(numbers(1, 20));
    expect(await world.store.usage(bob.mailbox)).toEqual({ count: 0, bytes: 0 });
  });

  it('R-DELIVER-5: puts what is on the wire on disk when the connection ends, in order, and only then accepts it', async () => {
    const atBob = await world.connect(bob);
    send(numbers(1, 3));
    expect(fromAnn.all('accepted')).toEqual([]);
    atBob.hangUp();
    send(['4']);
    await world.clock.advance(5);
    expect(fromAnn.all('accepted').length).toBe(4);
    expect((await world.connect(bob)).delivered).toEqual(numbers(1, 4));
  });

  it('R-DELIVER-6: takes an ack of an earlier connection, and an ack of an unknown id means nothing', async () => {
    send(['1', '2']);
    await world.clock.advance(5);
    const first = await world.connect(bob);
    const ids = first.all('deliver').map((frame) => frame.id);
    first.hangUp();
    const second = await world.connect(bob);
    second.ack(...ids, randomId());
    await world.clock.advance(5);
    expect(await world.store.usage(bob.mailbox)).toEqual({ count: 0, bytes: 0 });
    second.hangUp();
    expect((await world.connect(bob)).delivered).toEqual([]);
  });

  it('R-DELIVER-7: queues posts that arrive during a drain behind what is there', async () => {
    send(numbers(1, 10));
    await world.clock.advance(5);
    const atBob = await world.connect(bob);
    expect(atBob.delivered.length).toBe(WINDOW.count);
    send(numbers(11, 12));
    await world.clock.advance(5);
    await ackAll(atBob);
    expect(atBob.delivered).toEqual(numbers(1, 12));
  });

  it('R-DELIVER-8: says how much is queued first, and drained when that was sent, once', async () => {
    send(numbers(1, 12));
    await world.clock.advance(5);
    const atBob = await world.connect(bob);
    await ackAll(atBob);
    send(['13']);
    await ackAll(atBob);
    const kinds = atBob.received.map((frame) => frame.type);
    expect(atBob.all('welcome')).toEqual([{ type: 'welcome', mailbox: bob.mailbox, queued: 12 }]);
    expect(kinds).toEqual(['welcome', ...numbers(1, 12).map(() => 'deliver'), 'drained', 'deliver']);
  });

  it('R-DELIVER-8: welcome is first also when posts and their commits come in the middle of a sign-in', async () => {
    const socket = world.dial();
    const token = await world.tokenOf(bob);
    socket.say({ type: 'signIn', token });
    for (let turn = 0; turn < 20; turn++) {
      send([String(turn)]);
      await Promise.resolve();
    }
    await world.clock.advance(5);
    expect(socket.received[0]?.type).toBe('welcome');
    await ackAll(socket);
    expect(socket.delivered).toEqual(numbers(0, 19));
  });

  describe('while the disk takes its time', () => {
    beforeEach(async () => {
      const clock = new FakeClock();
      const store = slowly(memoryMailboxes({ count: 100, bytes: 10_000 }), clock);
      world = new World({ clock, store, config: { window: WINDOW } });
      fromAnn = world.dial();
      const joined = world.join();
      await clock.advance(10);
      bob = await joined;
    });

    it('R-DELIVER-7: a post that comes between the last look into the queue and its answer is not forgotten', async () => {
      const atBob = world.dial();
      atBob.say({ type: 'signIn', token: await world.tokenOf(bob) });
      for (let ms = 1; ms <= 12; ms++) {
        await world.clock.advance(1);
        send([String(ms)]);
      }
      await world.clock.advance(20);
      await ackAll(atBob);
      await world.clock.advance(20);
      await ackAll(atBob);
      expect(atBob.delivered).toEqual(numbers(1, 12));
    });

    it('R-DELIVER-2: an ack that comes while the queue is read stops a second delivery on the same line', async () => {
      const atBob = world.dial();
      atBob.say({ type: 'signIn', token: await world.tokenOf(bob) });
      await world.clock.advance(20);
      send(['1', '2']);
      await world.clock.advance(1);
      atBob.full = true;
      send(['3']);
      atBob.full = false;
      await world.clock.advance(2);
      atBob.connection.drained();
      await world.clock.advance(1);
      atBob.ack(...atBob.all('deliver').map((frame) => frame.id));
      await world.clock.advance(20);
      expect(atBob.delivered).toEqual(['1', '2', '3']);
    });
  });

  it('R-DELIVER-9: spills a device that reads but does not ack, and serves it again when it does', async () => {
    const atBob = await world.connect(bob);
    send(numbers(1, 50));
    await world.clock.advance(2000);
    expect(atBob.delivered).toEqual(numbers(1, WINDOW.count));
    expect(fromAnn.all('accepted').length).toBe(50);
    await ackAll(atBob);
    expect(atBob.delivered).toEqual(numbers(1, 50));
  });
});
