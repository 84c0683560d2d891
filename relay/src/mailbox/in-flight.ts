/**
 * The envelopes that one connection was sent and has not acked, in the order they went out. Those from the queue are safe
 * on disk; those passed from hand to hand are held here until the ack, or until they are spilled to disk.
 */
import type { Outgoing } from './outgoing.ts';
import type { Quota } from './port.ts';
import type { Ticket } from './ticket.ts';

/** One envelope on the wire. */
export interface Flight {
  /** `held`: only here, and a sender waits. `spilling`: its put is under way. `stored`: on disk. `loose`: only here, nobody waits. */
  state: 'held' | 'spilling' | 'stored' | 'loose';
  /** When it went out, or became loose. */
  since: number;
  readonly bytes: number;
  /** The envelope itself, while memory is the only place that has it. */
  outgoing: Outgoing | undefined;
  /** Posts that wait for this envelope: more than one when a sender repeated itself. */
  tickets: Ticket[];
}

/** Memory for held envelopes, shared by all connections. */
export interface Budget {
  used: number;
  readonly cap: number;
}

/** See the module's header. */
export class InFlight {
  private readonly flights = new Map<string, Flight>();
  private bytes = 0;

  constructor(
    private readonly cap: Quota,
    private readonly budget: Budget,
  ) {}

  /** How much more should go on the wire before an ack. */
  get room(): Quota {
    return { count: this.cap.count - this.flights.size, bytes: this.cap.bytes - this.bytes };
  }

  /** Whether nothing more should go on the wire before an ack. */
  get isFull(): boolean {
    return this.flights.size >= this.cap.count || this.bytes >= this.cap.bytes;
  }

  /** Whether nothing more should be held in memory. */
  get isCrowded(): boolean {
    return this.isFull || this.budget.used >= this.budget.cap;
  }

  get(key: string): Flight | undefined {
    return this.flights.get(key);
  }

  add(key: string, flight: Flight): void {
    this.flights.set(key, flight);
    this.bytes += flight.bytes;
    if (flight.outgoing !== undefined) this.budget.used += flight.bytes;
  }

  take(key: string): Flight | undefined {
    const flight = this.flights.get(key);
    if (flight === undefined) return undefined;
    this.flights.delete(key);
    this.bytes -= flight.bytes;
    this.release(flight);
    return flight;
  }

  /** Memory no longer needs to hold this one. */
  release(flight: Flight): void {
    if (flight.outgoing === undefined) return;
    flight.outgoing = undefined;
    this.budget.used -= flight.bytes;
  }

  /** Memory holds this one (again). */
  hold(flight: Flight, outgoing: Outgoing): void {
    this.release(flight);
    flight.outgoing = outgoing;
    this.budget.used += flight.bytes;
  }

  /** Those held only here since `before` or longer, oldest first. */
  held(before: number): Flight[] {
    return [...this.flights.values()].filter((flight) => flight.state === 'held' && flight.since <= before);
  }

  /** When the oldest flight that only memory knows went out. */
  oldestUnsaved(): number | undefined {
    for (const { state, since } of this.flights.values()) if (state === 'held' || state === 'loose') return since;
    return undefined;
  }

  /** Forgets the loose ones that went out at `before` or earlier; their acks, if they come, mean nothing. */
  dropLoose(before: number): void {
    for (const [key, flight] of this.flights) if (flight.state === 'loose' && flight.since <= before) this.take(key);
  }

  /** Lets go of all memory: the connection is gone. */
  clear(): void {
    for (const key of [...this.flights.keys()]) this.take(key);
  }
}
