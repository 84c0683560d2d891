/**
 * Two devices talk over a network that may drop, delay, reorder, duplicate and damage anything, while either side may
 * start new sessions or lose its state. A plain model says what must come out; a failing run prints its seed and steps.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSessions, emptySessions, encodeSessions, ready } from '../../src/index.ts';
import { RATCHET_MESSAGE } from '../../src/ratchet/message.ts';
import { parseSessionMessage } from '../../src/session/message.ts';
import { flip, hear, must, NOW, type Party, say, start, twoParties } from '../support/world.ts';

beforeAll(ready);

type Side = 'alice' | 'bob';
type Step =
  | { readonly type: 'say'; readonly by: Side }
  | { readonly type: 'deliver'; readonly place: number }
  | { readonly type: 'duplicate'; readonly place: number }
  | { readonly type: 'drop'; readonly place: number }
  | { readonly type: 'damage'; readonly place: number; readonly bit: number }
  | { readonly type: 'start'; readonly by: Side }
  | { readonly type: 'reload'; readonly by: Side };

const side = fc.constantFrom<Side>('alice', 'bob');
const place = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('say' as const), by: side }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('deliver' as const), place }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('duplicate' as const), place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('drop' as const), place }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('damage' as const), place, bit: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('start' as const), by: side }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const), by: side }) },
);

interface Flying {
  readonly from: Side;
  readonly text: string;
  readonly message: Uint8Array;
}

/** The world and what the model expects of it. */
class Talk {
  readonly parties: Readonly<Record<Side, Party>>;
  readonly flying: Flying[] = [];
  readonly heard = new Set<string>();
  readonly dropped = new Set<string>();
  readonly places = new Set<string>();
  /** Sessions that a side started; beyond what is kept old messages may be lost with them. */
  starts = 0;
  said = 0;

  constructor(seed: number) {
    this.parties = twoParties(seed);
    start(this.parties.alice, this.parties.bob, 0);
  }

  run(step: Step): void {
    switch (step.type) {
      case 'say':
        return this.say(step.by);
      case 'deliver':
        return this.take(step.place, (one) => this.deliver(one));
      case 'duplicate':
        return this.peek(step.place, (one) => this.deliver(one));
      case 'drop':
        return this.take(step.place, ({ text }) => this.dropped.add(text));
      case 'damage':
        return this.peek(step.place, (one) => this.damage(one, step.bit));
      case 'start':
        return this.start(step.by);
      case 'reload':
        return this.reload(step.by);
    }
  }

  say(by: Side): void {
    const party = this.parties[by];
    if (party.sessions.list.length === 0) return;
    const text = `${by} ${this.said++}`;
    const message = say(party, text);
    this.remember(party, message);
    this.flying.push({ from: by, text, message });
  }

  /** C-RATCHET-4: no place in a chain, and so no message key, is used for two messages. */
  remember(party: Party, message: Uint8Array): void {
    const parsed = parseSessionMessage(message);
    const inner = parsed && RATCHET_MESSAGE.decode(parsed.inner);
    if (inner === undefined) throw new Error('own message is malformed');
    const { ratchetKey, index } = inner.header;
    const name = `${Buffer.from(party.device.publicKey).toString('hex')} ${Buffer.from(ratchetKey).toString('hex')} ${index}`;
    expect(this.places.has(name)).toBe(false);
    this.places.add(name);
  }

  deliver({ from, text, message }: Flying): void {
    const to = this.parties[from === 'alice' ? 'bob' : 'alice'];
    const before = encodeSessions(to.sessions);
    const heard = hear(to, this.parties[from], message);
    if (this.heard.has(text)) {
      expect(heard).toEqual({ error: 'AlreadyOpened' });
      expect(encodeSessions(to.sessions)).toEqual(before);
      return;
    }
    expect(heard).toEqual({ text });
    this.heard.add(text);
  }

  damage({ from, message }: Flying, bit: number): void {
    const to = this.parties[from === 'alice' ? 'bob' : 'alice'];
    const before = encodeSessions(to.sessions);
    const heard = hear(to, this.parties[from], flip(message, bit % (message.length * 8)));
    expect(heard.text).toBeUndefined();
    expect(encodeSessions(to.sessions)).toEqual(before);
  }

  start(by: Side): void {
    if (this.starts++ >= 3) return;
    start(this.parties[by], this.parties[by === 'alice' ? 'bob' : 'alice']);
  }

  reload(by: Side): void {
    const party = this.parties[by];
    party.sessions = must(decodeSessions(encodeSessions(party.sessions)));
  }

  take(place: number, act: (one: Flying) => void): void {
    const [one] = this.flying.splice(place % Math.max(1, this.flying.length), 1);
    if (one !== undefined) act(one);
  }

  peek(place: number, act: (one: Flying) => void): void {
    const one = this.flying[place % Math.max(1, this.flying.length)];
    if (one !== undefined) act(one);
  }

  settle(): void {
    while (this.flying.length > 0) this.take(this.flying.length - 1, (one) => this.deliver(one));
  }
}

describe('any conversation', () => {
  it('C-RATCHET-3 whatever is dropped, delayed, reordered, doubled or damaged, the rest opens once', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(step, { minLength: 10, maxLength: 60 }), (seed, steps) => {
        const talk = new Talk(seed);
        for (const one of steps) talk.run(one);
        talk.settle();
        expect(talk.heard.size + talk.dropped.size).toBeGreaterThanOrEqual(talk.said);
      }),
      { seed: 42, numRuns: 120 },
    );
  });

  it('C-SESSION-4 two that start at once lose nothing, in any order of arrival', () => {
    const order = fc.array(fc.tuple(side, place), { minLength: 4, maxLength: 24 });
    fc.assert(
      fc.property(fc.nat(1_000_000), order, (seed, steps) => {
        const talk = new Talk(seed);
        start(talk.parties.bob, talk.parties.alice, 0);
        for (const [by, at] of steps) {
          talk.say(by);
          if (at % 3 === 0) talk.run({ type: 'deliver', place: at });
        }
        talk.settle();
        expect(talk.heard.size).toBe(talk.said);
        // One exchange that does not cross brings both to one session.
        for (const by of ['alice', 'bob', 'alice'] as const) {
          talk.say(by);
          talk.settle();
        }
        const [a, b] = [talk.parties.alice, talk.parties.bob].map(({ sessions }) => sessions.list[0]?.transcript);
        expect(a).toEqual(b);
      }),
      { seed: 43, numRuns: 60 },
    );
  });

  it('C-SESSION-5 a side that loses its state is heard again after one handshake', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), side, fc.array(step, { maxLength: 20 }), (seed, loser, steps) => {
        const talk = new Talk(seed);
        for (const one of steps) talk.run(one);
        const [lost, kept] = loser === 'alice' ? (['alice', 'bob'] as const) : (['bob', 'alice'] as const);
        talk.parties[lost].sessions = emptySessions();
        start(talk.parties[lost], talk.parties[kept]);
        talk.flying.length = 0;
        talk.say(lost);
        talk.settle();
        talk.say(kept);
        talk.say(lost);
        talk.settle();
        expect(talk.parties[lost].sessions.list).toHaveLength(1);
        expect(talk.parties[lost].sessions.list[0]?.pending).toBeUndefined();
      }),
      { seed: 44, numRuns: 40 },
    );
  });

  it('C-RANDOM-1 the same seed makes the same conversation, byte for byte', () => {
    const run = () => {
      const { alice, bob } = twoParties(77);
      start(alice, bob, 0);
      const messages = [say(alice, 'a'), say(alice, 'b')];
      for (const message of messages) hear(bob, alice, message, NOW);
      messages.push(say(bob, 'c'));
      return { messages, states: [encodeSessions(alice.sessions), encodeSessions(bob.sessions)] };
    };
    expect(run()).toEqual(run());
  });
});
