/** Any sequence of events, then a heal: a deliberately simple oracle says what must have arrived. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_CONFIG, memoryDirectory, memoryMailboxes } from '../../src/index.ts';
import { FakeClock } from '../fake-clock.ts';
import { createPerson, randomId, registrationOf, type Person } from '../people.ts';
import { slowly } from '../spy-store.ts';
import type { TestSocket } from '../world.ts';
import { bytesOf, HOST, World } from '../world.ts';
import { endpoints, type EnvelopeId } from '@securechat/relay-protocol';

const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('post' as const), to: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('ack' as const), who: fc.nat(2), count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), who: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hangUp' as const), who: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('block' as const), who: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unblock' as const), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), nth: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 3, 400, 1500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

interface Post {
  readonly id: EnvelopeId;
  readonly to: number;
  readonly text: string;
}

/** One run: the world, and what the oracle knows. */
class Day {
  readonly clock = new FakeClock();
  readonly store = memoryMailboxes(DEFAULT_CONFIG.quota);
  readonly directory = memoryDirectory();
  world = this.open();
  readonly people: readonly Person[] = [createPerson(), createPerson(), createPerson()];
  sender = this.world.dial();
  readonly online: (TestSocket | undefined)[] = [undefined, undefined, undefined];
  /** What each device acked on its present connection. */
  readonly acked: Set<string>[] = [new Set(), new Set(), new Set()];
  readonly seen: string[][] = [[], [], []];
  readonly posts: Post[] = [];
  readonly accepted = new Set<string>();

  private open(): World {
    const config = { window: { count: 4, bytes: 10_000 } };
    return new World({ config, clock: this.clock, store: slowly(this.store, this.clock), directory: this.directory });
  }

  async begin(): Promise<void> {
    for (const person of this.people) await this.world.call(endpoints.register, registrationOf(person, HOST));
  }

  async obey(event: Event): Promise<void> {
    switch (event.do) {
      case 'post': {
        const text = String(this.posts.length);
        this.posts.push({ id: randomId(), to: event.to, text });
        this.send(this.posts.length - 1);
        return;
      }
      case 'repeat':
        if (event.nth < this.posts.length) this.send(event.nth);
        return;
      case 'ack':
        this.ack(event.who, event.count);
        return;
      case 'connect':
        await this.connect(event.who);
        return;
      case 'hangUp':
        this.gather();
        this.online[event.who]?.hangUp();
        this.online[event.who] = undefined;
        return;
      case 'block':
      case 'unblock':
        this.flow(event.who, event.do === 'unblock');
        return;
      case 'wait':
        await this.clock.advance(event.ms);
        return;
      case 'crash':
        this.crash();
    }
  }

  async heal(): Promise<void> {
    for (const [nth, post] of this.posts.entries()) if (!this.accepted.has(post.text)) this.send(nth);
    await this.clock.advance(10);
    for (const who of [0, 1, 2]) {
      this.flow(who, true);
      await this.connect(who);
      for (let round = 0; round < 40; round++) {
        this.ack(who, 100);
        await this.clock.advance(10);
      }
    }
    await this.clock.advance(5000);
    this.gather();
  }

  private send(nth: number): void {
    const post = this.posts[nth];
    const person = this.people[post?.to ?? 0];
    if (post === undefined || person === undefined) return;
    this.sender.post([person.mailbox], bytesOf(post.text), { id: post.id });
  }

  private async connect(who: number): Promise<void> {
    const person = this.people[who];
    if (person === undefined) return;
    this.gather();
    this.acked[who]?.clear();
    this.online[who] = await this.world.connect(person);
  }

  /** The device keeps what it sees before it acks, and acks everything again that comes again. */
  private ack(who: number, count: number): void {
    this.gather();
    const socket = this.online[who];
    if (socket === undefined || socket.isClosed) return;
    const open = socket.all('deliver').filter((frame) => !this.acked[who]?.has(Buffer.from(frame.data).toString()));
    const batch = open.slice(0, count);
    for (const frame of batch) this.acked[who]?.add(Buffer.from(frame.data).toString());
    if (batch.length > 0) socket.ack(...batch.map((frame) => frame.id));
  }

  private flow(who: number, open: boolean): void {
    const socket = this.online[who];
    if (socket === undefined || socket.isClosed) return;
    if (open) socket.makeRoom();
    else socket.full = true;
  }

  private crash(): void {
    this.gather();
    this.clock.forget();
    this.world = this.open();
    this.sender = this.world.dial();
    this.online.fill(undefined);
  }

  /** Takes note of what every socket has received so far. */
  gather(): void {
    for (const frame of this.sender.all('accepted')) {
      const post = this.posts.find((one) => Buffer.compare(one.id, frame.id) === 0);
      if (post !== undefined) this.accepted.add(post.text);
    }
    for (const [who, socket] of this.online.entries()) {
      for (const text of socket?.delivered ?? []) if (!this.seen[who]?.includes(text)) this.seen[who]?.push(text);
    }
  }
}

it('R-QUEUE-3: on any day what was accepted arrives, what was not can be repeated, nothing arrives elsewhere, order is kept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const day = new Day();
      await day.begin();
      for (const each of events) await day.obey(each);
      day.gather();
      await day.heal();
      for (const who of [0, 1, 2]) {
        const wanted = day.posts.filter((post) => post.to === who).map((post) => post.text);
        expect([...(day.seen[who] ?? [])].sort()).toEqual([...wanted].sort());
        const calm = events.every((each) => each.do !== 'crash');
        if (calm) expect(day.seen[who]).toEqual(wanted);
      }
      expect(day.accepted.size).toBe(day.posts.length);
      for (const person of day.people) expect(await day.store.usage(person.mailbox)).toEqual({ count: 0, bytes: 0 });
    }),
    { seed: 20_260_101, numRuns: 150 },
  );
});
