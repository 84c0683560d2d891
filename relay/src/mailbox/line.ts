/**
 * A mailbox whose device is connected. Two modes:
 *
 *   draining   envelopes go out from the disk queue, a window at a time; new posts join the end of that queue
 *   live       the queue is empty; a post goes straight to the socket, and to disk only if no ack comes soon
 *
 *   (sign-in) -> draining --queue empty--> live --socket full, window full--> draining
 *
 * On every way out (patience over, window full, disconnect) what is held only in memory is put on disk in its order, so
 * the sender hears `accepted` only for what was acked or is durable.
 */
import type { EnvelopeId, MailboxId, RelayCode } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import type { Clock } from '../clock.ts';
import { factsOf, type Log } from '../log.ts';
import type { GroupCommit } from './group-commit.ts';
import { InFlight, type Budget, type Flight } from './in-flight.ts';
import { contentOf, createOutgoing, type Outgoing } from './outgoing.ts';
import type { MailboxStore, QueuedEnvelope, Quota } from './port.ts';
import { codeOf, type Ticket } from './ticket.ts';

/** What a line needs of its connection. */
export interface LineSocket {
  /** `full`: not taken; the line hears of room through `resume`. */
  deliver(frame: Uint8Array): 'sent' | 'full';
  welcome(mailbox: MailboxId, queued: number): void;
  drainedQueue(): void;
  /** Says why and closes. */
  fail(code: RelayCode): void;
}

/** Counts of what lines did, for the metrics. */
export interface LineTally {
  direct: number;
  fromQueue: number;
  ephemeral: number;
  ephemeralDropped: number;
  spilled: number;
  acked: number;
}

/** What all lines share. */
export interface LineContext {
  readonly store: MailboxStore;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: LineTally;
  /** How long a direct delivery may wait for its ack before it is put on disk. */
  readonly patienceMs: number;
  /** How much may be on the wire unacked. */
  readonly window: Quota;
  /** Memory for what is on the wire and not on disk. */
  readonly budget: Budget;
  /** Called for an envelope that was delivered and acked. */
  readonly acked: (mailbox: string, key: string) => void;
}

/** See the module's header. */
export class Line {
  private readonly inFlight: InFlight;
  private readonly name: string;
  private mode: 'draining' | 'live' | 'closed' = 'draining';
  private blocked = false;
  private reading = false;
  /** Queue position up to which everything was sent or acked on this line. */
  private cursor = 0;
  /** Envelopes of the queue at sign-in that were not yet sent; undefined once `drained` was said. */
  private backlog: number | undefined = 0;
  private spills = 0;
  private ackedWhileReading = new Set<string>();
  private cancelPatience: (() => void) | undefined;

  constructor(
    readonly mailbox: MailboxId,
    private readonly socket: LineSocket,
    private readonly context: LineContext,
  ) {
    this.inFlight = new InFlight(context.window, context.budget);
    this.name = keyOf(mailbox);
  }

  /** Welcomes the device and starts to drain. */
  async start(): Promise<void> {
    const { store, commits } = this.context;
    await this.guarded(async () => {
      await commits.flush();
      const usage = await store.usage(this.mailbox);
      if (usage === undefined) await store.open(this.mailbox);
      if (this.isClosed()) return;
      this.backlog = usage?.count ?? 0;
      this.socket.welcome(this.mailbox, this.backlog);
      this.drain();
    });
  }

  /** Delivers a post, or puts it in the queue behind what is already there. */
  accept(outgoing: Outgoing, ticket: Ticket): void {
    const flight = this.inFlight.get(outgoing.key);
    if (outgoing.ephemeral) this.acceptEphemeral(outgoing, ticket);
    else if (flight !== undefined) this.join(flight, outgoing, ticket);
    else if (this.mode !== 'live' || !this.sendDirect(outgoing, ticket)) this.spill(outgoing, [ticket]);
  }

  /** The device has these safely. */
  ack(ids: readonly EnvelopeId[]): void {
    const onDisk = ids.filter((id) => this.settleAck(keyOf(id)));
    if (onDisk.length > 0) this.context.commits.ack({ type: 'ack', mailbox: this.mailbox, ids: onDisk });
    this.drain();
  }

  /** The socket has room again. */
  resume(): void {
    this.blocked = false;
    this.drain();
  }

  /** The connection is gone: what only memory holds goes to disk. */
  close(): void {
    if (this.isClosed()) return;
    this.mode = 'closed';
    this.cancelPatience?.();
    this.spillHeld(Infinity);
    this.inFlight.clear();
  }

  /** Ends the connection for a reason; it then calls `close`. */
  fail(code: RelayCode): void {
    this.socket.fail(code);
  }

  private isClosed(): boolean {
    return this.mode === 'closed';
  }

  private acceptEphemeral(outgoing: Outgoing, ticket: Ticket): void {
    const taken = this.mode === 'live' && !this.inFlight.crowded && this.socket.deliver(outgoing.frame) === 'sent';
    if (taken) {
      this.launch(outgoing, 'loose', []);
      this.context.tally.ephemeral++;
    } else this.context.tally.ephemeralDropped++;
    ticket.settle(this.mailbox);
  }

  private join(flight: Flight, outgoing: Outgoing, ticket: Ticket): void {
    if (flight.state === 'stored') {
      ticket.settle(this.mailbox);
      return;
    }
    flight.tickets.push(ticket);
    if (flight.state !== 'loose') return;
    this.inFlight.hold(flight, outgoing);
    flight.state = 'held';
    this.armPatience();
  }

  private sendDirect(outgoing: Outgoing, ticket: Ticket): boolean {
    const { crowded } = this.inFlight;
    if (!crowded && this.socket.deliver(outgoing.frame) === 'sent') {
      this.launch(outgoing, 'held', [ticket]);
      this.context.tally.direct++;
      return true;
    }
    this.blocked = !crowded;
    this.mode = 'draining';
    this.spillHeld(Infinity);
    return false;
  }

  private launch(outgoing: Outgoing, state: 'held' | 'loose', tickets: Ticket[]): void {
    const since = this.context.clock.now();
    this.inFlight.add(outgoing.key, { state, since, outgoing, bytes: outgoing.frame.length, tickets });
    this.armPatience();
  }

  private armPatience(): void {
    const { clock, patienceMs } = this.context;
    const oldest = this.cancelPatience === undefined ? this.inFlight.oldestUnsaved() : undefined;
    if (oldest === undefined) return;
    this.cancelPatience = clock.after(Math.max(1, oldest + patienceMs - clock.now()), () => {
      this.losePatience();
    });
  }

  private losePatience(): void {
    const { clock, patienceMs } = this.context;
    this.cancelPatience = undefined;
    this.spillHeld(clock.now() - patienceMs);
    this.inFlight.dropLoose(clock.now() - patienceMs);
    this.armPatience();
  }

  private spillHeld(before: number): void {
    for (const flight of this.inFlight.held(before)) {
      if (flight.outgoing === undefined) continue;
      flight.state = 'spilling';
      this.spill(flight.outgoing, flight.tickets, flight);
    }
  }

  private spill(outgoing: Outgoing, tickets: Ticket[], flight?: Flight): void {
    const { commits, clock, tally } = this.context;
    this.spills++;
    tally.spilled++;
    const { mailbox } = this;
    commits.put({ type: 'put', mailbox, id: outgoing.id, data: contentOf(outgoing), at: clock.now() }, (outcome) => {
      const code = codeOf(outcome);
      if (flight !== undefined) this.landed(flight, code);
      for (const ticket of flight?.tickets.splice(0) ?? tickets) ticket.settle(mailbox, code);
      this.drain();
    });
  }

  /** A spilled flight is on disk now, or could not be: then memory lets go of it too, and its sender has been told. */
  private landed(flight: Flight, code: RelayCode | undefined): void {
    flight.state = code === undefined ? 'stored' : 'loose';
    this.inFlight.release(flight);
    if (code === undefined) return;
    flight.since = this.context.clock.now();
    this.armPatience();
  }

  /** Takes an ack in; returns whether the disk must hear of it. */
  private settleAck(key: string): boolean {
    const flight = this.inFlight.take(key);
    this.context.tally.acked++;
    if (this.reading) this.ackedWhileReading.add(key);
    if (flight === undefined) return true;
    for (const ticket of flight.tickets.splice(0)) ticket.settle(this.mailbox);
    if (flight.state !== 'loose') this.context.acked(this.name, key);
    return flight.state === 'spilling' || flight.state === 'stored';
  }

  private drain(): void {
    if (this.mode !== 'draining' || this.reading || this.blocked || this.inFlight.full) return;
    this.reading = true;
    void this.guarded(async () => {
      while (this.mode === 'draining' && !this.blocked && !this.inFlight.full) await this.drainPage();
    }).finally(() => {
      this.reading = false;
      this.drain();
    });
  }

  private async drainPage(): Promise<void> {
    const { commits, store, window } = this.context;
    const spillsBefore = this.spills;
    this.ackedWhileReading.clear();
    await commits.flush();
    const page = await store.read(this.mailbox, this.cursor, { count: Math.min(window.count, 128), bytes: 256 * 1024 });
    if (this.isClosed()) return;
    for (const envelope of page) if (!this.sendQueued(envelope)) return;
    if (page.length > 0) return;
    this.sayDrained();
    if (this.spills === spillsBefore) this.mode = 'live';
  }

  private sendQueued(envelope: QueuedEnvelope): boolean {
    const outgoing = createOutgoing(envelope.id, envelope.data, false);
    if (this.inFlight.get(outgoing.key) === undefined && !this.ackedWhileReading.has(outgoing.key)) {
      if (this.socket.deliver(outgoing.frame) === 'full') {
        this.blocked = true;
        return false;
      }
      const { length } = outgoing.frame;
      const since = this.context.clock.now();
      this.inFlight.add(outgoing.key, { state: 'stored', since, outgoing: undefined, bytes: length, tickets: [] });
      this.context.tally.fromQueue++;
    }
    this.cursor = envelope.seq;
    if (this.backlog !== undefined && --this.backlog <= 0) this.sayDrained();
    return true;
  }

  private sayDrained(): void {
    if (this.backlog === undefined) return;
    this.backlog = undefined;
    this.socket.drainedQueue();
  }

  /** Runs `work`; trouble of the medium ends the connection, so that the device comes again and drains anew. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.context.log.error(factsOf(thrown), 'queue unreadable');
      if (!this.isClosed()) this.fail('ServerBusy');
    }
  }
}
