/**
 * Blobs on their way here: what is wanted, two at a time, tried again while the network does not let it; what went wrong with
 * others. What is half here stays on the shelf, and a later try goes on from it.
 */
import { type ChatId, type MediaBlob, type Random, mediaBlob, toBase64Url, toMediaKey } from '@securechat/crypto';
import type { MediaFailure, MediaState } from '../api.ts';
import { LaneClosed } from '../lane.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import { storeErrorType } from '../ports/store-error.ts';
import type { MediaPointer } from '../records/index.ts';
import { type DownloadError, downloadBlob } from './download.ts';
import { type Line, watchLine } from './line.ts';
import { type Places, urlAt } from './places.ts';
import type { Entry, Shelf } from './shelf.ts';

export interface DownloadsOptions {
  readonly shelf: Shelf;
  readonly cache: BlobCache;
  readonly link: Pick<StorageLink, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether a tag belongs to another blob that this device knows of. */
  readonly isOfAnother: (pointer: MediaPointer, tag: Uint8Array) => Promise<boolean>;
  readonly places: Pick<Places, 'urlOf' | 'forget'>;
  /** It came whole: nobody need be asked for it, and there may be more on the shelf than there should be. */
  readonly came: (blob: string) => Promise<void>;
  readonly changed: () => void;
  readonly onError: (error: unknown) => void;
}

interface Job {
  readonly pointer: MediaPointer;
  readonly chatId: ChatId;
  readonly stop: AbortController;
  /** Resolves when it is whole or given up. */
  readonly done: Promise<void>;
  readonly settle: () => void;
  state: 'waiting' | 'running';
  have: number;
  attempts: number;
  /** Cancels the pause before the next try; undefined: there is none. Counted in timers, because clocks jump. */
  rest: (() => void) | undefined;
}

/** One try at one blob. */
interface Try {
  readonly blob: MediaBlob;
  readonly entry: Entry;
  readonly line: Line;
}

const AT_ONCE = 2;
const FIRST_PAUSE = 1000;
/** Tries that brought nothing, after which it waits for the network to come back or the user to ask again. */
const MOST_ATTEMPTS = 6;
/** What is here is written down so often, and shown. */
const NOTE_BYTES = 4 * 1024 * 1024;
const SHOW_AFTER = 200;
const FILE_ID_BYTES = 16;

export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #failures = new Map<string, { readonly failure: MediaFailure; readonly job: Job }>();
  readonly #running = new Map<string, Promise<void>>();
  #isStopped = true;
  #cancelShow: (() => void) | undefined;

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.#kick();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelShow?.();
    for (const job of this.#jobs.values()) {
      endRest(job);
      job.stop.abort();
      job.settle();
    }
    await Promise.all(this.#running.values());
  }

  /** The network is back: what was given up for want of it is tried again. */
  hurry(): void {
    for (const job of this.#jobs.values()) endRest(job);
    for (const [blob, { failure, job }] of [...this.#failures])
      if (failure === 'Unavailable' && this.#failures.delete(blob)) void this.load(job.pointer, job.chatId);
    this.#kick();
  }

  /** Fetches it unless it is here; resolves when it is whole, or given up. */
  load(pointer: MediaPointer, chatId: ChatId): Promise<void> {
    const { blob } = pointer;
    const entry = this.#options.shelf.get(blob);
    if (entry?.isWhole === true) return Promise.resolve();
    this.#failures.delete(blob);
    const known = this.#jobs.get(blob);
    if (known !== undefined) {
      endRest(known);
      this.#kick();
      return known.done;
    }
    const job = newJob(pointer, chatId, entry?.have ?? 0);
    this.#jobs.set(blob, job);
    this.#options.changed();
    this.#kick();
    return job.done;
  }

  /** Stops fetching it; what is here stays. */
  async cancel(blob: string): Promise<void> {
    const job = this.#jobs.get(blob);
    this.#failures.delete(blob);
    if (job === undefined) return;
    job.stop.abort();
    await this.#running.get(blob);
    this.#end(job);
  }

  isBusy(blob: string): boolean {
    return this.#jobs.has(blob);
  }

  stateOf({ blob, size }: MediaPointer): MediaState {
    const [entry, job] = [this.#options.shelf.get(blob), this.#jobs.get(blob)];
    if (entry?.isWhole === true) return { state: 'here', done: size };
    if (job !== undefined) return { state: 'loading', done: Math.min(size, job.have) };
    const done = Math.min(size, entry?.have ?? 0);
    const failure = this.#failures.get(blob)?.failure;
    return failure === undefined ? { state: 'absent', done } : { state: 'failed', done, failure };
  }

  #kick(): void {
    if (this.#isStopped) return;
    const ready = [...this.#jobs.values()].filter(({ state, rest }) => state === 'waiting' && rest === undefined);
    for (const job of ready.slice(0, Math.max(0, AT_ONCE - this.#running.size))) this.#begin(job);
  }

  #begin(job: Job): void {
    const { blob } = job.pointer;
    job.state = 'running';
    const run = this.#run(job)
      .catch((error: unknown) => {
        this.#fault(job, error);
      })
      .finally(() => {
        this.#running.delete(blob);
        this.#kick();
      });
    this.#running.set(blob, run);
  }

  async #run(job: Job): Promise<void> {
    const { shelf, came, clock } = this.#options;
    const { pointer } = job;
    const media = toMediaKey(pointer.key);
    if (media === undefined) throw new RangeError('a pointer has a key of 32 bytes');
    const blob = mediaBlob(media, pointer.size);
    const entry = shelf.get(pointer.blob) ?? this.#newEntry(job);
    const line = watchLine(clock, job.stop.signal);
    try {
      const outcome = await this.#fetch(job, { blob, entry, line });
      if (!outcome.ok) {
        await this.#failed(job, entry, outcome.error);
        return;
      }
      await shelf.put({ ...entry, have: blob.layout.blobBytes, isWhole: true, used: clock.now() });
      this.#end(job);
      await came(pointer.blob);
    } catch (error) {
      await this.#note(job, entry);
      throw error;
    } finally {
      line.end();
      blob.end();
    }
  }

  #fetch(job: Job, { blob, entry, line }: Try): ReturnType<typeof downloadBlob> {
    const { shelf, cache, link, isOfAnother, places, clock } = this.#options;
    const { pointer, stop } = job;
    let noted = entry.have;
    return downloadBlob({
      ...{ url: places.urlOf(pointer), blob, digest: pointer.digest, cache, file: entry.file, have: entry.have },
      link: {
        get: async (url, request) => {
          const answer = await link.get(url, { ...request, signal: AbortSignal.any([request.signal, line.signal]) });
          return { ...answer, body: line.moving(answer.body) };
        },
      },
      isOfAnother: (tag) => isOfAnother(pointer, tag),
      signal: stop.signal,
      clock,
      onProgress: async (have) => {
        Object.assign(job, { have, attempts: 0 });
        this.#show();
        if (have - noted < NOTE_BYTES) return;
        noted = have;
        await cache.flush(entry.file);
        await shelf.put({ ...entry, have });
      },
    });
  }

  /** What is here of it stays for the next try. */
  async #note(job: Job, entry: Entry): Promise<void> {
    const { shelf, cache } = this.#options;
    if (job.have === 0) await cache.delete(entry.file);
    if (job.have <= (shelf.get(entry.blob)?.have ?? 0)) return;
    await cache.flush(entry.file);
    await shelf.put({ ...entry, have: job.have });
  }

  #newEntry({ pointer, chatId }: Job): Entry {
    const { clock, random } = this.#options;
    const file = toBase64Url(random(FILE_ID_BYTES));
    return { blob: pointer.blob, file, chatId, have: 0, isWhole: false, used: clock.now() };
  }

  async #failed(job: Job, entry: Entry, error: DownloadError): Promise<void> {
    const { shelf, cache, clock, places } = this.#options;
    if (error.type === 'Unavailable') {
      await this.#note(job, entry);
      job.state = 'waiting';
      job.attempts += 1;
      if (job.attempts >= MOST_ATTEMPTS) this.#giveUp(job, 'Unavailable');
      else if (!this.#isStopped)
        job.rest = clock.after(FIRST_PAUSE * 2 ** job.attempts, () => {
          job.rest = undefined;
          this.#kick();
        });
      return;
    }
    // What the server gave is not the file, or there is no more of it: nothing of it is kept.
    await shelf.drop([job.pointer.blob]);
    await cache.delete(entry.file);
    await places.forget([job.pointer.blob]);
    this.#giveUp(job, error.type);
  }

  #fault(job: Job, error: unknown): void {
    if (job.stop.signal.aborted || error instanceof LaneClosed) {
      this.#end(job);
      return;
    }
    const isFull = storeErrorType(error) === 'QuotaExceeded';
    this.#giveUp(job, isFull ? 'StorageFull' : 'Unavailable');
    if (!isFull) this.#options.onError(error);
  }

  #giveUp(job: Job, failure: MediaFailure): void {
    this.#failures.set(job.pointer.blob, { failure, job });
    this.#end(job);
  }

  #end(job: Job): void {
    this.#jobs.delete(job.pointer.blob);
    endRest(job);
    job.settle();
    this.#options.changed();
  }

  #show(): void {
    this.#cancelShow ??= this.#options.clock.after(SHOW_AFTER, () => {
      this.#cancelShow = undefined;
      this.#options.changed();
    });
  }
}

/** Where a pointer says that its blob is. */
export function urlOf({ url, blob }: MediaPointer): string {
  return urlAt({ url, name: blob });
}

function newJob(pointer: MediaPointer, chatId: ChatId, have: number): Job {
  let settle = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    pointer,
    chatId,
    stop: new AbortController(),
    done,
    settle,
    state: 'waiting',
    have,
    attempts: 0,
    rest: undefined,
  };
}

function endRest(job: Job): void {
  job.rest?.();
  job.rest = undefined;
}
