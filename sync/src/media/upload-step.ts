/** One item of a sending, from the cache to the storage server, and what comes next when that does not work. */
import type { SendingFailure } from '../api.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import { watchLine } from './line.ts';
import { type SendingItem, isPlace } from './sending.ts';
import type { Access, StorageAccess } from './storage-access.ts';
import { type UploadError, uploadBlob } from './upload.ts';

export interface StepInput {
  readonly access: StorageAccess;
  readonly cache: BlobCache;
  readonly clock: Clock;
  readonly item: SendingItem;
  /** The file is still being sealed: resolves when it is up to there. Absent: it is whole. */
  readonly sealedTo?: (to: number) => Promise<void>;
  /** Stores a new state of the item. */
  readonly save: (item: SendingItem) => Promise<void>;
  readonly onProgress: (sent: number) => void;
  readonly signal: AbortSignal;
}

/** `Later`: it will go on by itself. `Failed`: the user has to do something first. */
export type StepOutcome =
  | { readonly type: 'Up' }
  | { readonly type: 'Stopped' }
  | { readonly type: 'Later'; readonly failure?: SendingFailure }
  | { readonly type: 'Failed'; readonly failure: SendingFailure };

/** Rejects only with errors of the cache, of the store, and of `sealedTo`. */
export async function uploadItem(input: StepInput): Promise<StepOutcome> {
  const asked = await input.access.get();
  if (input.signal.aborted) return { type: 'Stopped' };
  if (!asked.ok) return asked.error === 'NoStorage' ? { type: 'Failed', failure: 'NoStorage' } : { type: 'Later' };
  // The browser threw the sealed file away: there is nothing to send any more.
  if (input.sealedTo === undefined && (await input.cache.size(input.item.file)) !== input.item.sealedBytes)
    return { type: 'Failed', failure: 'Unavailable' };
  const access = asked.value;
  let { item } = input;
  const line = watchLine(input.clock, input.signal);
  const outgoing = input.cache.outgoing(item.file);
  try {
    const outcome = await uploadBlob({
      endpoint: `${access.url}/files`,
      // What was begun at another server goes on there: its URL says where.
      uploadUrl: item.at?.uploadUrl,
      size: item.sealedBytes,
      token: access.token,
      read: async (from, to) => {
        await input.sealedTo?.(to);
        return outgoing.read(from, to);
      },
      onCreated: async (uploadUrl) => {
        item = { ...item, at: { url: access.url, uploadUrl } };
        await input.save(item);
      },
      onProgress: (sent) => {
        line.moved();
        input.onProgress(sent);
      },
      clock: input.clock,
      signal: line.signal,
    });
    if (!outcome.ok) return await next(input, item, access, outcome.error);
    if (item.at === undefined || !isPlace(item.at)) return await beginAnew(input, item, 'Unavailable');
    await input.save({ ...item, isUp: true });
    return { type: 'Up' };
  } finally {
    line.end();
    await outgoing.end();
  }
}

async function next(input: StepInput, item: SendingItem, access: Access, error: UploadError): Promise<StepOutcome> {
  if (error.type === 'Stopped' && input.signal.aborted) return { type: 'Stopped' };
  if (error.type !== 'Refused') return { type: 'Later' };
  switch (error.code) {
    case 'TokenInvalid':
      input.access.forget(access.token);
      return { type: 'Later', failure: 'TokenInvalid' };
    case 'QuotaExceeded':
    case 'TooLarge':
      return { type: 'Failed', failure: error.code };
    case 'DiskFull':
    case 'TooManyUnfinished':
      return { type: 'Later', failure: error.code };
    case 'NotFound':
    case 'Expired':
    case 'NotYours':
      return beginAnew(input, item, undefined);
    case 'Malformed':
      return { type: 'Failed', failure: 'Unavailable' };
    default:
      return { type: 'Later', failure: 'Unavailable' };
  }
}

/** The server does not know the upload any more: the next try creates another. */
async function beginAnew(
  { save }: StepInput,
  { at: _, ...item }: SendingItem,
  failure: SendingFailure | undefined,
): Promise<StepOutcome> {
  await save(item);
  return { type: 'Later', ...(failure !== undefined && { failure }) };
}
