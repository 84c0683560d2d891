/**
 * Moves the outbox: parts -> sealed envelopes -> accepted by the relay. Sealing happens in the lane and is durable, with
 * the ratchet state, in one commit before the socket sees a byte (DESIGN 6, "Write order"). Posting repeats the same
 * bytes until the relay accepted them. Knows nothing of what the parts mean.
 */
import {
  type AccountId,
  type DeviceId,
  type Random,
  type Sessions,
  canSeal,
  logView,
  sealEnvelope,
  sealMessage,
} from '@securechat/crypto';
import { type EnvelopeId, LIMITS, type RelayCode } from '@securechat/relay-protocol';
import type { SendFailure } from '../api.ts';
import { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Network } from '../connection/network.ts';
import type { Lane } from '../lane.ts';
import { type LogView, type Part, encodePayload } from '../payload/payload.ts';
import { type Peer, type Peers, devicesOf } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import type { EnvelopeItem, Outbox, OutboxItem, PartsItem } from './outbox.ts';

/** Bound into every session message, so that bytes of another protocol can never be opened as a payload. */
export const PAYLOAD_AD = new TextEncoder().encode('SecureChat payload v1');

/** Parts sealed together: enough to drain a backlog fast, few enough that one envelope stays small. */
const GROUP_PARTS = 24;
const GROUP_BYTES = 48 * 1024;
/** Items that one job seals, so that the user's own action never waits long for the lane. */
const JOB_ITEMS = 256;
const IN_FLIGHT = 256;
const BUSY_PAUSE = 3_000;
const REFUSED_PAUSE = 60_000;

export interface CourierOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly network: () => Network | undefined;
  /** Device log, address and session of the account's devices are wanted; calls `kick` when something came of it. */
  readonly introduce: (accountId: AccountId, devices: readonly DeviceId[]) => void;
  /** Parts that go with everything sent to this peer until it showed that it knows them. */
  readonly preface: (peer: Peer) => readonly Part[];
  readonly background: (job: () => Promise<void>) => void;
}

export class Courier {
  readonly #options: CourierOptions;
  readonly #inFlight = new Set<number>();
  readonly #notBefore = new Map<number, number>();
  #accepted: number[] = [];
  #sealing = false;
  #settling = false;
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

  stop(): void {
    this.#cancelRetry();
  }

  /** Lane job: seals what can be sealed, up to {@link JOB_ITEMS}. */
  async #seal(): Promise<void> {
    const parts = [...this.#options.outbox.items()].filter((item) => item.type === 'parts');
    if (parts.length === 0) return;
    const batch = new Batch();
    for (const [accountId, items] of groupBy(parts.slice(0, JOB_ITEMS), (item) => item.accountId)) {
      await this.#sealFor(accountId, items, batch);
    }
    this.#options.sessions.writeInto(batch);
    const didSomething = !batch.isEmpty;
    await batch.commit(this.#options.store);
    if (didSomething && parts.length > JOB_ITEMS) this.kick();
    else this.#post();
  }

  async #sealFor(accountId: AccountId, items: readonly PartsItem[], batch: Batch): Promise<void> {
    const peer = this.#options.peers.get(accountId);
    if (peer === undefined) return;
    const devices = devicesOf(peer);
    const lacking: DeviceId[] = [];
    const queues = new Map<DeviceId, PartsItem[]>();
    const spread = this.#spread(
      items,
      devices.map((d) => d.id),
      batch,
    );
    for (const item of spread) {
      const queue = queues.get(item.deviceId);
      if (queue) queue.push(item);
      else queues.set(item.deviceId, [item]);
    }
    for (const [deviceId, queue] of queues) {
      const device = devices.find((d) => d.id === deviceId);
      if (device === undefined) {
        for (const item of queue) this.#options.outbox.remove(batch, item.seq); // the device was removed from its log
        continue;
      }
      const sessions = await this.#options.sessions.get(deviceId, batch);
      if (canSeal(sessions) && peer.addresses[deviceId] !== undefined)
        await this.#sealQueue(peer, device.publicKey, deviceId, queue, batch);
      else lacking.push(deviceId);
    }
    if (devices.length === 0 || lacking.length > 0) this.#options.introduce(accountId, lacking);
  }

  /** Items for the whole account become one item a device; the first keeps the number, so that order is kept. */
  #spread(
    items: readonly PartsItem[],
    devices: readonly DeviceId[],
    batch: Batch,
  ): readonly (PartsItem & { readonly deviceId: DeviceId })[] {
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
    queue: readonly PartsItem[],
    batch: Batch,
  ): Promise<void> {
    const preface = this.#options.preface(peer);
    for (const group of groupsOf(queue)) {
      const sessions = await this.#options.sessions.get(deviceId, batch);
      const sealed = this.#sealGroup(peer, deviceKey, sessions, [...preface, ...group.flatMap((item) => item.parts)]);
      if (sealed === undefined) return;
      this.#options.sessions.set(deviceId, sealed.next, batch);
      const [first, ...rest] = group;
      const address = peer.addresses[deviceId];
      if (first === undefined || address === undefined) return;
      const envelope: EnvelopeItem = {
        type: 'envelope',
        seq: first.seq,
        accountId: first.accountId,
        deviceId,
        refs: group.flatMap((item) => item.refs),
        ephemeral: group.every((item) => item.ephemeral),
        relayUrl: address.relayUrl,
        mailbox: address.mailbox,
        envelopeId: this.#options.random(16) as EnvelopeId,
        data: sealed.data,
      };
      this.#options.outbox.put(batch, envelope);
      for (const item of rest) this.#options.outbox.remove(batch, item.seq);
    }
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
    for (const item of this.#options.outbox.items()) {
      if (this.#inFlight.size >= IN_FLIGHT) return;
      if (item.type !== 'envelope' || this.#inFlight.has(item.seq)) continue;
      if ((this.#notBefore.get(item.seq) ?? 0) > now || !network.reach(item.relayUrl)) continue;
      this.#inFlight.add(item.seq);
      void this.#postOne(network, item);
    }
  }

  async #postOne(network: Network, item: EnvelopeItem): Promise<void> {
    const { envelopeId: id, data, mailbox, ephemeral } = item;
    const outcome =
      data.length > LIMITS.dataBytes
        ? ({ type: 'refused', failures: [{ mailbox, code: 'TooLarge' }] } as const)
        : await network.post(item.relayUrl, { id, data, to: [mailbox], ephemeral });
    this.#inFlight.delete(item.seq);
    switch (outcome.type) {
      case 'accepted':
        this.#settle(item.seq);
        return;
      case 'lost':
        if (ephemeral) this.#settle(item.seq);
        else if (outcome.reason === 'NoAnswer') this.kick();
        else this.#pause(item.seq, BUSY_PAUSE);
        return;
      case 'refused':
        this.#refused(item, outcome.failures[0]?.code ?? 'ServerBusy');
        return;
    }
  }

  #refused(item: EnvelopeItem, code: RelayCode): void {
    if (item.ephemeral) {
      this.#settle(item.seq);
      return;
    }
    const failure = failureOf(code);
    this.#pause(item.seq, failure === undefined ? BUSY_PAUSE : REFUSED_PAUSE);
    if (code === 'MailboxUnknown') this.#options.introduce(item.accountId, [item.deviceId]);
    if (failure === undefined || failure === item.failure) return;
    this.#options.background(async () => {
      const current = this.#options.outbox.get(item.seq);
      if (current === undefined) return;
      const batch = new Batch();
      this.#options.outbox.put(batch, { ...current, failure });
      await batch.commit(this.#options.store);
    });
  }

  /** Collects accepted items, so that a burst of them is one commit. */
  #settle(seq: number): void {
    this.#accepted.push(seq);
    if (this.#settling) return;
    this.#settling = true;
    this.#options.background(async () => {
      this.#settling = false;
      const done = this.#accepted;
      this.#accepted = [];
      const batch = new Batch();
      for (const accepted of done) this.#options.outbox.accept(batch, accepted);
      await batch.commit(this.#options.store);
      for (const accepted of done) this.#notBefore.delete(accepted);
      this.#post();
    });
  }

  #pause(seq: number, pause: number): void {
    this.#notBefore.set(seq, this.#options.clock.now() + pause);
    this.#cancelRetry();
    const soonest = Math.min(...this.#notBefore.values());
    this.#cancelRetry = this.#options.clock.after(Math.max(0, soonest - this.#options.clock.now()) + 1, () => {
      const now = this.#options.clock.now();
      for (const [paused, until] of this.#notBefore) if (until <= now) this.#notBefore.delete(paused);
      this.kick();
    });
  }
}

type DeviceKey = ReturnType<typeof devicesOf>[number]['publicKey'];

const NO_VIEW: LogView = { length: 0, head: new Uint8Array(32) };

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

function groupsOf(queue: readonly PartsItem[]): readonly (readonly PartsItem[])[] {
  const groups: PartsItem[][] = [];
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

function sizeOf(part: Part): number {
  return part.type === 'changes' ? part.changes.reduce((sum, change) => sum + change.bytes.length, 0) : 512;
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

export type { OutboxItem };
