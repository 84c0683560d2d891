/**
 * Getting to know an account through a relay that may lie: its device log and pre-keys are claimed, checked against the
 * account key and against what was seen before, and sessions started. What does not check out raises a named alarm and
 * is not used (DESIGN 3, "rollback and ghost-device detection").
 */
import {
  type AccountId,
  type DeviceId,
  type DeviceLog,
  NOTE_BYTES,
  type PreKeyBundle,
  type Random,
  accountIdOf,
  activeDevices,
  decodeDeviceLog,
  deviceIdOf,
  equalBytes,
  logView,
  needsNewSession,
  openPreKeyBundle,
  startSession,
} from '@securechat/crypto';
import { type ClaimedPreKeys, ID_BYTES, toMailboxId } from '@securechat/relay-protocol';
import type { Alarms } from '../alarms/alarms.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Directory } from '../directory/directory.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import { type Peer, type PeerAddress, type Peers, devicesOf, learnLog } from './peers.ts';

/** A relay URL and a mailbox fit into the note of a pre-key bundle. */
const URL_LIMIT = NOTE_BYTES - ID_BYTES;
/** Pause before the same account is asked for again. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 15 * 60_000;

export interface IntroductionOptions {
  readonly self: Self;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'ask'>;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly alarms: Alarms;
  /** Something was learned about this account. */
  readonly learned: (accountId: AccountId) => void;
  /** The relay showed a longer log of the own account. */
  readonly ownLog: (log: DeviceLog, batch: Batch) => void;
  /** Their log is known, or says more than before: what it says of devices now. */
  readonly logGrew: (before: Peer, after: Peer, batch: Batch) => Promise<void>;
  /** Nothing was known of their devices before. Ahead of `logGrew`. */
  readonly logFirstSeen: (accountId: AccountId, log: DeviceLog) => Promise<void>;
  readonly background: (job: () => Promise<void>) => void;
}

export interface Wish {
  /** Start a new session with these devices even if there is one: the old one is broken. */
  readonly fresh?: readonly DeviceId[];
}

interface Pause {
  readonly length: number;
  readonly cancel: () => void;
  isOver: boolean;
}

export class Introduction {
  readonly #options: IntroductionOptions;
  readonly #running = new Map<AccountId, Set<DeviceId>>();
  readonly #pauses = new Map<AccountId, Pause>();
  #isStopped = false;

  constructor(options: IntroductionOptions) {
    this.#options = options;
  }

  /** Asks the peer's relay for its device log and pre-keys; harmless to repeat. Failures are tried again later. */
  ask(accountId: AccountId, wish: Wish = {}): void {
    const running = this.#running.get(accountId);
    for (const device of wish.fresh ?? []) running?.add(device);
    const peer = this.#options.peers.get(accountId);
    if (running !== undefined || peer === undefined || this.#isStopped) return;
    if (this.#pauses.get(accountId)?.isOver === false) return;
    const fresh = new Set(wish.fresh);
    this.#running.set(accountId, fresh);
    void this.#run(peer, fresh);
  }

  /** Forgets pauses: the connection is new. */
  hurry(): void {
    for (const { cancel } of this.#pauses.values()) cancel();
    this.#pauses.clear();
  }

  /** What is under way comes to nothing. */
  stop(): void {
    this.#isStopped = true;
    this.hurry();
  }

  async #run(peer: Peer, fresh: Set<DeviceId>): Promise<void> {
    const { accountId, relayUrl } = peer;
    const known = lengthOf(peer.log);
    // Of the own account only the others: this device's one-time pre-keys are not for itself.
    const isOwn = accountId === this.#options.self.identity.account.id;
    const deviceIds = isOwn ? this.#correspondents(peer).map((device) => device.id) : undefined;
    const answer = await this.#options.directory.ask(relayUrl, 'claimPreKeys', {
      body: { accountId, ...(deviceIds && { deviceIds }) },
    });
    if (!answer.ok) {
      this.#running.delete(accountId);
      this.#tryLater(accountId);
      return;
    }
    this.#options.background(async () => {
      this.#running.delete(accountId);
      const isComplete = await this.#learn(accountId, { ...answer.value, known }, fresh);
      if (isComplete) this.#pauses.delete(accountId);
      else this.#tryLater(accountId);
      this.#options.learned(accountId);
    });
  }

  #tryLater(accountId: AccountId): void {
    if (this.#isStopped) return;
    const last = this.#pauses.get(accountId);
    last?.cancel();
    const length = Math.min((last?.length ?? FIRST_PAUSE / 2) * 2, LONGEST_PAUSE);
    const pause: Pause = {
      length,
      isOver: false,
      cancel: this.#options.clock.after(length, () => {
        pause.isOver = true;
        this.#options.learned(accountId);
      }),
    };
    this.#pauses.set(accountId, pause);
  }

  /** Lane job. True when every device of the account can be written to: else the relay is asked again, after a pause. */
  async #learn(accountId: AccountId, claimed: Claimed, fresh: ReadonlySet<DeviceId>): Promise<boolean> {
    const { peers, clock, alarms, store, sessions } = this.#options;
    return inBatch(store, async (batch) => {
      const before = peers.get(accountId);
      const log = before && readLog(before, claimed);
      const peer = log && before && this.#learnLog(before, log, claimed.known, batch);
      if (log === undefined || peer === undefined) {
        alarms.raise(batch, { type: 'DeviceLogForked', who: 'relay', accountId }, clock.now());
        return false;
      }
      if (before !== undefined && before.log !== peer.log) await this.#tellGrowth(before, peer, batch);
      const isOwn = accountId === this.#options.self.identity.account.id;
      if (isOwn && peer.log !== undefined) this.#options.ownLog(peer.log, batch);
      const bundles = this.#checkBundles(peer, claimed, log, batch);
      const addresses: Record<DeviceId, PeerAddress> = { ...peer.addresses };
      for (const [deviceId, { address }] of bundles) addresses[deviceId] = address;
      peers.put(batch, { ...peer, addresses });
      const writable = new Set<DeviceId>();
      for (const [deviceId, { bundle }] of bundles)
        if (await this.#startSession(deviceId, bundle, fresh, batch)) writable.add(deviceId);
      sessions.writeInto(batch);
      const devices = this.#correspondents(peer);
      return (isOwn || devices.length > 0) && devices.every((device) => writable.has(device.id));
    });
  }

  async #tellGrowth(before: Peer, after: Peer, batch: Batch): Promise<void> {
    const { logFirstSeen, logGrew } = this.#options;
    if (before.log === undefined && after.log !== undefined) await logFirstSeen(after.accountId, after.log);
    await logGrew(before, after, batch);
  }

  /** The account's devices but this one. */
  #correspondents(peer: Peer): ReturnType<typeof devicesOf> {
    return devicesOf(peer).filter((device) => device.id !== this.#options.self.identity.device.id);
  }

  /** The peer with the longest honest log; undefined when the relay's answer is on another line. */
  #learnLog(peer: Peer, log: DeviceLog, known: number, batch: Batch): Peer | undefined {
    const learned = learnLog(peer, log);
    if (learned.verdict === 'forked') return undefined;
    // An answer may be overtaken by a longer log on another way: only what was known when it was asked for counts.
    if (learned.verdict === 'older' && lengthOf(log) < known) {
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
    claimed: Claimed,
    log: DeviceLog,
    batch: Batch,
  ): Map<DeviceId, { readonly bundle: PreKeyBundle; readonly address: PeerAddress }> {
    const { alarms, clock } = this.#options;
    const usable = new Map<DeviceId, { bundle: PreKeyBundle; address: PeerAddress }>();
    const active = new Map(devicesOf(peer).map((device) => [device.id, device]));
    const self = this.#options.self.identity.device.id;
    // Devices that left after the answer was given are no ghosts.
    const overtaken =
      lengthOf(log) >= claimed.known ? new Set(activeDevices(log).map(({ id }) => id)) : new Set<DeviceId>();
    for (const offered of claimed.devices) {
      const id = deviceIdOf(offered.deviceKey as Parameters<typeof deviceIdOf>[0]);
      const device = active.get(id);
      if (device === undefined && overtaken.has(id)) continue;
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
      if (device.id !== self) usable.set(device.id, { bundle: bundle.value, address });
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
    if (!needsNewSession(current, clock.now()) && !fresh.has(deviceId)) return true;
    const started = startSession(current, { self: self.identity.device, peer: bundle, random, now: clock.now() });
    if (!started.ok) return false;
    sessions.set(deviceId, started.value, batch);
    return true;
  }
}

/** A relay's answer, and how much of the log was known when it was asked. */
type Claimed = ClaimedPreKeys & { readonly known: number };

/** Undefined: not signed by this account. */
function readLog(peer: Peer, claimed: ClaimedPreKeys): DeviceLog | undefined {
  if (accountIdOf(claimed.accountKey as Peer['publicKey']) !== peer.accountId) return undefined;
  const log = decodeDeviceLog(claimed.deviceLog, peer.publicKey);
  return log.ok ? log.value : undefined;
}

function lengthOf(log: DeviceLog | undefined): number {
  return log === undefined ? 0 : logView(log).length;
}

/** The address that a device signed into its bundle: see `addressNote`. */
export function parseAddress(note: Uint8Array): PeerAddress | undefined {
  const mailbox = toMailboxId(note.slice(0, ID_BYTES));
  const relayUrl = new TextDecoder().decode(note.subarray(ID_BYTES));
  return mailbox !== undefined && isRelayUrl(relayUrl) ? { mailbox, relayUrl } : undefined;
}

/** An http(s) origin without path: the only kind of relay URL that is dialled or stored. One relay has one spelling. */
export function isRelayUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text && text.length <= URL_LIMIT;
  } catch {
    return false;
  }
}
