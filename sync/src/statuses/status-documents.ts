/**
 * The documents of statuses: each is one of its own, with one record, so that who may have one learns nothing of the others, and
 * one that is over is dropped whole. Made, checked and stored as those of chats are; opened for one step, then closed.
 */
import { type AuthorKey, type ChatId, type Random, equalBytes } from '@securechat/crypto';
import { type ChatDocuments, openChatDocuments } from '../documents/index.ts';
import type { DocumentStorage } from '../ports/document-storage.ts';
import type { RecordDraft, StatusBody, VerifiedRecord } from '../records/index.ts';
import type { StatusPlace } from './status-row.ts';

/** A status's one record. */
export interface StatusRecord extends VerifiedRecord {
  readonly body: StatusBody;
}

export interface StatusDocumentsOptions {
  /** Sealed. */
  readonly storage: DocumentStorage;
  readonly random: Random;
}

export class StatusDocuments {
  readonly #options: StatusDocumentsOptions;

  constructor(options: StatusDocumentsOptions) {
    this.#options = options;
  }

  /** Puts the one record into a new document; answers its id and the change that travels. Durable when it resolves. */
  write(
    place: StatusPlace,
    author: AuthorKey,
    draft: RecordDraft,
  ): Promise<{ readonly recordId: string; readonly change: Uint8Array }> {
    return this.#with(place, author.publicKey, async (documents) => {
      const { record, change } = await documents.append(author, draft);
      return { recordId: record.id, change: change.bytes };
    });
  }

  /**
   * Takes in a change that must hold the one record, signed by `key`. Undefined: it does not, or is dated further ahead than an
   * honest clock would; something of it may be stored then, see {@link destroy}.
   */
  take(place: StatusPlace, key: Uint8Array, change: Uint8Array, now: number): Promise<StatusRecord | undefined> {
    return this.#with(place, key, async (documents) => {
      const { applied } = await documents.ingest([{ segment: 0, generation: 0, bytes: change }], now);
      return applied.find(isStatus);
    });
  }

  /** The change that holds this record. */
  change(place: StatusPlace, key: Uint8Array, recordId: string): Promise<Uint8Array | undefined> {
    return this.#with(place, key, async (documents) => (await documents.changeOf(recordId))?.bytes);
  }

  /** Nothing of it is stored afterwards. Harmless to repeat. */
  destroy(id: ChatId): Promise<void> {
    return this.#options.storage.removeRange(['chat', id]);
  }

  async #with<T>(
    { id, secret }: StatusPlace,
    key: Uint8Array,
    act: (documents: ChatDocuments) => Promise<T>,
  ): Promise<T> {
    const documents = await openChatDocuments({
      ...{ ...this.#options, chatId: id, chatSecret: secret },
      authors: { isKnown: (author) => equalBytes(author, key) },
    });
    try {
      return await act(documents);
    } finally {
      await documents.close();
    }
  }
}

function isStatus(record: VerifiedRecord): record is StatusRecord {
  return record.body.kind === 'status';
}
