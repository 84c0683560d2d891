/**
 * Where two who share a code, and nothing else yet, leave bytes for each other: a new device and one that will vouch for it.
 * In memory only, and bounded. Knows neither the code (the id says nothing of it) nor what the bytes mean nor who comes.
 *
 *   unknown --first write--> open (life) --> over (refused for a while, its bytes gone) --> unknown
 */
import { err, ok, type RendezvousId, type Result } from '@securechat/relay-protocol';
import { sameBytes } from './bytes.ts';
import type { Clock } from './clock.ts';
import type { RendezvousLimits } from './config.ts';

/** Why bytes were not taken. `Taken`: others are in the slot. `ServerBusy`: no room now. */
export type WriteError = { readonly type: 'Expired' } | { readonly type: 'Taken' } | { readonly type: 'ServerBusy' };

/** Why there are no bytes. `NotFound`: not yet, or never. */
export type ReadError = { readonly type: 'Expired' } | { readonly type: 'NotFound' };

interface Meeting {
  readonly slots: Map<number, Uint8Array>;
  readonly endsAt: number;
}

/** See the module's header. Every rendezvous lives equally long, so the maps are in the order in which they end. */
export class MeetingPlace {
  private readonly open = new Map<RendezvousId, Meeting>();
  /** Those that are over, with the time until when they are refused: at most as many as can end in that time. */
  private readonly over = new Map<RendezvousId, number>();
  private held = 0;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly limits: RendezvousLimits,
    private readonly clock: Clock,
  ) {}

  /** Puts `data` into an empty slot, for good; the same bytes again are fine. The first write begins the life. */
  write(id: RendezvousId, slot: number, data: Uint8Array): Result<undefined, WriteError> {
    this.sweep();
    if (this.over.has(id)) return err({ type: 'Expired' });
    const before = this.open.get(id)?.slots.get(slot);
    if (before !== undefined) return sameBytes(before, data) ? ok(undefined) : err({ type: 'Taken' });
    if (this.held + data.length > this.limits.bytes) return err({ type: 'ServerBusy' });
    const meeting = this.open.get(id) ?? this.begin(id);
    if (meeting === undefined) return err({ type: 'ServerBusy' });
    meeting.slots.set(slot, data);
    this.held += data.length;
    return ok(undefined);
  }

  /** What is in a slot. */
  read(id: RendezvousId, slot: number): Result<Uint8Array, ReadError> {
    this.sweep();
    if (this.over.has(id)) return err({ type: 'Expired' });
    const data = this.open.get(id)?.slots.get(slot);
    return data === undefined ? err({ type: 'NotFound' }) : ok(data);
  }

  /** Whether somebody wrote there and it is not over. */
  isOpen(id: RendezvousId): boolean {
    this.sweep();
    return this.open.has(id);
  }

  /** How many are open. */
  get size(): number {
    return this.open.size;
  }

  /** The bytes in all slots. */
  get bytes(): number {
    return this.held;
  }

  /** Forgets everything and stops the timer. */
  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.open.clear();
    this.over.clear();
    this.held = 0;
  }

  private begin(id: RendezvousId): Meeting | undefined {
    if (this.open.size >= this.limits.count) return undefined;
    const meeting = { slots: new Map<number, Uint8Array>(), endsAt: this.clock.now() + this.limits.lifeMs };
    this.open.set(id, meeting);
    this.setTimer();
    return meeting;
  }

  /** Ends what is due. Also done by a timer, so that no bytes outlive their time when nobody comes. */
  private sweep(): void {
    const now = this.clock.now();
    for (const [id, { slots, endsAt }] of this.open) {
      if (endsAt > now) break;
      this.open.delete(id);
      this.over.set(id, endsAt + this.limits.refusedMs);
      for (const data of slots.values()) this.held -= data.length;
    }
    for (const [id, until] of this.over) {
      if (until > now) break;
      this.over.delete(id);
    }
  }

  private setTimer(): void {
    if (this.cancelTimer !== undefined) return;
    const next = this.open.values().next().value?.endsAt ?? this.over.values().next().value;
    if (next === undefined) return;
    // Never 0: a clock that is a fraction behind its timers would be asked again and again within one moment.
    this.cancelTimer = this.clock.after(Math.max(1, next - this.clock.now()), () => {
      this.cancelTimer = undefined;
      this.sweep();
      this.setTimer();
    });
  }
}
