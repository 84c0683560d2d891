/**
 * All relay connections of this device: the home relay, signed in, and on demand the relays of contacts who live
 * elsewhere, anonymous and closed again when idle.
 */
import type { EnvelopeId } from '@securechat/relay-protocol';
import type { Random } from '@securechat/crypto';
import type { Clock } from '../ports/clock.ts';
import type { RelayLink } from '../ports/relay-link.ts';
import {
  type ConnectionEvents,
  type ConnectionState,
  type Envelope,
  type PostInput,
  type PostOutcome,
  RelayConnection,
  type SignIn,
} from './relay-connection.ts';

const FOREIGN_IDLE = 120_000;
/** Foreign relays held open at once; the least recently used is closed. */
const FOREIGN_LIMIT = 16;

export interface NetworkEvents {
  onHomeState: ConnectionEvents['onState'];
  onDeliver(envelope: Envelope): void;
  onDrained(): void;
  /** Posts to this relay may succeed now. */
  onReachable(relayUrl: string): void;
}

export interface NetworkOptions {
  readonly homeUrl: string;
  readonly link: RelayLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn: SignIn;
  readonly events: NetworkEvents;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #home: RelayConnection;
  readonly #foreign = new Map<string, { readonly connection: RelayConnection; cancelIdle: () => void }>();
  #stopped = true;

  constructor(options: NetworkOptions) {
    this.#options = options;
    const { homeUrl, link, clock, random, signIn, events } = options;
    this.#home = new RelayConnection({
      relayUrl: homeUrl,
      link,
      clock,
      random,
      signIn,
      events: {
        onState: (state, problem) => {
          events.onHomeState(state, problem);
          if (state.type === 'online') events.onReachable(homeUrl);
        },
        onDeliver: events.onDeliver,
        onDrained: events.onDrained,
      },
    });
  }

  get homeState(): ConnectionState {
    return this.#home.state;
  }

  start(): void {
    this.#stopped = false;
    this.#home.start();
  }

  /** Hangs up at home and dials again: what was delivered and not acked comes once more. */
  renew(): void {
    if (!this.#stopped) this.#home.renew();
  }

  stop(): void {
    this.#stopped = true;
    this.#home.stop();
    for (const url of [...this.#foreign.keys()]) this.#closeForeign(url);
  }

  /** Whether a post can be tried now. Asking for a foreign relay starts dialling it: `onReachable` tells when it is there. */
  reach(relayUrl: string): boolean {
    return this.#connectionTo(relayUrl)?.state.type === 'online';
  }

  post(relayUrl: string, input: PostInput): Promise<PostOutcome> {
    return this.#connectionTo(relayUrl)?.post(input) ?? Promise.resolve({ type: 'lost', reason: 'Disconnected' });
  }

  ack(ids: readonly EnvelopeId[]): void {
    this.#home.ack(ids);
  }

  #connectionTo(relayUrl: string): RelayConnection | undefined {
    if (this.#stopped) return undefined;
    if (relayUrl === this.#options.homeUrl) return this.#home;
    const open = this.#foreign.get(relayUrl) ?? this.#openForeign(relayUrl);
    // The last used one goes to the end: the first is the one to close when there are too many.
    this.#foreign.delete(relayUrl);
    this.#foreign.set(relayUrl, open);
    open.cancelIdle();
    open.cancelIdle = this.#options.clock.after(FOREIGN_IDLE, () => {
      this.#closeForeign(relayUrl);
    });
    return open.connection;
  }

  #openForeign(relayUrl: string): { readonly connection: RelayConnection; cancelIdle: () => void } {
    const oldest = this.#foreign.keys().next();
    if (this.#foreign.size >= FOREIGN_LIMIT && !oldest.done) this.#closeForeign(oldest.value);
    const { link, clock, random, events } = this.#options;
    const connection = new RelayConnection({
      relayUrl,
      link,
      clock,
      random,
      events: {
        onState: (state) => {
          if (state.type === 'online') events.onReachable(relayUrl);
        },
        onDeliver: () => undefined,
        onDrained: () => undefined,
      },
    });
    const open = { connection, cancelIdle: () => undefined };
    this.#foreign.set(relayUrl, open);
    connection.start();
    return open;
  }

  #closeForeign(relayUrl: string): void {
    const open = this.#foreign.get(relayUrl);
    if (open === undefined) return;
    open.cancelIdle();
    this.#foreign.delete(relayUrl);
    open.connection.stop();
  }
}
