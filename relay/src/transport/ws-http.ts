/** Mounts a fetch handler on Node's http server. Bodies are read whole, up to the cap, before the handler runs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '@securechat/relay-protocol';
import { refusalResponse } from '../http/answer.ts';
import { factsOf } from '../log.ts';
import { addressOf, urlOf, type TransportParts } from './port.ts';

type Parts = Pick<TransportParts, 'http' | 'trustProxy' | 'log'>;

/** Answers one request of Node's http server with the fetch handler. */
export async function answerNode(parts: Parts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const response = await respond(parts, req);
  const body = Buffer.from(await response.arrayBuffer());
  if (res.destroyed) return;
  response.headers.forEach((value, name) => {
    res.setHeader(name, value);
  });
  res.writeHead(response.status);
  res.end(req.method === 'HEAD' || response.status === 204 || response.status === 304 ? undefined : body);
}

async function respond(parts: Parts, req: IncomingMessage): Promise<Response> {
  const url = urlOf(req.headers.host, req.url ?? '/');
  if (url === undefined) return refusalResponse({ code: 'Malformed', message: 'no legal host or path' });
  const method = req.method ?? 'GET';
  try {
    const body = method === 'POST' || method === 'PUT' ? await readBody(req) : undefined;
    if (body === null) return refusalResponse({ code: 'TooLarge', message: 'body over the cap' });
    const request = new Request(url, { method, headers: headersOf(req), ...(body && { body: new Uint8Array(body) }) });
    return await parts.http(request, { address: callerOf(req, parts.trustProxy) });
  } catch (thrown) {
    parts.log.error(factsOf(thrown), 'request failed');
    return refusalResponse({ code: 'Internal', message: 'a fault of the relay' });
  }
}

/** The body, or null when it is over the cap (the rest is read and dropped). */
async function readBody(req: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total <= LIMITS.bodyBytes) chunks.push(chunk);
  }
  return total <= LIMITS.bodyBytes ? Buffer.concat(chunks) : null;
}

function headersOf(req: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
    headers.append(req.rawHeaders[at] ?? '', req.rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** The caller's address. */
export function callerOf(req: IncomingMessage, trustProxy: boolean): string {
  const forwarded = req.headers['x-forwarded-for'];
  const last = Array.isArray(forwarded) ? forwarded.at(-1) : forwarded;
  return addressOf(req.socket.remoteAddress ?? '', last, trustProxy);
}
