/**
 * The right to write at one's storage server: where it is and a token for it, both from the home relay. Knows nothing of
 * what is stored.
 */
import type { Directory } from '../directory/directory.ts';
import type { Home } from '../connection/home.ts';
import type { Clock } from '../ports/clock.ts';

/** `url` has no slash at its end. */
export interface Access {
  readonly token: string;
  readonly url: string;
}

export type AccessError = 'Offline' | 'NoStorage';

export interface StorageAccessOptions {
  readonly home: Pick<Home, 'authorized'>;
  readonly directory: Pick<Directory, 'ask'>;
  readonly relayUrl: () => string;
  readonly clock: Pick<Clock, 'now'>;
}

type Answer = { readonly ok: true; readonly value: Access } | { readonly ok: false; readonly error: AccessError };

/** A token is used until so long before its end. */
const MARGIN = 60_000;

export class StorageAccess {
  readonly #options: StorageAccessOptions;
  #known: { readonly access: Access; readonly expiresAt: number } | undefined;

  constructor(options: StorageAccessOptions) {
    this.#options = options;
  }

  /** The one that is known, while it is good, or a new one. */
  async get(): Promise<Answer> {
    const { clock } = this.#options;
    if (this.#known !== undefined && this.#known.expiresAt > clock.now() + MARGIN)
      return { ok: true, value: this.#known.access };
    return this.#ask();
  }

  /** The server did not take the token: the next one is a new one. */
  forget(token: string): void {
    if (this.#known?.access.token === token) this.#known = undefined;
  }

  async #ask(): Promise<Answer> {
    const { home, directory, relayUrl } = this.#options;
    const asked = await home.authorized((token) => directory.ask(relayUrl(), 'storageToken', { token }));
    if (!asked.ok || !asked.value.ok) return { ok: false, error: 'Offline' };
    const { token, url, expiresAt } = asked.value.value;
    if (url === undefined) return { ok: false, error: 'NoStorage' };
    this.#known = { access: { token, url }, expiresAt };
    return { ok: true, value: this.#known.access };
  }
}
