/**
 * What is on the wire to one device, and what becomes of it: an ack settles it, lost patience or a lost connection puts it on
 * disk. Knows nothing of sockets or of the order of the queue.
 */
import type { EnvelopeId, MailboxId, RelayCode } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import { InFlight, type Flight } from './in-flight.ts';
import type { LineContext } from './line.ts';
import { contentOf, type Outgoing } from './outgoing.ts';
import type { Quota } from './port.ts';
import { codeOf, type Ticket } from './ticket.ts';

/** See the module's header. */
export class Wire {
  /** How often something was put on disk: tells a reader whether the queue may have grown. */
  spills = 0;
  private readonly inFlight: InFlight;
  private readonly name: string;
  private cancelPatience: (() => void) | undefined;

  constructor(
    private readonly mailbox: MailboxId,
    private readonly context: LineContext,
    /** Called when something that was put on disk has arrived there. */
    private readonly landed: () => void,
  ) {
    this.inFlight = new InFlight(context.window, context.budget);
    this.name = keyOf(mailbox);
  }

  /** How much more may go out before an ack. */
  get room(): Quota {
    return this.inFlight.room;
  }

  /** Whether nothing more may go out before an ack. */
  get isFull(): boolean {
    return this.inFlight.isFull;
  }

  /** Whether nothing more may be held in memory. */
  get isCrowded(): boolean {
    return this.inFlight.isCrowded;
  }

  has(key: string): boolean {
    return this.inFlight.get(key) !== undefined;
  }

  /** An envelope of the queue went out: the disk has it. */
  sentFromQueue({ key, frame }: Outgoing): void {
    this.launch(key, 'stored', undefined, frame.length, []);
  }

  /** An envelope went out straight; its post waits for the ack. */
  sentDirect(outgoing: Outgoing, ticket: Ticket): void {
    this.launch(outgoing.key, 'held', outgoing, outgoing.frame.length, [ticket]);
    this.armPatience();
  }

  /** An envelope went out that nobody waits for. */
  sentLoose(outgoing: Outgoing): void {
    this.launch(outgoing.key, 'loose', undefined, outgoing.frame.length, []);
    this.armPatience();
  }

  /** A post repeats what is on the wire: it waits for the same ack, or is told what is known. */
  join(outgoing: Outgoing, ticket: Ticket): void {
    const flight = this.inFlight.get(outgoing.key);
    if (flight === undefined || flight.state === 'stored') {
      ticket.settle(this.mailbox);
      return;
    }
    flight.tickets.push(ticket);
    if (flight.state !== 'loose') return;
    this.inFlight.hold(flight, outgoing);
    flight.state = 'held';
    this.armPatience();
  }

  /** The device has these safely. */
  ack(ids: readonly EnvelopeId[]): void {
    const onDisk = ids.filter((id) => this.settle(keyOf(id)));
    if (onDisk.length > 0) this.context.commits.ack({ type: 'ack', mailbox: this.mailbox, ids: onDisk });
  }

  /** Puts an envelope at the end of the queue. */
  spill(outgoing: Outgoing, tickets: Ticket[], flight?: Flight): void {
    const { commits, clock, tally } = this.context;
    const { mailbox } = this;
    this.spills++;
    tally.spilled++;
    commits.put({ type: 'put', mailbox, id: outgoing.id, data: contentOf(outgoing), at: clock.now() }, (outcome) => {
      const code = codeOf(outcome);
      if (flight !== undefined) this.land(flight, code);
      for (const ticket of flight?.tickets.splice(0) ?? tickets) ticket.settle(mailbox, code);
      this.landed();
    });
  }

  /** Puts everything that only memory holds on disk, in the order it went out. */
  spillHeld(before = Infinity): void {
    for (const flight of this.inFlight.held(before)) {
      if (flight.outgoing === undefined) continue;
      flight.state = 'spilling';
      this.spill(flight.outgoing, flight.tickets, flight);
    }
  }

  /** The connection is gone. */
  close(): void {
    this.cancelPatience?.();
    this.spillHeld();
    this.inFlight.clear();
  }

  private launch(
    key: string,
    state: Flight['state'],
    outgoing: Outgoing | undefined,
    bytes: number,
    tickets: Ticket[],
  ): void {
    this.inFlight.add(key, { state, since: this.context.clock.now(), outgoing, bytes, tickets });
  }

  private armPatience(): void {
    const { clock, patienceMs } = this.context;
    const oldest = this.cancelPatience === undefined ? this.inFlight.oldestUnsaved() : undefined;
    if (oldest === undefined) return;
    this.cancelPatience = clock.after(Math.max(1, oldest + patienceMs - clock.now()), () => {
      this.cancelPatience = undefined;
      this.spillHeld(clock.now() - patienceMs);
      this.inFlight.dropLoose(clock.now() - patienceMs);
      this.armPatience();
    });
  }

  /** A spilled flight is on disk now, or could not be: then memory lets go of it too, and its sender has been told. */
  private land(flight: Flight, code: RelayCode | undefined): void {
    flight.state = code === undefined ? 'stored' : 'loose';
    this.inFlight.release(flight);
    if (code === undefined) return;
    flight.since = this.context.clock.now();
    this.armPatience();
  }

  /** Takes an ack in; returns whether the disk must hear of it. */
  private settle(key: string): boolean {
    const flight = this.inFlight.take(key);
    this.context.tally.acked++;
    if (flight === undefined) return true;
    for (const ticket of flight.tickets.splice(0)) ticket.settle(this.mailbox);
    if (flight.state !== 'loose') this.context.acked(this.name, key);
    return flight.state === 'spilling' || flight.state === 'stored';
  }
}
