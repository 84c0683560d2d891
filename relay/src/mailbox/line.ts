/**
 * A mailbox whose device is connected:
 *
 *   draining   envelopes go out from the disk queue, a window at a time; new posts join the end of that queue
 *   live       the queue is empty; a post goes straight to the socket, and to disk only if no ack comes soon
 *
 *   (sign-in) -> starting --welcome--> draining --queue empty--> live --socket or window full--> draining
 *
 * On every way out (patience over, window full, disconnect) what is held only in memory is put on disk in its order, so
 * the sender hears `accepted` only for what was acked or is durable.
 */
import type { EnvelopeId, MailboxId, RelayCode } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import type { Clock } from '../clock.ts';
import { factsOf, type Log } from '../log.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Budget } from './in-flight.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import type { MailboxStore, QueuedEnvelope, Quota } from './port.ts';
import type { Ticket } from './ticket.ts';
import { Wire } from './wire.ts';

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

/** Most that is read of a queue at once. */
const PAGE: Quota = { count: 128, bytes: 256 * 1024 };

/** See the module's header. */
export class Line {
  private readonly wire: Wire;
  private mode: 'starting' | 'draining' | 'live' | 'closed' = 'starting';
  private isBlocked = false;
  private isReading = false;
  /** Queue position up to which everything was sent or acked on this line. */
  private cursor = 0;
  /** Envelopes of the queue at sign-in that were not yet sent; undefined once `drained` was said. */
  private backlog: number | undefined = 0;
  private readonly ackedWhileReading = new Set<string>();

  constructor(
    readonly mailbox: MailboxId,
    private readonly socket: LineSocket,
    private readonly context: LineContext,
  ) {
    this.wire = new Wire(mailbox, context, () => {
      this.drain();
    });
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
      this.mode = 'draining';
      this.drain();
    });
  }

  /** Delivers a post, or puts it in the queue behind what is already there. */
  accept(outgoing: Outgoing, ticket: Ticket): void {
    if (outgoing.ephemeral) this.acceptEphemeral(outgoing, ticket);
    else if (this.wire.has(outgoing.key)) this.wire.join(outgoing, ticket);
    else if (this.mode !== 'live' || !this.sendDirect(outgoing, ticket)) this.wire.spill(outgoing, [ticket]);
  }

  /** The device has these safely. */
  ack(ids: readonly EnvelopeId[]): void {
    if (this.isReading) for (const id of ids) this.ackedWhileReading.add(keyOf(id));
    this.wire.ack(ids);
    this.drain();
  }

  /** The socket has room again. */
  resume(): void {
    this.isBlocked = false;
    this.drain();
  }

  /** The connection is gone: what only memory holds goes to disk. */
  close(): void {
    if (this.isClosed()) return;
    this.mode = 'closed';
    this.wire.close();
  }

  /** Ends the connection for a reason; it then calls `close`. */
  fail(code: RelayCode): void {
    this.socket.fail(code);
  }

  private isClosed(): boolean {
    return this.mode === 'closed';
  }

  private acceptEphemeral(outgoing: Outgoing, ticket: Ticket): void {
    const { tally } = this.context;
    if (this.mode === 'live' && !this.wire.isFull && this.socket.deliver(outgoing.frame) === 'sent') {
      this.wire.sentLoose(outgoing);
      tally.ephemeral++;
    } else tally.ephemeralDropped++;
    ticket.settle(this.mailbox);
  }

  private sendDirect(outgoing: Outgoing, ticket: Ticket): boolean {
    const isCrowded = this.wire.isCrowded;
    if (!isCrowded && this.socket.deliver(outgoing.frame) === 'sent') {
      this.wire.sentDirect(outgoing, ticket);
      this.context.tally.direct++;
      return true;
    }
    this.isBlocked = !isCrowded;
    this.mode = 'draining';
    this.wire.spillHeld();
    return false;
  }

  private canDrain(): boolean {
    return this.mode === 'draining' && !this.isBlocked && !this.wire.isFull;
  }

  private drain(): void {
    if (this.isReading || !this.canDrain()) return;
    this.isReading = true;
    void this.guarded(async () => {
      while (this.canDrain()) await this.drainPage();
    }).finally(() => {
      this.isReading = false;
      this.drain();
    });
  }

  private async drainPage(): Promise<void> {
    const { commits, store } = this.context;
    const { room, spills } = this.wire;
    const limit = { count: Math.min(PAGE.count, room.count), bytes: Math.min(PAGE.bytes, room.bytes) };
    this.ackedWhileReading.clear();
    await commits.flush();
    const page = await store.read(this.mailbox, this.cursor, limit);
    if (this.isClosed()) return;
    for (const envelope of page) if (!this.sendQueued(envelope)) return;
    if (page.length > 0) return;
    this.sayDrained();
    if (this.wire.spills === spills) this.mode = 'live';
  }

  /** Sends one envelope of the queue unless this line did before; false when the socket is full. */
  private sendQueued(envelope: QueuedEnvelope): boolean {
    const outgoing = createOutgoing(envelope.id, envelope.data, false);
    if (!this.wire.has(outgoing.key) && !this.ackedWhileReading.has(outgoing.key)) {
      if (this.socket.deliver(outgoing.frame) === 'full') {
        this.isBlocked = true;
        return false;
      }
      this.wire.sentFromQueue(outgoing);
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
