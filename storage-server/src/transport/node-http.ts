/**
 * A fetch handler behind node:http. Bodies stream both ways with back-pressure; a body that the handler did not want is read
 * and dropped for a while after the answer, so that the caller sees the answer instead of a broken connection.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How much of an unwanted body is dropped before the connection is cut. */
const LINGER_BYTES = 64 * 1024 * 1024;
/** How much of a body may wait in memory for the disk. */
const WAITING_BYTES = 256 * 1024;

/** A server that is not listening yet. `onFault` hears of answers that broke off. */
export function createHttpServer(
  fetch: (request: Request) => Promise<Response>,
  { idleMs, onFault }: { readonly idleMs: number; readonly onFault: (thrown: unknown) => void },
): Server {
  const server = createServer((req, res) => {
    serve(fetch, req, res).catch(onFault);
  });
  // An upload takes as long as it takes; a silent connection does not.
  server.requestTimeout = 0;
  server.headersTimeout = 20_000;
  server.setTimeout(idleMs);
  return server;
}

async function serve(fetch: (request: Request) => Promise<Response>, req: IncomingMessage, res: ServerResponse) {
  const { request, discard } = requestOf(req);
  if (request === undefined) {
    res.writeHead(400).end();
    return;
  }
  const response = await fetch(request);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  discard();
  if (response.body === null) res.end();
  else
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), res).catch(ignoreHangUp);
}

function requestOf(req: IncomingMessage): { readonly request: Request | undefined; readonly discard: () => void } {
  const { method = 'GET', url = '/', headers } = req;
  const base = `http://${headers.host ?? 'localhost'}`;
  if (!URL.canParse(url, base)) return { request: undefined, discard: () => undefined };
  const known = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) known.set(name, String(value));
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const { stream, discard } = bodyOf(req);
  const init: RequestInit & { duplex?: 'half' } = { method, headers: known };
  if (hasBody) Object.assign(init, { body: stream, duplex: 'half' });
  return { request: new Request(new URL(url, base), init), discard };
}

/** The body as a stream, and a way to lose interest in it. */
function bodyOf(req: IncomingMessage): { readonly stream: ReadableStream<Uint8Array>; readonly discard: () => void } {
  let dropped: number | undefined;
  const discard = () => {
    dropped ??= 0;
    req.resume();
  };
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      req.on('data', (chunk: Uint8Array) => {
        if (dropped === undefined) {
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) req.pause();
        } else {
          dropped += chunk.length;
          if (dropped > LINGER_BYTES) req.destroy();
        }
      });
      req.on('end', () => {
        if (dropped === undefined) controller.close();
      });
      req.on('error', (error) => {
        controller.error(error);
      });
      req.pause();
    },
    pull: () => {
      req.resume();
    },
    cancel: discard,
  };
  return {
    stream: new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES })),
    discard,
  };
}

/** A caller may hang up in the middle of a download; that is no fault. */
function ignoreHangUp(thrown: unknown): void {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'code') : undefined;
  if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ECONNRESET' && code !== 'EPIPE') throw thrown;
}
