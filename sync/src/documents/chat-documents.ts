/**
 * The documents of one chat as the engine sees them: orchestration only. One job at a time. When one fails, memory is
 * thrown away and read again from storage before the next, and the session writes on under a new actor id: whether the
 * failed write reached the disk is not known, and an (actor, seq) must never be used twice.
 */
import { type AuthorKey, fromBase64Url, toBase64Url } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import { Lane } from '../lane.ts';
import type { RecordBody } from '../records/body.ts';
import type { Hlc } from '../records/hlc.ts';
import { SESSION_BYTES } from '../records/home.ts';
import { type RecordDraft, type VerifiedRecord, recordIdOf } from '../records/record.ts';
import { makeEntry } from './append.ts';
import { parseChange } from './change.ts';
import { ChatSegments } from './chat-segments.ts';
import { recallEntry, recordsOf } from './entry.ts';
import { HeldChanges } from './held.ts';
import { type Ingestion, ingestChanges, retryHeld } from './ingestion.ts';
import { Intake } from './intake.ts';
import { rehome } from './rehome.ts';
import { makeAnswer, makeSummary } from './repair.ts';
import { SegmentCache } from './segment-cache.ts';
import { RefusedByAutomerge, type Segment } from './segment.ts';
import type { Summary } from './summary.ts';
import type { Answer, Appended, Carrier, ChatDocuments, ChatDocumentsOptions, Ingested, WireChange } from './types.ts';

const SEGMENT_SIZE = 1000;
const OWN_CACHE = 2;
/** Chunks of changes, or their bytes, that pile up before they are folded into a snapshot. */
const COMPACT_NEWEST = { chunks: 100, bytes: 256 * 1024 };
const COMPACT_OLDER = { chunks: 8, bytes: 16 * 1024 };

/** Opens a chat's documents: reads its small state, its newest segment and what is held. */
export async function openChatDocuments(options: ChatDocumentsOptions): Promise<ChatDocuments> {
  const documents = new OpenChat(options);
  await documents.open();
  return documents;
}

interface Memory {
  readonly segments: ChatSegments;
  readonly held: HeldChanges;
}

class OpenChat implements ChatDocuments {
  readonly #options: ChatDocumentsOptions;
  readonly #cache: SegmentCache;
  readonly #segmentSize: number;
  readonly #lane = new Lane();
  #session: Uint8Array;
  #memory: Memory | undefined;
  #isBroken = true;
  #recovered: readonly VerifiedRecord[] = [];
  /** Records that a reload released: they go out with the next batch. */
  #late: readonly VerifiedRecord[] = [];
  /** Segments whose compaction is queued. */
  readonly #compacting = new Set<number>();

  constructor(options: ChatDocumentsOptions) {
    this.#options = options;
    this.#cache = options.cache ?? new SegmentCache(OWN_CACHE);
    this.#segmentSize = options.segmentSize ?? SEGMENT_SIZE;
    this.#session = options.random(SESSION_BYTES);
  }

  get recovered(): readonly VerifiedRecord[] {
    return this.#recovered;
  }

  async open(): Promise<void> {
    await this.#run(() => Promise.resolve());
    this.#recovered = this.#late;
    this.#late = [];
  }

  append(author: AuthorKey, draft: RecordDraft): Promise<Appended> {
    return this.#run(() => this.#append(author, draft));
  }

  async ingest(changes: readonly WireChange[], now: number): Promise<Ingested> {
    try {
      return await this.#run(() => this.#ingest(changes, now));
    } catch (error) {
      if (!(error instanceof RefusedByAutomerge)) throw error;
      return this.#ingestSingly(changes, now);
    }
  }

  summary(): Promise<Summary> {
    return this.#run(() => makeSummary(this.#segments));
  }

  answer(theirs: Summary, budgetBytes: number): Promise<Answer> {
    return this.#run(() => makeAnswer(this.#segments, this.#held, theirs, budgetBytes));
  }

  changeOf(id: RecordId): Promise<WireChange | undefined> {
    return this.#run(() => this.#find(id));
  }

  async *readAll(): AsyncIterable<readonly VerifiedRecord[]> {
    for (let number = this.#segments.newest; number >= 0; number -= 1) {
      const entries = await this.#run(async () => (await this.#segments.at(number)).entries());
      if (entries.length > 0) yield entries.flatMap(recordsOf);
    }
  }

  missing(): ReturnType<ChatDocuments['missing']> {
    return this.#held.missing();
  }

  gaps(): ReturnType<ChatDocuments['gaps']> {
    const { counters } = this.#segments;
    return counters.authors().flatMap((author) => {
      const missing = counters.missing(author);
      return missing === 0 ? [] : [{ author: keyOf(author), missing }];
    });
  }

  maxN(author: Uint8Array): number {
    return this.#segments.counters.max(toBase64Url(author));
  }

  authorsSeen(): readonly Uint8Array[] {
    return this.#segments.counters.authors().map(keyOf);
  }

  latestTime(): Hlc {
    return this.#segments.latest;
  }

  async close(): Promise<void> {
    await this.#lane.close();
    this.#segments.abandon();
  }

  async #append(author: AuthorKey, draft: RecordDraft): Promise<Appended> {
    const { chatId } = this.#options;
    if (this.#segments.counters.has(toBase64Url(author.publicKey), draft.n)) {
      return this.#recall(recordIdOf(chatId, author.publicKey, draft));
    }
    const segment = await this.#writable();
    const entry = makeEntry(segment.graph, segment.place, { chatId, author, session: this.#session }, draft);
    segment.stage(entry);
    await this.#segments.note(segment.place.segment, recordsOf(entry));
    await segment.commit();
    this.#compactLater(segment);
    return { record: entry.record, change: wire(segment, entry.change.bytes), again: false };
  }

  /** The newest segment, or the next one when it is full; also when it is forked: there, nobody's history has to be mended. */
  async #writable(): Promise<Segment> {
    const newest = await this.#segments.at(this.#segments.newest);
    if (newest.graph.size < this.#segmentSize && !newest.graph.isForked) return newest;
    await this.#segments.open(this.#segments.newest + 1);
    this.#compactLater(newest);
    return this.#segments.at(this.#segments.newest);
  }

  async #recall(id: RecordId): Promise<Appended> {
    const found = await this.#find(id);
    const change = found && parseChange(found.bytes);
    const entry = change?.ok ? recallEntry(change.value) : undefined;
    if (found === undefined || !entry?.ok || entry.value.record.id !== id)
      throw new RangeError('this counter was used');
    return { record: entry.value.record, change: found, again: true };
  }

  async #find(id: RecordId): Promise<WireChange | undefined> {
    for (let number = this.#segments.newest; number >= 0; number -= 1) {
      const segment = await this.#segments.at(number);
      const holder = segment.graph.holderOf(id);
      const bytes = holder && segment.bytesOf(holder.hash);
      if (bytes) return wire(segment, bytes);
      this.#segments.release();
    }
    return undefined;
  }

  async #ingest(changes: readonly WireChange[], now: number): Promise<Ingested> {
    await this.#held.settle();
    const ingestion = this.#ingestion(now);
    const touched = await ingestChanges(ingestion, changes);
    const carried: WireChange[] = [];
    for (const number of touched) carried.push(...(await this.#rehome(number, ingestion.intake)));
    const late = this.#late;
    this.#late = [];
    return {
      ...ingestion.intake.result(),
      applied: [...late, ...ingestion.intake.applied],
      missing: this.#held.missingCount,
      carried,
    };
  }

  async #rehome(number: number, intake: Intake): Promise<WireChange[]> {
    const segment = await this.#segments.at(number);
    this.#compactLater(segment);
    return rehome({
      segment,
      newest: () => this.#segments.at(this.#segments.newest),
      carrier: this.#options.carrier?.(),
      append: async (carrier, body) => {
        const { record, change } = await this.#carry(carrier, body);
        intake.applied.push(record);
        return change;
      },
    });
  }

  #carry(carrier: Carrier, body: RecordBody): Promise<Appended> {
    return this.#append(carrier.author, { n: carrier.nextN(), time: carrier.nextTime(), body });
  }

  /** Automerge did not take something the guard let through: finds out what, and refuses only that. */
  async #ingestSingly(changes: readonly WireChange[], now: number): Promise<Ingested> {
    const intake = new Intake();
    const carried: WireChange[] = [];
    for (const change of changes) {
      try {
        const one = await this.#run(() => this.#ingest([change], now));
        intake.add(one);
        carried.push(...one.carried);
      } catch (error) {
        if (!(error instanceof RefusedByAutomerge)) throw error;
        intake.refuse({ type: 'Malformed', reason: 'the document did not take it' });
      }
    }
    return { ...intake.result(), missing: this.#held.missingCount, carried };
  }

  /** Queues the compaction of a segment behind the running job, when enough chunks piled up. */
  #compactLater({ place, pending }: Segment): void {
    const number = place.segment;
    const limit = number < this.#segments.newest ? COMPACT_OLDER : COMPACT_NEWEST;
    const isDue = pending.chunks >= limit.chunks || pending.bytes >= limit.bytes;
    if (!isDue || this.#compacting.has(number)) return;
    this.#compacting.add(number);
    // A failure leaves the chunks as they are; the next change asks again.
    void this.#run(async () => (await this.#segments.at(number)).compact())
      .catch(() => undefined)
      .finally(() => this.#compacting.delete(number));
  }

  #ingestion(now: number): Ingestion {
    const { chatId, authors } = this.#options;
    const intake = new Intake();
    const isKnown = (author: Uint8Array): boolean => authors.isKnown(author);
    return { chatId, segments: this.#segments, held: this.#held, isKnown, segmentSize: this.#segmentSize, now, intake };
  }

  #run<T>(job: () => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      try {
        if (this.#isBroken) await this.#load();
        return await job();
      } catch (error) {
        this.#break();
        throw error;
      } finally {
        this.#memory?.segments.release();
      }
    });
  }

  async #load(): Promise<void> {
    const { chatId, chatSecret, storage } = this.#options;
    const segments = await ChatSegments.load({ chatId, chatSecret, storage, cache: this.#cache });
    this.#memory = { segments, held: await HeldChanges.load(storage, chatId) };
    const ingestion = this.#ingestion(0);
    await retryHeld(ingestion);
    this.#late = [...this.#late, ...ingestion.intake.applied];
    this.#isBroken = false;
  }

  #break(): void {
    this.#memory?.segments.abandon();
    this.#session = this.#options.random(SESSION_BYTES);
    this.#isBroken = true;
  }

  get #segments(): ChatSegments {
    if (this.#memory === undefined) throw new Error('the chat is not open');
    return this.#memory.segments;
  }

  get #held(): HeldChanges {
    if (this.#memory === undefined) throw new Error('the chat is not open');
    return this.#memory.held;
  }
}

function wire({ place }: Segment, bytes: Uint8Array): WireChange {
  return { segment: place.segment, generation: place.generation, bytes };
}

function keyOf(author: string): Uint8Array {
  return fromBase64Url(author) ?? new Uint8Array();
}
