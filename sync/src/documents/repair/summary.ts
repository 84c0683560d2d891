/**
 * The one question of the repair path: what is here of each segment, small enough for a mailbox. Heads name a history
 * exactly; a few landmarks further back let a peer that does not know the heads see how far both agree.
 *
 *     summary = version u8 (1) | from u32 | count u16, each: segment u32 | generation u32 | heads u8, landmarks u8, 32 each
 */
import { type Result, err, ok } from '@securechat/crypto';
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';
import { fromHex, toHex } from '../../records/hex.ts';
import type { Graph } from '../segment/graph.ts';

export interface SegmentSummary {
  readonly segment: number;
  readonly generation: number;
  /** Hashes of changes that nothing known depends on, hex. */
  readonly heads: readonly string[];
  /** Hashes of changes further and further back, hex. */
  readonly landmarks: readonly string[];
}

export interface Summary {
  /** Lowest segment that is spoken of: of older ones nothing is asked. */
  readonly from: number;
  readonly segments: readonly SegmentSummary[];
}

/** Caps that keep a summary below 128 KiB. */
export const SUMMARY_LIMITS = { heads: 128, landmarks: 16, hashes: 3500, segments: 2000 } as const;

const VERSION = 1;
const HASH_BYTES = 32;

/** What is here of one loaded segment. */
export function summarise(graph: Graph): Pick<SegmentSummary, 'heads' | 'landmarks'> {
  const ordered = graph.ordered();
  const landmarks: string[] = [];
  for (let back = 2; back <= ordered.length && landmarks.length < SUMMARY_LIMITS.landmarks; back *= 2) {
    const node = ordered.at(-back);
    if (node !== undefined) landmarks.push(node.hash);
  }
  return { heads: graph.tips().slice(0, SUMMARY_LIMITS.heads), landmarks };
}

export function encodeSummary({ from, segments }: Summary): Uint8Array {
  const sink = new ByteSink().u8(VERSION).uint(from, 4).uint(segments.length, 2);
  for (const { segment, generation, heads, landmarks } of segments) {
    sink.uint(segment, 4).uint(generation, 4).u8(heads.length).u8(landmarks.length);
    for (const hash of [...heads, ...landmarks]) sink.put(fromHex(hash));
  }
  return sink.finish();
}

/** Parses a summary from a contact; caps, order and trailing bytes are checked. */
export function decodeSummary(
  bytes: Uint8Array,
): Result<Summary, { readonly type: 'Malformed'; readonly reason: string }> {
  try {
    const cursor = new ByteCursor(bytes);
    if (cursor.u8() !== VERSION) throw new Unreadable('unknown version');
    const from = cursor.uint(4);
    const count = cursor.uint(2);
    if (count > SUMMARY_LIMITS.segments) throw new Unreadable('too many segments');
    const segments: SegmentSummary[] = [];
    for (let i = 0; i < count; i += 1) segments.push(readSegment(cursor));
    cursor.end();
    const isOrdered = segments.every(({ segment }, i) => segment >= from && segment > (segments[i - 1]?.segment ?? -1));
    if (!isOrdered) throw new Unreadable('segments are not in order');
    return ok({ from, segments });
  } catch (error) {
    if (error instanceof Unreadable) return err({ type: 'Malformed', reason: error.message });
    throw error;
  }
}

function readSegment(cursor: ByteCursor): SegmentSummary {
  const [segment, generation, heads, landmarks] = [cursor.uint(4), cursor.uint(4), cursor.u8(), cursor.u8()];
  if (heads > SUMMARY_LIMITS.heads || landmarks > SUMMARY_LIMITS.landmarks) throw new Unreadable('too many hashes');
  return { segment, generation, heads: readHashes(cursor, heads), landmarks: readHashes(cursor, landmarks) };
}

function readHashes(cursor: ByteCursor, count: number): string[] {
  return Array.from({ length: count }, () => toHex(cursor.take(HASH_BYTES)));
}
