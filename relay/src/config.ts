/** What a relay can be told, with defaults that suit a small public one. Durations in milliseconds. */
import type { Quota } from './mailbox/port.ts';
import type { Rate } from './limits/bucket.ts';

/** Who may register an account. */
export type RegistrationPolicy =
  { readonly type: 'open' } | { readonly type: 'invite'; readonly codes: readonly string[] };

/** All rates. "Deliveries" count each recipient of a post. */
export interface Rates {
  /** Frames of any kind on one connection; over it the connection is closed. */
  readonly frames: Rate;
  readonly deliveries: Rate;
  readonly bytes: Rate;
  /** The same two, per connection that is not signed in. */
  readonly strangerDeliveries: Rate;
  readonly strangerBytes: Rate;
  /** Per address, all connections together. */
  readonly addressDeliveries: Rate;
  readonly addressBytes: Rate;
  /** HTTP requests per address. */
  readonly requests: Rate;
  /** New accounts per address. */
  readonly accounts: Rate;
  /** One-time pre-keys that one address may claim, and that may be claimed of one account. */
  readonly claimsByCaller: Rate;
  readonly claimsOfTarget: Rate;
  /** Bytes that one address leaves at rendezvous or fetches; opening one costs 128 KiB more. */
  readonly rendezvous: Rate;
  /** Credentials for the TURN servers that one account is given. */
  readonly turn: Rate;
}

/** What the relay keeps of rendezvous, all in memory. */
export interface RendezvousLimits {
  /** From the first write on. */
  readonly lifeMs: number;
  /** How long an id that is over is refused. */
  readonly refusedMs: number;
  /** How many may be open, and the bytes in all of them. */
  readonly count: number;
  readonly bytes: number;
}

/** The TURN servers that clients are told of. All take credentials made with one secret. */
export interface TurnConfig {
  readonly urls: readonly string[];
  /** What coturn has as `static-auth-secret`. */
  readonly secret: Uint8Array;
}

/** The configuration of the relay's core. */
export interface RelayConfig {
  /** Hosts that this relay is known by (`new URL(url).host`). Empty: whatever host the client dialled, which a relay in the middle could abuse. */
  readonly publicHosts: readonly string[];
  readonly registration: RegistrationPolicy;
  readonly quota: Quota;
  readonly retentionMs: number;
  readonly tokenMs: number;
  readonly challengeMs: number;
  readonly storageTokenMs: number;
  /** Where clients find the storage server; undefined: there is none. */
  readonly storageUrl: string | undefined;
  /** Undefined: there is none. */
  readonly turn: TurnConfig | undefined;
  /** How long a credential for them opens new connections. */
  readonly turnMs: number;
  /** How long puts are collected for one commit. */
  readonly commitDelayMs: number;
  /** How long a direct delivery may wait for its ack before it goes to disk. */
  readonly ackPatienceMs: number;
  /** How much one connection may have on the wire unacked. */
  readonly window: Quota;
  /** Memory for envelopes held for acks, all connections together. */
  readonly heldBytes: number;
  /** Bytes that may wait for the disk. */
  readonly waitingBytes: number;
  readonly connectionsPerAddress: number;
  readonly rendezvous: RendezvousLimits;
  readonly rates: Rates;
  /** When set, /metrics wants it as a bearer token. */
  readonly metricsToken: string | undefined;
}

const MiB = 1024 * 1024;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The defaults. */
export const DEFAULT_CONFIG: RelayConfig = {
  publicHosts: [],
  registration: { type: 'open' },
  quota: { count: 20_000, bytes: 64 * MiB },
  retentionMs: 30 * DAY,
  tokenMs: 15 * MINUTE,
  challengeMs: MINUTE,
  storageTokenMs: 60 * MINUTE,
  storageUrl: undefined,
  turn: undefined,
  turnMs: 60 * MINUTE,
  commitDelayMs: 1,
  ackPatienceMs: 1000,
  window: { count: 512, bytes: 2 * MiB },
  heldBytes: 64 * MiB,
  waitingBytes: 64 * MiB,
  connectionsPerAddress: 2000,
  rendezvous: { lifeMs: 10 * MINUTE, refusedMs: 60 * MINUTE, count: 1024, bytes: 64 * MiB },
  rates: {
    frames: { perSecond: 2000, burst: 20_000 },
    deliveries: { perSecond: 500, burst: 10_000 },
    bytes: { perSecond: 4 * MiB, burst: 64 * MiB },
    strangerDeliveries: { perSecond: 50, burst: 1000 },
    strangerBytes: { perSecond: MiB / 2, burst: 8 * MiB },
    addressDeliveries: { perSecond: 2000, burst: 40_000 },
    addressBytes: { perSecond: 16 * MiB, burst: 256 * MiB },
    requests: { perSecond: 50, burst: 1000 },
    accounts: { perSecond: 0.2, burst: 200 },
    claimsByCaller: { perSecond: 1, burst: 200 },
    claimsOfTarget: { perSecond: 1 / 60, burst: 20 },
    rendezvous: { perSecond: MiB / 32, burst: 16 * MiB },
    turn: { perSecond: 1 / 60, burst: 30 },
  },
  metricsToken: undefined,
};
