/**
 * The segments of one chat: which are here (there may be holes while history is still coming, newest first), which is
 * written to, which are loaded. Keeps the chat's small state. Callers run one at a time, and call `release` when done or
 * `abandon` when something failed.
 */
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import type { ChatId } from '@securechat/crypto';
import { toBase64Url } from '@securechat/crypto';
import { type Hlc, NO_TIME, compareHlc } from '../../records/hlc.ts';
import type { VerifiedRecord } from '../../records/record.ts';
import { type ChatState, decodeChatState, encodeChatState } from './chat-state.ts';
import { Counters } from './counters.ts';
import { type Place, makePlace, stateKey } from '../segment/place.ts';
import type { SegmentCache } from '../segment/segment-cache.ts';
import { Segment } from '../segment/segment.ts';
import { Tips } from './tips.ts';

export interface ChatSegmentsOptions {
  readonly chatId: ChatId;
  readonly chatSecret: Uint8Array;
  readonly storage: StorageAdapterInterface;
  readonly cache: SegmentCache;
}

export class ChatSegments {
  readonly #options: ChatSegmentsOptions;
  readonly #pinned = new Set<string>();
  readonly #loaded = new Set<string>();
  readonly counters: Counters;
  readonly #tips: Tips;
  readonly #sizes = new Map<number, number>();
  #count = 0;
  #newest: number;
  #latest: Hlc;

  private constructor(options: ChatSegmentsOptions, state: ChatState | undefined) {
    this.#options = options;
    this.#tips = new Tips(options.storage, options.chatId);
    for (const [segment, changes] of state?.sizes ?? []) this.#resize(segment, changes);
    this.#newest = state?.newest ?? 0;
    this.#latest = state?.latest ?? NO_TIME;
    this.counters = state?.counters ?? new Counters();
  }

  static async load(options: ChatSegmentsOptions): Promise<ChatSegments> {
    const bytes = await options.storage.load(stateKey(options.chatId));
    const segments = new ChatSegments(options, bytes && decodeChatState(bytes));
    const { graph } = await segments.at(segments.newest);
    segments.#resize(segments.newest, graph.known);
    for (const node of graph.ordered()) {
      for (const { author, n } of [node, ...node.carried]) segments.counters.add(author, n);
      segments.#notice(node.time);
    }
    return segments;
  }

  get newest(): number {
    return this.#newest;
  }

  /** Changes that are here, over all segments. */
  get count(): number {
    return this.#count;
  }

  /** Whether something of this segment is here. */
  has(number: number): boolean {
    return this.#sizes.has(number);
  }

  /** Segments of which something is here, newest first. */
  numbers(): number[] {
    return [...this.#sizes.keys()].sort((a, b) => b - a);
  }

  get latest(): Hlc {
    return this.#latest;
  }

  place(segment: number): Place {
    return makePlace(this.#options.chatId, this.#options.chatSecret, segment);
  }

  /** The segment, loaded and kept until {@link release}. */
  async at(number: number): Promise<Segment> {
    const place = this.place(number);
    const key = place.key.join('/');
    const cached = this.#options.cache.pin(key);
    if (this.#pinned.has(key) && cached) this.#options.cache.unpin(key);
    const segment = cached ?? (await Segment.load(this.#options.storage, place));
    if (!cached) this.#options.cache.add(key, segment);
    this.#pinned.add(key);
    this.#loaded.add(key);
    return segment;
  }

  /** Makes `number` the newest segment: from now on it is the one written to. */
  async open(number: number): Promise<void> {
    if (this.has(this.#newest)) await this.closeTips(await this.at(this.#newest));
    await this.#save(number);
    this.#newest = number;
  }

  /**
   * Counts records that were staged and are about to be stored. For an older segment also saves the count: it is not read
   * again.
   */
  async note({ place, graph }: Segment, records: readonly VerifiedRecord[]): Promise<void> {
    for (const { author, n, time } of records) {
      this.counters.add(toBase64Url(author), n);
      this.#notice(time);
    }
    this.#resize(place.segment, graph.known);
    if (place.segment < this.#newest && records.length > 0) await this.#save(this.#newest);
  }

  /** Keeps the heads of a segment that is not the newest, so that a summary need not load it. */
  async closeTips({ place, graph }: Segment): Promise<void> {
    await this.#tips.keep(place, graph.tips());
  }

  /** The kept heads of older segments, by number. */
  tips(): Promise<ReadonlyMap<number, readonly string[]>> {
    return this.#tips.all();
  }

  /** Lets loaded segments be freed when memory is needed. */
  release(): void {
    for (const key of this.#pinned) this.#options.cache.unpin(key);
    this.#pinned.clear();
  }

  /** Forgets what is loaded of this chat: storage is right, memory may not be. */
  abandon(): void {
    for (const key of this.#loaded) this.#options.cache.drop(key);
    this.#loaded.clear();
    this.#pinned.clear();
  }

  #notice(time: Hlc): void {
    if (compareHlc(this.#latest, time) < 0) this.#latest = time;
  }

  #resize(segment: number, changes: number): void {
    this.#count += changes - (this.#sizes.get(segment) ?? 0);
    if (changes > 0) this.#sizes.set(segment, changes);
  }

  async #save(newest: number): Promise<void> {
    const state = encodeChatState({ newest, latest: this.#latest, sizes: this.#sizes, counters: this.counters });
    await this.#options.storage.save(stateKey(this.#options.chatId), state);
  }
}
