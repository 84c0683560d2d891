/**
 * The one small value that a chat keeps beside its documents: the number of the newest segment, and the counters as of
 * when it was opened or an older segment last changed. What the newest segment adds to it is read from the segment.
 *
 *     state = version u8 (1) | newest u32 | latest: ms 6, counter u16 | counters
 */
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';
import type { Hlc } from '../../records/hlc.ts';
import { Counters } from './counters.ts';

export interface ChatState {
  readonly newest: number;
  /** Time of the latest record. */
  readonly latest: Hlc;
  readonly counters: Counters;
}

const VERSION = 1;

export function encodeChatState({ newest, latest, counters }: ChatState): Uint8Array {
  const sink = new ByteSink().u8(VERSION).uint(newest, 4).uint(latest.ms, 6).uint(latest.counter, 2);
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
    const counters = Counters.read(cursor);
    cursor.end();
    return { newest, latest, counters };
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
