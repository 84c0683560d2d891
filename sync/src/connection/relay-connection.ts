/**
 * One WebSocket to one relay: opening, signing in, keep-alive, and trying again with growing pauses. Owns no queue: a
 * post that got no answer is reported as `Disconnected` or `NoAnswer` and the outbox sends the very same bytes again.
 * With `signIn` absent the connection is anonymous: it posts (to a contact's relay), and receives nothing.
 */
import {
  type EnvelopeId,
  type MailboxId,
  type RelayCode,
  type RelayFrame,
  LIMITS,
  decodeRelayFrame,
  encodeFrame,
  toBase64Url,
} from '@securechat/relay-protocol';
import type { Random } from '@securechat/crypto';
import type { Clock } from '../ports/clock.ts';
import type { RelayLink, Socket } from '../ports/relay-link.ts';

export type ConnectionState =
  | { readonly type: 'stopped' }
  | { readonly type: 'connecting' }
  | { readonly type: 'online' }
  | { readonly type: 'waiting'; readonly until: number };

export type SignInProblem = 'SignInRefused' | 'NotRegistered' | 'VersionTooOld' | 'Unlinked';

/** A fresh token, or why there is none; `undefined` problem: the relay was not reached. */
export type SignIn = () => Promise<
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: SignInProblem | undefined }
>;

export interface Envelope {
  readonly id: EnvelopeId;
  readonly data: Uint8Array;
}

export interface PostInput extends Envelope {
  readonly to: readonly MailboxId[];
  readonly ephemeral: boolean;
}

/** What became of a post. `refused` lists the mailboxes that did not take it; the others have it. */
export type PostOutcome =
  | { readonly type: 'accepted' }
  | {
      readonly type: 'refused';
      readonly failures: readonly { readonly mailbox: MailboxId; readonly code: RelayCode }[];
    }
  | { readonly type: 'lost'; readonly reason: 'Disconnected' | 'NoAnswer' };

export interface ConnectionEvents {
  onState(state: ConnectionState, problem: SignInProblem | 'ReplacedByNewer' | undefined): void;
  onDeliver(envelope: Envelope): void;
  onDrained(): void;
}

export interface ConnectionOptions {
  readonly relayUrl: string;
  readonly link: RelayLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn?: SignIn;
  readonly events: ConnectionEvents;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
const PING_EVERY = 25_000;
/** Pings without any frame from the relay after which the connection counts as lost. Counted, because clocks jump. */
const SILENT_PINGS = 2;
const ANSWER_LIMIT = 30_000;

interface Pending {
  readonly settle: (outcome: PostOutcome) => void;
  readonly cancelTimer: () => void;
}

export class RelayConnection {
  readonly #options: ConnectionOptions;
  #state: ConnectionState = { type: 'stopped' };
  #socket: Socket | undefined;
  #attempt = 0;
  #generation = 0;
  #silentPings = 0;
  #cancelTimers: (() => void)[] = [];
  readonly #posts = new Map<string, Pending>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, or tries at once when it was waiting; no effect while connecting or online. */
  start(): void {
    if (this.#state.type === 'connecting' || this.#state.type === 'online') return;
    void this.#connect();
  }

  /** Closes and connects anew. */
  renew(): void {
    this.#drop();
    void this.#connect();
  }

  /** Closes and stays closed until {@link start}. */
  stop(): void {
    this.#drop();
    this.#become({ type: 'stopped' });
  }

  /** Posts one envelope; see {@link PostOutcome}. Resolves, never rejects. */
  post(input: PostInput): Promise<PostOutcome> {
    const socket = this.#socket;
    if (this.#state.type !== 'online' || socket === undefined)
      return Promise.resolve({ type: 'lost', reason: 'Disconnected' });
    const key = toBase64Url(input.id);
    return new Promise((resolve) => {
      const cancelTimer = this.#options.clock.after(ANSWER_LIMIT, () => {
        this.#settle(key, { type: 'lost', reason: 'NoAnswer' });
      });
      this.#posts.set(key, { settle: resolve, cancelTimer });
      if (!socket.send(encodeFrame({ type: 'post', ...input })))
        this.#settle(key, { type: 'lost', reason: 'Disconnected' });
    });
  }

  /** Tells the relay that these envelopes are safe here. Lost acks are harmless: the relay delivers again. */
  ack(ids: readonly EnvelopeId[]): void {
    if (this.#state.type !== 'online') return;
    for (let from = 0; from < ids.length; from += LIMITS.ackIds) {
      this.#socket?.send(encodeFrame({ type: 'ack', ids: ids.slice(from, from + LIMITS.ackIds) }));
    }
  }

  async #connect(): Promise<void> {
    this.#clearTimers();
    this.#generation += 1;
    const generation = this.#generation;
    this.#become({ type: 'connecting' });
    // A sign-in that rejects (the engine is closing, the disk is full) is reported by its own job; here it is a retry.
    const token = await this.#options.signIn?.().catch(() => ({ ok: false, error: undefined }) as const);
    if (generation !== this.#generation) return;
    if (token !== undefined && !token.ok) {
      this.#pause(token.error);
      return;
    }
    this.#open(generation, token?.value);
  }

  #open(generation: number, token: string | undefined): void {
    const current = (): boolean => generation === this.#generation;
    const { link, relayUrl, clock } = this.#options;
    // A socket that never opens and never fails must not hold us for ever.
    this.#cancelTimers.push(
      clock.after(ANSWER_LIMIT, () => current() && this.#state.type === 'connecting' && this.#lost()),
    );
    const socket = link.openSocket(relayUrl, {
      onOpen: () => {
        if (!current()) return;
        if (token === undefined) this.#online();
        else socket.send(encodeFrame({ type: 'signIn', token }));
      },
      onFrame: (bytes) => {
        if (current()) this.#receive(bytes);
      },
      onClose: () => {
        if (current()) this.#lost();
      },
    });
    this.#socket = socket;
  }

  #receive(bytes: Uint8Array): void {
    this.#silentPings = 0;
    const frame = decodeRelayFrame(bytes);
    if (frame.ok) this.#handle(frame.value);
    else this.#lost(); // not a relay that we can talk to: start over
  }

  #handle(frame: RelayFrame): void {
    switch (frame.type) {
      case 'welcome':
        if (this.#state.type === 'connecting') this.#online();
        return;
      case 'accepted':
        this.#settle(toBase64Url(frame.id), { type: 'accepted' });
        return;
      case 'refused':
        this.#settle(toBase64Url(frame.id), {
          type: 'refused',
          failures: frame.failures.map((f) => ({ mailbox: f.mailbox.slice() as MailboxId, code: f.code })),
        });
        return;
      case 'deliver':
        this.#options.events.onDeliver({ id: frame.id.slice() as EnvelopeId, data: frame.data.slice() });
        return;
      case 'drained':
        this.#options.events.onDrained();
        return;
      case 'pong':
        return;
      case 'error':
        if (frame.code === 'ReplacedByNewer') this.#replaced();
        else if (frame.code === 'VersionUnsupported') this.#pause('VersionTooOld');
        else this.#lost();
        return;
    }
  }

  #online(): void {
    this.#silentPings = 0;
    this.#clearTimers();
    this.#keepAlive(this.#generation);
    this.#become({ type: 'online' });
  }

  #keepAlive(generation: number): void {
    const cancel = this.#options.clock.after(PING_EVERY, () => {
      if (generation !== this.#generation || this.#state.type !== 'online') return;
      if (this.#silentPings >= SILENT_PINGS) {
        this.#lost();
        return;
      }
      // Pauses start over only now: a relay that welcomes and hangs up must not be dialled twice a second for ever.
      if (this.#silentPings === 0) this.#attempt = 0;
      this.#silentPings += 1;
      this.#socket?.send(encodeFrame({ type: 'ping' }));
      this.#keepAlive(generation);
    });
    this.#cancelTimers.push(cancel);
  }

  #lost(): void {
    this.#pause(undefined);
  }

  /** Another connection of this device took over; coming back by ourselves would throw it out in turn. */
  #replaced(): void {
    this.#drop();
    this.#become({ type: 'stopped' }, 'ReplacedByNewer');
  }

  #pause(problem: SignInProblem | undefined): void {
    this.#drop();
    const jitter = 0.5 + (this.#options.random(1)[0] ?? 0) / 256;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#attempt, LONGEST_PAUSE) * jitter;
    this.#attempt = Math.min(this.#attempt + 1, 16);
    this.#cancelTimers.push(this.#options.clock.after(pause, () => void this.#connect()));
    this.#become({ type: 'waiting', until: this.#options.clock.now() + pause }, problem);
  }

  #drop(): void {
    this.#generation += 1;
    this.#clearTimers();
    this.#socket?.close();
    this.#socket = undefined;
    for (const key of [...this.#posts.keys()]) this.#settle(key, { type: 'lost', reason: 'Disconnected' });
  }

  #settle(key: string, outcome: PostOutcome): void {
    const pending = this.#posts.get(key);
    if (pending === undefined) return;
    this.#posts.delete(key);
    pending.cancelTimer();
    pending.settle(outcome);
  }

  #clearTimers(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
  }

  #become(state: ConnectionState, problem?: SignInProblem | 'ReplacedByNewer'): void {
    this.#state = state;
    this.#options.events.onState(state, problem);
  }
}
