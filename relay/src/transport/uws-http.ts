/** Mounts a fetch handler on the native engine. Bodies are read whole, up to the cap, before the handler runs. */
import { STATUS_CODES } from 'node:http';
import { LIMITS } from '@securechat/relay-protocol';
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { refusalResponse } from '../http/answer.ts';
import { factsOf } from '../log.ts';
import { addressOf, urlOf, type TransportParts } from './port.ts';

type Parts = Pick<TransportParts, 'http' | 'trustProxy' | 'log'>;

/** Answers one native request with the fetch handler. */
export function answerNative(parts: Parts, res: HttpResponse, req: HttpRequest): void {
  const method = req.getMethod().toUpperCase();
  const headers = new Headers();
  req.forEach((name, value) => {
    headers.append(name, value);
  });
  const query = req.getQuery();
  const url = urlOf(headers.get('host') ?? undefined, req.getUrl() + (query ? `?${query}` : ''));
  const remote = Buffer.from(res.getRemoteAddressAsText()).toString();
  const address = addressOf(remote, headers.get('x-forwarded-for') ?? undefined, parts.trustProxy);
  const state = { gone: false };
  res.onAborted(() => {
    state.gone = true;
  });
  const answer = (body: Uint8Array<ArrayBuffer> | undefined): void => {
    void respond(parts, { url, method, headers, body, address }).then((response) => send(res, response, method, state));
  };
  if (method === 'POST' || method === 'PUT') readBody(res, answer);
  else answer(undefined);
}

interface Asked {
  readonly url: string | undefined;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly address: string;
}

async function respond({ http, log }: Parts, { url, method, headers, body, address }: Asked): Promise<Response> {
  if (url === undefined) return refusalResponse({ code: 'Malformed', message: 'no legal host or path' });
  if (body !== undefined && body.length > LIMITS.bodyBytes)
    return refusalResponse({ code: 'TooLarge', message: 'body over the cap' });
  try {
    return await http(new Request(url, { method, headers, ...(body && { body }) }), { address });
  } catch (thrown) {
    log.error(factsOf(thrown), 'request failed');
    return refusalResponse({ code: 'Internal', message: 'a fault of the relay' });
  }
}

/** Collects a body; once it is over the cap only its length matters and nothing more is kept. */
function readBody(res: HttpResponse, done: (body: Uint8Array<ArrayBuffer>) => void): void {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  res.onData((chunk, isLast) => {
    total += chunk.byteLength;
    if (total <= LIMITS.bodyBytes) chunks.push(new Uint8Array(chunk.slice(0)));
    if (isLast) done(total <= LIMITS.bodyBytes ? Buffer.concat(chunks) : new Uint8Array(LIMITS.bodyBytes + 1));
  });
}

async function send(
  res: HttpResponse,
  response: Response,
  method: string,
  state: { readonly gone: boolean },
): Promise<void> {
  const body = await response.arrayBuffer();
  if (state.gone) return;
  res.cork(() => {
    res.writeStatus(`${String(response.status)} ${STATUS_CODES[response.status] ?? ''}`);
    response.headers.forEach((value, name) => {
      if (name !== 'content-length') res.writeHeader(name, value);
    });
    if (method === 'HEAD') res.endWithoutBody(Number(response.headers.get('content-length') ?? body.byteLength));
    else if (response.status === 204 || response.status === 304) res.endWithoutBody();
    else res.end(body);
  });
}
