/** Own devices compare which statuses they have and what they know of them, and tell what the other lacks. */
import { type AccountId, type DeviceId, equalBytes } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { STATUS_PART_LIMITS, type StatusPart } from '../payload/status-parts.ts';
import type { StatusBook } from './status-book.ts';
import { statusHash } from './status-row.ts';
import type { Telling } from './telling.ts';

type Digest = Extract<StatusPart, { readonly type: 'statusDigest' }>;

export interface ComparingOptions {
  readonly book: StatusBook;
  readonly telling: Telling;
  readonly outbox: Pick<Outbox, 'tell'>;
  readonly me: AccountId;
}

export class Comparing {
  readonly #options: ComparingOptions;

  constructor(options: ComparingOptions) {
    this.#options = options;
  }

  /** What is here of all statuses, for the other own devices. */
  digest(isReply: boolean): Digest {
    const { book } = this.#options;
    const rows = book
      .all()
      .filter((row) => (row.state === 'ended' ? row.isHearsay === undefined : book.alive(row.id) !== undefined));
    const statuses = rows.map((row) => ({ statusId: row.id, hash: statusHash(row) }));
    return { type: 'statusDigest', isReply, statuses: statuses.slice(-STATUS_PART_LIMITS.digest) };
  }

  /** Lane job's part: tells the device what it lacks, and is told in return what is lacking here. */
  async compare({ statuses, isReply }: Digest, deviceId: DeviceId, batch: Batch): Promise<void> {
    const { book, telling, outbox, me } = this.#options;
    const theirs = new Map(statuses.map(({ statusId, hash }) => [statusId, hash]));
    const mine = new Map(this.digest(false).statuses.map(({ statusId, hash }) => [statusId, hash]));
    let differ = [...theirs].some(([id, hash]) => !mine.has(id) && !isOver(hash));
    for (const [id, hash] of mine) {
      const [told, row] = [theirs.get(id), book.get(id)];
      if (row === undefined || isOver(hash) || (told !== undefined && equalBytes(told, hash))) continue;
      differ = true;
      if (told === undefined || !isOver(told) || row.state === 'ended')
        await telling.tellOwn(batch, row, deviceId, told === undefined);
    }
    if (differ && !isReply)
      outbox.tell(batch, { accountId: me, deviceId, parts: [this.digest(true)], topic: 'status-digest' });
  }
}

function isOver(hash: Uint8Array): boolean {
  return hash.every((byte) => byte === 0);
}
