/**
 * What is in memory of one open chat, and the one lane in which it changes. When a job fails, memory is thrown away and
 * read again from storage before the next, and the session writes on under a new actor id: whether the failed write
 * reached the disk is not known, and an (actor, seq) must never be used twice.
 */
import { Lane } from '../../lane.ts';
import { SESSION_BYTES } from '../../records/home.ts';
import type { VerifiedRecord } from '../../records/record.ts';
import { ChatSegments } from './chat-segments.ts';
import { HeldChanges } from '../guard/held.ts';
import { type Ingestion, retryHeld } from './ingestion.ts';
import { Intake } from '../guard/intake.ts';
import { SegmentCache } from '../segment/segment-cache.ts';
import type { Segment } from '../segment/segment.ts';
import type { ChatDocumentsOptions } from '../types.ts';

/**
 * A newly linked device shows a chat's newest page when it has all of the newest segment, since dependencies come first:
 * the smaller a segment, the sooner. See docs/decisions, "A segment holds 128 records", for what that costs.
 */
const SEGMENT_SIZE = 128;
const OWN_CACHE = 2;
/** Chunks of changes, or their bytes, that pile up before they are folded into a snapshot. */
const COMPACT_NEWEST = { chunks: 100, bytes: 256 * 1024 };
const COMPACT_OLDER = { chunks: 8, bytes: 16 * 1024 };

interface Loaded {
  readonly segments: ChatSegments;
  readonly held: HeldChanges;
}

export class ChatMemory {
  readonly options: ChatDocumentsOptions;
  readonly segmentSize: number;
  readonly #cache: SegmentCache;
  readonly #lane = new Lane();
  readonly #compacting = new Set<number>();
  #session: Uint8Array;
  #loaded: Loaded | undefined;
  #isBroken = true;
  #late: readonly VerifiedRecord[] = [];

  constructor(options: ChatDocumentsOptions) {
    this.options = options;
    this.segmentSize = options.segmentSize ?? SEGMENT_SIZE;
    this.#cache = options.cache ?? new SegmentCache(OWN_CACHE);
    this.#session = options.random(SESSION_BYTES);
  }

  get segments(): ChatSegments {
    return this.#opened.segments;
  }

  get held(): HeldChanges {
    return this.#opened.held;
  }

  /** This session's part of its actor ids. */
  get session(): Uint8Array {
    return this.#session;
  }

  /** Runs a job after all earlier ones, on memory that agrees with storage. */
  run<T>(job: () => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      try {
        if (this.#isBroken) await this.#load();
        return await job();
      } catch (error) {
        this.#break();
        throw error;
      } finally {
        this.#loaded?.segments.release();
      }
    });
  }

  /** Records that loading released from those held, once. */
  takeLate(): readonly VerifiedRecord[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /** What ingesting works on, with an empty intake. */
  ingestion(now: number): Ingestion {
    const { chatId, authors } = this.options;
    const { segments, held } = this.#opened;
    const isKnown = (author: Uint8Array): boolean => authors.isKnown(author);
    return { chatId, segments, held, isKnown, segmentSize: this.segmentSize, now, intake: new Intake() };
  }

  /** Queues the compaction of a segment behind the running job, when enough chunks piled up. */
  compactLater({ place, pending }: Segment): void {
    const number = place.segment;
    const limit = number < this.segments.newest ? COMPACT_OLDER : COMPACT_NEWEST;
    const isDue = pending.chunks >= limit.chunks || pending.bytes >= limit.bytes;
    if (!isDue || this.#compacting.has(number)) return;
    this.#compacting.add(number);
    // A failure leaves the chunks as they are; the next change asks again.
    void this.run(async () => (await this.segments.at(number)).compact())
      .catch(() => undefined)
      .finally(() => this.#compacting.delete(number));
  }

  async close(): Promise<void> {
    await this.#lane.close();
    this.#loaded?.segments.abandon();
  }

  get #opened(): Loaded {
    if (this.#loaded === undefined) throw new Error('the chat is not open');
    return this.#loaded;
  }

  async #load(): Promise<void> {
    const { chatId, chatSecret, storage } = this.options;
    const segments = await ChatSegments.load({ chatId, chatSecret, storage, cache: this.#cache });
    this.#loaded = { segments, held: await HeldChanges.load(storage, chatId) };
    const ingestion = this.ingestion(0);
    await retryHeld(ingestion);
    this.#late = [...this.#late, ...ingestion.intake.applied];
    this.#isBroken = false;
  }

  #break(): void {
    this.#loaded?.segments.abandon();
    this.#session = this.options.random(SESSION_BYTES);
    this.#isBroken = true;
  }
}
