import {
  type Sessions,
  createDevice,
  encodeDeviceLog,
  logView,
  ready,
  removeDevice,
  sealEnvelope,
  sealMessage,
  startDeviceLog,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW, known, party, randomOf, sessionTo, withTablet } from '../../test/support/party.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { Alarms } from '../alarms/alarms.ts';
import { Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { PAYLOAD_AD } from '../outbox/courier.ts';
import { type Part, type Payload, encodePayload } from '../payload/payload.ts';
import { type Peer, Peers, STRANGERS, newPeer } from '../peers/peers.ts';
import { SessionBook } from '../sessions/session-book.ts';
import { type Opened, Opening } from './opening.ts';

beforeAll(ready);

const ann = (): Self => party('ann');
const bob = (): Self => party('bob');
const NO_VIEW = { length: 0, head: new Uint8Array(32) };

function card(from: Self, more: Partial<Extract<Part, { type: 'card' }>> = {}): Part {
  const { log, relayUrl, mailbox } = from.identity;
  return { type: 'card', accepts: true, deviceLog: encodeDeviceLog(log), relayUrl, mailbox, ...more };
}

/** Bob's device as it writes to Ann: one session, any payload. */
class Writer {
  #sessions: Sessions;
  readonly self: Self;

  constructor(self: Self = bob()) {
    this.self = self;
    this.#sessions = sessionTo(self, ann(), randomOf('writer'));
  }

  payload(parts: readonly Part[], views: Partial<Payload['views']> = {}): Uint8Array {
    return this.seal(
      encodePayload({
        views: { mine: logView(this.self.identity.log), yours: NO_VIEW, yourProfile: 0, ...views },
        parts,
      }),
    );
  }

  seal(plaintext: Uint8Array, ad = PAYLOAD_AD): Uint8Array {
    const sealed = sealMessage(this.#sessions, { plaintext, ad, random: randomOf('seal') });
    if (!sealed.ok) throw new Error('no session');
    this.#sessions = sealed.value.next;
    const { account, device } = this.self.identity;
    return sealEnvelope({
      from: { accountKey: account.publicKey, device },
      to: ann().identity.device.publicKey,
      message: sealed.value.message,
      random: randomOf('envelope'),
    });
  }
}

/** Ann's side. */
async function open({ peers: before = [] as Peer[], contact = false, blocked = false, stale = { now: false } } = {}) {
  const store = createMemoryStore();
  const [self, peers, alarms, sessions] = [ann(), new Peers(), new Alarms(), new SessionBook(store)];
  await inBatch(store, (batch) => {
    for (const peer of before) peers.put(batch, peer);
  });
  const opening = new Opening({
    ...{ self, peers, sessions, alarms },
    now: () => NOW,
    isBlocked: () => blocked,
    openForGroup: () => undefined,
    isContact: () => contact,
    isStale: () => stale.now,
    ownLog: () => undefined,
    logGrew: () => Promise.resolve(),
  });
  return {
    self,
    peers,
    alarms: () => alarms.list.get().map(({ type, who }) => `${type} by ${who}`),
    bob: () => peers.get(bob().identity.account.id),
    take: (data: Uint8Array): Promise<Opened> =>
      inBatch(store, async (batch) => {
        const opened = await opening.open(data, batch);
        sessions.writeInto(batch);
        batch.then(() => {
          if (batch.preKeys !== undefined) self.preKeys = batch.preKeys;
        });
        return opened;
      }),
    untouched: async () => (await sessions.get(bob().identity.device.id, new Batch())).list.length === 0,
  };
}

function why(opened: Opened): string {
  return opened.type === 'dropped' ? opened.reason : opened.type;
}

describe('opening', () => {
  it('S-OPEN-1 a stranger who shows a card that vouches for the device is heard, and remembered', async () => {
    const the = await open();
    const profile = { updated: 5, name: 'Bob' };
    const opened = await the.take(new Writer().payload([card(bob(), { profile })]));
    expect(opened).toMatchObject({ type: 'parts', deviceId: bob().identity.device.id });
    const { device, mailbox, relayUrl } = bob().identity;
    expect(the.bob()).toMatchObject({ profile, accepts: true, addresses: { [device.id]: { mailbox, relayUrl } } });
  });

  it('S-OPEN-1 each envelope opens once', async () => {
    const the = await open({ contact: true, peers: [known(bob())] });
    const envelope = new Writer().payload([]);
    expect(why(await the.take(envelope))).toBe('parts');
    expect(why(await the.take(envelope))).toBe('AlreadyOpened');
  });

  it('S-OPEN-2 a stranger whose device nobody vouches for is dropped: no relay of its choice is asked', async () => {
    const the = await open();
    const other = startDeviceLog(bob().identity.account, createDevice(randomOf('other')), NOW);
    const lie = card(bob(), { deviceLog: encodeDeviceLog(other), relayUrl: 'https://evil.test' });
    expect(why(await the.take(new Writer().payload([lie], { mine: { ...NO_VIEW, length: 9 } })))).toBe('NotVouched');
    expect(why(await the.take(new Writer().payload([])))).toBe('NotVouched');
    expect([the.bob(), await the.untouched()]).toEqual([undefined, true]);
  });

  it('S-OPEN-3 a contact’s device that is not known yet waits; one that the log does not list any more is dropped', async () => {
    const { self: grown, tablet } = withTablet(bob());
    const writer = new Writer({ ...grown, identity: { ...grown.identity, device: tablet } });
    const the = await open({ contact: true, peers: [known(bob())] });
    expect(why(await the.take(writer.payload([])))).toBe('unknownDevice');
    const later = await open({ contact: true, peers: [known(bob())] });
    expect(why(await later.take(writer.payload([], { mine: logView(bob().identity.log) })))).toBe('RemovedDevice');
  });

  it('S-OPEN-3 a device that was removed stays so, however much of the log it claims to know', async () => {
    const { self: grown, tablet } = withTablet(bob());
    const { account, device } = grown.identity;
    const log = removeDevice(grown.identity.log, account, { type: 'device', device }, tablet.id, NOW);
    const writer = new Writer({ ...grown, identity: { ...grown.identity, device: tablet } });
    const the = await open({ contact: true, peers: [{ ...known(grown), log }] });
    for (const length of [2, 3, 4, 200])
      expect(why(await the.take(writer.payload([], { mine: { ...NO_VIEW, length } })))).toBe('RemovedDevice');
  });

  it('S-OPEN-11 after a long absence a contact is heard when its relay was asked, and nothing is used up meanwhile', async () => {
    const stale = { now: true };
    const the = await open({ contact: true, peers: [known(bob())], stale });
    const envelope = new Writer().payload([]);
    expect(await the.take(envelope)).toEqual({ type: 'unknownDevice', accountId: bob().identity.account.id });
    expect(await the.untouched()).toBe(true);
    stale.now = false;
    expect(why(await the.take(envelope))).toBe('parts');
  });

  it('S-OPEN-4 a log on another line raises its alarm, whether shown or claimed', async () => {
    const forked = startDeviceLog(bob().identity.account, bob().identity.device, NOW + 1);
    for (const payload of [
      new Writer().payload([card(bob(), { deviceLog: encodeDeviceLog(forked) })]),
      new Writer().payload([], { mine: logView(forked) }),
    ]) {
      const the = await open({ contact: true, peers: [known(bob())] });
      expect(why(await the.take(payload))).toBe('ForkedLog');
      expect([the.alarms(), await the.untouched()]).toEqual([['DeviceLogForked by contact'], true]);
    }
  });

  it('S-OPEN-5 who saw other entries of our log than we wrote was shown a ghost; it does not count as knowing us', async () => {
    const { id } = bob().identity.device;
    const the = await open({ contact: true, peers: [known(bob())] });
    await the.take(new Writer().payload([], { yours: { length: 1, head: new Uint8Array(32).fill(7) } }));
    expect([the.alarms(), the.bob()?.knows[id]?.log]).toEqual([['GhostDevice by relay'], 0]);
    const honest = await open({ contact: true, peers: [known(bob())] });
    await honest.take(new Writer().payload([], { yours: logView(ann().identity.log), yourProfile: 3 }));
    expect([honest.alarms(), honest.bob()?.knows]).toEqual([[], { [id]: { log: 1, profile: 3 } }]);
  });

  it('S-OPEN-10 who saw more of a log than is known here makes its relay be asked, and does not count as knowing us', async () => {
    const { id } = bob().identity.device;
    const the = await open({ contact: true, peers: [known(bob())] });
    const yours = { length: 2, head: logView(ann().identity.log).head };
    const ahead = await the.take(new Writer().payload([], { yours }));
    expect(ahead).toMatchObject({ type: 'parts', logsToAsk: [ann().identity.account.id] });
    expect([the.alarms(), the.bob()?.knows[id]?.log]).toEqual([[], 0]);
    const other = await open({ contact: true, peers: [known(bob())] });
    const mine = { ...logView(bob().identity.log), length: 5 };
    expect(await other.take(new Writer().payload([], { mine }))).toMatchObject({
      logsToAsk: [bob().identity.account.id],
    });
  });

  it('S-OPEN-6 of two profiles the later one stays, in whatever order they come', async () => {
    const the = await open({ contact: true, peers: [known(bob())] });
    const writer = new Writer();
    for (const [updated, name] of [
      [2, 'newer'],
      [1, 'older'],
    ] as const)
      await the.take(writer.payload([card(bob(), { profile: { updated, name } })]));
    expect(the.bob()?.profile?.name).toBe('newer');
  });

  it('S-OPEN-7 a session that broke is renewed only with a contact’s own device', async () => {
    const broken = new Writer().seal(new Uint8Array(8), new TextEncoder().encode('another protocol'));
    const the = await open({ contact: true, peers: [known(bob())] });
    expect(why(await the.take(broken))).toBe('brokenSession');
    const stranger = await open({ peers: [known(bob())] });
    expect(why(await stranger.take(broken))).toBe('Unreadable');
    // Anybody can seal an envelope that names a contact's account.
    const eve = party('eve');
    const posing = new Writer({ ...eve, identity: { ...eve.identity, account: bob().identity.account } });
    const forged = posing.seal(new Uint8Array(8), new TextEncoder().encode('another protocol'));
    expect(why(await the.take(forged))).toBe('Unreadable');
  });

  it('S-OPEN-8 what is not for us, not readable, or from someone blocked is dropped and moves nothing', async () => {
    const the = await open({ contact: true, peers: [known(bob())] });
    expect(why(await the.take(new Uint8Array(600).fill(1)))).toBe('NotForMe');
    expect(why(await the.take(new Uint8Array(3)))).toBe('Unreadable');
    expect(why(await the.take(new Writer().seal(new Uint8Array(50))))).toBe('Unreadable');
    const blocked = await open({ contact: true, blocked: true, peers: [known(bob())] });
    expect(why(await blocked.take(new Writer().payload([])))).toBe('Blocked');
    expect([await the.untouched(), await blocked.untouched()]).toEqual([true, true]);
  });

  it('S-OPEN-9 more strangers than the bound are not heard; those that are known are', async () => {
    const crowd = Array.from({ length: STRANGERS }, (_, i) =>
      newPeer(`stranger ${String(i)}` as Peer['accountId'], bob().identity.account.publicKey, 'https://relay.test'),
    );
    const the = await open({ peers: crowd });
    expect(why(await the.take(new Writer().payload([card(bob())])))).toBe('TooManyStrangers');
    const one = await open({ peers: crowd.slice(1) });
    expect(why(await one.take(new Writer().payload([card(bob())])))).toBe('parts');
    expect(why(await one.take(new Writer().payload([card(bob())])))).not.toBe('TooManyStrangers');
  });
});
