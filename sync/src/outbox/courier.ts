/**
 * Moves the outbox: parts -> sealed envelopes -> accepted by the relay. Sealing happens in the lane and is durable, with
 * the ratchet state, in one commit before the socket sees a byte (DESIGN 6, "Write order"). Posting repeats the same
 * bytes until the relay accepted them. Knows nothing of what the parts mean.
 */
import {
  type AccountId,
  type DeviceId,
  PLAINTEXT_BYTES,
  type Random,
  type Sessions,
  logView,
  needsNewSession,
  sealEnvelope,
  sealMessage,
} from '@securechat/crypto';
import type { EnvelopeId, RelayCode } from '@securechat/relay-protocol';
import type { SendFailure } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Network } from '../connection/network.ts';
import type { Lane } from '../lane.ts';
import { type LogView, type Part, encodePayload } from '../payload/payload.ts';
import { type Peer, type PeerAddress, type Peers, devicesOf, addressOf } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import type { EnvelopeItem, Outbox, PartsItem } from './outbox.ts';

/** Bound into every session message, so that bytes of another protocol can never be opened as a payload. */
export const PAYLOAD_AD = new TextEncoder().encode('SecureChat payload v1');

/** Parts sealed together: enough to drain a backlog fast, few enough that one envelope stays small. */
const GROUP_PARTS = 24;
const GROUP_BYTES = 48 * 1024;
/** Items that one job seals, so that the user's own action never waits long for the lane. */
const JOB_ITEMS = 256;
const IN_FLIGHT = 256;
/** Bytes of small talk, such as history for another device: what is unanswered is posted again after a kill. */
const TALK_IN_FLIGHT = 512 * 1024;
const BUSY_PAUSE = 3_000;
const REFUSED_PAUSE = 60_000;
/** How long a contact's own relay that cannot be reached is left alone; the home relay says itself when it is back. */
const FOREIGN_PAUSE = 60_000;

/** What carries envelopes away. */
export type Post = Pick<Network, 'reach' | 'post'>;

export interface CourierOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly network: () => Post | undefined;
  /** Device log, address and session of the account's devices are wanted; calls `kick` when something came of it. */
  readonly introduce: (accountId: AccountId, devices: readonly DeviceId[]) => void;
  /** Parts that go with everything sent to this device until it showed that it knows them. */
  readonly preface: (peer: Peer, deviceId: DeviceId) => readonly Part[];
  readonly background: (job: () => Promise<void>) => void;
}

export class Courier {
  readonly #options: CourierOptions;
  /** What is posted or being settled, each with its bytes if it is small talk. */
  readonly #inFlight = new Map<number, number>();
  #talkInFlight = 0;
  readonly #notBefore = new Map<number, number>();
  #accepted: number[] = [];
  #sealing = false;
  #settling = false;
  #isStopped = false;
  #retryAt = Infinity;
  #cancelRetry: () => void = () => undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Looks at the outbox again: something was added, or a relay became reachable. */
  kick(): void {
    if (!this.#sealing) {
      this.#sealing = true;
      this.#options.background(async () => {
        this.#sealing = false;
        await this.#seal();
      });
    }
    this.#post();
  }

  /** Forgets pauses: the user asked to try again, or the connection is new. */
  hurry(): void {
    this.#notBefore.clear();
    this.kick();
  }

  /** Nothing is retried from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
  }

  /** Lane job: seals what can be sealed, up to {@link JOB_ITEMS}. */
  async #seal(): Promise<void> {
    const parts = [...this.#options.outbox.items()].filter((item) => item.type === 'parts');
    if (parts.length === 0) return;
    const sealed = await inBatch(this.#options.store, async (batch) => {
      let count = 0;
      // Who cannot be written to yet must not hold up the others: only what was sealed counts.
      for (const [accountId, items] of groupBy(parts, (item) => item.accountId)) {
        if (count < JOB_ITEMS) count += await this.#sealFor(accountId, items.slice(0, JOB_ITEMS - count), batch);
      }
      this.#options.sessions.writeInto(batch);
      return count;
    });
    if (sealed >= JOB_ITEMS) this.kick();
    else this.#post();
  }

  /** Seals for the account's devices that can be written to; answers how many items. */
  async #sealFor(accountId: AccountId, items: readonly PartsItem[], batch: Batch): Promise<number> {
    const peer = this.#options.peers.get(accountId);
    if (peer === undefined) return 0;
    const self = this.#options.self.identity.device.id;
    const devices = new Map(devicesOf(peer).flatMap((device) => (device.id === self ? [] : [[device.id, device]])));
    const isAlone = devices.size === 0 && accountId === this.#options.self.identity.account.id;
    // The own account has no other device: there is nobody to tell.
    if (isAlone) for (const item of items) this.#options.outbox.remove(batch, item.seq);
    if (isAlone) return 0;
    const lacking: DeviceId[] = [];
    let sealed = 0;
    for (const [deviceId, queue] of groupBy(this.#spread(items, [...devices.keys()], batch), (item) => item.deviceId)) {
      const device = devices.get(deviceId);
      // A device that left the log gets nothing more.
      if (device === undefined) for (const item of queue) this.#options.outbox.remove(batch, item.seq);
      else if (await this.#canWrite(peer, deviceId, batch))
        sealed += await this.#sealQueue(
          peer,
          device.publicKey,
          deviceId,
          this.#timely(peer, deviceId, queue, batch),
          batch,
        );
      else {
        lacking.push(deviceId);
        for (const item of queue) if (item.ephemeral) this.#options.outbox.remove(batch, item.seq);
      }
    }
    if (devices.size === 0 || lacking.length > 0) this.#options.introduce(accountId, lacking);
    return sealed;
  }

  async #canWrite(peer: Peer, deviceId: DeviceId, batch: Batch): Promise<boolean> {
    if (peer.addresses[deviceId] === undefined) return false;
    const sessions = await this.#options.sessions.get(deviceId, batch);
    return !needsNewSession(sessions, this.#options.clock.now());
  }

  /** While the device's relay cannot be reached small talk waits unsealed, so that later talk takes its place; typing goes. */
  #timely(peer: Peer, deviceId: DeviceId, queue: readonly Directed[], batch: Batch): readonly Directed[] {
    const relayUrl = peer.addresses[deviceId]?.relayUrl ?? '';
    if (queue.every((item) => item.topic === undefined) || this.#options.network()?.reach(relayUrl) === true)
      return queue;
    for (const item of queue) if (item.ephemeral) this.#options.outbox.remove(batch, item.seq);
    return queue.filter((item) => item.topic === undefined);
  }

  /** Items for the whole account become one item a device; the first keeps the number, so that order is kept. */
  #spread(items: readonly PartsItem[], devices: readonly DeviceId[], batch: Batch): readonly Directed[] {
    return items.flatMap((item) => {
      if (item.deviceId !== undefined) return [{ ...item, deviceId: item.deviceId }];
      return devices.map((deviceId, index) => {
        const own = { ...item, deviceId, seq: index === 0 ? item.seq : this.#options.outbox.nextSeq() };
        this.#options.outbox.put(batch, own);
        return own;
      });
    });
  }

  async #sealQueue(
    peer: Peer,
    deviceKey: DeviceKey,
    deviceId: DeviceId,
    queue: readonly Directed[],
    batch: Batch,
  ): Promise<number> {
    const { outbox, random, sessions } = this.#options;
    const preface = this.#options.preface(peer, deviceId);
    const address = peer.addresses[deviceId];
    let sealed = 0;
    for (const group of groupsOf(queue)) {
      const [first, ...rest] = group;
      if (first === undefined || address === undefined) continue;
      const current = await sessions.get(deviceId, batch);
      const made = this.#sealGroup(peer, deviceKey, current, [...preface, ...group.flatMap((item) => item.parts)]);
      if (made === undefined) continue;
      sessions.set(deviceId, made.next, batch);
      const holds = group.flatMap((item) => item.holds ?? []);
      const envelope: EnvelopeItem = {
        type: 'envelope',
        seq: first.seq,
        accountId: first.accountId,
        deviceId,
        refs: group.flatMap((item) => item.refs),
        ...(holds.length > 0 && { holds }),
        ephemeral: group.every((item) => item.ephemeral),
        ...(first.topic !== undefined && group.every((item) => item.topic !== undefined) && { topic: first.topic }),
        ...address,
        envelopeId: random(16) as EnvelopeId,
        data: made.data,
      };
      outbox.put(batch, envelope);
      for (const item of rest) outbox.remove(batch, item.seq);
      sealed += group.length;
    }
    return sealed;
  }

  #sealGroup(
    peer: Peer,
    deviceKey: DeviceKey,
    sessions: Sessions,
    parts: readonly Part[],
  ): { readonly next: Sessions; readonly data: Uint8Array } | undefined {
    const { self, random } = this.#options;
    const { account, device, log } = self.identity;
    const views = {
      mine: logView(log),
      yours: peer.log ? logView(peer.log) : NO_VIEW,
      yourProfile: peer.profile?.updated ?? 0,
    };
    const plaintext = encodePayload({ views, parts });
    // Cannot be, by the caps of every part; if it is all the same, one item waits for a better version, and no other.
    if (plaintext.length > PLAINTEXT_BYTES) return undefined;
    const sealed = sealMessage(sessions, { plaintext, ad: PAYLOAD_AD, random });
    if (!sealed.ok) return undefined;
    const data = sealEnvelope({
      from: { accountKey: account.publicKey, device },
      to: deviceKey,
      message: sealed.value.message,
      random,
    });
    return { next: sealed.value.next, data };
  }

  /** Hands sealed envelopes to their relays, in order, at most {@link IN_FLIGHT} unanswered at a time. */
  #post(): void {
    const network = this.#options.network();
    if (network === undefined) return;
    const now = this.#options.clock.now();
    // What a busy relay did not take goes before what was said later: an answer's end must not overtake its beginning.
    const busy = new Set<DeviceId>();
    for (const item of this.#options.outbox.items()) {
      if (this.#inFlight.size >= IN_FLIGHT) return;
      if (item.type !== 'envelope' || this.#inFlight.has(item.seq)) continue;
      const talk = item.topic === undefined ? 0 : item.data.length;
      if (talk > 0 && (this.#talkInFlight >= TALK_IN_FLIGHT || busy.has(item.deviceId))) continue;
      if (this.#pauseLeft(item.seq, now) > 0) {
        if (item.failure === undefined) busy.add(item.deviceId);
        continue;
      }
      const address = this.#addressOf(item);
      if (address === undefined) this.#drop(item.seq);
      else if (network.reach(address.relayUrl)) {
        this.#inFlight.set(item.seq, talk);
        this.#talkInFlight += talk;
        void this.#postOne(network, item, address);
      } else if (item.ephemeral) {
        this.#inFlight.set(item.seq, 0);
        this.#settle(item.seq);
      } else if (address.relayUrl !== this.#options.self.identity.relayUrl) this.#retryIn(FOREIGN_PAUSE);
    }
  }

  #landed(seq: number): void {
    this.#talkInFlight -= this.#inFlight.get(seq) ?? 0;
    this.#inFlight.delete(seq);
  }

  /** Where the device receives now; the bytes are the same wherever they go. Undefined: it left its account's log. */
  #addressOf(item: EnvelopeItem): PeerAddress | undefined {
    const peer = this.#options.peers.get(item.accountId);
    return peer === undefined ? item : addressOf(peer, item.deviceId, item);
  }

  /** Nobody is to open it any more. What other devices lack of it they are told by the repair path. */
  #drop(seq: number): void {
    const { outbox, store, background } = this.#options;
    this.#inFlight.set(seq, 0);
    background(async () => {
      try {
        await inBatch(store, (batch) => {
          outbox.remove(batch, seq);
        });
      } finally {
        this.#notBefore.delete(seq);
        this.#landed(seq);
      }
    });
  }

  async #postOne(network: Post, item: EnvelopeItem, { relayUrl, mailbox }: PeerAddress): Promise<void> {
    const { envelopeId: id, data, ephemeral } = item;
    const outcome = await network.post(relayUrl, { id, data, to: [mailbox], ephemeral });
    if (outcome.type === 'accepted' || ephemeral) {
      this.#settle(item.seq);
      return;
    }
    this.#landed(item.seq);
    switch (outcome.type) {
      case 'lost':
        if (outcome.reason === 'NoAnswer') this.kick();
        else this.#pause(item.seq, BUSY_PAUSE);
        return;
      case 'refused':
        this.#refused(item, outcome.failures[0]?.code ?? 'ServerBusy');
        return;
    }
  }

  #refused(item: EnvelopeItem, code: RelayCode): void {
    const failure = failureOf(code);
    this.#pause(item.seq, failure === undefined ? BUSY_PAUSE : REFUSED_PAUSE);
    if (code === 'MailboxUnknown') this.#options.introduce(item.accountId, [item.deviceId]);
    if (failure === undefined || failure === item.failure) return;
    this.#options.background(() =>
      inBatch(this.#options.store, (batch) => {
        const current = this.#options.outbox.get(item.seq);
        if (current !== undefined) this.#options.outbox.put(batch, { ...current, failure });
      }),
    );
  }

  /** Collects items that are done with, so that a burst of them is one commit. Until then they count as in flight. */
  #settle(seq: number): void {
    this.#accepted.push(seq);
    if (this.#settling) return;
    this.#settling = true;
    this.#options.background(async () => {
      this.#settling = false;
      const done = this.#accepted;
      this.#accepted = [];
      try {
        await inBatch(this.#options.store, (batch) => {
          this.#options.outbox.accept(batch, done);
        });
      } finally {
        for (const accepted of done) {
          this.#notBefore.delete(accepted);
          this.#landed(accepted);
        }
      }
      this.#post();
    });
  }

  #pause(seq: number, pause: number): void {
    this.#notBefore.set(seq, this.#options.clock.now() + pause);
    this.#retryIn(pause + 1);
  }

  /** Looks again after `pause`, or sooner when that was planned already. */
  #retryIn(pause: number): void {
    const { clock } = this.#options;
    if (this.#isStopped || this.#retryAt <= clock.now() + pause) return;
    this.#cancelRetry();
    this.#retryAt = clock.now() + pause;
    this.#cancelRetry = clock.after(pause, () => {
      this.#retryAt = Infinity;
      for (const seq of this.#notBefore.keys()) {
        const left = this.#pauseLeft(seq, clock.now());
        if (left === 0) this.#notBefore.delete(seq);
        else this.#retryIn(left + 1);
      }
      this.kick();
    });
  }

  /** No pause is longer than {@link REFUSED_PAUSE}: what looks longer is a clock that was put back. */
  #pauseLeft(seq: number, now: number): number {
    const left = (this.#notBefore.get(seq) ?? 0) - now;
    return left > REFUSED_PAUSE ? 0 : Math.max(0, left);
  }
}

type Directed = PartsItem & { readonly deviceId: DeviceId };
type DeviceKey = ReturnType<typeof devicesOf>[number]['publicKey'];

/** Says nothing of a device log. */
export const NO_VIEW: LogView = { length: 0, head: new Uint8Array(32) };

/** Undefined: a passing trouble that the user need not hear of. */
function failureOf(code: RelayCode): SendFailure | undefined {
  switch (code) {
    case 'MailboxFull':
      return 'PeerMailboxFull';
    case 'MailboxUnknown':
      return 'PeerUnknown';
    case 'TooLarge':
      return 'TooLarge';
    case 'RateLimited':
    case 'ServerBusy':
      return undefined;
    default:
      return 'RelayRefused';
  }
}

/** Items that are sealed together, in order. */
export function groupsOf<T extends Pick<PartsItem, 'parts' | 'ephemeral'>>(
  queue: readonly T[],
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let bytes = 0;
  let parts = 0;
  for (const item of queue) {
    const size = item.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    const open = groups.at(-1);
    const fits =
      open?.[0]?.ephemeral === item.ephemeral &&
      parts + item.parts.length <= GROUP_PARTS &&
      bytes + size <= GROUP_BYTES;
    if (fits) open?.push(item);
    else groups.push([item]);
    bytes = fits ? bytes + size : size;
    parts = fits ? parts + item.parts.length : item.parts.length;
  }
  return groups;
}

/** Close enough to keep a group small; what is large in itself goes alone. */
function sizeOf(part: Part): number {
  switch (part.type) {
    case 'changes':
      return part.changes.reduce((sum, change) => sum + change.bytes.length + 12, 64);
    case 'ask':
      return part.summary.length + 64;
    case 'marks':
    case 'ticks':
      return 36 * (part.received.length + part.read.length) + 64;
    case 'personal':
      return part.changes.reduce((sum, change) => sum + change.bytes.length + 32, 64);
    case 'personalAsk':
      return part.summary.length + 64;
    case 'digest':
      return 64 * part.chats.length + 64;
    case 'peer':
      return part.deviceLog.length + (part.profile?.avatar?.bytes.length ?? 0) + 1024;
    case 'phone':
      return (part.word.type === 'signal' ? part.word.signal.payload.length : 0) + 128;
    default:
      return 512;
  }
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
