/**
 * Sending a finished blob to anybody who knows its name. A blob never changes, so any cache may keep it until it expires;
 * it is sent as bytes that no browser shows, runs or sniffs.
 */
import type { BlobId } from './blobs/blob-id.ts';
import type { Entry } from './blobs/ledger.ts';
import type { ByteRange } from './blobs/port.ts';
import { parseRange, type Wanted } from './range.ts';
import { refusalResponse } from './refusal.ts';
import type { Desk } from './desk.ts';

/** Answers GET, and HEAD that is not of the upload protocol. */
export async function download(desk: Desk, request: Request, id: BlobId): Promise<Response> {
  const entry = desk.ledger.get(id);
  const left = entry === undefined ? 0 : secondsLeft(desk, entry);
  if (entry === undefined || left <= 0) return refusalResponse({ code: 'NotFound', message: 'no such blob' });
  const headers = blobHeaders(entry, left);
  if (request.headers.get('if-none-match') === headers.etag) return new Response(null, { status: 304, headers });
  const wanted = wantedOf(request, entry.size, headers.etag);
  if (wanted.type === 'Unsatisfiable') {
    const extra = { 'content-range': `bytes */${entry.size}` };
    return refusalResponse({ code: 'RangeInvalid', message: 'the blob has no such bytes' }, extra);
  }
  return wanted.type === 'All' ? whole(desk, request, entry, headers) : part(desk, request, entry, headers, wanted);
}

async function whole(desk: Desk, request: Request, entry: Entry, headers: Record<string, string>): Promise<Response> {
  const body = await bodyOf(desk, request, entry.id, { start: 0, end: entry.size - 1 });
  return new Response(body, { status: 200, headers: { ...headers, 'content-length': String(entry.size) } });
}

async function part(
  desk: Desk,
  request: Request,
  entry: Entry,
  headers: Record<string, string>,
  { start, end }: ByteRange,
): Promise<Response> {
  const range = { 'content-range': `bytes ${start}-${end}/${entry.size}`, 'content-length': String(end - start + 1) };
  return new Response(await bodyOf(desk, request, entry.id, { start, end }), {
    status: 206,
    headers: { ...headers, ...range },
  });
}

async function bodyOf(
  { blobs, metrics }: Desk,
  request: Request,
  id: BlobId,
  range: ByteRange,
): Promise<BodyInit | null> {
  if (request.method === 'HEAD') return null;
  const body = await blobs.read(id, range);
  metrics.sent(range.end - range.start + 1);
  return body;
}

/** A range that was asked for an older state of the blob is not given: there is no older state, so any other tag is wrong. */
function wantedOf(request: Request, size: number, etag: string): Wanted {
  const condition = request.headers.get('if-range');
  return condition === null || condition === etag ? parseRange(request.headers.get('range'), size) : { type: 'All' };
}

function secondsLeft({ clock, limits }: Desk, { finishedAt }: Entry): number {
  return finishedAt === undefined ? 0 : Math.floor((finishedAt + limits.keepMs - clock.now()) / 1000);
}

function blobHeaders({ id }: Entry, secondsLeft: number): Record<string, string> & { readonly etag: string } {
  return {
    etag: `"${id}"`,
    'accept-ranges': 'bytes',
    'cache-control': `public, max-age=${secondsLeft}, immutable`,
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
  };
}
