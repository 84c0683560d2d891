/**
 * Having been away for long. What the relay kept for this device may then have expired without a trace: records, and the
 * news that a contact removed a device. So contacts are looked up before they are heard, and everybody is asked.
 */
import type { AccountId } from '@securechat/crypto';
import { inBatch } from '../batch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

/** Half of the time for which a relay keeps envelopes. */
const LONG_AWAY = 14 * 24 * 3600_000;
const HOUR = 3600_000;
const KEY = 'last-online';

export interface AbsenceOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Contacts whose device log is known: it may have become old. */
  readonly contacts: () => Iterable<AccountId>;
}

export class Absence {
  readonly #options: AbsenceOptions;
  /** As stored: to the hour. */
  #lastOnline: number | undefined;
  readonly #stale = new Set<AccountId>();

  constructor(options: AbsenceOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const stored = await this.#options.store.get('meta', KEY);
    this.#lastOnline = stored && unpack<number>(stored);
  }

  /** The connection is back. */
  cameOnline(): void {
    if (this.wasLong) for (const accountId of this.#options.contacts()) this.#stale.add(accountId);
  }

  /** This contact's relay was not asked yet since. */
  isStale(accountId: AccountId): boolean {
    return this.#stale.has(accountId);
  }

  /** Its relay was asked. */
  lookedUp(accountId: AccountId): void {
    this.#stale.delete(accountId);
  }

  /** Until {@link end}: everybody is to be asked for what expired. */
  get wasLong(): boolean {
    return this.#lastOnline !== undefined && this.#options.clock.now() - this.#lastOnline > LONG_AWAY;
  }

  /** Lane job's part: everything that waited is taken in, and what expired was asked for. */
  async end(): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (this.#lastOnline !== undefined && Math.abs(now - this.#lastOnline) <= HOUR) return;
    await inBatch(store, (batch) => {
      batch.put('meta', KEY, pack(now));
      batch.then(() => {
        this.#lastOnline = now;
      });
    });
  }
}
