/** Showing something for a day, and taking it back: what the user does, each a lane job of its own. */
import {
  type AccountId,
  type ChatId,
  type Random,
  certifyAuthor,
  createAuthorKey,
  proveAuthor,
} from '@securechat/crypto';
import type { StatusAudience } from '../api-status.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Store } from '../ports/store.ts';
import type { Hlc, MediaPointer, StatusBody } from '../records/index.ts';
import { membersOf } from './audience.ts';
import type { Keeping } from './keeping.ts';
import type { StatusBook } from './status-book.ts';
import type { StatusDocuments } from './status-documents.ts';
import { type LiveStatus, STATUS_LIFE, type StatusOwner, statusIdOf } from './status-row.ts';
import type { Telling } from './telling.ts';

export interface PostingOptions {
  readonly self: Self;
  readonly store: Store;
  readonly random: Random;
  readonly book: StatusBook;
  readonly documents: StatusDocuments;
  readonly keeping: Keeping;
  readonly telling: Telling;
  /** Contacts who have accepted, and are not blocked. */
  readonly friends: () => readonly AccountId[];
  readonly now: () => number;
}

export interface NewStatus {
  readonly secret: Uint8Array;
  /** The caller's id, so that a repeated call posts nothing more. */
  readonly call: string;
  readonly audience: StatusAudience;
  readonly text: string;
  readonly colour: number;
  readonly media?: MediaPointer;
}

export class Posting {
  readonly #options: PostingOptions;

  constructor(options: PostingOptions) {
    this.#options = options;
  }

  /** Lane job: durable when it resolves. `along` is part of the commit. */
  async post(input: NewStatus, along: (batch: Batch) => void = () => undefined): Promise<ChatId> {
    const { self, store, random, documents, keeping, telling, now, friends } = this.#options;
    const { secret, text, colour, media, audience, call } = input;
    const account = self.identity.account.id;
    const id = statusIdOf(account, secret);
    const author = createAuthorKey(random);
    const body: StatusBody = { kind: 'status', text, colour, ...(media !== undefined && { media }) };
    const time = this.#nextTime();
    await keeping.begin(id);
    const { recordId, change } = await documents.write({ id, secret }, author, { n: 1, time, body });
    const row: LiveStatus = {
      ...{ state: 'live', id, account, secret, owner: this.#ownerOf(author, id), recordId, call, views: {} },
      ...{ time: time.ms, counter: time.counter, expiresAt: Math.min(time.ms, now()) + STATUS_LIFE, text, colour },
      ...(media !== undefined && { media }),
      audience: membersOf(audience, friends()),
    };
    await inBatch(store, (batch) => {
      along(batch);
      keeping.keep(batch, row);
      telling.post(batch, row, change);
    });
    return id;
  }

  /** Lane job: it goes from here, and from whoever has it. */
  async delete(row: LiveStatus): Promise<void> {
    const { store, keeping, telling, book } = this.#options;
    await inBatch(store, async (batch) => {
      await keeping.end(batch, row, true);
      const ended = book.get(row.id);
      if (ended?.state === 'ended') telling.deleted(batch, ended);
    });
  }

  /** Several within a millisecond keep their order. */
  #nextTime(): Hlc {
    const { book, self, now } = this.#options;
    const ms = now();
    const twins = book.allAlive(self.identity.account.id).filter(({ time }) => time === ms);
    return { ms, counter: twins.length };
  }

  #ownerOf(author: ReturnType<typeof createAuthorKey>, id: ChatId): StatusOwner {
    const { device } = this.#options.self.identity;
    return {
      key: author.publicKey,
      deviceKey: device.publicKey,
      proof: proveAuthor(author, id, device.id),
      certificate: certifyAuthor(device, id, author.publicKey),
    };
  }
}
