/** What the connection looks like to the user: whether there is one, what comes in, and why the relay refuses us. */
import type { Connection } from '../api.ts';
import type { ConnectionState } from './relay-connection.ts';

export class ConnectionStatus {
  readonly #changed: () => void;
  #shown: Omit<Connection, 'waiting' | 'draining'> = { state: 'offline' };
  /** Envelopes taken in since connecting; undefined when the relay had no more and all are taken in. */
  #draining: number | undefined;
  #isDrained = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** `waiting`: messages of ours that the relay has not accepted. */
  show(waiting: number): Connection {
    return { ...this.#shown, waiting, ...(this.#draining !== undefined && { draining: this.#draining }) };
  }

  get isOnline(): boolean {
    return this.#shown.state === 'online';
  }

  /** Online, and everything that waited at the relay is taken in. */
  get isUpToDate(): boolean {
    return this.isOnline && this.#draining === undefined;
  }

  moved(state: ConnectionState, problem: string | undefined): void {
    this.#shown = {
      state: state.type === 'online' ? 'online' : state.type === 'connecting' ? 'connecting' : 'offline',
      ...(state.type === 'waiting' && { nextAttemptAt: state.until }),
      ...(isProblem(problem) && { problem }),
    };
    this.#draining = state.type === 'online' ? 0 : undefined;
    this.#isDrained = false;
    this.#changed();
  }

  /** The relay has delivered everything that it had queued before. */
  drained(left: number): void {
    this.#isDrained = true;
    this.tookIn(0, left);
  }

  /** `count` envelopes were taken in, `left` are still to be. */
  tookIn(count: number, left: number): void {
    if (this.#draining === undefined) return;
    this.#draining = this.#isDrained && left === 0 ? undefined : this.#draining + count;
    this.#changed();
  }
}

function isProblem(problem: string | undefined): problem is NonNullable<Connection['problem']> {
  return problem === 'SignInRefused' || problem === 'VersionTooOld' || problem === 'NotRegistered';
}
