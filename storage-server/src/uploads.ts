/**
 * Taking blobs in. The upload protocol itself is @tus/server's work (this file is its seam); here is the gate before it: who
 * asks, for whose blob, and whether there is room. Announced bytes are reserved before the first one arrives.
 */
import { err, ok, type Result } from '@securechat/relay-protocol';
import { Server } from '@tus/server';
import { createBlobId, type BlobId } from './blobs/blob-id.ts';
import type { Entry, Owner } from './blobs/ledger.ts';
import type { Desk } from './desk.ts';
import { finishUpload } from './finish.ts';
import { factsOf } from './log.ts';
import { refuse, refusalResponse, type Refusal } from './refusal.ts';
import { withWhatCame } from './transport/what-came.ts';

/** Answers the requests of the upload protocol; `id` is absent for a creation. */
export type Uploads = (request: Request, id: BlobId | undefined) => Promise<Response>;

/** Where uploads live. */
export const UPLOADS_PATH = '/files';

/** Builds the handler. */
export function createUploads(desk: Desk): Uploads {
  const creating = new WeakMap<object, BlobId>();
  const tus = new Server({
    path: UPLOADS_PATH,
    datastore: desk.blobs.uploads,
    namingFunction: (request) => nameFor(creating, request),
    // Relative to the URL that was posted to, so that it is right behind any proxy path.
    generateUrl: (_, { id }) => `files/${id}`,
    allowedHeaders: ['Range', 'If-Range', 'If-None-Match'],
    onUploadFinish: async (_, upload) => {
      await finishUpload(desk, upload.id);
      return {};
    },
  });
  const forward = (request: Request) => tus.handleWeb(request);
  return async (request, id) => {
    if (request.method === 'OPTIONS') return forward(request);
    const owner = await desk.admit(request);
    if (!owner.ok) return refusalResponse(owner.error);
    if (id !== undefined) return proceed(desk, request, forward, { id, owner: owner.value });
    const entry = await reserve(desk, request, owner.value);
    if (!entry.ok) return refusalResponse(entry.error);
    creating.set(request, entry.value.id);
    return create(desk, request, forward, entry.value);
  };
}

type Forward = (request: Request) => Promise<Response>;

async function create(desk: Desk, request: Request, forward: Forward, entry: Entry): Promise<Response> {
  const response = await forward(request);
  if (response.status !== 201) {
    // The caller never learns the name: nobody could go on with this upload.
    await desk.ledger.remove(entry.id);
    await desk.blobs.remove(entry.id).catch((thrown: unknown) => {
      desk.log.warn(factsOf(thrown), 'what is left of a refused creation is removed at the next start');
    });
    return response;
  }
  desk.metrics.blob('created');
  return noted(desk, response, entry.id, 0);
}

/** Everything that concerns an upload that exists: bytes, offset, termination. */
async function proceed(
  desk: Desk,
  request: Request,
  forward: Forward,
  target: { readonly id: BlobId; readonly owner: Owner },
): Promise<Response> {
  const entry = ownEntry(desk, target);
  if (!entry.ok) return refusalResponse(entry.error);
  const { id, size, finishedAt } = entry.value;
  if (request.method === 'PATCH') return append(desk, request, forward, entry.value);
  // All bytes came, but the answer that said so was lost with the process: the upload is finished now.
  const isAsked = request.method === 'HEAD' && finishedAt === undefined;
  if (isAsked && (await desk.blobs.sizeOf(id)) === size) await finishUpload(desk, id);
  const response = await forward(request);
  if (request.method === 'DELETE' && response.ok) desk.metrics.blob('terminated');
  return response;
}

async function append(desk: Desk, request: Request, forward: Forward, { id, size }: Entry): Promise<Response> {
  // Whether the upload is there is checked by the protocol; a wrong offset ends in its refusal.
  const offset = Number(/^\d{1,15}$/.exec(request.headers.get('upload-offset') ?? '')?.[0] ?? 0);
  if (!(await hasRoom(desk, size - offset))) return refusalResponse(DISK_FULL);
  const response = await forward(withWhatCame(request));
  return response.ok ? noted(desk, response, id, offset) : response;
}

/** Counts what came in, and says until when an unfinished upload may go on. */
function noted(desk: Desk, response: Response, id: BlobId, before: number): Response {
  desk.metrics.received(Math.max(0, Number(response.headers.get('upload-offset') ?? 0) - before));
  const entry = desk.ledger.get(id);
  if (entry !== undefined && entry.finishedAt === undefined) {
    response.headers.set('upload-expires', new Date(entry.createdAt + desk.limits.unfinishedMs).toUTCString());
  }
  return response;
}

function ownEntry(desk: Desk, { id, owner }: { id: BlobId; owner: Owner }): Result<Entry, Refusal> {
  const entry = desk.ledger.get(id);
  if (entry === undefined) return refuse('NotFound', 'no such blob');
  if (entry.owner !== owner) return refuse('NotYours', 'the blob belongs to another account');
  const isLate = entry.finishedAt === undefined && entry.createdAt + desk.limits.unfinishedMs <= desk.clock.now();
  return isLate ? refuse('Expired', 'the upload took too long') : ok(entry);
}

/** Checks an announcement and puts it in the ledger, in one step as far as other requests can see. */
async function reserve(desk: Desk, request: Request, owner: Owner): Promise<Result<Entry, Refusal>> {
  const size = announcedSize(request);
  if (!size.ok) return size;
  if (size.value > desk.limits.blobBytes)
    return refuse('TooLarge', `a blob has at most ${desk.limits.blobBytes} bytes`);
  if (!(await hasRoom(desk, size.value))) return err(DISK_FULL);
  const usage = desk.ledger.usageOf(owner);
  if (usage.unfinished >= desk.limits.unfinished) return refuse('TooManyUnfinished', 'finish or terminate some first');
  if (usage.bytes + size.value > desk.limits.quotaBytes || usage.blobs >= desk.limits.quotaBlobs) {
    return refuse('QuotaExceeded', 'the account has no room left here');
  }
  const entry: Entry = { id: createBlobId(desk.random), owner, size: size.value, createdAt: desk.clock.now() };
  await desk.ledger.put(entry);
  return ok(entry);
}

function announcedSize({ headers }: Request): Result<number, Refusal> {
  if (headers.get('upload-metadata')) return refuse('Malformed', 'metadata belongs inside the encryption');
  if (headers.has('upload-concat')) return refuse('Malformed', 'parallel uploads are not served');
  const length = headers.get('upload-length') ?? '';
  if (!/^[1-9]\d{0,14}$/.test(length)) return refuse('Malformed', 'Upload-Length must be known and at least 1');
  return ok(Number(length));
}

const DISK_FULL: Refusal = { code: 'DiskFull', message: 'the server has no room left' };

function hasRoom({ blobs, limits }: Desk, bytes: number): Promise<boolean> {
  return blobs.hasRoom(bytes, limits.spareBytes);
}

function nameFor(creating: WeakMap<object, BlobId>, request: object): BlobId {
  const id = creating.get(request);
  if (id === undefined) throw new Error('an upload is created only after it was reserved');
  return id;
}
