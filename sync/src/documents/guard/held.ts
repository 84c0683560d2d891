/**
 * Changes that wait for what they depend on. Automerge keeps such changes in memory only; here each is stored until it
 * was applied, and every author has a share that others cannot use up. All were examined before: signature, author and
 * form are good, only their place in the history is not known.
 *
 *     value = segment u32 | generation u32 | waitsOn: length u8, UTF-8 | chunk
 */
import type { ChatId } from '@securechat/crypto';
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';
import { parseChange } from '../change/change.ts';
import { type Entry, recallEntry } from '../change/entry.ts';
import { heldKey } from '../segment/place.ts';

export interface HeldChange {
  readonly segment: number;
  readonly generation: number;
  readonly entry: Entry;
  /** Hash of the change it waits for, or {@link segmentOpens}. */
  readonly waitsOn: string;
}

/** What one author may have waiting in one chat. */
export const HELD_LIMITS = { count: 1024, bytes: 4 * 1024 * 1024 } as const;

/** What a change of a segment waits on that is not open yet. */
export function segmentOpens(segment: number): string {
  return `${SEGMENT}${String(segment)}`;
}

const SEGMENT = 'segment ';

interface Share {
  count: number;
  bytes: number;
}

export class HeldChanges {
  readonly #storage: StorageAdapterInterface;
  readonly #chatId: ChatId;
  readonly #held = new Map<string, HeldChange>();
  readonly #waiting = new Map<string, Set<string>>();
  readonly #shares = new Map<string, Share>();
  /** Applied since the last {@link settle}, and before it: still stored, until the caller made use of them. */
  #released = new Set<string>();
  #settling = new Set<string>();

  constructor(storage: StorageAdapterInterface, chatId: ChatId) {
    this.#storage = storage;
    this.#chatId = chatId;
  }

  static async load(storage: StorageAdapterInterface, chatId: ChatId): Promise<HeldChanges> {
    const held = new HeldChanges(storage, chatId);
    for (const { data } of await storage.loadRange(heldKey(chatId))) {
      const change = data && decodeHeld(data);
      if (change) held.#insert(change);
    }
    return held;
  }

  has(hash: string): boolean {
    return this.#held.has(hash);
  }

  /** What a held change waits on. */
  waitsOn(hash: string): string | undefined {
    return this.#held.get(hash)?.waitsOn;
  }

  all(): HeldChange[] {
    return [...this.#held.values()];
  }

  /** What waits on this change or segment. */
  waitingOn(what: string): HeldChange[] {
    return [...(this.#waiting.get(what) ?? [])].flatMap((hash) => this.#held.get(hash) ?? []);
  }

  /** What waits for its segment to open. */
  early(): HeldChange[] {
    const waiting = [...this.#waiting.keys()].filter((what) => what.startsWith(SEGMENT));
    return waiting.flatMap((what) => this.waitingOn(what));
  }

  /** Whether the author's share has room for one more. */
  hasRoom(entry: Entry): boolean {
    const share = this.#shares.get(entry.author) ?? { count: 0, bytes: 0 };
    return share.count < HELD_LIMITS.count && share.bytes + entry.change.bytes.length <= HELD_LIMITS.bytes;
  }

  /** Stores a change, or what it waits on now. The caller asked {@link hasRoom}. */
  async hold(change: HeldChange): Promise<void> {
    await this.#storage.save(heldKey(this.#chatId, change.entry.change.hash), encodeHeld(change));
    this.#drop(change.entry.change.hash);
    this.#insert(change);
  }

  /** Forgets a change that was applied or refused; it leaves storage two settlements later. */
  release(hash: string): void {
    if (!this.#held.has(hash)) return;
    this.#drop(hash);
    this.#released.add(hash);
  }

  /**
   * Called when a batch begins, by when the caller has kept what came of the one before: removes from storage what had
   * been released before that one began.
   */
  async settle(): Promise<void> {
    for (const hash of this.#settling) await this.#storage.remove(heldKey(this.#chatId, hash));
    this.#settling = this.#released;
    this.#released = new Set();
  }

  /** Changes that held ones wait for and that are not held themselves. */
  missing(): { readonly segment: number; readonly generation: number; readonly hashes: readonly string[] }[] {
    const bySegment = new Map<number, Set<string>>();
    for (const { segment, waitsOn } of this.#held.values()) {
      if (waitsOn === segmentOpens(segment) || this.#held.has(waitsOn)) continue;
      bySegment.set(segment, (bySegment.get(segment) ?? new Set()).add(waitsOn));
    }
    return [...bySegment].map(([segment, hashes]) => ({ segment, generation: 0, hashes: [...hashes] }));
  }

  /** Who wrote what is held. */
  authors(): readonly string[] {
    return [...new Set([...this.#held.values()].map(({ entry }) => entry.author))];
  }

  get missingCount(): number {
    return this.missing().reduce((sum, { hashes }) => sum + hashes.length, 0);
  }

  #insert(change: HeldChange): void {
    const { hash, bytes } = change.entry.change;
    this.#held.set(hash, change);
    const waiting = this.#waiting.get(change.waitsOn) ?? new Set();
    this.#waiting.set(change.waitsOn, waiting.add(hash));
    const share = this.#shares.get(change.entry.author) ?? { count: 0, bytes: 0 };
    this.#shares.set(change.entry.author, { count: share.count + 1, bytes: share.bytes + bytes.length });
  }

  #drop(hash: string): void {
    const change = this.#held.get(hash);
    if (change === undefined) return;
    this.#held.delete(hash);
    const waiting = this.#waiting.get(change.waitsOn);
    waiting?.delete(hash);
    if (waiting?.size === 0) this.#waiting.delete(change.waitsOn);
    const share = this.#shares.get(change.entry.author);
    if (share) {
      share.count -= 1;
      share.bytes -= change.entry.change.bytes.length;
    }
  }
}

function encodeHeld({ segment, generation, waitsOn, entry }: HeldChange): Uint8Array {
  const sink = new ByteSink().uint(segment, 4).uint(generation, 4);
  return sink.u8(waitsOn.length).utf8(waitsOn).put(entry.change.bytes).finish();
}

/** Undefined when the value is damaged: then repair brings the change again. */
function decodeHeld(bytes: Uint8Array): HeldChange | undefined {
  try {
    const cursor = new ByteCursor(bytes);
    const segment = cursor.uint(4);
    const generation = cursor.uint(4);
    const waitsOn = cursor.utf8(cursor.u8());
    const change = parseChange(cursor.rest());
    const entry = change.ok ? recallEntry(change.value) : undefined;
    return entry?.ok ? { segment, generation, waitsOn, entry: entry.value } : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
