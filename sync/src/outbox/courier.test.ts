import {
  type ChatId,
  type DeviceId,
  openEnvelope,
  openMessage,
  emptySessions,
  ready,
  removeDevice,
} from '@securechat/crypto';
import type { RelayCode } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { NOW, RELAY, known, party, randomOf, sessionTo, withTablet } from '../../test/support/party.ts';
import { type MemoryStore, createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { PostInput, PostOutcome } from '../connection/relay-connection.ts';
import { Lane } from '../lane.ts';
import { type Part, decodePayload } from '../payload/payload.ts';
import { Peers, newPeer } from '../peers/peers.ts';
import { SessionBook } from '../sessions/session-book.ts';
import { Courier, PAYLOAD_AD } from './courier.ts';
import { Outbox } from './outbox.ts';

beforeAll(ready);

const CHAT = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;
const DAY = 24 * 3600_000;

function typing(value = true): Part {
  return { type: 'typing', chatId: CHAT, typing: value };
}

function changes(bytes: number): Part {
  const change = { segment: 0, generation: 0, bytes: new Uint8Array(bytes) };
  return { type: 'changes', chatId: CHAT, of: 'push', changes: [change] };
}

interface Desk {
  readonly outbox: Outbox;
  readonly courier: Courier;
  readonly clock: VirtualClock;
  readonly lane: Lane;
  readonly peers: Peers;
  readonly store: MemoryStore;
  readonly posted: { readonly url: string; readonly input: PostInput }[];
  readonly introduced: { readonly accountId: string; readonly devices: readonly DeviceId[] }[];
  /** Relays that can be reached; and what they answer, one after the other, `accepted` when there is nothing left. */
  readonly reachable: Set<string>;
  readonly answers: PostOutcome[];
  pass(ms: number): Promise<void>;
  /** Adds messages with these ids to the outbox and lets the courier look. */
  write(...ids: readonly string[]): Promise<void>;
}

const ann = (): ReturnType<typeof party> => party('ann');
const bob = (): ReturnType<typeof party> => party('bob');

async function open(before?: MemoryStore, { withSession = true, sessionAge = 0 } = {}): Promise<Desk> {
  const [self, peer] = [ann(), bob()];
  const store = before ?? createMemoryStore();
  const [lane, clock, peers, outbox] = [new Lane(), new VirtualClock(NOW), new Peers(), new Outbox(() => undefined)];
  const sessions = new SessionBook(store);
  await outbox.load(store);
  await peers.load(store);
  if (before === undefined)
    await inBatch(store, (batch) => {
      peers.put(batch, known(peer));
      if (!withSession) return;
      sessions.set(peer.identity.device.id, sessionTo(self, peer, randomOf('x'), NOW - sessionAge), batch);
      sessions.writeInto(batch);
    });
  const [posted, introduced, answers]: [Desk['posted'], Desk['introduced'], PostOutcome[]] = [[], [], []];
  const reachable = new Set([RELAY]);
  const courier = new Courier({
    ...{ self, store, lane, clock, outbox, peers, sessions },
    random: randomOf(before === undefined ? 'first run' : 'second run'),
    network: () => ({
      reach: (url) => reachable.has(url),
      post: (url, input) => {
        posted.push({ url, input });
        const answer = answers.shift() ?? { type: 'accepted' };
        return answer.type === 'lost' && answer.reason === 'NoAnswer'
          ? new Promise((resolve) =>
              clock.after(30_000, () => {
                resolve(answer);
              }),
            )
          : Promise.resolve(answer);
      },
    }),
    introduce: (accountId, devices) => introduced.push({ accountId, devices }),
    preface: () => [],
    background: (job) => void lane.run(job).catch(() => undefined),
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) {
      await lane.idle();
      await Promise.resolve();
    }
  };
  return {
    ...{ outbox, courier, clock, lane, peers, store, posted, introduced, reachable, answers },
    pass: async (ms) => {
      const end = clock.now() + ms;
      await settle();
      while (clock.step(end)) await settle();
    },
    write: async (...ids) => {
      await inBatch(store, (batch) => {
        for (const recordId of ids)
          outbox.add(batch, {
            accountId: peer.identity.account.id,
            parts: [typing()],
            refs: [{ chatId: CHAT, recordId }],
          });
      });
      courier.kick();
      await settle();
    },
  };
}

function refused(code: RelayCode): PostOutcome {
  return { type: 'refused', failures: [{ mailbox: bob().identity.mailbox, code }] };
}

function stateOf({ outbox }: Desk, recordId: string): unknown {
  return outbox.stateOf({ chatId: CHAT, recordId });
}

/** What is inside posted envelopes, opened as the peer would, in one session. */
function opened(desk: Desk): readonly (readonly Part[])[] {
  const self = bob();
  let sessions = emptySessions();
  return desk.posted.map(({ input }) => {
    const envelope = openEnvelope(self.identity.device, input.data);
    if (!envelope.ok) throw new Error(envelope.error.type);
    const { deviceKey, message } = envelope.value;
    const message_ = { self: self.identity.device, preKeys: self.preKeys, peerDeviceKey: deviceKey, message };
    const read = openMessage(sessions, { ...message_, ad: PAYLOAD_AD, now: NOW });
    if (!read.ok) throw new Error(read.error.type);
    sessions = read.value.next;
    const payload = decodePayload(read.value.plaintext);
    if (!payload.ok) throw new Error(payload.error.type);
    return payload.value.parts;
  });
}

describe('courier', () => {
  it('S-HISTORY-4 has so many bytes of small talk unanswered and no more, and messages do not wait for it', async () => {
    const the = await open();
    const noAnswer: PostOutcome = { type: 'lost', reason: 'NoAnswer' };
    the.answers.push(noAnswer, noAnswer, noAnswer);
    await inBatch(the.store, (batch) => {
      for (let n = 0; n < 8; n += 1)
        the.outbox.tell(batch, {
          accountId: bob().identity.account.id,
          parts: [changes(150 * 1024)],
          topic: `answer:${String(n)}`,
        });
    });
    the.courier.kick();
    await the.pass(1_000);
    expect(the.posted).toHaveLength(3);
    await the.write('urgent');
    expect(the.posted).toHaveLength(4);
    expect(the.outbox.waitingMessages).toBe(0);
    await the.pass(31_000);
    expect(the.outbox.size).toBe(0);
  });

  it('S-COURIER-1 seals what waits, posts it to the device’s mailbox, and lets it go once it is accepted', async () => {
    const desk = await open();
    await desk.write('a');
    await desk.pass(0);
    expect(desk.posted).toMatchObject([{ url: RELAY, input: { to: [bob().identity.mailbox], ephemeral: false } }]);
    expect(opened(desk)).toEqual([[typing()]]);
    expect([desk.outbox.size, await desk.store.count('outbox', {})]).toEqual([0, 0]);
  });

  it('S-COURIER-2 envelope and ratchet state are stored before a byte is posted', async () => {
    const desk = await open();
    const writes: string[] = [];
    const commit = desk.store.commit.bind(desk.store);
    desk.store.commit = async (ops) => {
      writes.push(
        `${[...new Set(ops.map((op) => op.table))].sort().join('+')} after ${String(desk.posted.length)} posts`,
      );
      await commit(ops);
    };
    await desk.write('a');
    await desk.pass(0);
    expect(writes).toEqual(['outbox after 0 posts', 'outbox+sessions after 0 posts', 'outbox after 1 posts']);
  });

  it('S-COURIER-3 sends the very same bytes again, after no answer, a lost line and a restart', async () => {
    const desk = await open();
    desk.answers.push({ type: 'lost', reason: 'NoAnswer' }, { type: 'lost', reason: 'Disconnected' });
    await desk.write('a');
    await desk.pass(30_000); // no answer: at once again, and lost
    await desk.pass(3_500); // a pause, and again
    expect(desk.posted).toHaveLength(3);
    expect(
      new Set(desk.posted.map(({ input }) => Buffer.from([...input.id, ...input.data]).toString('hex'))).size,
    ).toBe(1);
    expect(desk.outbox.size).toBe(0);

    const first = await open();
    first.reachable.clear();
    await first.write('b');
    const sealed = [...first.outbox.items()][0];
    const second = await open(first.store);
    second.courier.kick();
    await second.pass(0);
    expect(sealed).toMatchObject({ type: 'envelope', data: second.posted[0]?.input.data });
  });

  it('S-COURIER-4 tells what the user should know of a refusal, keeps trying, and forgets it when it went through', async () => {
    for (const [code, failure] of [
      ['MailboxFull', 'PeerMailboxFull'],
      ['MailboxUnknown', 'PeerUnknown'],
      ['TooLarge', 'TooLarge'],
      ['NotSignedIn', 'RelayRefused'],
    ] as const) {
      const desk = await open();
      desk.answers.push(refused(code), refused(code));
      await desk.write('a');
      await desk.pass(1_000);
      expect(stateOf(desk, 'a')).toEqual({ failure });
      expect(desk.introduced.length > 0).toBe(code === 'MailboxUnknown');
      await desk.pass(58_000);
      expect(desk.posted).toHaveLength(1);
      await desk.pass(62_000);
      expect([desk.posted.length, stateOf(desk, 'a')]).toEqual([3, undefined]);
    }
  });

  it('S-COURIER-4 says nothing of a passing trouble', async () => {
    const desk = await open();
    desk.answers.push(refused('RateLimited'), refused('ServerBusy'));
    await desk.write('a');
    await desk.pass(1_000);
    expect(stateOf(desk, 'a')).toEqual({});
    await desk.pass(6_000);
    expect([desk.posted.length, desk.outbox.size]).toEqual([3, 0]);
  });

  it('S-COURIER-4 a clock put back by a year does not make a pause of a year', async () => {
    const desk = await open();
    desk.answers.push(refused('MailboxFull'));
    await desk.write('a');
    const now = desk.clock.now.bind(desk.clock);
    desk.clock.now = () => now() - 365 * DAY;
    desk.courier.kick();
    await desk.pass(0);
    expect(desk.posted).toHaveLength(2);
  });

  it('S-COURIER-5 posts to where the device is now, not to where it was when it was sealed', async () => {
    const desk = await open();
    desk.reachable.clear();
    await desk.write('a');
    const mailbox = new Uint8Array(16).fill(9) as ReturnType<typeof bob>['identity']['mailbox'];
    const address = { relayUrl: 'https://elsewhere.test', mailbox };
    const peer = known(bob());
    await inBatch(desk.store, (batch) => {
      desk.peers.put(batch, { ...peer, addresses: { [bob().identity.device.id]: address } });
    });
    desk.reachable.add('https://elsewhere.test');
    desk.courier.kick();
    await desk.pass(0);
    expect(desk.posted).toMatchObject([{ url: 'https://elsewhere.test', input: { to: [mailbox] } }]);
  });

  it('S-COURIER-10 what was sealed for a device that has left is dropped; what waits for others stays', async () => {
    const desk = await open();
    desk.answers.push(refused('MailboxUnknown'));
    await desk.write('a');
    await desk.pass(1_000);
    expect(stateOf(desk, 'a')).toEqual({ failure: 'PeerUnknown' });
    const { self, tablet } = withTablet(bob());
    const { account, device, log } = self.identity;
    const left = removeDevice(log, account, { type: 'device', device: tablet }, device.id, NOW);
    await inBatch(desk.store, (batch) => {
      desk.peers.put(batch, { ...known(self), log: left });
    });
    await desk.write('b');
    await desk.pass(60_000);
    expect([desk.posted.length, stateOf(desk, 'a'), stateOf(desk, 'b')]).toEqual([1, undefined, {}]);
    expect(await desk.store.count('outbox', {})).toBe(1);
  });

  it('S-COURIER-6 who cannot be written to yet does not hold up the others', async () => {
    const desk = await open();
    const cleo = party('cleo');
    await inBatch(desk.store, (batch) => {
      desk.peers.put(batch, newPeer(cleo.identity.account.id, cleo.identity.account.publicKey, RELAY));
      for (let i = 0; i < 600; i += 1)
        desk.outbox.add(batch, { accountId: cleo.identity.account.id, parts: [typing()] });
    });
    await desk.write('for Bob');
    await desk.pass(0);
    expect(desk.posted).toHaveLength(1);
    expect(desk.introduced.at(-1)?.accountId).toBe(cleo.identity.account.id);
    expect(desk.outbox.size).toBe(600);
  });

  it('S-COURIER-7 does not write into a session that nobody answered for weeks, but asks for a new one', async () => {
    const desk = await open(undefined, { sessionAge: 22 * DAY });
    await desk.write('a');
    await desk.pass(0);
    expect([desk.posted.length, desk.introduced.map(({ devices }) => devices)]).toEqual([
      0,
      [[bob().identity.device.id]],
    ]);
    const without = await open(undefined, { withSession: false });
    await without.write('a');
    await without.pass(0);
    expect([without.posted.length, without.introduced.length]).toEqual([0, 1]);
  });

  it('S-COURIER-8 small things share an envelope in their order; what is large goes alone', async () => {
    const desk = await open();
    const accountId = bob().identity.account.id;
    await inBatch(desk.store, (batch) => {
      for (let i = 0; i < 30; i += 1) desk.outbox.add(batch, { accountId, parts: [typing(i % 2 === 0)] });
      desk.outbox.add(batch, { accountId, parts: [changes(120_000)] });
      desk.outbox.add(batch, { accountId, parts: [{ type: 'ask', chatId: CHAT, summary: new Uint8Array(100_000) }] });
      desk.outbox.add(batch, { accountId, parts: [typing()] });
    });
    desk.courier.kick();
    await desk.pass(0);
    const parts = opened(desk);
    expect(parts.map((group) => group.length)).toEqual([24, 6, 1, 1, 1]);
    expect(parts.flat().slice(0, 4)).toEqual([typing(true), typing(false), typing(true), typing(false)]);
  });

  it('S-COURIER-9 while the relay is away small talk is not sealed and typing is dropped; messages are sealed', async () => {
    const desk = await open();
    desk.reachable.clear();
    const accountId = bob().identity.account.id;
    await inBatch(desk.store, (batch) => {
      desk.outbox.tell(batch, { accountId, topic: 'marks', parts: [typing()] });
      desk.outbox.tell(batch, { accountId, topic: 'typing', ephemeral: true, parts: [typing()] });
    });
    await desk.write('a');
    expect([...desk.outbox.items()].map((item) => [item.type, item.topic])).toEqual([
      ['parts', 'marks'],
      ['envelope', undefined],
    ]);
    desk.reachable.add(RELAY);
    desk.courier.hurry();
    await desk.pass(0);
    expect([desk.posted.length, desk.outbox.size]).toEqual([2, 0]);
  });

  it('S-COURIER-9 a typing that was refused or lost is not sent again', async () => {
    for (const answer of [refused('ServerBusy'), { type: 'lost', reason: 'Disconnected' }] as PostOutcome[]) {
      const desk = await open();
      desk.answers.push(answer);
      await inBatch(desk.store, (batch) => {
        const accountId = bob().identity.account.id;
        desk.outbox.tell(batch, { accountId, topic: 'typing', ephemeral: true, parts: [typing()] });
      });
      desk.courier.kick();
      await desk.pass(DAY);
      expect([desk.posted.length, desk.outbox.size]).toEqual([1, 0]);
    }
  });

  it('looks again by itself for a contact’s relay that was away', async () => {
    const desk = await open();
    desk.reachable.clear();
    await inBatch(desk.store, (batch) => {
      const peer = known(bob());
      const { mailbox } = bob().identity;
      desk.peers.put(batch, {
        ...peer,
        addresses: { [bob().identity.device.id]: { relayUrl: 'https://far.test', mailbox } },
      });
    });
    await desk.write('a');
    await desk.pass(30_000);
    desk.reachable.add('https://far.test');
    await desk.pass(31_000);
    expect(desk.posted).toHaveLength(1);
  });

  it('plans nothing any more once it is stopped', async () => {
    const desk = await open();
    desk.answers.push({ type: 'lost', reason: 'Disconnected' });
    await desk.write('a');
    desk.courier.stop();
    await desk.pass(DAY);
    expect(desk.posted).toHaveLength(1);
  });
});
