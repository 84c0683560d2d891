/** A blob of the cache, uploaded once more: begun and finished in one go, or not at all. */
import type { Batch } from '../batch.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { Endings } from './endings.ts';
import { watchLine } from './line.ts';
import type { Place } from './places.ts';
import { blobOf, isPlace } from './sending.ts';
import type { Entry } from './shelf.ts';
import type { Access, StorageAccess } from './storage-access.ts';
import { uploadBlob } from './upload.ts';

export interface UploadAgainInput {
  /** Whole. */
  readonly entry: Entry;
  readonly access: StorageAccess;
  readonly cache: BlobCache;
  readonly clock: Clock;
  readonly endings: Endings;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Undefined when it cannot be now. Rejects only with errors of the cache or the store. */
export async function uploadAgain(input: UploadAgainInput): Promise<Place | undefined> {
  const { entry, access, cache, endings, job } = input;
  const asked = await access.get();
  // The browser may have thrown the file away.
  if (!asked.ok || (await cache.size(entry.file)) !== entry.have) return undefined;
  const at = { url: asked.value.url, uploadUrl: '' };
  const isUp = await upload(input, asked.value, (url) => {
    at.uploadUrl = url;
  });
  if (isUp && isPlace(at)) return { url: at.url, name: blobOf(at.uploadUrl) };
  // Nobody would know of it.
  if (at.uploadUrl !== '')
    await job((batch) => {
      endings.stage(batch, at.uploadUrl);
    });
  return undefined;
}

async function upload(
  { entry, access, cache, clock, signal }: UploadAgainInput,
  { url, token }: Access,
  onCreated: (url: string) => void,
): Promise<boolean> {
  const line = watchLine(clock, signal);
  const outgoing = cache.outgoing(entry.file);
  try {
    const outcome = await uploadBlob({
      ...{ endpoint: `${url}/files`, uploadUrl: undefined, size: entry.have, token, clock, signal: line.signal },
      read: (from, to) => outgoing.read(from, to),
      onCreated: (uploadUrl) => {
        onCreated(uploadUrl);
        return Promise.resolve();
      },
      onProgress: () => {
        line.moved();
      },
    });
    if (!outcome.ok && outcome.error.type === 'Refused' && outcome.error.code === 'TokenInvalid') access.forget(token);
    return outcome.ok;
  } finally {
    line.end();
    await outgoing.end();
  }
}
