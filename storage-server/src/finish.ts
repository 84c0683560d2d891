/** The moment in which an upload becomes a blob: its bytes are on disk, and the ledger says so. */
import { isBlobId } from './blobs/blob-id.ts';
import type { Desk } from './desk.ts';

/** Thrown to the upload protocol when a blob was terminated or expired while its last bytes came; it answers 410. */
export class BlobGoneError extends Error {
  override readonly name = 'BlobGoneError';
  readonly status_code = 410;
  readonly body = 'gone';
}

/** Finishes an upload whose bytes are all here. Safe to call again. Rejects with `BlobGoneError`. */
export async function finishUpload(desk: Desk, id: string): Promise<void> {
  if (!isBlobId(id) || desk.ledger.get(id) === undefined) throw new BlobGoneError();
  await desk.blobs.settle(id);
  const entry = desk.ledger.get(id);
  if (entry === undefined) throw new BlobGoneError();
  if (entry.finishedAt !== undefined) return;
  const { owner, size, createdAt } = entry;
  await desk.ledger.put({ id, owner, size, createdAt, finishedAt: desk.clock.now() });
  desk.metrics.blob('finished');
}
