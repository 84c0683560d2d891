/**
 * What is stored of a segment, read back: snapshots, chunks of changes, and quarantined changes. Bytes that cannot be
 * read are reported, never thrown, and never deleted.
 *
 *     snapshot = an Automerge document     changes = change chunks, one after the other     fork = homed u8 | change chunk
 */
import type { Chunk } from '@automerge/automerge-repo/slim';
import { concat } from '@securechat/crypto';
import { type Doc, docChanges, freeDoc, loadDoc } from '../automerge.ts';
import { recallChange, splitChunks } from '../change/change.ts';
import { type Entry, recallEntry } from '../change/entry.ts';
import type { Place, StorageKey } from './place.ts';

/** A segment's stored parts, sorted out. */
export interface Stored {
  /** The first readable snapshot, loaded; the changes of further ones are in `changes`. */
  readonly doc: Doc | undefined;
  /** Change chunks, in no particular order, with repetitions. */
  readonly changes: Uint8Array[];
  readonly forks: Uint8Array[];
  readonly snapshots: StorageKey[];
  readonly changeChunks: StorageKey[];
  readonly isDamaged: boolean;
}

/** Sorts out everything below a place's key. */
export function readStored(place: Place, chunks: readonly Chunk[]): Stored {
  let doc: Doc | undefined;
  let isDamaged = false;
  const changes: Uint8Array[] = [];
  const [forks, snapshots, changeChunks]: [Uint8Array[], StorageKey[], StorageKey[]] = [[], [], []];
  for (const { key, data } of chunks) {
    const kind = key[place.key.length];
    if (data === undefined) isDamaged = true;
    else if (kind === 'fork') forks.push(data);
    else if (kind === 'snapshot') {
      const loaded = loadDoc(data);
      if (loaded === undefined) isDamaged = true;
      else {
        snapshots.push(key);
        if (doc === undefined) doc = loaded;
        else changes.push(...takeChanges(loaded));
      }
    } else {
      const split = splitChunks(data);
      if (split === undefined) isDamaged = true;
      else {
        changeChunks.push(key);
        changes.push(...split);
      }
    }
  }
  return { doc, changes, forks, snapshots, changeChunks, isDamaged };
}

/** The entries of stored changes, each once; the genesis is not among them. */
export function recallAll(chunks: readonly Uint8Array[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const chunk of chunks) {
    const entry = recall(chunk);
    if (entry !== undefined) entries.set(entry.change.hash, entry);
  }
  return [...entries.values()];
}

/** A quarantined change as it is stored. */
export function encodeFork(entry: Entry, isHomed: boolean): Uint8Array {
  return concat(Uint8Array.of(isHomed ? 1 : 0), entry.change.bytes);
}

/** Undefined when the bytes are damaged. */
export function decodeFork(bytes: Uint8Array): { readonly entry: Entry; readonly isHomed: boolean } | undefined {
  const entry = recall(bytes.subarray(1));
  return entry && { entry, isHomed: bytes[0] === 1 };
}

function recall(chunk: Uint8Array): Entry | undefined {
  const change = recallChange(chunk);
  const entry = change && recallEntry(change);
  return entry?.ok ? entry.value : undefined;
}

function takeChanges(doc: Doc): Uint8Array[] {
  const changes = docChanges(doc);
  freeDoc(doc);
  return changes;
}
