/**
 * The TURN servers of the home relay, with credentials for them: asked for when a call needs them, and used until shortly
 * before they end. In memory only. Knows nothing of calls.
 */
import type { IceServers } from '../api-phone.ts';
import type { Home } from '../connection/home.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from './directory.ts';

/** `Offline`: the relay was not reached, or has no time now. `Refused`: it has no such servers for us; `code` says why. */
export type IceError = { readonly type: 'Offline' } | { readonly type: 'Refused'; readonly code: string };

export interface IceAccessOptions {
  readonly home: Pick<Home, 'authorized'>;
  readonly directory: Pick<Directory, 'ask'>;
  readonly relayUrl: () => string;
  readonly clock: Pick<Clock, 'now'>;
}

type Answer = { readonly ok: true; readonly value: IceServers } | { readonly ok: false; readonly error: IceError };

/** Credentials are handed out until so long before their end: a connection that is made now may take a while. */
const MARGIN = 5 * 60_000;

export class IceAccess {
  readonly #options: IceAccessOptions;
  #known: { readonly value: IceServers; readonly since: number } | undefined;
  #asking: Promise<Answer> | undefined;

  constructor(options: IceAccessOptions) {
    this.#options = options;
  }

  /**
   * The ones that are known, while they are good, or new ones; no server where the relay was told of none. Those who ask at
   * once share one question. Never rejects.
   */
  async get(): Promise<Answer> {
    const [known, now] = [this.#known, this.#options.clock.now()];
    // A clock that was set back would keep them for ever.
    if (known !== undefined && now >= known.since && now < known.value.expiresAt - MARGIN)
      return { ok: true, value: known.value };
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<Answer> {
    const { home, directory, relayUrl, clock } = this.#options;
    // From before the question: what took long must not be believed for longer.
    const since = clock.now();
    const asked = await home.authorized((token) => directory.ask(relayUrl(), 'iceServers', { token }));
    if (!asked.ok) return { ok: false, error: asked.error === undefined ? OFFLINE : refusedBy(asked.error) };
    if (!asked.value.ok) return { ok: false, error: problemOf(asked.value.error.type) };
    const { servers, lifeMs } = asked.value.value;
    const value = { servers, expiresAt: since + lifeMs };
    this.#known = { value, since };
    return { ok: true, value };
  }
}

const OFFLINE = { type: 'Offline' } as const;

function refusedBy(code: string): IceError {
  return { type: 'Refused', code };
}

function problemOf(type: string): IceError {
  return ['Offline', 'Unintelligible', 'ServerBusy', 'Internal'].includes(type) ? OFFLINE : refusedBy(type);
}
