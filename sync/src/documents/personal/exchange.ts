/**
 * Bringing the personal documents of own devices together: what is here, what another device lacks, taking in what it
 * sends. Any number of changes may be lost on the way; comparing summaries brings them.
 */
import type { PersonalDocument } from './personal-document.ts';
import {
  type DocumentSummary,
  decodePersonalSummary,
  encodePersonalSummary,
  summariseDocument,
} from './personal-summary.ts';

/** A change as it travels between own devices. */
export interface PersonalChange {
  /** 'profile', 'contacts', 'settings', 'chats' or 'devices'. */
  readonly name: string;
  readonly generation: number;
  /** One uncompressed Automerge change of at most 128 KiB. */
  readonly bytes: Uint8Array;
}

export interface PersonalAnswer {
  /** What they lack: dependencies first, the rest in no particular order. */
  readonly changes: readonly PersonalChange[];
  /** There is more for them than the budget allowed. */
  readonly more: boolean;
  /** They know of changes that are not here: ask them. */
  readonly theyHaveMore: boolean;
}

export interface PersonalIngested {
  /** Something that a change depends on is not here: ask the sender. */
  readonly missing: boolean;
  /** Changes that no honest device makes, and of documents that this version does not know. */
  readonly refused: number;
  /** Some were of a generation that this device left: the sender should be shown our summary. */
  readonly outdated: boolean;
}

/** What a change costs of a budget beside its bytes. */
const CHANGE_OVERHEAD = 32;

export function summarise(documents: readonly PersonalDocument[]): Uint8Array {
  return encodePersonalSummary(documents.map(summariseDocument));
}

/** What the device that told `summary` lacks, within a budget of bytes but at least one change. */
export function answerSummary(
  documents: readonly PersonalDocument[],
  summary: Uint8Array,
  budgetBytes: number,
): PersonalAnswer {
  const told = decodePersonalSummary(summary);
  if (told === undefined) return { changes: [], more: false, theyHaveMore: false };
  const theirs = new Map(told.map((part) => [part.name, part]));
  const changes: PersonalChange[] = [];
  let left = budgetBytes;
  for (const document of documents) {
    for (const change of lackingIn(document, theirs.get(document.name))) {
      left -= change.bytes.length + CHANGE_OVERHEAD;
      if (left < 0 && changes.length > 0) return { changes, more: true, theyHaveMore: hasMore(documents, theirs) };
      changes.push(change);
    }
  }
  return { changes, more: false, theyHaveMore: hasMore(documents, theirs) };
}

/** Takes in changes from another own device; what is kept is durable when it resolves. */
export async function ingestChanges(
  documents: readonly PersonalDocument[],
  changes: readonly PersonalChange[],
): Promise<PersonalIngested> {
  const known = documents.map((document) => ({
    document,
    own: changes.filter(({ name }) => name === document.name),
  }));
  let refused = known.reduce((left, { own }) => left - own.length, changes.length);
  let [missing, outdated] = [false, false];
  for (const { document, own } of known) {
    if (own.length === 0) continue;
    const taken = await document.takeIn(own);
    refused += taken.refused;
    missing ||= taken.missing;
    outdated ||= taken.outdated;
  }
  return { missing, refused, outdated };
}

function* lackingIn(document: PersonalDocument, theirs: DocumentSummary | undefined): Generator<PersonalChange> {
  const { name, newest } = document;
  const { generation } = newest;
  const theirGeneration = theirs?.generation ?? 0;
  if (theirGeneration > generation) return;
  const told = theirs && theirGeneration === generation ? [...theirs.heads, ...theirs.landmarks] : [];
  for (const hash of newest.document.history.lacking(told)) {
    const bytes = newest.document.bytesOf(hash);
    if (bytes) yield { name, generation, bytes };
  }
}

function hasMore(documents: readonly PersonalDocument[], theirs: ReadonlyMap<string, DocumentSummary>): boolean {
  return documents.some(({ name, newest }) => {
    const part = theirs.get(name);
    if (part === undefined || part.generation !== newest.generation) {
      return part !== undefined && part.generation > newest.generation;
    }
    return part.heads.some((hash) => !newest.document.history.has(hash));
  });
}
