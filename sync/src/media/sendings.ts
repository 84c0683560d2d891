/**
 * Messages with media on their way out. The files are sealed into the cache, then there is a row, which is the promise that it goes
 * out; each file is uploaded (going on where it stopped, after a reload or when a server was killed), and when all of them are up
 * one job makes the message and drops the row. Uploading begins while files are still being sealed, if the line is free: the row
 * is then a draft, which says what to end when nothing comes of it.
 */
import type { ChatId, Random } from '@securechat/crypto';
import type { Sending, SendingFailure } from '../api.ts';
import type { Batch } from '../batch.ts';
import { LaneClosed } from '../lane.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import { pack, unpack } from '../values.ts';
import { type Activity, activityOf, endRest, isBehind, isReady } from './activity.ts';
import { type NewSending, itemOf, rowOf, sealItems } from './drafting.ts';
import type { Endings } from './endings.ts';
import { SealedPart } from './sealed-part.ts';
import {
  type SendingItem,
  type SendingRow,
  placedAs,
  pointerOf,
  sealedRow,
  sendingKey,
  shownSending,
} from './sending.ts';
import type { StorageAccess } from './storage-access.ts';
import { type StepOutcome, uploadItem } from './upload-step.ts';

export interface SendingsOptions {
  readonly store: Store;
  readonly cache: BlobCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly access: StorageAccess;
  readonly endings: Endings;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  /**
   * Makes the message; `along` is part of its commit. `Full`: not now. `Refused`: the chat takes no messages of ours any more.
   */
  readonly compose: (
    row: SendingRow,
    pointers: readonly MediaPointer[],
    along: (batch: Batch) => void,
  ) => Promise<'Sent' | 'Full' | 'Refused'>;
  /** The files of a sent message are whole on this device. Part of its commit. */
  readonly keep: (batch: Batch, row: SendingRow, pointers: readonly MediaPointer[]) => void;
  readonly changed: () => void;
  /** Storage failed, or there is a bug. */
  readonly onError: (error: unknown) => void;
}

/** Uploads at a time. */
const AT_ONCE = 2;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 120_000;
/** Progress is shown so often at most. */
const SHOW_AFTER = 200;

export class Sendings {
  readonly #options: SendingsOptions;
  readonly #all = new Map<string, Activity>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #adding = new Map<string, Promise<void>>();
  #isStopped = true;
  #cancelShow: (() => void) | undefined;

  constructor(options: SendingsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#options.store.range('media', prefixRange('sending'))) {
      const row = unpack<SendingRow>(value);
      if (row.isDraft === true) await this.#forget(row);
      else this.#all.set(row.id, activityOf(row));
    }
  }

  /** Files of the cache that are still to be sent. */
  get files(): ReadonlySet<string> {
    return new Set([...this.#all.values()].flatMap(({ row }) => row.items.map(({ file }) => file)));
  }

  get bytes(): number {
    let sum = 0;
    for (const { row } of this.#all.values()) for (const { sealedBytes } of row.items) sum += sealedBytes;
    return sum;
  }

  get count(): number {
    return this.#all.size;
  }

  /** Oldest first; those of a chat, or of all. */
  list(chatId?: ChatId): readonly Sending[] {
    return this.#list(({ status, chatId: of }) => status === undefined && (chatId === undefined || of === chatId));
  }

  /** Those that become statuses, oldest first. */
  get statuses(): readonly Sending[] {
    return this.#list(({ status }) => status !== undefined);
  }

  /** The chat, or the status, that it is for. */
  chatOf(id: string): ChatId | undefined {
    return this.#all.get(id)?.row.chatId;
  }

  #list(isWanted: (row: SendingRow) => boolean): readonly Sending[] {
    return [...this.#all.values()]
      .filter(({ row }) => isWanted(row))
      .sort((a, b) => a.row.time - b.row.time)
      .map(({ row, state, sent, failure }) => shownSending(row, { state, sent, ...(failure && { failure }) }));
  }

  start(): void {
    this.#isStopped = false;
    this.kick();
  }

  /** Lets what runs come to an end; nothing is lost. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelShow?.();
    for (const activity of this.#all.values()) {
      endRest(activity);
      activity.stop.abort();
    }
    await Promise.all(this.#running.values());
  }

  /** The network is back: pauses are over. */
  hurry(): void {
    for (const activity of this.#all.values()) endRest(activity);
    this.kick();
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  /**
   * Seals the files and stores the row. Rejects with what sealing rejects with: nothing of it is left then. Said twice, it is
   * done once, and both are answered when it is.
   */
  async add(input: NewSending): Promise<void> {
    const known = this.#adding.get(input.id);
    if (known !== undefined) return known;
    if (this.#all.has(input.id)) return;
    const adding = this.#add(input);
    this.#adding.set(input.id, adding);
    try {
      await adding;
    } finally {
      this.#adding.delete(input.id);
    }
  }

  async #add(input: NewSending): Promise<void> {
    const { cache, clock, random, onError } = this.#options;
    const items = input.drafts.map((draft) => itemOf(draft, random));
    const draft: SendingRow = { ...rowOf(input, items, clock.now()), isDraft: true };
    const activity: Activity = { ...activityOf(draft), state: 'sealing' };
    const { signal } = activity.stop;
    const part = new SealedPart(signal);
    this.#all.set(draft.id, activity);
    this.#beginEarly(activity, part);
    this.#options.changed();
    try {
      const onProgress = (done: number): void => {
        part.reached(done);
        activity.sent = done;
        this.#show();
      };
      const digests = await sealItems({ items, cache, onProgress, signal });
      signal.throwIfAborted();
      await this.#save(activity, (row) => sealedRow(row, digests));
      // Cancelled meanwhile. What is stopped now goes on at the next start.
      if (!this.#isStopped) signal.throwIfAborted();
      Object.assign(activity, { state: this.#running.has(draft.id) ? 'uploading' : 'waiting', sent: 0 });
    } catch (error) {
      activity.stop.abort();
      await this.#running.get(draft.id);
      this.#all.delete(draft.id);
      await this.#forget(activity.row).catch(this.#unlessClosed);
      for (const { item } of items) await cache.delete(item.file).catch(onError);
      this.#options.changed();
      this.kick(); // what was behind it
      throw error;
    }
    this.kick();
  }

  /** Uploads what is sealed while the rest is being sealed. What goes wrong with it, the run that follows finds out, too. */
  #beginEarly(activity: Activity, part: SealedPart): void {
    const { id } = activity.row;
    if (this.#isStopped || this.#running.size >= AT_ONCE || isBehind(activity, this.#all.values())) return;
    const run = this.#uploadAll(activity, part)
      .then(async (outcome) => {
        if (activity.state === 'uploading' && outcome.type !== 'Up') await this.#settle(activity, outcome);
      })
      .catch((error: unknown) => {
        if (!activity.stop.signal.aborted) this.#unlessClosed(error);
      })
      .finally(() => {
        this.#running.delete(id);
        if (activity.state === 'uploading') activity.state = 'waiting';
        this.kick();
      });
    this.#running.set(id, run);
  }

  /** Nothing comes of a row of which an upload may have begun. */
  async #forget({ id, items }: SendingRow): Promise<void> {
    const { endings, job, onError } = this.#options;
    await job((batch) => {
      batch.delete('media', sendingKey(id));
      for (const { at } of items) if (at !== undefined) endings.stage(batch, at.uploadUrl);
    });
    if (!this.#isStopped) void endings.run().catch(onError);
  }

  /** A draft whose end is not noted is ended at the next start. */
  readonly #unlessClosed = (error: unknown): void => {
    if (!(error instanceof LaneClosed)) this.#options.onError(error);
  };

  /** False: it is no sending any more. */
  async pause(id: string): Promise<boolean> {
    const activity = this.#all.get(id);
    if (activity === undefined) return false;
    if (activity.state !== 'waiting' && activity.state !== 'uploading') return true;
    await this.#halt(activity);
    if (!this.#all.has(id)) return false;
    await this.#save(activity, (row) => ({ ...row, isPaused: true }));
    this.#options.changed();
    return true;
  }

  /** Goes on with what is paused, failed or waits for another try. False: it is no sending any more. */
  async resume(id: string): Promise<boolean> {
    const activity = this.#all.get(id);
    if (activity === undefined) return false;
    if (activity.state === 'paused' || activity.state === 'failed') {
      await this.#save(activity, ({ failure: _, ...row }) => ({ ...row, isPaused: false }));
      Object.assign(activity, { state: 'waiting', failure: undefined, attempts: 0 });
    }
    endRest(activity);
    this.kick();
    return true;
  }

  /** Nothing goes on with it when this resolves; it may have been sent. */
  async #halt(activity: Activity): Promise<void> {
    activity.state = 'paused';
    activity.stop.abort();
    await this.#running.get(activity.row.id);
  }

  /** Gives one up. False: it is no sending any more. */
  async cancel(id: string): Promise<boolean> {
    const activity = this.#all.get(id);
    if (activity === undefined) return false;
    if (activity.state === 'sealing') {
      activity.stop.abort(); // `add` cleans up
      return true;
    }
    await this.#halt(activity);
    if (!this.#all.delete(id)) return false;
    const { cache, changed } = this.#options;
    await this.#forget(activity.row);
    for (const { file } of activity.row.items) await cache.delete(file);
    changed();
    return true;
  }

  /** Takes up what may go on now. */
  kick(): void {
    if (this.#isStopped) return;
    const all = [...this.#all.values()];
    const ready = all.filter((each) => isReady(each) && !this.#running.has(each.row.id) && !isBehind(each, all));
    for (const activity of ready.slice(0, Math.max(0, AT_ONCE - this.#running.size))) this.#begin(activity);
    this.#options.changed();
  }

  #begin(activity: Activity): void {
    const { id } = activity.row;
    activity.stop = new AbortController();
    activity.state = 'uploading';
    const run = this.#run(activity)
      .catch((error: unknown) => {
        if (activity.state === 'uploading') activity.state = 'waiting';
        this.#pauseFor(activity, undefined);
        this.#unlessClosed(error);
      })
      .finally(() => {
        this.#running.delete(id);
        this.kick();
      });
    this.#running.set(id, run);
  }

  async #run(activity: Activity): Promise<void> {
    const outcome = await this.#uploadAll(activity);
    if (outcome.type === 'Up') await this.#finish(activity);
    else await this.#settle(activity, outcome);
  }

  /** All items that are not up, one after the other; `part`: as far as they are sealed. Ends with the first that does not go up. */
  async #uploadAll(activity: Activity, part?: SealedPart): Promise<StepOutcome> {
    const isSealing = (): boolean => activity.state === 'sealing';
    let before = 0;
    for (const [index, item] of activity.row.items.entries()) {
      const start = before;
      before += item.sealedBytes;
      if (item.isUp) continue;
      if (!isSealing()) activity.sent = 0;
      const outcome = await this.#upload(activity, index, part && ((to) => part.upTo(start + to)));
      if (outcome.type !== 'Up') return outcome;
      if (!isSealing()) activity.sent = 0;
      activity.attempts = 0;
    }
    return { type: 'Up' };
  }

  #upload(activity: Activity, index: number, sealedTo?: (to: number) => Promise<void>): Promise<StepOutcome> {
    const { access, cache, clock } = this.#options;
    const item = activity.row.items[index];
    if (item === undefined) throw new RangeError('no such item');
    return uploadItem({
      ...{ access, cache, clock, item, signal: activity.stop.signal, ...(sealedTo && { sealedTo }) },
      save: (next) => this.#saveItem(activity, index, next),
      onProgress: (sent) => {
        if (activity.state === 'sealing') return;
        if (sent > activity.sent) activity.failure = undefined;
        activity.sent = sent;
        this.#show();
      },
    });
  }

  async #settle(activity: Activity, outcome: Exclude<StepOutcome, { type: 'Up' }>): Promise<void> {
    switch (outcome.type) {
      case 'Stopped':
        // By a pause or a cancel, which say what comes next; or by the end of this run.
        if (activity.state === 'uploading') activity.state = 'waiting';
        return;
      case 'Later':
        if (activity.state === 'uploading') activity.state = 'waiting';
        this.#pauseFor(activity, outcome.failure);
        return;
      case 'Failed':
        await this.#save(activity, (row) => ({ ...row, failure: outcome.failure }));
        Object.assign(activity, { state: 'failed', failure: outcome.failure });
        return;
    }
  }

  #pauseFor(activity: Activity, failure: SendingFailure | undefined): void {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** activity.attempts);
    activity.attempts += 1;
    activity.failure = failure;
    endRest(activity);
    // Once stopped, nothing is planned.
    if (this.#isStopped) return;
    activity.rest = this.#options.clock.after(pause, () => {
      activity.rest = undefined;
      this.kick();
    });
  }

  async #finish(activity: Activity): Promise<void> {
    const { compose, keep } = this.#options;
    const { row } = activity;
    const pointers = row.items.map(pointerOf);
    const outcome = await compose(row, pointers, (batch) => {
      batch.delete('media', sendingKey(row.id));
      keep(batch, row, pointers);
      batch.then(() => this.#all.delete(row.id));
    });
    if (outcome === 'Full') await this.#settle(activity, { type: 'Later', failure: 'StorageFull' });
    if (outcome === 'Refused') await this.#settle(activity, { type: 'Failed', failure: 'Refused' });
  }

  #saveItem(activity: Activity, index: number, item: SendingItem): Promise<void> {
    return this.#save(activity, ({ items, ...row }) => ({
      ...row,
      items: items.map((each, at) => (at === index ? placedAs(each, item) : each)),
    }));
  }

  /** From the row as it is when its turn comes: sealing and an upload may both have something to say of it. */
  async #save(activity: Activity, change: (row: SendingRow) => SendingRow): Promise<void> {
    await this.#options.job((batch) => {
      const row = change(activity.row);
      batch.put('media', sendingKey(row.id), pack(row));
      batch.then(() => {
        activity.row = row;
      });
    });
  }

  #show(): void {
    this.#cancelShow ??= this.#options.clock.after(SHOW_AFTER, () => {
      this.#cancelShow = undefined;
      this.#options.changed();
    });
  }
}
