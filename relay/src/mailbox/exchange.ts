/** Who is connected right now, and the way of a post to each of its mailboxes. */
import type { MailboxId } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import { Line, type LineContext, type LineSocket } from './line.ts';
import { contentOf, type Outgoing } from './outgoing.ts';
import { RecentIds } from './recent-ids.ts';
import { codeOf, type Ticket } from './ticket.ts';

/** Acked deliveries that are remembered in memory: about 2 MB. */
const REMEMBERED = 16_384;

/** See the module's header. */
export class Exchange {
  private readonly lines = new Map<string, Line>();
  private readonly recent = new RecentIds(REMEMBERED);
  private readonly context: LineContext;

  constructor(
    context: Omit<LineContext, 'acked'>,
    /** Most bytes that may wait for the disk; posts beyond are refused. */
    private readonly maxWaitingBytes: number,
  ) {
    this.context = {
      ...context,
      acked: (mailbox, key) => {
        this.recent.add(mailbox + key);
      },
    };
  }

  /** How many devices are connected. */
  get size(): number {
    return this.lines.size;
  }

  /** Connects a mailbox to a socket; an older connection of the same device is told and closed. */
  attach(mailbox: MailboxId, socket: LineSocket): Line {
    const key = keyOf(mailbox);
    this.lines.get(key)?.fail('ReplacedByNewer');
    const line = new Line(mailbox, socket, this.context);
    this.lines.set(key, line);
    return line;
  }

  /** The line's connection is gone. */
  detach(line: Line): void {
    const key = keyOf(line.mailbox);
    if (this.lines.get(key) === line) this.lines.delete(key);
    line.close();
  }

  /** The device was removed: its connection ends, then its mailbox with all that is in it. */
  async evict(mailbox: MailboxId): Promise<void> {
    this.lines.get(keyOf(mailbox))?.fail('NotSignedIn');
    await this.context.commits.flush();
    await this.context.store.close(mailbox);
  }

  /** Brings one envelope to one mailbox; the ticket hears how it went. */
  route(mailbox: MailboxId, outgoing: Outgoing, ticket: Ticket): void {
    const key = keyOf(mailbox);
    const line = this.lines.get(key);
    if (this.recent.has(key + outgoing.key)) ticket.settle(mailbox);
    else if (line !== undefined) line.accept(outgoing, ticket);
    else if (outgoing.ephemeral) ticket.settle(mailbox);
    else this.queue(mailbox, outgoing, ticket);
  }

  private queue(mailbox: MailboxId, outgoing: Outgoing, ticket: Ticket): void {
    const { commits, clock } = this.context;
    if (commits.waitingBytes > this.maxWaitingBytes) {
      ticket.settle(mailbox, 'ServerBusy');
      return;
    }
    commits.put({ type: 'put', mailbox, id: outgoing.id, data: contentOf(outgoing), at: clock.now() }, (outcome) => {
      ticket.settle(mailbox, codeOf(outcome));
    });
  }
}
