/**
 * Says whether a caller may go on: one bucket set per connection and one per address, tighter for those who have not signed
 * in. It keeps addresses in memory only, bounded, and never logs them.
 */
import type { Clock } from '../clock.ts';
import type { Rates } from '../config.ts';
import { callerOf } from './address.ts';
import { Bucket } from './bucket.ts';
import { BucketMap } from './bucket-map.ts';

/** The limits of one connection. */
export interface ConnectionGovernor {
  takeFrame(): boolean;
  /** A post costs each of its recipients, and its bytes as often as it has recipients. */
  takePost(recipients: number, bytes: number): boolean;
  /** The connection signed in. */
  trust(): void;
}

/** See the module's header. */
export class Governor {
  private readonly connections = new Map<string, number>();
  private readonly deliveries: BucketMap;
  private readonly bytes: BucketMap;
  private readonly requests: BucketMap;
  private readonly accounts: BucketMap;
  private readonly claimsByCaller: BucketMap;
  private readonly claimsOfTarget: BucketMap;
  private readonly rendezvous: BucketMap;
  private readonly turn: BucketMap;

  constructor(
    private readonly rates: Rates,
    private readonly connectionsPerAddress: number,
    private readonly clock: Clock,
  ) {
    this.deliveries = new BucketMap(rates.addressDeliveries);
    this.bytes = new BucketMap(rates.addressBytes);
    this.requests = new BucketMap(rates.requests);
    this.accounts = new BucketMap(rates.accounts);
    this.claimsByCaller = new BucketMap(rates.claimsByCaller);
    this.claimsOfTarget = new BucketMap(rates.claimsOfTarget);
    this.rendezvous = new BucketMap(rates.rendezvous);
    this.turn = new BucketMap(rates.turn);
  }

  /** Counts a connection in; undefined when the address has too many. `release` counts it out. */
  admit(address: string): { governor: ConnectionGovernor; release: () => void } | undefined {
    const caller = callerOf(address);
    const count = this.connections.get(caller) ?? 0;
    if (count >= this.connectionsPerAddress) return undefined;
    this.connections.set(caller, count + 1);
    return {
      governor: this.governConnection(caller),
      release: () => {
        this.release(caller);
      },
    };
  }

  takeRequest(address: string): boolean {
    return this.requests.take(callerOf(address), 1, this.clock.now());
  }

  takeNewAccount(address: string): boolean {
    return this.accounts.take(callerOf(address), 1, this.clock.now());
  }

  /** Whether a claim may come with one-time pre-keys; when not, the last-resort key serves. */
  takeClaim(address: string, accountId: string): boolean {
    const now = this.clock.now();
    return this.claimsByCaller.take(callerOf(address), 1, now) && this.claimsOfTarget.take(accountId, 1, now);
  }

  /** Bytes that come to or leave a rendezvous. */
  takeRendezvous(address: string, bytes: number): boolean {
    return this.rendezvous.take(callerOf(address), bytes, this.clock.now());
  }

  /** Whether an account gets credentials for the TURN servers. */
  takeTurn(accountId: string): boolean {
    return this.turn.take(accountId, 1, this.clock.now());
  }

  private governConnection(caller: string): ConnectionGovernor {
    const { clock, rates } = this;
    const frames = new Bucket(rates.frames, clock.now());
    let deliveries = new Bucket(rates.strangerDeliveries, clock.now());
    let bytes = new Bucket(rates.strangerBytes, clock.now());
    return {
      takeFrame: () => frames.take(1, clock.now()),
      takePost: (recipients, size) => {
        const now = clock.now();
        const volume = size * recipients;
        return (
          deliveries.take(recipients, now) &&
          bytes.take(volume, now) &&
          this.deliveries.take(caller, recipients, now) &&
          this.bytes.take(caller, volume, now)
        );
      },
      trust: () => {
        deliveries = new Bucket(rates.deliveries, clock.now());
        bytes = new Bucket(rates.bytes, clock.now());
      },
    };
  }

  private release(caller: string): void {
    const count = this.connections.get(caller) ?? 0;
    if (count > 1) this.connections.set(caller, count - 1);
    else this.connections.delete(caller);
  }
}
