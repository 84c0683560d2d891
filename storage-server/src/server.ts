/**
 * The storage server as one fetch handler, testable without a socket: routes, and what every answer carries. SPEC.md is the
 * law it follows.
 */
import { timingSafeEqual } from 'node:crypto';
import { isBlobId } from './blobs/blob-id.ts';
import type { Desk } from './desk.ts';
import { download } from './download.ts';
import { factsOf } from './log.ts';
import { refusalOfStatus, refusalResponse } from './refusal.ts';
import { createUploads, UPLOADS_PATH, type Uploads } from './uploads.ts';

/** Answers one request; never rejects. */
export type StorageServer = (request: Request) => Promise<Response>;

/** Any page may use the server: there are no cookies, a token or a blob's name is the only right. */
const EVERY_ANSWER = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
  'access-control-expose-headers':
    'Location, Upload-Offset, Upload-Length, Upload-Expires, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, ' +
    'Accept-Ranges, Content-Length, Content-Range, ETag, X-SecureChat-Refusal',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

/** Builds the handler. `metricsToken`, when set, is what /metrics wants as a bearer token. */
export function createStorageServer(desk: Desk, metricsToken?: string): StorageServer {
  const uploads = createUploads(desk);
  return async (request) => {
    const response = await route(desk, uploads, request, metricsToken).catch((thrown: unknown) => {
      desk.log.error(factsOf(thrown), 'request failed');
      return refusalResponse({ code: 'Internal', message: 'a fault of the storage server' });
    });
    return dressed(desk, response);
  };
}

async function route(desk: Desk, uploads: Uploads, request: Request, metricsToken?: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') return health(desk);
  if (pathname === '/metrics') return metrics(desk, request, metricsToken);
  if (pathname === UPLOADS_PATH && (request.method === 'POST' || request.method === 'OPTIONS')) {
    return uploads(request, undefined);
  }
  const id = pathname.startsWith(`${UPLOADS_PATH}/`) ? pathname.slice(UPLOADS_PATH.length + 1) : '';
  if (!isBlobId(id)) return refusalResponse({ code: 'NotFound', message: 'no such path' });
  const isDownload = request.method === 'GET' || (request.method === 'HEAD' && !request.headers.has('tus-resumable'));
  return isDownload ? download(desk, request, id) : uploads(request, id);
}

async function health({ blobs, log }: Desk): Promise<Response> {
  try {
    await blobs.check();
    return new Response('ok\n');
  } catch (thrown) {
    log.warn(factsOf(thrown), 'blobs are out of reach');
    return new Response(null, { status: 503 });
  }
}

async function metrics(desk: Desk, request: Request, token: string | undefined): Promise<Response> {
  const given = Buffer.from(request.headers.get('authorization') ?? '');
  const wanted = Buffer.from(`Bearer ${token ?? ''}`);
  if (token !== undefined && !(given.length === wanted.length && timingSafeEqual(given, wanted))) {
    return refusalResponse({ code: 'TokenInvalid', message: 'the metrics token is needed' });
  }
  return new Response(await desk.metrics.print(), { headers: { 'content-type': 'text/plain; version=0.0.4' } });
}

/** Gives a refusal of the upload protocol our form, counts refusals, and adds what every answer carries. */
function dressed(desk: Desk, response: Response): Response {
  const answer =
    response.status >= 400 && !response.headers.has('x-securechat-refusal') ? translated(response) : response;
  const code = answer.headers.get('x-securechat-refusal');
  if (code !== null) desk.metrics.refusal(code);
  for (const [name, value] of Object.entries(EVERY_ANSWER)) answer.headers.set(name, value);
  return answer;
}

function translated(response: Response): Response {
  const ours = refusalResponse(refusalOfStatus(response.status));
  const version = response.status === 412 ? { 'tus-version': '1.0.0' } : {};
  const headers = { ...Object.fromEntries(ours.headers), ...version, 'tus-resumable': '1.0.0' };
  return new Response(ours.body, { status: response.status, headers });
}
