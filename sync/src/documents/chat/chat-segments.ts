/**
 * The segments of one chat: which exist, which is written to, which are loaded. Keeps the chat's small state. Callers
 * run one at a time, and call `release` when done or `abandon` when something failed.
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
import { loadTips, saveTips } from './tips.ts';

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
  #newest: number;
  #latest: Hlc;

  private constructor(options: ChatSegmentsOptions, state: ChatState | undefined) {
    this.#options = options;
    this.#newest = state?.newest ?? 0;
    this.#latest = state?.latest ?? NO_TIME;
    this.counters = state?.counters ?? new Counters();
  }

  static async load(options: ChatSegmentsOptions): Promise<ChatSegments> {
    const bytes = await options.storage.load(stateKey(options.chatId));
    const segments = new ChatSegments(options, bytes && decodeChatState(bytes));
    for (const node of (await segments.at(segments.newest)).graph.ordered()) {
      for (const { author, n } of [node, ...node.carried]) segments.counters.add(author, n);
      segments.#notice(node.time);
    }
    return segments;
  }

  get newest(): number {
    return this.#newest;
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
    for (let closing = this.#newest; closing < number; closing += 1) await this.closeTips(await this.at(closing));
    await this.#save(number);
    this.#newest = number;
  }

  /** Counts records that are about to be stored. For an older segment also saves the count: it is not read again. */
  async note(segment: number, records: readonly VerifiedRecord[]): Promise<void> {
    for (const { author, n, time } of records) {
      this.counters.add(toBase64Url(author), n);
      this.#notice(time);
    }
    if (segment < this.#newest && records.length > 0) await this.#save(this.#newest);
  }

  /** Keeps the heads of a segment that is not the newest, so that a summary need not load it. */
  async closeTips(segment: Segment): Promise<void> {
    const { chatId, storage } = this.#options;
    await saveTips(storage, chatId, segment.place, segment.graph.tips());
  }

  /** The kept heads of older segments, by number. */
  loadTips(): Promise<Map<number, string[]>> {
    return loadTips(this.#options.storage, this.#options.chatId);
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

  async #save(newest: number): Promise<void> {
    const state = encodeChatState({ newest, latest: this.#latest, counters: this.counters });
    await this.#options.storage.save(stateKey(this.#options.chatId), state);
  }
}
