/**
 * One loaded segment: its Automerge document, the graph of its changes, and what is stored of it. When a method rejects
 * the segment must be dropped and loaded again. A chunk is named by its content, so a crash between any two writes
 * leaves at worst a chunk whose changes are also in a snapshot, which loading ignores.
 */
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { concat } from '@securechat/crypto';
import {
  type Doc,
  applyToDoc,
  docChange,
  docChanges,
  docHeads,
  emptyDoc,
  freeDoc,
  loadDoc,
  saveDoc,
} from '../automerge.ts';
import { type Entry, nodeOf } from '../change/entry.ts';
import { Graph } from './graph.ts';
import { type Place, type StorageKey, chunkKey } from './place.ts';
import { type Stored, decodeFork, encodeFork, readStored, recallAll } from './segment-chunks.ts';

/** A change outside the document: the other branch of a fork. */
export interface Quarantined {
  readonly entry: Entry;
  /** Whether its record has a home in some document, carried or not. */
  readonly isHomed: boolean;
}

/** Automerge did not take a change that the guard let through; nothing of it was stored. */
export class RefusedByAutomerge extends Error {
  override readonly name = 'RefusedByAutomerge';
}

export class Segment {
  readonly place: Place;
  readonly graph = new Graph();
  readonly quarantine = new Map<string, Quarantined>();
  readonly #storage: StorageAdapterInterface;
  #doc: Doc;
  #changeChunks: StorageKey[];
  #pendingBytes: number;
  #snapshots: StorageKey[];
  #isDamaged: boolean;
  #staged: Entry[] = [];
  #stagedForks: Entry[] = [];

  private constructor(storage: StorageAdapterInterface, place: Place, stored: Stored) {
    this.#storage = storage;
    this.place = place;
    this.#doc = stored.doc ?? emptyDoc();
    this.#changeChunks = stored.changeChunks;
    this.#pendingBytes = stored.changes.reduce((sum, change) => sum + change.length, 0);
    this.#snapshots = stored.snapshots;
    this.#isDamaged = stored.isDamaged;
    this.#recall(stored.changes);
    this.#recallForks(stored.forks);
  }

  /** Loads what is stored; an empty document when nothing is. */
  static async load(storage: StorageAdapterInterface, place: Place): Promise<Segment> {
    return new Segment(storage, place, readStored(place, await storage.loadRange(place.key)));
  }

  /** True when some of what is stored could not be read: it stays as it is, and repair fills the hole. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Takes in a change that passed the guard, dependencies first; {@link commit} makes it durable. */
  stage(entry: Entry): void {
    this.graph.add(nodeOf(entry, false));
    this.#staged.push(entry);
  }

  /** Takes in a change of a fork's other branch, which stays beside the document. */
  stageFork(entry: Entry): void {
    this.graph.add(nodeOf(entry, true));
    this.#stagedForks.push(entry);
  }

  /** Applies and stores everything staged: one apply and one chunk, however many changes. */
  async commit(): Promise<void> {
    const chunks = this.#staged.map((entry) => entry.change.bytes);
    if (chunks.length > 0) await this.#commitChunks(chunks);
    for (const entry of this.#stagedForks) await this.#saveFork({ entry, isHomed: false });
    this.#staged = [];
    this.#stagedForks = [];
  }

  /** Notes that a quarantined change's record has a home. */
  async settleFork(hash: string): Promise<void> {
    const fork = this.quarantine.get(hash);
    if (fork && !fork.isHomed) await this.#saveFork({ ...fork, isHomed: true });
  }

  /** The chunk of any change that is known here. */
  bytesOf(hash: string): Uint8Array | undefined {
    return this.quarantine.get(hash)?.entry.change.bytes ?? docChange(this.#doc, hash);
  }

  /** All changes with their records, the quarantine included, dependencies first. */
  entries(): Entry[] {
    const known = recallAll(docChanges(this.#doc));
    return [...known, ...[...this.quarantine.values()].map((fork) => fork.entry)].sort(byOperation);
  }

  /** What is stored as chunks of changes, not yet in a snapshot. */
  get pending(): { readonly chunks: number; readonly bytes: number } {
    return { chunks: this.#changeChunks.length, bytes: this.#pendingBytes };
  }

  /**
   * Folds everything into one snapshot. Old chunks go only after the new snapshot was loaded back and found to hold the
   * same history: the changes are the truth, a snapshot is a cache.
   */
  async compact(): Promise<void> {
    const stale = [...this.#changeChunks, ...this.#snapshots];
    if (this.#isDamaged || this.#changeChunks.length === 0) return;
    const snapshot = saveDoc(this.#doc);
    if (!isSnapshotOf(snapshot, this.#doc)) return;
    const key = chunkKey(this.place, 'snapshot', snapshot);
    await this.#storage.save(key, snapshot);
    this.#snapshots = [key];
    this.#changeChunks = [];
    this.#pendingBytes = 0;
    for (const old of stale) if (old.at(-1) !== key.at(-1)) await this.#storage.remove(old);
  }

  /** Gives the memory back; the segment must not be used afterwards. */
  free(): void {
    freeDoc(this.#doc);
  }

  /** Rebuilds the graph of the snapshot and of what was stored after it. */
  #recall(changes: readonly Uint8Array[]): void {
    this.#add(recallAll(docChanges(this.#doc)));
    const fresh = this.#add(recallAll(changes));
    if (fresh.length > 0) this.#applyNow(fresh.map((entry) => entry.change.bytes));
  }

  /** Adds to the graph what is not there; a change whose dependencies were lost is left out. */
  #add(entries: readonly Entry[]): Entry[] {
    const added: Entry[] = [];
    for (const entry of [...entries].sort(byOperation)) {
      const { hash, deps, actor, seq } = entry.change;
      if (this.graph.has(hash)) continue;
      const isNext = (this.graph.last(actor)?.seq ?? 0) === seq - 1;
      if (isNext && deps.every((dep) => this.graph.has(dep))) {
        this.graph.add(nodeOf(entry, false));
        added.push(entry);
      } else this.#isDamaged = true;
    }
    return added;
  }

  /** Adds the quarantine to the graph; a fork whose dependencies were lost is left out like any other change. */
  #recallForks(stored: readonly Uint8Array[]): void {
    const forks = stored.flatMap((bytes) => decodeFork(bytes) ?? []);
    if (forks.length < stored.length) this.#isDamaged = true;
    for (const fork of forks.sort((a, b) => byOperation(a.entry, b.entry))) {
      if (fork.entry.change.deps.every((dep) => this.graph.has(dep))) {
        this.quarantine.set(fork.entry.change.hash, fork);
        this.graph.add(nodeOf(fork.entry, true));
      } else this.#isDamaged = true;
    }
  }

  async #commitChunks(chunks: readonly Uint8Array[]): Promise<void> {
    this.#applyNow(chunks);
    this.#checkHeads();
    const bytes = concat(...chunks);
    const key = chunkKey(this.place, 'changes', bytes);
    await this.#storage.save(key, bytes);
    this.#changeChunks.push(key);
    this.#pendingBytes += bytes.length;
  }

  #applyNow(chunks: readonly Uint8Array[]): void {
    try {
      this.#doc = applyToDoc(this.#doc, chunks);
    } catch (error) {
      throw new RefusedByAutomerge('the document did not take a change', { cause: error });
    }
  }

  #checkHeads(): void {
    const expected = this.graph.docHeads().map((node) => node.hash);
    if (!isSameSet(docHeads(this.#doc), expected)) throw new RefusedByAutomerge('the document has other heads');
  }

  async #saveFork(fork: Quarantined): Promise<void> {
    const { hash, bytes } = fork.entry.change;
    await this.#storage.save(chunkKey(this.place, 'fork', bytes), encodeFork(fork.entry, fork.isHomed));
    this.quarantine.set(hash, fork);
  }
}

function byOperation(a: Entry, b: Entry): number {
  return a.change.startOp - b.change.startOp || (a.change.hash < b.change.hash ? -1 : 1);
}

function isSnapshotOf(snapshot: Uint8Array, doc: Doc): boolean {
  const loaded = loadDoc(snapshot);
  if (loaded === undefined) return false;
  const isSame = isSameSet(docHeads(loaded), docHeads(doc));
  freeDoc(loaded);
  return isSame;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const items = new Set(a);
  return a.length === b.length && b.every((item) => items.has(item));
}
