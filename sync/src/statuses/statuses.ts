/**
 * Statuses: what somebody shows to some contacts for a day. Holds the parts together; what they are is said in SPEC, "Statuses".
 * Knows contacts by their accounts, files by their pointers, and nothing of chats.
 */
import type { AccountId, ChatId, Random } from '@securechat/crypto';
import { type StatusAudience, STATUS_LIMITS } from '../api-status.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Sender } from '../inbox/intake.ts';
import type { Media } from '../media/media.ts';
import type { SendingRow } from '../media/sending.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { StatusPart } from '../payload/status-parts.ts';
import type { Peers } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { DocumentStorage } from '../ports/document-storage.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import { audienceFrom, audienceToText } from './audience.ts';
import { Comparing } from './comparing.ts';
import { Keeping } from './keeping.ts';
import { type NewStatus, Posting } from './posting.ts';
import { StatusBook } from './status-book.ts';
import { StatusDocuments } from './status-documents.ts';
import { StatusExpiry } from './status-expiry.ts';
import type { LiveStatus, StatusRow } from './status-row.ts';
import { Taking } from './taking.ts';
import { Telling, type TellingOptions } from './telling.ts';

type Passed = 'siblings' | 'isFriend' | 'confirmedTo' | 'isOnline' | 'kick' | 'background';

export interface StatusesOptions extends Pick<TellingOptions, Passed> {
  readonly self: Self;
  readonly store: Store;
  /** Sealed. */
  readonly storage: DocumentStorage;
  readonly random: Random;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly peers: Peers;
  readonly personal: PersonalDocuments;
  readonly media: Pick<Media, 'release' | 'end' | 'came' | 'forget'>;
  readonly isContact: (accountId: AccountId) => boolean;
  readonly friends: () => readonly AccountId[];
  /** After a commit, or by the clock: it is shown differently. */
  readonly changed: (row: StatusRow) => void;
}

const AUDIENCE = 'statusAudience';

export class Statuses {
  readonly book: StatusBook;
  readonly #options: StatusesOptions;
  readonly #me: AccountId;
  readonly #keeping: Keeping;
  readonly #telling: Telling;
  readonly #taking: Taking;
  readonly #comparing: Comparing;
  readonly #posting: Posting;
  readonly #expiry: StatusExpiry;

  constructor(options: StatusesOptions) {
    this.#options = options;
    const { store, clock, outbox, peers, self, personal, media } = options;
    const now = (): number => clock.now();
    const me = self.identity.account.id;
    const book = new StatusBook(now);
    const documents = new StatusDocuments(options);
    const keeping = new Keeping({ ...{ store, book, documents, outbox, media, me, now }, changed: this.#changed });
    const sendsSeen = (): boolean => personal.settings.get()['sendReceipts'] !== false;
    const telling = new Telling({ ...options, ...{ book, documents, me, sendsSeen } });
    this.book = book;
    this.#me = me;
    this.#keeping = keeping;
    this.#telling = telling;
    this.#posting = new Posting({ ...options, ...{ book, documents, keeping, telling, now } });
    this.#comparing = new Comparing({ book, telling, outbox, me });
    this.#taking = new Taking({
      ...{ book, documents, keeping, telling, peers, me, now, isContact: options.isContact },
      comparing: this.#comparing,
      came: ({ id, media: file }) => {
        if (file !== undefined) media.came(id, [file]);
      },
    });
    this.#expiry = new StatusExpiry({
      ...{ store, book, keeping, clock, background: options.background },
      over: (rows) => {
        for (const row of rows) options.changed(row);
      },
    });
  }

  /** Before anything is shown, and when the files' entries are read: what ended while this device was off goes, files included. */
  async load(): Promise<void> {
    await this.book.load(this.#options.store);
    await this.#keeping.dropUnfinished();
    const files = this.book.overdue().flatMap(({ media }) => media ?? []);
    await this.#expiry.sweepFirst();
    await this.#options.media.forget(files);
  }

  /** What is over goes at its time, also from a device that was unlinked. */
  startExpiry(): void {
    this.#expiry.start();
  }

  startTelling(): void {
    this.#telling.start();
  }

  stopTelling(): void {
    this.#telling.stop();
  }

  stop(): void {
    this.#expiry.stop();
    this.#telling.stop();
  }

  /** Part of the intake's job. */
  async take(part: StatusPart, from: Sender, batch: Batch): Promise<void> {
    await this.#taking.take(part, from, batch);
    batch.then(this.#options.kick);
  }

  /** What is here, to be compared by another own device. */
  digest(): StatusPart {
    return this.#comparing.digest(false);
  }

  /** How many more may be alive. */
  get room(): number {
    return STATUS_LIMITS.alive - this.book.allAlive(this.#me).length;
  }

  /** What this call posted here. */
  postedBy(call: string): LiveStatus | undefined {
    return this.book.allAlive(this.#me).find((row) => row.call === call);
  }

  /** Lane job. */
  async post(input: NewStatus): Promise<ChatId> {
    const id = await this.#posting.post(input);
    this.#options.kick();
    return id;
  }

  /** Lane job: the files of a sending are up. */
  async postFile(
    { id, caption, status }: SendingRow,
    pointers: readonly MediaPointer[],
    along: (batch: Batch) => void,
  ) {
    const [media] = pointers;
    if (status === undefined || media === undefined) return;
    const { secret, audience } = status;
    await this.#posting.post({ secret, audience, call: id, text: caption, colour: 0, media }, along);
    this.#options.kick();
  }

  /** Lane job. */
  async delete(row: LiveStatus): Promise<void> {
    await this.#posting.delete(row);
    this.#options.kick();
  }

  /** Lane job: the user saw it. */
  async view(row: LiveStatus): Promise<void> {
    const { clock, store, kick } = this.#options;
    if (row.account === this.#me || (row.views[this.#me] ?? 0) > 0) return;
    const seenAt = Math.max(row.time, Math.min(clock.now(), row.expiresAt));
    const seen: LiveStatus = { ...row, views: { [this.#me]: seenAt } };
    await inBatch(store, (batch) => {
      this.#keeping.put(batch, seen);
      this.#telling.markAsItIs(batch, seen);
      this.#telling.tellOwnState(batch, seen);
    });
    kick();
  }

  /** Whether this user saw it. */
  isSeen({ account, views }: LiveStatus): boolean {
    return account === this.#me || (views[this.#me] ?? 0) > 0;
  }

  get audience(): StatusAudience {
    return audienceFrom(this.#options.personal.settings.get()[AUDIENCE]);
  }

  async setAudience(audience: StatusAudience): Promise<void> {
    await this.#options.personal.settings.set({ [AUDIENCE]: audienceToText(audience) });
  }

  readonly #changed = (row: StatusRow): void => {
    this.#expiry.plan();
    this.#options.changed(row);
  };
}
