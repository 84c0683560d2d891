/**
 * Getting to know an account through a relay that may lie: its device log and pre-keys are claimed, checked against the
 * account key and against what was seen before, and sessions started. What does not check out raises a named alarm and
 * is not used (DESIGN 3, "rollback and ghost-device detection").
 */
import {
  type AccountId,
  type DeviceId,
  type PreKeyBundle,
  type Random,
  accountIdOf,
  canSeal,
  decodeDeviceLog,
  deviceIdOf,
  equalBytes,
  openPreKeyBundle,
  startSession,
} from '@securechat/crypto';
import { type ClaimedPreKeys, ID_BYTES, toMailboxId } from '@securechat/relay-protocol';
import type { Alarms } from '../alarms/alarms.ts';
import { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Directory } from '../directory/directory.ts';
import type { Lane } from '../lane.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import { type Peer, type PeerAddress, type Peers, devicesOf, learnLog } from './peers.ts';

/** Pause before the same account is asked for again. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 15 * 60_000;

export interface IntroductionOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly alarms: Alarms;
  /** Something was learned about this account. */
  readonly learned: (accountId: AccountId) => void;
  readonly background: (job: () => Promise<void>) => void;
}

export interface Wish {
  /** Start a new session with these devices even if there is one: the old one is broken. */
  readonly fresh?: readonly DeviceId[];
}

export class Introduction {
  readonly #options: IntroductionOptions;
  readonly #running = new Map<AccountId, Set<DeviceId>>();
  readonly #pauses = new Map<AccountId, { readonly until: number; readonly length: number }>();
  #cancels = new Set<() => void>();

  constructor(options: IntroductionOptions) {
    this.#options = options;
  }

  /** Asks the peer's relay for its device log and pre-keys; harmless to repeat. Failures are tried again later. */
  ask(accountId: AccountId, wish: Wish = {}): void {
    const running = this.#running.get(accountId);
    for (const device of wish.fresh ?? []) running?.add(device);
    if (running !== undefined) return;
    const pause = this.#pauses.get(accountId);
    if (pause !== undefined && pause.until > this.#options.clock.now()) return;
    const fresh = new Set(wish.fresh);
    this.#running.set(accountId, fresh);
    void this.#run(accountId, fresh);
  }

  /** Forgets pauses: the connection is new. */
  hurry(): void {
    this.#pauses.clear();
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = new Set();
  }

  async #run(accountId: AccountId, fresh: Set<DeviceId>): Promise<void> {
    const { peers, directory } = this.#options;
    const peer = peers.get(accountId);
    const answer = peer && (await directory.ask(peer.relayUrl, 'claimPreKeys', { body: { accountId } }));
    if (answer?.ok !== true) {
      this.#running.delete(accountId);
      this.#tryLater(accountId);
      return;
    }
    this.#options.background(async () => {
      this.#running.delete(accountId);
      const usable = await this.#learn(accountId, answer.value, fresh);
      if (usable) this.#pauses.delete(accountId);
      else this.#tryLater(accountId);
      this.#options.learned(accountId);
    });
  }

  #tryLater(accountId: AccountId): void {
    const last = this.#pauses.get(accountId)?.length ?? FIRST_PAUSE / 2;
    const length = Math.min(last * 2, LONGEST_PAUSE);
    this.#pauses.set(accountId, { until: this.#options.clock.now() + length, length });
    const cancel = this.#options.clock.after(length + 1, () => {
      this.#cancels.delete(cancel);
      this.#options.learned(accountId);
    });
    this.#cancels.add(cancel);
  }

  /** Lane job. True when at least one device can be written to. */
  async #learn(accountId: AccountId, claimed: ClaimedPreKeys, fresh: ReadonlySet<DeviceId>): Promise<boolean> {
    const { peers, clock, alarms, store, sessions } = this.#options;
    const before = peers.get(accountId);
    if (before === undefined) return false;
    const batch = new Batch();
    const peer = this.#learnLog(before, claimed, batch);
    let usable = false;
    if (peer !== undefined) {
      const bundles = this.#checkBundles(peer, claimed, batch);
      const addresses: Record<DeviceId, PeerAddress> = { ...peer.addresses };
      for (const [deviceId, { address }] of bundles) addresses[deviceId] = address;
      peers.put(batch, { ...peer, addresses });
      for (const [deviceId, { bundle }] of bundles)
        usable = (await this.#startSession(deviceId, bundle, fresh, batch)) || usable;
    } else {
      alarms.raise(batch, { type: 'DeviceLogForked', who: 'relay', accountId }, clock.now());
    }
    sessions.writeInto(batch);
    await batch.commit(store);
    return usable;
  }

  /** The peer with the longest honest log; undefined when the relay's answer is not signed by this account or forks. */
  #learnLog(peer: Peer, claimed: ClaimedPreKeys, batch: Batch): Peer | undefined {
    if (accountIdOf(claimed.accountKey as Peer['publicKey']) !== peer.accountId) return undefined;
    const log = decodeDeviceLog(claimed.deviceLog, peer.publicKey);
    if (!log.ok) return undefined;
    const learned = learnLog(peer, log.value);
    if (learned.verdict === 'forked') return undefined;
    if (learned.verdict === 'older') {
      this.#options.alarms.raise(
        batch,
        { type: 'DeviceLogRolledBack', who: 'relay', accountId: peer.accountId },
        this.#options.clock.now(),
      );
    }
    return learned.peer;
  }

  #checkBundles(
    peer: Peer,
    claimed: ClaimedPreKeys,
    batch: Batch,
  ): Map<DeviceId, { readonly bundle: PreKeyBundle; readonly address: PeerAddress }> {
    const { alarms, clock } = this.#options;
    const usable = new Map<DeviceId, { bundle: PreKeyBundle; address: PeerAddress }>();
    const active = new Map(devicesOf(peer).map((device) => [device.id, device]));
    for (const offered of claimed.devices) {
      const device = active.get(deviceIdOf(offered.deviceKey as Parameters<typeof deviceIdOf>[0]));
      if (device === undefined || !equalBytes(device.publicKey, offered.deviceKey)) {
        alarms.raise(batch, { type: 'GhostDevice', who: 'relay', accountId: peer.accountId }, clock.now());
        continue;
      }
      const bundle = openPreKeyBundle(device.publicKey, offered.signed, offered.oneTime);
      const address = bundle.ok ? parseAddress(bundle.value.note) : undefined;
      if (!bundle.ok || address === undefined) {
        alarms.raise(batch, { type: 'PreKeysSubstituted', who: 'relay', accountId: peer.accountId }, clock.now());
        continue;
      }
      usable.set(device.id, { bundle: bundle.value, address });
    }
    return usable;
  }

  async #startSession(
    deviceId: DeviceId,
    bundle: PreKeyBundle,
    fresh: ReadonlySet<DeviceId>,
    batch: Batch,
  ): Promise<boolean> {
    const { sessions, self, random, clock } = this.#options;
    const current = await sessions.get(deviceId, batch);
    if (canSeal(current) && !fresh.has(deviceId)) return true;
    const started = startSession(current, { self: self.identity.device, peer: bundle, random, now: clock.now() });
    if (!started.ok) return false;
    sessions.set(deviceId, started.value, batch);
    return true;
  }
}

/** The address that a device signed into its bundle: see `addressNote`. */
export function parseAddress(note: Uint8Array): PeerAddress | undefined {
  const mailbox = toMailboxId(note.slice(0, ID_BYTES));
  const relayUrl = new TextDecoder().decode(note.subarray(ID_BYTES));
  return mailbox !== undefined && isRelayUrl(relayUrl) ? { mailbox, relayUrl } : undefined;
}

/** An http(s) origin without path: the only kind of relay URL that is dialled or stored. */
export function isRelayUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text;
  } catch {
    return false;
  }
}
