/**
 * The relay's HTTP half as typed requests: what is asked, what is answered, and which refusal means what. Verifies
 * nothing: device logs and bundles are checked by `peers/` and crypto.
 */
import {
  type Endpoint,
  type HttpCode,
  type RequestOf,
  type ResponseOf,
  endpoints,
  httpError,
  pathOf,
} from '@securechat/relay-protocol';
import type { RelayLink } from '../ports/relay-link.ts';

/** `Offline`: no answer. `Unintelligible`: an answer that is not of this protocol. Else the relay's own code. */
export type DirectoryError =
  { readonly type: 'Offline' } | { readonly type: 'Unintelligible' } | { readonly type: HttpCode };

export type DirectoryAnswer<T> = Promise<
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DirectoryError }
>;

type Endpoints = typeof endpoints;
export type EndpointKey = keyof Endpoints;

export interface Query<K extends EndpointKey> {
  readonly body?: RequestOf<Endpoints[K]>;
  readonly path?: Readonly<Record<string, string>>;
  readonly token?: string;
}

export class Directory {
  readonly #link: RelayLink;

  constructor(link: RelayLink) {
    this.#link = link;
  }

  /** One request to the relay at `relayUrl`. Resolves, never rejects. */
  async ask<K extends EndpointKey>(
    relayUrl: string,
    name: K,
    query: Query<K> = {},
  ): DirectoryAnswer<ResponseOf<Endpoints[K]>> {
    const endpoint: Endpoint<unknown, unknown> = endpoints[name];
    let answer;
    try {
      answer = await this.#link.request(relayUrl, {
        method: endpoint.method,
        path: pathOf(endpoint, query.path),
        // The wire wants a body on every POST and PUT, if only an empty one.
        ...(endpoint.method !== 'GET' && { body: endpoint.request.print(query.body ?? {}) }),
        ...(query.token !== undefined && { token: query.token }),
      });
    } catch {
      return { ok: false, error: { type: 'Offline' } };
    }
    if (answer.status >= 200 && answer.status < 300) {
      const parsed = endpoint.response.parse(answer.body);
      if (parsed.ok) return { ok: true, value: parsed.value as ResponseOf<Endpoints[K]> };
      return { ok: false, error: { type: 'Unintelligible' } };
    }
    const refusal = httpError.parse(answer.body);
    return { ok: false, error: refusal.ok ? { type: refusal.value.error.code } : { type: 'Unintelligible' } };
  }
}
