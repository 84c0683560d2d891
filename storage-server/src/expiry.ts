/** The end of blobs: uploads that took too long, and blobs that were kept long enough. Also what a crash left behind. */
import { isBlobId } from './blobs/blob-id.ts';
import type { Entry } from './blobs/ledger.ts';
import type { Desk } from './desk.ts';
import { finishUpload } from './finish.ts';

/** Removes what is over. Returns how many blobs that were. */
export async function sweep(desk: Desk): Promise<number> {
  const over = desk.ledger.entries().filter((entry) => isOver(desk, entry));
  for (const { id } of over) {
    // The ledger first: an upload that is just finishing then finds itself gone.
    await desk.ledger.remove(id);
    await desk.blobs.remove(id);
    desk.metrics.blob('expired');
  }
  await desk.ledger.compact();
  return over.length;
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
  let strays = 0;
  for (const { id, size, finishedAt } of desk.ledger.entries()) {
    const here = await desk.blobs.sizeOf(id);
    if (here === undefined || (finishedAt !== undefined && here !== size)) {
      lost++;
      await desk.ledger.remove(id);
    } else if (finishedAt === undefined && here === size) {
      finished++;
      await finishUpload(desk, id);
    }
  }
  for (const name of await desk.blobs.names()) {
    if (!isBlobId(name) || desk.ledger.get(name) !== undefined) continue;
    strays++;
    await desk.blobs.remove(name);
  }
  return { finished, lost, strays };
}

function isOver({ clock, limits }: Desk, { createdAt, finishedAt }: Entry): boolean {
  return finishedAt === undefined
    ? createdAt + limits.unfinishedMs <= clock.now()
    : finishedAt + limits.keepMs <= clock.now();
}
