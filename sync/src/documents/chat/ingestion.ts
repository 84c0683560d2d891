/**
 * A batch of changes from anywhere, sorted by segment, oldest first: each segment is loaded once, passes its part
 * through the guard, and is written once. Segments do not depend on each other, so history may come newest first; but a
 * change whose segment lies too far beyond the newest is held until that is nearer, so that nobody uses up the numbers.
 */
import type { ChatId } from '@securechat/crypto';
import { type Change, parseChange } from '../change/change.ts';
import type { ChatSegments } from './chat-segments.ts';
import { type Entry, recallEntry } from '../change/entry.ts';
import { type Surroundings, examine } from '../guard/guard.ts';
import { type HeldChanges, segmentOpens } from '../guard/held.ts';
import { type Intake, type SegmentBatch, examineAll, holdAll, holdOne, stageAll } from '../guard/intake.ts';
import { MAX_SEGMENT } from '../segment/place.ts';
import type { WireChange } from '../types.ts';

export interface Ingestion {
  readonly chatId: ChatId;
  readonly segments: ChatSegments;
  readonly held: HeldChanges;
  readonly isKnown: (author: Uint8Array) => boolean;
  readonly segmentSize: number;
  readonly now: number;
  readonly intake: Intake;
}

/** How far beyond the newest segment another may open: millions of messages. */
export const SEGMENT_REACH = 4096;

interface Part {
  readonly changes: Change[];
  readonly entries: Entry[];
}

/** Ingests changes as they travelled. Answers the numbers of the segments that were touched. */
export async function ingestChanges(ingestion: Ingestion, wires: readonly WireChange[]): Promise<ReadonlySet<number>> {
  const parts = new Map<number, Part>();
  for (const wire of wires) sortIn(ingestion, parts, wire);
  return ingestParts(ingestion, parts);
}

/** Tries held changes again: after opening, when a crash may have come between an arrival and what it releases. */
export async function retryHeld(ingestion: Ingestion): Promise<ReadonlySet<number>> {
  const parts = new Map<number, Part>();
  for (const { segment, entry } of ingestion.held.all()) partOf(parts, segment).entries.push(entry);
  return ingestParts(ingestion, parts);
}

function sortIn({ intake }: Ingestion, parts: Map<number, Part>, wire: WireChange): void {
  const { segment, generation, bytes } = wire;
  if (!isSegment(segment) || generation !== 0) {
    intake.refuse({ type: 'SegmentOutOfRange', segment });
    return;
  }
  const change = parseChange(bytes);
  if (change.ok) partOf(parts, segment).changes.push(change.value);
  else intake.refuse(change.error);
}

async function ingestParts(ingestion: Ingestion, parts: Map<number, Part>): Promise<ReadonlySet<number>> {
  const { segments } = ingestion;
  const touched = new Set<number>();
  releaseEarly(ingestion, parts);
  for (let next = lowest(parts); next !== undefined; next = lowest(parts)) {
    const part = partOf(parts, next);
    parts.delete(next);
    if (next > segments.newest + SEGMENT_REACH) await holdEarly(ingestion, next, part);
    else {
      const before = segments.newest;
      await ingestPart(ingestion, next, part);
      touched.add(next);
      if (segments.newest > before) releaseEarly(ingestion, parts);
    }
  }
  return touched;
}

async function ingestPart(ingestion: Ingestion, number: number, part: Part): Promise<void> {
  const { segments, held, intake } = ingestion;
  const segment = await segments.at(number);
  const batch: SegmentBatch = { segment, held, intake, around: aroundOf(ingestion, number) };
  const { fresh, waiting } = stageAll(batch, [...examineAll(batch, unique(part.changes)), ...part.entries]);
  if (fresh.length > 0) {
    if (number > segments.newest) await segments.open(number);
    await segments.note(segment, fresh);
    await segment.commit();
  }
  if (number < segments.newest) await segments.closeTips(segment);
  await holdAll(batch, waiting.values());
}

/** Holds changes of a segment that is too far away. */
async function holdEarly(ingestion: Ingestion, number: number, part: Part): Promise<void> {
  const { held, intake } = ingestion;
  const around = aroundOf(ingestion, number);
  for (const change of unique(part.changes)) {
    const entry = held.has(change.hash) ? recallEntry(change) : examine(change, around);
    const waitsOn = segmentOpens(number);
    if (entry.ok) await holdOne(held, intake, { segment: number, generation: 0, entry: entry.value, waitsOn });
    else intake.refuse(entry.error, change.hash);
  }
}

/** Adds the held changes of the segments that may open now. */
function releaseEarly({ segments, held }: Ingestion, parts: Map<number, Part>): void {
  for (const { segment, entry } of held.early()) {
    if (segment > segments.newest + SEGMENT_REACH) continue;
    const { entries } = partOf(parts, segment);
    if (!entries.includes(entry)) entries.push(entry);
  }
}

function aroundOf({ chatId, segments, isKnown, segmentSize, now }: Ingestion, number: number): Surroundings {
  return { chatId, place: segments.place(number), isKnown, now, perAuthor: 2 * segmentSize };
}

function partOf(parts: Map<number, Part>, segment: number): Part {
  const part = parts.get(segment) ?? { changes: [], entries: [] };
  parts.set(segment, part);
  return part;
}

function lowest(parts: ReadonlyMap<number, Part>): number | undefined {
  return parts.size === 0 ? undefined : Math.min(...parts.keys());
}

function unique(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [change.hash, change])).values()];
}

function isSegment(segment: number): boolean {
  return Number.isInteger(segment) && segment >= 0 && segment <= MAX_SEGMENT;
}
