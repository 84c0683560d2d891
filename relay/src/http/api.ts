/**
 * The HTTP half as one fetch handler, testable without a socket. Bodies are parsed once, here, by the wire's own
 * descriptions; handlers see only what cannot be wrong. Any origin may call: there are no cookies, a token is the only right.
 */
import { endpoints, LIMITS } from '@securechat/relay-protocol';
import type { Endpoint, EndpointName, RequestOf, ResponseOf } from '@securechat/relay-protocol';
import { Hono } from 'hono';
import { factsOf } from '../log.ts';
import { lookUpAccount, lookUpRecovery, register } from './accounts.ts';
import { jsonResponse, refusalResponse, type Answer } from './answer.ts';
import type { Caller, Desk, Visit } from './desk.ts';
import { deleteHandle, lookUpHandle, putHandle } from './handles.ts';
import { health, metrics } from './probes.ts';
import { iceServers } from './ice-servers.ts';
import { claimPreKeys, countPreKeys, publishPreKeys } from './prekeys.ts';
import { putRendezvous, readRendezvous } from './rendezvous.ts';
import { challenge, signIn, storageToken } from './sessions.ts';

/** Answers one request. `address` is the peer's, for rate limits. */
export type HttpHandler = (request: Request, peer: { readonly address: string }) => Promise<Response>;

type Env = { Bindings: { readonly address: string } };
type Endpoints = typeof endpoints;
type Handler<E> = E extends { auth: 'token' }
  ? (desk: Desk, caller: Caller, body: RequestOf<E>) => Answer<ResponseOf<E>>
  : (desk: Desk, visit: Visit, body: RequestOf<E>) => Answer<ResponseOf<E>>;

const handlers: { readonly [N in EndpointName]: Handler<Endpoints[N]> } = {
  challenge,
  register,
  signIn,
  publishPreKeys,
  countPreKeys,
  claimPreKeys,
  account: lookUpAccount,
  recovery: lookUpRecovery,
  putRendezvous,
  rendezvous: readRendezvous,
  putHandle,
  deleteHandle,
  handle: lookUpHandle,
  storageToken,
  iceServers,
};

/** Builds the handler. */
export function createHttp(desk: Desk): HttpHandler {
  const app = new Hono<Env>();
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    const endpoint: Endpoint<unknown, unknown> = endpoints[name];
    app.on(endpoint.method, endpoint.path, async (c) => {
      const visit = { address: c.env.address, host: new URL(c.req.url).host, params: c.req.param() };
      const response = await serve(desk, name, c.req.raw, visit);
      count(desk, name, response.status);
      return response;
    });
  }
  app.get('/healthz', () => health(desk));
  app.get('/metrics', (c) => metrics(desk, c.req.header('authorization')));
  app.options('*', () => new Response(null, { status: 204 }));
  app.notFound(() => refusalResponse({ code: 'NotFound', message: 'no such path' }));
  app.onError((thrown) => {
    desk.log.error(factsOf(thrown), 'request failed');
    return refusalResponse({ code: 'Internal', message: 'a fault of the relay' });
  });
  return async (request, peer) => withHeaders(await app.fetch(request, { address: peer.address }));
}

async function serve(desk: Desk, name: EndpointName, request: Request, visit: Visit): Promise<Response> {
  const { auth, request: shape, response }: Endpoint<unknown, unknown> = endpoints[name];
  if (desk.isClosing()) return refusalResponse({ code: 'ServerBusy', message: 'shutting down' });
  if (!desk.governor.takeRequest(visit.address))
    return refusalResponse({ code: 'RateLimited', message: 'too many requests' });
  const who = auth === 'token' ? await callerOf(desk, request) : visit;
  if (who === undefined) return refusalResponse({ code: 'TokenInvalid', message: 'no valid token of a known device' });
  const body = await readBody(request);
  if (body === undefined) return refusalResponse({ code: 'TooLarge', message: 'body over the cap' });
  const parsed = shape.parse(body);
  if (!parsed.ok) return refusalResponse({ code: 'Malformed', message: `wrong: ${parsed.error.at || 'body'}` });
  const handle = handlers[name] as (desk: Desk, who: Caller | Visit, body: unknown) => Answer<unknown>;
  const answer = await handle(desk, who, parsed.value);
  return answer.ok ? jsonResponse(response.print(answer.value)) : refusalResponse(answer.error);
}

async function callerOf({ tokens, directory }: Desk, request: Request): Promise<Caller | undefined> {
  const token = /^Bearer ([\x21-\x7e]+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  const deviceId = token === undefined ? undefined : tokens.deviceOf(token);
  return deviceId === undefined ? undefined : directory.device(deviceId);
}

/** The JSON of a body; an empty object for none, null for bytes that are no JSON, undefined for too many of them. */
async function readBody(request: Request): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > LIMITS.bodyBytes) return undefined;
  const text = await request.text();
  if (text.length > LIMITS.bodyBytes) return undefined;
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function count({ tally }: Desk, name: EndpointName, status: number): void {
  const label = `${name} ${String(status)}`;
  tally.requests[label] = (tally.requests[label] ?? 0) + 1;
}

function withHeaders(response: Response): Response {
  const { headers } = response;
  headers.set('access-control-allow-origin', '*');
  headers.set('access-control-allow-methods', 'GET, POST, PUT, DELETE');
  headers.set('access-control-allow-headers', 'authorization, content-type');
  headers.set('access-control-max-age', '86400');
  headers.set('cross-origin-resource-policy', 'cross-origin');
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cache-control', 'no-store');
  return response;
}
