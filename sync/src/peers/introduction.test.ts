import {
  type AccountId,
  canSeal,
  createDevice,
  encodeDeviceLog,
  logView,
  ready,
  removeDevice,
  startDeviceLog,
} from '@securechat/crypto';
import type { ClaimedPreKeys } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { NOW, claimOf, invited, known, party, randomOf, sessionTo, withTablet } from '../../test/support/party.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { Alarms } from '../alarms/alarms.ts';
import { Batch, inBatch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import { Lane } from '../lane.ts';
import { SessionBook } from '../sessions/session-book.ts';
import { Introduction, isRelayUrl, parseAddress } from './introduction.ts';
import { type Peer, Peers } from './peers.ts';

beforeAll(ready);

const DAY = 24 * 3600_000;

/** Ann getting to know the peer through a relay that answers as told; no answer: the relay is away. */
async function open(peer: Peer) {
  const [store, lane, clock] = [createMemoryStore(), new Lane(), new VirtualClock(NOW)];
  const [peers, alarms, sessions] = [new Peers(), new Alarms(), new SessionBook(store)];
  await inBatch(store, (batch) => {
    peers.put(batch, peer);
  });
  const learned: AccountId[] = [];
  const desk: { answer: ClaimedPreKeys | undefined; asked: number } = { answer: undefined, asked: 0 };
  const ask = (): Promise<unknown> => {
    desk.asked += 1;
    return Promise.resolve(
      desk.answer === undefined ? { ok: false, error: { type: 'Offline' } } : { ok: true, value: desk.answer },
    );
  };
  const introduction = new Introduction({
    ...{ self: party('ann'), store, clock, random: randomOf('ann'), peers, sessions, alarms },
    directory: { ask } as Pick<Directory, 'ask'>,
    learned: (accountId) => learned.push(accountId),
    ownLog: () => undefined,
    logGrew: () => Promise.resolve(),
    logFirstSeen: () => Promise.resolve(),
    background: (job) => void lane.run(job),
  });
  const pass = async (ms: number): Promise<void> => {
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
      await lane.idle();
    };
    const end = clock.now() + ms;
    await settle();
    while (clock.step(end)) await settle();
  };
  return {
    ...{ introduction, peers, sessions, store, learned, desk, pass },
    alarms: () => alarms.list.get().map(({ type, who }) => `${type} by ${who}`),
    peer: () => peers.get(peer.accountId) ?? peer,
    hasSession: async (self: ReturnType<typeof party>) =>
      canSeal(await sessions.get(self.identity.device.id, new Batch())),
    meet: async (answer: ClaimedPreKeys | undefined, wish = {}) => {
      desk.answer = answer;
      introduction.ask(peer.accountId, wish);
      await pass(0);
    },
  };
}

describe('introduction', () => {
  it('S-INTRO-1 takes log, address and a session from an honest answer', async () => {
    const bob = party('bob');
    const ann = await open(invited(bob));
    await ann.meet(claimOf(bob));
    const { device, mailbox, relayUrl } = bob.identity;
    expect(ann.peer()).toMatchObject({ log: bob.identity.log, addresses: { [device.id]: { mailbox, relayUrl } } });
    expect([await ann.hasSession(bob), ann.alarms(), ann.learned]).toEqual([true, [], [bob.identity.account.id]]);
    const again = new Peers();
    await again.load(ann.store);
    expect(again.get(bob.identity.account.id)?.log).toEqual(bob.identity.log);
  });

  it('S-INTRO-2 an older log raises its alarm; the longer one and what it says stay', async () => {
    const { self: bob } = withTablet(party('bob'));
    const ann = await open(known(bob));
    await ann.meet(claimOf(party('bob')));
    expect(ann.alarms()).toEqual(['DeviceLogRolledBack by relay']);
    expect(logView(ann.peer().log ?? bob.identity.log).length).toBe(2);
  });

  it('S-INTRO-2 another line of the same account raises its alarm and nothing is taken', async () => {
    const bob = party('bob');
    const ann = await open(known(bob));
    const other = createDevice(randomOf('other'));
    const forked = startDeviceLog(bob.identity.account, other, NOW);
    await ann.meet({ ...claimOf(bob), deviceLog: encodeDeviceLog(forked) });
    expect([ann.alarms(), await ann.hasSession(bob)]).toEqual([['DeviceLogForked by relay'], false]);
    expect(ann.peer().log).toEqual(bob.identity.log);
  });

  it('S-INTRO-2 a log of another account, or bytes that are none, raise it too', async () => {
    const [bob, eve] = [party('bob'), party('eve')];
    for (const lie of [claimOf(eve), { ...claimOf(bob), deviceLog: claimOf(eve).deviceLog }]) {
      const ann = await open(invited(bob));
      await ann.meet(lie);
      expect([ann.alarms(), await ann.hasSession(bob)]).toEqual([['DeviceLogForked by relay'], false]);
      expect([await ann.hasSession(eve), ann.peer().log]).toEqual([false, undefined]);
    }
  });

  it('S-INTRO-3 a device that is not in the log raises GhostDevice and gets no session; the real one does', async () => {
    const [bob, eve] = [party('bob'), party('eve')];
    const ann = await open(invited(bob));
    const honest = claimOf(bob);
    await ann.meet({ ...honest, devices: [...claimOf(eve).devices, ...honest.devices] });
    expect(ann.alarms()).toEqual(['GhostDevice by relay']);
    expect([await ann.hasSession(bob), await ann.hasSession(eve)]).toEqual([true, false]);
    expect(Object.keys(ann.peer().addresses)).toEqual([bob.identity.device.id]);
  });

  it('S-INTRO-3 a device that was removed counts as not in the log', async () => {
    const { self: bob, tablet } = withTablet(party('bob'));
    const log = removeDevice(
      bob.identity.log,
      bob.identity.account,
      { type: 'device', device: bob.identity.device },
      tablet.id,
      NOW,
    );
    const ann = await open(known({ ...bob, identity: { ...bob.identity, log } }));
    const offer = claimOf(bob).devices[0];
    if (offer === undefined) throw new Error('no device');
    const answer = { ...claimOf(bob), deviceLog: encodeDeviceLog(log) };
    await ann.meet({ ...answer, devices: [{ ...offer, deviceKey: tablet.publicKey }, offer] });
    expect(ann.alarms()).toEqual(['GhostDevice by relay']);
  });

  it('S-INTRO-4 pre-keys that the device did not sign raise PreKeysSubstituted, and no session starts from them', async () => {
    const [bob, eve] = [party('bob'), party('eve')];
    const offer = claimOf(bob).devices[0];
    const [foreign] = claimOf(eve).devices;
    if (offer === undefined || foreign === undefined) throw new Error('no device');
    const damaged = offer.signed.slice();
    damaged[60] = (damaged[60] ?? 0) ^ 1;
    for (const signed of [foreign.signed, damaged, new Uint8Array(7)]) {
      const ann = await open(invited(bob));
      await ann.meet({ ...claimOf(bob), devices: [{ ...offer, signed }] });
      expect([ann.alarms(), await ann.hasSession(bob)]).toEqual([['PreKeysSubstituted by relay'], false]);
      expect(ann.peer().addresses).toEqual({});
    }
    const ann = await open(invited(bob));
    await ann.meet({ ...claimOf(bob), devices: [{ ...offer, oneTime: foreign.oneTime ?? { id: 1, bytes: damaged } }] });
    expect(ann.alarms()).toEqual(['PreKeysSubstituted by relay']);
  });

  it('S-INTRO-5 asks again after pauses that grow to a quarter of an hour, while some device cannot be written to', async () => {
    const { self: bob } = withTablet(party('bob')); // the tablet never published pre-keys
    const ann = await open(invited(bob));
    await ann.meet(claimOf(bob));
    expect([await ann.hasSession(bob), ann.desk.asked]).toEqual([true, 1]);
    const gaps: number[] = [];
    for (let asks = 0; asks < 12; asks += 1) {
      let waited = 0;
      for (const before = ann.desk.asked; ann.desk.asked === before && waited < 2_000_000; waited += 1_000) {
        ann.introduction.ask(bob.identity.account.id); // as the courier does whenever it looks
        await ann.pass(1_000);
      }
      gaps.push(waited);
    }
    expect(gaps.slice(0, 4)).toEqual([3_000, 4_000, 8_000, 16_000]);
    expect(Math.max(...gaps)).toBe(900_000);
  });

  it('S-INTRO-5 says after a pause that it is time to look again, and forgets pauses when the connection is new', async () => {
    const bob = party('bob');
    const ann = await open(invited(bob));
    await ann.meet(undefined);
    await ann.meet(claimOf(bob)); // within the pause: not asked
    expect([ann.desk.asked, ann.learned]).toEqual([1, []]);
    await ann.pass(2_000);
    expect(ann.learned).toEqual([bob.identity.account.id]);
    await ann.meet(undefined);
    ann.introduction.hurry();
    await ann.meet(claimOf(bob));
    expect([ann.desk.asked, await ann.hasSession(bob)]).toEqual([3, true]);
  });

  it('S-INTRO-6 leaves a session that works, replaces one that is broken or that nobody answered for weeks', async () => {
    const bob = party('bob');
    const { device } = bob.identity;
    for (const [age, wish, isNew] of [
      [0, {}, false],
      [0, { fresh: [device.id] }, true],
      [22 * DAY, {}, true],
    ] as const) {
      const ann = await open(known(bob));
      const before = sessionTo(party('ann'), bob, randomOf('before'), NOW - age);
      await inBatch(ann.store, (batch) => {
        ann.sessions.set(device.id, before, batch);
        ann.sessions.writeInto(batch);
      });
      await ann.meet(claimOf(bob), wish);
      const after = await ann.sessions.get(device.id, new Batch());
      expect(after.list[0] !== before.list[0]).toBe(isNew);
    }
  });

  it('S-INTRO-7 once stopped nothing is asked, learned or planned', async () => {
    const bob = party('bob');
    const ann = await open(invited(bob));
    ann.desk.answer = undefined;
    ann.introduction.ask(bob.identity.account.id);
    ann.introduction.stop();
    await ann.pass(DAY);
    ann.introduction.ask(bob.identity.account.id);
    await ann.pass(DAY);
    expect([ann.desk.asked, ann.learned]).toEqual([1, []]);
  });
});

describe('addresses', () => {
  it('S-INTRO-8 a relay URL is an http(s) origin in its one spelling, and short enough for the note', () => {
    for (const good of ['https://relay.example', 'http://127.0.0.1:8080', 'https://relay.example:8443'])
      expect(isRelayUrl(good)).toBe(true);
    for (const bad of [
      ...['https://relay.example/', 'https://relay.example:443', 'https://Relay.example', 'https://relay.example/x'],
      ...['https://user@relay.example', 'ws://relay.example', 'javascript:alert(1)', 'relay.example', ''],
      `https://${'a.'.repeat(130)}example`,
    ])
      expect(isRelayUrl(bad)).toBe(false);
  });

  it('reads the note of a bundle: a mailbox and such a URL', () => {
    const note = (text: string): Uint8Array =>
      new Uint8Array([...new Uint8Array(16).fill(1), ...new TextEncoder().encode(text)]);
    expect(parseAddress(note('https://relay.example'))).toEqual({
      mailbox: new Uint8Array(16).fill(1),
      relayUrl: 'https://relay.example',
    });
    expect([parseAddress(note('relay')), parseAddress(new Uint8Array(3))]).toEqual([undefined, undefined]);
  });
});
