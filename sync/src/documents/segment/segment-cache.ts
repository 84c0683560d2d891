/**
 * The loaded segments of all chats, the least recently used first. Bounds memory: Automerge documents live in wasm,
 * which never shrinks but is reused once a document is freed. What is in use (pinned) is never freed.
 */
import type { Segment } from './segment.ts';

interface Slot {
  readonly segment: Segment;
  pins: number;
}

export class SegmentCache {
  readonly #limit: number;
  readonly #slots = new Map<string, Slot>();

  /** Keeps at most `limit` segments that nobody uses. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The loaded segment, pinned; undefined when it is not loaded. */
  pin(key: string): Segment | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    slot.pins += 1;
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    return slot.segment;
  }

  /** Keeps a segment that was just loaded, pinned. */
  add(key: string, segment: Segment): void {
    this.#slots.set(key, { segment, pins: 1 });
  }

  /** Gives back a pin; frees what is over the limit. */
  unpin(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) slot.pins -= 1;
    for (const [old, { pins }] of this.#slots) {
      if (this.#slots.size <= this.#limit) return;
      if (pins === 0) this.drop(old);
    }
  }

  /** Forgets a segment at once: after a failed write, or when its chat closes. */
  drop(key: string): void {
    this.#slots.get(key)?.segment.free();
    this.#slots.delete(key);
  }
}

/** A cache to be shared by all chats of an engine. */
export function createSegmentCache(limit: number): SegmentCache {
  return new SegmentCache(limit);
}
