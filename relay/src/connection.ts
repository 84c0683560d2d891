/**
 * One WebSocket, whatever carries it: reads frames, answers them, and never loses an answer to back-pressure. It knows the
 * verbs; where envelopes go is the exchange's matter, whether there are too many the governor's.
 */
import { decodeClientFrame, encodeFrame } from '@securechat/relay-protocol';
import type { ClientFrame, DecodeError, MailboxId, RelayCode, RelayFrame } from '@securechat/relay-protocol';
import { keyOf } from './bytes.ts';
import type { ConnectionGovernor } from './limits/governor.ts';
import type { Exchange } from './mailbox/exchange.ts';
import type { Line, LineSocket } from './mailbox/line.ts';
import { createOutgoing } from './mailbox/outgoing.ts';
import { Ticket } from './mailbox/ticket.ts';

/** What carries a connection. */
export interface Socket {
  /** `full`: not taken, nothing kept; `drained` is called when there is room. */
  send(bytes: Uint8Array): 'sent' | 'full';
  /** Sends what was taken, then closes. `closed` may be called during this, later, or not at all. */
  close(): void;
  /** The peer's network address: for rate limits only. */
  readonly address: string;
}

/** What the carrier tells the relay. */
export interface Connection {
  /** One message arrived. The bytes are not kept. */
  receive(bytes: Uint8Array): void;
  /** There is room after a `full`. */
  drained(): void;
  /** The socket is gone. */
  closed(): void;
}

/** What a connection needs of the relay. */
export interface ConnectionParts {
  readonly exchange: Exchange;
  readonly governor: ConnectionGovernor;
  /** The mailbox of the device that a token names. */
  readonly signIn: (token: string) => Promise<{ readonly mailbox: MailboxId } | { readonly code: RelayCode }>;
  readonly refused: (code: RelayCode) => void;
  readonly ended: () => void;
}

/** Answers that wait for a full socket; a peer that sends without reading is cut off here. */
const MAX_WAITING = 4096;
/** Frames and bytes that wait while a sign-in is checked. */
const MAX_BACKLOG = 256;
const MAX_BACKLOG_BYTES = 2 * 1024 * 1024;

/** Opens a connection on a socket. */
export function openConnection(socket: Socket, parts: ConnectionParts): Connection & { fail(code: RelayCode): void } {
  return new WireConnection(socket, parts);
}

class WireConnection implements Connection, LineSocket {
  private line: Line | undefined;
  private signingIn = false;
  private isOpen = true;
  private backlog: Uint8Array[] = [];
  private backlogBytes = 0;
  private waiting: Uint8Array[] = [];

  constructor(
    private readonly socket: Socket,
    private readonly parts: ConnectionParts,
  ) {}

  receive(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    if (!this.parts.governor.takeFrame()) this.fail('RateLimited');
    else if (this.signingIn) this.putAside(bytes.slice());
    else this.read(bytes.slice());
  }

  drained(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const [index, bytes] of waiting.entries()) {
      if (this.socket.send(bytes) === 'sent') continue;
      this.waiting = [...waiting.slice(index), ...this.waiting];
      return;
    }
    this.line?.resume();
  }

  closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (this.line !== undefined) this.parts.exchange.detach(this.line);
    this.line = undefined;
    this.parts.ended();
  }

  deliver(frame: Uint8Array): 'sent' | 'full' {
    return this.isOpen && this.waiting.length === 0 ? this.socket.send(frame) : 'full';
  }

  welcome(mailbox: MailboxId, queued: number): void {
    this.say({ type: 'welcome', mailbox, queued });
  }

  drainedQueue(): void {
    this.say({ type: 'drained' });
  }

  fail(code: RelayCode): void {
    if (!this.isOpen) return;
    this.parts.refused(code);
    this.say({ type: 'error', code });
    this.closed();
    this.socket.close();
  }

  private putAside(bytes: Uint8Array): void {
    this.backlog.push(bytes);
    this.backlogBytes += bytes.length;
    if (this.backlog.length > MAX_BACKLOG || this.backlogBytes > MAX_BACKLOG_BYTES) this.fail('RateLimited');
  }

  private read(bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes);
    if (frame.ok) this.obey(frame.value);
    else this.fail(codeOfError(frame.error));
  }

  private obey(frame: ClientFrame): void {
    switch (frame.type) {
      case 'signIn':
        void this.signIn(frame.token);
        return;
      case 'post':
        this.post(frame);
        return;
      case 'ack':
        if (this.line === undefined) this.fail('NotSignedIn');
        else this.line.ack(frame.ids);
        return;
      case 'ping':
        this.say({ type: 'pong' });
    }
  }

  private async signIn(token: string): Promise<void> {
    if (this.line !== undefined) {
      this.fail('BadFrame');
      return;
    }
    this.signingIn = true;
    const answer = await this.parts.signIn(token);
    if (!this.isOpen) return;
    if ('code' in answer) {
      this.fail(answer.code);
      return;
    }
    this.parts.governor.trust();
    this.line = this.parts.exchange.attach(answer.mailbox, this);
    await this.line.start();
    this.signingIn = false;
    this.readBacklog();
  }

  private readBacklog(): void {
    const backlog = this.backlog;
    this.backlog = [];
    for (const bytes of backlog) if (this.isOpen) this.read(bytes);
  }

  private post(frame: Extract<ClientFrame, { type: 'post' }>): void {
    const { id, ephemeral } = frame;
    const to =
      frame.to.length < 2 ? frame.to : [...new Map(frame.to.map((mailbox) => [keyOf(mailbox), mailbox])).values()];
    const ticket = new Ticket(to.length, (failures) => {
      for (const { code } of failures) this.parts.refused(code);
      this.say(failures.length === 0 ? { type: 'accepted', id } : { type: 'refused', id, failures });
    });
    if (!this.parts.governor.takePost(to.length, frame.data.length)) {
      for (const mailbox of to) ticket.settle(mailbox, 'RateLimited');
      return;
    }
    const outgoing = createOutgoing(id, frame.data, ephemeral);
    for (const mailbox of to) this.parts.exchange.route(mailbox, outgoing, ticket);
  }

  private say(frame: RelayFrame): void {
    if (!this.isOpen) return;
    const bytes = encodeFrame(frame);
    if (this.waiting.length === 0 && this.socket.send(bytes) === 'sent') return;
    this.waiting.push(bytes);
    if (this.waiting.length > MAX_WAITING) this.cutOff();
  }

  private cutOff(): void {
    this.waiting = [];
    this.parts.refused('RateLimited');
    this.closed();
    this.socket.close();
  }
}

function codeOfError(error: DecodeError): RelayCode {
  if (error.type !== 'OverCap') return 'BadFrame';
  return error.field === 'list' ? 'TooManyRecipients' : 'TooLarge';
}
