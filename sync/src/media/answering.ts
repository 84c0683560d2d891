/**
 * Files that others of a chat cannot get any more, and that are whole in the cache here: uploaded again, the same bytes, to this
 * account's storage server. To whom: those who are in the chat now, of files that a message there points to. The answer is of
 * use only to who has the message, because the key is in it.
 *
 *     offer : name  ->  Place          what was uploaded again, to be ended with the last message that points to it
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Sender } from '../inbox/intake.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';
import type { Endings } from './endings.ts';
import { type Place, urlAt } from './places.ts';
import type { Shelf } from './shelf.ts';
import type { StorageAccess } from './storage-access.ts';
import { uploadAgain } from './upload-again.ts';

export interface Asked {
  readonly chatId: ChatId;
  readonly blob: string;
  readonly from: Sender;
}

export interface AnsweringOptions {
  readonly store: Store;
  readonly cache: BlobCache;
  readonly clock: Clock;
  readonly link: Pick<StorageLink, 'get'>;
  readonly shelf: Shelf;
  readonly access: StorageAccess;
  readonly endings: Endings;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  /** Whether the account is in the chat now, and whether a message there that may be read again points to the blob. */
  readonly mayHave: (asked: Asked) => Promise<boolean>;
  /** Tells who asked where it is, once the batch is committed. */
  readonly tell: (batch: Batch, asked: Asked, place: Place) => void;
  /** Runs beside the lane. */
  readonly beside: (act: () => Promise<void>) => void;
}

/** Of one account: answers, and bytes uploaded for it, in a day. */
export const ANSWERS_A_DAY = { count: 100, bytes: 1024 ** 3 } as const;
const DAY = 24 * 3_600_000;
/** Questions that wait; they are asked again. */
const WAITING = 64;
/** Pauses after which one is tried again that could not be answered for want of a server. Beyond, whoever asked asks again. */
const PAUSES = [2000, 10_000, 60_000, 300_000] as const;

interface Waiting {
  readonly asked: Asked;
  /** Times that it was tried in vain. */
  readonly attempts: number;
}

interface Tally {
  day: number;
  count: number;
  bytes: number;
}

export class Answering {
  readonly #options: AnsweringOptions;
  readonly #offers = new Map<string, Place>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #tallies = new Map<AccountId, Tally>();
  readonly #stop = new AbortController();
  /** What is planned for later: each cancels its own. */
  readonly #rests = new Map<string, () => void>();
  #isRunning = false;
  #current: string | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.range('media', prefixRange('offer')))
      this.#offers.set(key.slice(key.indexOf(':') + 1), unpack<Place>(value));
  }

  stop(): void {
    this.#stop.abort();
    this.#waiting.clear();
    for (const rest of this.#rests.values()) rest();
  }

  /** It is being uploaded. */
  isBusy(blob: string): boolean {
    return this.#current === blob;
  }

  /** Somebody asks for a file. Who has it not, or does not want to give it, says nothing. */
  heard(asked: Asked): void {
    this.#wait({ asked, attempts: 0 });
  }

  /** No message points to these any more: what was uploaded again goes too. */
  async end(blobs: readonly string[]): Promise<void> {
    const { job, endings } = this.#options;
    const known = blobs.filter((blob) => this.#offers.has(blob));
    if (known.length === 0) return;
    await job((batch) => {
      for (const blob of known) {
        const place = this.#offers.get(blob);
        if (place !== undefined) endings.stage(batch, urlAt(place));
        batch.delete('media', keyOf(blob));
        batch.then(() => this.#offers.delete(blob));
      }
    });
    await endings.run();
  }

  #wait(waiting: Waiting): void {
    const key = keyOfAsked(waiting.asked);
    const isFull = this.#waiting.size + this.#rests.size >= WAITING || this.#stop.signal.aborted;
    if (isFull) return;
    this.#rests.get(key)?.();
    this.#rests.delete(key);
    this.#waiting.set(key, waiting);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#options.beside(() => this.#answerAll());
  }

  async #answerAll(): Promise<void> {
    try {
      for (const [key, waiting] of this.#waiting) {
        this.#waiting.delete(key);
        this.#current = waiting.asked.blob;
        const isAnswered = await this.#answer(waiting.asked);
        if (!isAnswered) this.#restAWhile(waiting);
      }
    } finally {
      this.#current = undefined;
      this.#isRunning = false;
    }
  }

  #restAWhile({ asked, attempts }: Waiting): void {
    const [key, pause] = [keyOfAsked(asked), PAUSES[attempts]];
    if (pause === undefined || this.#stop.signal.aborted || this.#waiting.has(key)) return;
    const cancel = this.#options.clock.after(pause, () => {
      this.#rests.delete(key);
      this.#wait({ asked, attempts: attempts + 1 });
    });
    this.#rests.set(key, cancel);
  }

  /** False: it could not be uploaded now. Who is not to be answered hears nothing, and that is done. */
  async #answer(asked: Asked): Promise<boolean> {
    const { shelf, mayHave, job, tell } = this.#options;
    const entry = shelf.get(asked.blob);
    if (entry?.isWhole !== true || !(await mayHave(asked))) return true;
    const tally = this.#tallyOf(asked.from.accountId);
    if (tally.count >= ANSWERS_A_DAY.count) return true;
    const standing = await this.#standing(asked.blob);
    if (standing === undefined && tally.bytes + entry.have > ANSWERS_A_DAY.bytes) return true;
    const place = standing ?? (await uploadAgain({ ...this.#options, entry, signal: this.#stop.signal }));
    if (place === undefined) return false;
    tally.count += 1;
    if (standing === undefined) tally.bytes += entry.have;
    await job((batch) => {
      batch.put('media', keyOf(asked.blob), pack(place));
      batch.then(() => this.#offers.set(asked.blob, place));
      tell(batch, asked, place);
    });
    return true;
  }

  /** In memory only: nobody but the user can end this run. */
  #tallyOf(accountId: AccountId): Tally {
    const day = Math.floor(this.#options.clock.now() / DAY);
    const known = this.#tallies.get(accountId);
    if (known?.day === day) return known;
    const tally = { day, count: 0, bytes: 0 };
    this.#tallies.set(accountId, tally);
    return tally;
  }

  /** Where it was uploaded to for somebody else, if it is still there. */
  async #standing(blob: string): Promise<Place | undefined> {
    const place = this.#offers.get(blob);
    if (place === undefined) return undefined;
    const probe = new AbortController();
    try {
      const { status } = await this.#options.link.get(urlAt(place), { from: 0, to: 1, signal: probe.signal });
      return status === 200 || status === 206 ? place : undefined;
    } catch {
      return undefined;
    } finally {
      probe.abort();
    }
  }
}

function keyOfAsked({ blob, from }: Asked): string {
  return `${blob}:${from.deviceId}`;
}

function keyOf(blob: string): string {
  return storeKey('offer', blob);
}
