/**
 * Where two devices meet that have nothing but a code in common: numbered slots at a relay, each written once and read by
 * polling (relay/SPEC, R-MEET). What lies there is sealed by the ceremony; the relay learns that two devices met.
 */
import { type Result, err, ok, toBase64Url } from '@securechat/crypto';
import type { Directory, DirectoryError } from '../directory/directory.ts';
import type { Clock } from '../ports/clock.ts';

/** The slots in the order of the ceremony. */
export const SLOTS = { offer: '0', reply: '1', reveal: '2', grant: '3', done: '4' } as const;
export type Slot = (typeof SLOTS)[keyof typeof SLOTS];

const POLL = 300;
/** From when on nobody looks at the screen any more, and how often is enough then. */
const SLOW_AFTER = 60_000;
const SLOW_POLL = 3_000;

export type MeetError = DirectoryError | { readonly type: 'TimedOut' } | { readonly type: 'Stopped' };

export class Rendezvous {
  readonly #directory: Pick<Directory, 'ask'>;
  readonly #clock: Clock;
  readonly #relayUrl: string;
  readonly #id: string;
  #wake: (() => void) | undefined;
  #isStopped = false;

  constructor(options: { directory: Pick<Directory, 'ask'>; clock: Clock; relayUrl: string; id: Uint8Array }) {
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#relayUrl = options.relayUrl;
    this.#id = toBase64Url(options.id);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Polling ends; what is under way comes to nothing. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  /** Writes a slot; the same bytes again are no error. A relay that is not reached is tried again for `patience` ms. */
  async put(slot: Slot, data: Uint8Array, patience = 15_000): Promise<Result<null, MeetError>> {
    const query = { path: { rendezvousId: this.#id, slot }, body: { data } };
    const answer = await this.#until(
      () => this.#directory.ask(this.#relayUrl, 'putRendezvous', query),
      patience,
      isPassing,
    );
    return answer.ok ? ok(null) : answer;
  }

  /** What lies in a slot, as soon as it does; looks again and again for `patience` ms. */
  async take(slot: Slot, patience: number): Promise<Result<Uint8Array, MeetError>> {
    const query = { path: { rendezvousId: this.#id, slot } };
    const answer = await this.#until(
      () => this.#directory.ask(this.#relayUrl, 'rendezvous', query),
      patience,
      (error) => isPassing(error) || error.type === 'NotFound',
    );
    return answer.ok ? ok(answer.value.data) : answer;
  }

  async #until<T>(
    ask: () => Promise<Result<T, DirectoryError>>,
    patience: number,
    isWorthWaiting: (error: DirectoryError) => boolean,
  ): Promise<Result<T, MeetError>> {
    for (let waited = 0; ;) {
      if (this.#isStopped) return err({ type: 'Stopped' });
      const answer = await ask();
      if (answer.ok || !isWorthWaiting(answer.error)) return answer;
      if (waited >= patience) return err(answer.error.type === 'NotFound' ? { type: 'TimedOut' } : answer.error);
      const pause = waited < SLOW_AFTER ? POLL : SLOW_POLL;
      waited += pause;
      await this.#pause(pause);
    }
  }

  /** Waits, or until it is stopped. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** Errors that another try may end. */
function isPassing(error: DirectoryError): boolean {
  return ['Offline', 'ServerBusy', 'RateLimited', 'Internal'].includes(error.type);
}
