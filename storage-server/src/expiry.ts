/** The end of blobs: uploads that took too long, and blobs that were kept long enough. Also what a crash left behind. */
import { isBlobId } from './blobs/blob-id.ts';
import type { Entry } from './blobs/ledger.ts';
import type { Desk } from './desk.ts';
import { finishUpload } from './finish.ts';
import { factsOf } from './log.ts';

/** What a sweep did. */
export interface Swept {
  readonly expired: number;
  /** Blobs that are over and could not be removed yet; the next sweep tries again. */
  readonly stuck: number;
}

/** Removes what is over. */
export async function sweep(desk: Desk): Promise<Swept> {
  let expired = 0;
  let stuck = 0;
  for (const entry of desk.ledger.entries().filter((each) => isOver(desk, each))) {
    try {
      await erase(desk, entry);
      expired++;
      desk.metrics.blob('expired');
    } catch (thrown) {
      stuck++;
      desk.log.warn(factsOf(thrown), 'an expired blob could not be removed');
    }
  }
  await desk.ledger.compact();
  return { expired, stuck };
}

/** What `reconcile` found. */
export interface Reconciled {
  /** Uploads whose last answer was lost in the crash. */
  readonly finished: number;
  /** Entries without their bytes. */
  readonly lost: number;
  /** Bytes without an entry: nobody was ever told that they are kept. */
  readonly strays: number;
}

/** Makes ledger and bytes agree again after the process ended, in whatever way. Before the first request. */
export async function reconcile(desk: Desk): Promise<Reconciled> {
  let finished = 0;
  let lost = 0;
  const contents = await desk.blobs.contents();
  const strays = [...contents.keys()].filter(isBlobId).filter((name) => desk.ledger.get(name) === undefined);
  for (const entry of desk.ledger.entries()) {
    const { id, size, finishedAt } = entry;
    const here = contents.get(id) ?? (contents.has(id) ? await desk.blobs.sizeOf(id) : undefined);
    if (here === undefined || (finishedAt !== undefined && here !== size)) {
      lost++;
      await erase(desk, entry);
    } else if (finishedAt === undefined && here === size) {
      finished++;
      await finishUpload(desk, id);
    }
  }
  for (const name of strays) await desk.blobs.remove(name);
  return { finished, lost, strays: strays.length };
}

/**
 * The ledger comes first: an upload that is just finishing then finds itself gone. When the bytes cannot be removed now, the
 * entry comes back and this rejects.
 */
async function erase({ ledger, blobs }: Desk, entry: Entry): Promise<void> {
  await ledger.remove(entry.id);
  try {
    await blobs.remove(entry.id);
  } catch (thrown) {
    await ledger.put(entry);
    throw thrown;
  }
}

function isOver({ clock, limits }: Desk, { createdAt, finishedAt }: Entry): boolean {
  return finishedAt === undefined
    ? createdAt + limits.unfinishedMs <= clock.now()
    : finishedAt + limits.keepMs <= clock.now();
}
