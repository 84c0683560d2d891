/**
 * What is here of the personal documents, as one own device tells another. Heads name a history exactly; landmarks
 * further and further back let a device that does not know the heads see how far both agree.
 *
 *     summary = version u8 (1) | count u8, each: name: length u8, UTF-8 | generation u32 | heads u8, landmarks u8, 32 each
 */
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';
import { fromHex, toHex } from '../../records/hex.ts';
import type { PersonalDocument } from './personal-document.ts';

export interface DocumentSummary {
  readonly name: string;
  readonly generation: number;
  /** Hashes of changes on which nothing depends, hex. */
  readonly heads: readonly string[];
  /** Hashes of changes further and further back, hex. */
  readonly landmarks: readonly string[];
}

/** Caps that keep a summary of five documents below 16 KiB. A device adds at most one head. */
export const PERSONAL_LIMITS = { documents: 16, heads: 64, landmarks: 34 } as const;

const VERSION = 1;
const HASH_BYTES = 32;

/** What is here of one document, of its newest generation. */
export function summariseDocument({ name, newest }: PersonalDocument): DocumentSummary {
  const { generation, document } = newest;
  const { history } = document;
  const heads = history.newestHeads(PERSONAL_LIMITS.heads);
  return { name, generation, heads, landmarks: history.landmarks(PERSONAL_LIMITS.landmarks) };
}

export function encodePersonalSummary(documents: readonly DocumentSummary[]): Uint8Array {
  const sink = new ByteSink().u8(VERSION).u8(documents.length);
  for (const { name, generation, heads, landmarks } of documents) {
    sink.u8(name.length).utf8(name).uint(generation, 4).u8(heads.length).u8(landmarks.length);
    for (const hash of [...heads, ...landmarks]) sink.put(fromHex(hash));
  }
  return sink.finish();
}

/** Undefined for what is no summary. Never throws. */
export function decodePersonalSummary(bytes: Uint8Array): DocumentSummary[] | undefined {
  try {
    const cursor = new ByteCursor(bytes);
    if (cursor.u8() !== VERSION) return undefined;
    const documents: DocumentSummary[] = [];
    for (let left = readCount(cursor, PERSONAL_LIMITS.documents); left > 0; left -= 1) documents.push(readOne(cursor));
    cursor.end();
    return documents;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function readOne(cursor: ByteCursor): DocumentSummary {
  const name = cursor.utf8(cursor.u8());
  const generation = cursor.uint(4);
  const counts = [readCount(cursor, PERSONAL_LIMITS.heads), readCount(cursor, PERSONAL_LIMITS.landmarks)];
  const [heads = [], landmarks = []] = counts.map((count) =>
    Array.from({ length: count }, () => toHex(cursor.take(HASH_BYTES))),
  );
  return { name, generation, heads, landmarks };
}

function readCount(cursor: ByteCursor, cap: number): number {
  const count = cursor.u8();
  if (count > cap) throw new Unreadable('too many');
  return count;
}
