/**
 * What carries the relay: a port with WebSockets on `/v<version>/ws` and everything else handed to a fetch handler.
 * Adapters: `uws` (native, first choice) and `ws` (Node's own http, where the native engine has no build).
 * `transport.contract.ts` is what both must do.
 */
import type { HttpHandler } from '../http/api.ts';
import type { Log } from '../log.ts';
import type { Relay } from '../relay.ts';

/** What a transport needs. */
export interface TransportParts {
  readonly connect: Relay['connect'];
  readonly http: HttpHandler;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether the last X-Forwarded-For entry is the caller: only behind a proxy that sets it. */
  readonly trustProxy: boolean;
  readonly log: Log;
}

/** A listening transport. */
export interface Transport {
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Starts listening; rejects when the port cannot be had. */
export type StartTransport = (parts: TransportParts) => Promise<Transport>;

/** Bytes that may wait in a socket before the relay is told `full`. */
export const HIGH_WATER = 1024 * 1024;
/** Once full, the relay is told of room when this little is left. */
export const LOW_WATER = 256 * 1024;

/** The wire version in a WebSocket's path, or undefined when the path is no WebSocket's. */
export function wireVersionOf(path: string): number | undefined {
  const version = /^\/v(\d{1,4})\/ws$/.exec(path)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The caller's address. */
export function addressOf(remote: string, forwardedFor: string | undefined, trustProxy: boolean): string {
  const last = trustProxy ? forwardedFor?.split(',').at(-1)?.trim() : undefined;
  return last === undefined || last === '' ? remote : last;
}

/** The URL of a request, or undefined when the Host header or path is no legal one. */
export function urlOf(host: string | undefined, path: string): string | undefined {
  const url = `http://${host ?? ''}${path}`;
  return /^[a-z0-9.\-:[\]]{1,260}$/i.test(host ?? '') && path.startsWith('/') && URL.canParse(url) ? url : undefined;
}
