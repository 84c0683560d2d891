/**
 * The one small value that a chat keeps beside its documents: which segments are here with how many changes, the number
 * of the newest, and the counters, as of when it was opened or an older segment last changed. What the newest segment
 * adds to it is read from the segment.
 *
 *     state = version u8 (2) | newest u32 | latest: ms 6, counter u16 | sizes: count u32, each: segment u32, changes u32
 *             | counters
 */
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';
import type { Hlc } from '../../records/hlc.ts';
import { Counters } from './counters.ts';

export interface ChatState {
  readonly newest: number;
  /** Time of the latest record. */
  readonly latest: Hlc;
  /** Segments of which something is here, and how many changes; more, for a moment, when a crash came in between. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly counters: Counters;
}

const VERSION = 2;
const SIZE_BYTES = 8;

export function encodeChatState({ newest, latest, sizes, counters }: ChatState): Uint8Array {
  const sink = new ByteSink().u8(VERSION).uint(newest, 4).uint(latest.ms, 6).uint(latest.counter, 2);
  sink.uint(sizes.size, 4);
  for (const [segment, changes] of sizes) sink.uint(segment, 4).uint(changes, 4);
  counters.write(sink);
  return sink.finish();
}

/** Undefined when the bytes are not a state of this version. */
export function decodeChatState(bytes: Uint8Array): ChatState | undefined {
  try {
    const cursor = new ByteCursor(bytes);
    if (cursor.u8() !== VERSION) return undefined;
    const newest = cursor.uint(4);
    const latest = { ms: cursor.uint(6), counter: cursor.uint(2) };
    const sizes = readSizes(cursor);
    const counters = Counters.read(cursor);
    cursor.end();
    return { newest, latest, sizes, counters };
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function readSizes(cursor: ByteCursor): Map<number, number> {
  const count = cursor.uint(4);
  if (count * SIZE_BYTES > cursor.left) throw new Unreadable('too many segments');
  return new Map(Array.from({ length: count }, () => [cursor.uint(4), cursor.uint(4)]));
}
