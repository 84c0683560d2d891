/**
 * Statuses on this device's disk: how one begins to be there, and how all of it goes: row, document, what of it waits to be
 * sent, and its file, which its author's device also ends at the storage server.
 *
 * A document is written before the row that tells of it. A note goes ahead of both, so that what a crash left is found.
 */
import { type AccountId, type ChatId, mediaTag, toMediaKey } from '@securechat/crypto';
import { type Batch, inBatch } from '../batch.ts';
import type { Media } from '../media/media.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { prefixRange, splitKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import type { StatusBook } from './status-book.ts';
import type { StatusDocuments } from './status-documents.ts';
import { type EndedStatus, type LiveStatus, STATUS_LIFE, type StatusRow, begunKey, useKey } from './status-row.ts';

type RefusedAs = Pick<EndedStatus, 'audience' | 'isHearsay'>;

export interface KeepingOptions {
  readonly store: Store;
  readonly book: StatusBook;
  readonly documents: StatusDocuments;
  readonly outbox: Pick<Outbox, 'dropHeld'>;
  readonly media: Pick<Media, 'release' | 'end'>;
  readonly me: AccountId;
  readonly now: () => number;
  /** After the commit: this status came, went or is known differently. */
  readonly changed: (row: StatusRow) => void;
}

/** By which what waits in the outbox is found. */
export function holdOf(id: ChatId): string {
  return `status:${id}`;
}

export class Keeping {
  readonly #options: KeepingOptions;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /** Lane job: drops what a crash left between a document and its row. */
  async dropUnfinished(): Promise<void> {
    const { store, book } = this.#options;
    for (const { key } of await store.range('rows', prefixRange('status-begun'))) {
      const id = splitKey(key).hidden[1] as ChatId;
      if (book.get(id)?.state !== 'live') await this.giveUp(id);
      else await inBatch(store, (batch) => void batch.delete('rows', begunKey(id)));
    }
  }

  /** Lane job's part, stored at once: a document is about to be written. */
  begin(id: ChatId): Promise<void> {
    return inBatch(this.#options.store, (batch) => {
      batch.put('rows', begunKey(id), new Uint8Array(0));
    });
  }

  /** Lane job's part, stored at once: what was begun comes to nothing. */
  async giveUp(id: ChatId): Promise<void> {
    await this.#options.documents.destroy(id);
    await inBatch(this.#options.store, (batch) => {
      batch.delete('rows', begunKey(id));
    });
  }

  /** The document is there: so is the status, once the batch is committed. */
  keep(batch: Batch, row: LiveStatus): void {
    const { media, id } = row;
    batch.delete('rows', begunKey(id));
    if (media !== undefined) batch.add([{ op: 'put', table: 'media', key: useKey(media, id), value: tagOf(media) }]);
    this.put(batch, row);
  }

  /** What is known of it is different. */
  put(batch: Batch, row: StatusRow): void {
    const { book, changed } = this.#options;
    book.put(batch, row);
    batch.then(() => {
      changed(row);
    });
  }

  /** Its time is over, or its author deleted it. The document goes first: who is stopped in between goes on from the row. */
  async end(batch: Batch, row: LiveStatus, isDeleted: boolean): Promise<void> {
    const { documents, outbox, media, me } = this.#options;
    await documents.destroy(row.id);
    outbox.dropHeld(batch, holdOf(row.id));
    if (row.media !== undefined) {
      if (row.account === me) await media.end(batch, [row.media]);
      else media.release(batch, [row.media]);
      batch.delete('media', useKey(row.media, row.id));
    }
    batch.then(() => {
      this.#options.changed(row);
    });
    const { id, account, time, audience } = row;
    const pending = isDeleted && audience !== undefined ? { audience } : {};
    this.put(batch, { state: 'ended', id, account, isDeleted, until: this.#until(time), ...pending });
  }

  /** A status that was never here, and is not to come: as an own device knows, or as this contact says of its own. */
  refuse(batch: Batch, { id, account }: Pick<EndedStatus, 'id' | 'account'>, as: RefusedAs): void {
    const until = this.#until(this.#options.now());
    this.put(batch, { state: 'ended', id, account, isDeleted: true, until, ...as });
  }

  /** By then it is refused for its date alone, even by a clock that is put back by a day. */
  #until(time: number): number {
    return Math.max(time, this.#options.now()) + 3 * STATUS_LIFE;
  }
}

/** A pointer's key has 32 bytes, or it would not have been read. */
function tagOf({ key }: MediaPointer): Uint8Array {
  const media = toMediaKey(key);
  return media === undefined ? new Uint8Array() : mediaTag(media).slice();
}
