/** Putting own records into the documents: where to, once each, and finding again what is there. */
import { type AuthorKey, toBase64Url } from '@securechat/crypto';
import type { RecordId } from '../../api.ts';
import { type RecordDraft, recordIdOf } from '../../records/record.ts';
import { parseChange } from '../change/change.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatSegments } from './chat-segments.ts';
import { recallEntry, recordsOf } from '../change/entry.ts';
import { makeEntry } from '../change/own-change.ts';
import type { Segment } from '../segment/segment.ts';
import type { Appended, WireChange } from '../types.ts';

/** Appends a record, or answers the one that is there already. Runs within a job of `memory`. */
export async function appendRecord(memory: ChatMemory, author: AuthorKey, draft: RecordDraft): Promise<Appended> {
  const { segments, session, options } = memory;
  const { chatId } = options;
  if (segments.counters.has(toBase64Url(author.publicKey), draft.n)) {
    return recallRecord(segments, recordIdOf(chatId, author.publicKey, draft));
  }
  const segment = await writableSegment(memory);
  const entry = makeEntry(segment.graph, segment.place, { chatId, author, session }, draft);
  segment.stage(entry);
  await segments.note(segment, recordsOf(entry));
  await segment.commit();
  memory.compactLater(segment);
  return { record: entry.record, change: wireOf(segment, entry.change.bytes), again: false };
}

/** The change that brought a record, newest segments first. */
export async function findChange(segments: ChatSegments, id: RecordId): Promise<WireChange | undefined> {
  for (const number of segments.numbers()) {
    const segment = await segments.at(number);
    const holder = segment.graph.holderOf(id);
    const bytes = holder && segment.bytesOf(holder.hash);
    if (bytes) return wireOf(segment, bytes);
    segments.release();
  }
  return undefined;
}

async function recallRecord(segments: ChatSegments, id: RecordId): Promise<Appended> {
  const found = await findChange(segments, id);
  const change = found && parseChange(found.bytes);
  const entry = change?.ok ? recallEntry(change.value) : undefined;
  if (found === undefined || !entry?.ok || entry.value.record.id !== id) throw new RangeError('this counter was used');
  return { record: entry.value.record, change: found, again: true };
}

/** The newest segment, or the next one when it is full, or forked: the next one depends on neither branch. */
async function writableSegment(memory: ChatMemory): Promise<Segment> {
  const { segments, segmentSize } = memory;
  const newest = await segments.at(segments.newest);
  if (newest.graph.size < segmentSize && !newest.graph.isForked) return newest;
  await openNext(memory, newest);
  return segments.at(segments.newest);
}

/** Begins the next segment unless the newest is empty; answers the number of the newest. Runs within a job of `memory`. */
export async function turnSegment(memory: ChatMemory): Promise<number> {
  const { segments } = memory;
  const newest = await segments.at(segments.newest);
  if (newest.graph.known > 0) await openNext(memory, newest);
  return segments.newest;
}

async function openNext(memory: ChatMemory, newest: Segment): Promise<void> {
  await memory.segments.open(newest.place.segment + 1);
  memory.compactLater(newest);
}

function wireOf({ place }: Segment, bytes: Uint8Array): WireChange {
  return { segment: place.segment, generation: place.generation, bytes };
}
