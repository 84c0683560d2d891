/**
 * The seam to Automerge for chat documents: the few operations that a segment needs, on the `/slim` build whose wasm
 * the host provides. What enters here has passed the guard or comes from our own sealed storage.
 */
import * as A from '@automerge/automerge/slim';
import { genesisChange } from './change/genesis.ts';

/** A loaded chat document. Mutable inside; every function that changes it answers the value to use from then on. */
export type Doc = A.Doc<unknown>;

/** Where the wasm comes from: an address to fetch, or its bytes. */
export type WasmSource = string | Uint8Array;

let started: Promise<void> | undefined;

/**
 * Makes Automerge ready; further calls await the first. In a worker pass the URL that the page got from its bundler, in
 * Node the bytes that `nodeAutomergeWasm` reads. After a failure the next call tries again.
 */
export function initAutomerge(source: WasmSource): Promise<void> {
  started ??= A.initializeWasm(source).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

/** An empty chat document: the genesis and nothing else. */
export function emptyDoc(): Doc {
  return A.load(genesisChange());
}

/** Loads a snapshot; undefined when the bytes are damaged. */
export function loadDoc(snapshot: Uint8Array): Doc | undefined {
  try {
    return A.load(snapshot);
  } catch {
    return undefined;
  }
}

/** Applies changes whose dependencies are all there. */
export function applyToDoc(doc: Doc, changes: readonly Uint8Array[]): Doc {
  const [next] = A.applyChanges(doc, [...changes]);
  return next;
}

/** The document as a snapshot. */
export function saveDoc(doc: Doc): Uint8Array {
  return A.save(doc);
}

/** Hashes of the changes that no other change depends on, hex, ascending. */
export function docHeads(doc: Doc): string[] {
  return A.getHeads(doc).sort();
}

/** Every change of the document as an uncompressed chunk, dependencies first. */
export function docChanges(doc: Doc): Uint8Array[] {
  return A.getAllChanges(doc);
}

/** One change by its hash. */
export function docChange(doc: Doc, hash: string): Uint8Array | undefined {
  return A.getBackend(doc).getChangeByHash(hash) ?? undefined;
}

/** Gives the document's wasm memory back; the value must not be used afterwards. */
export function freeDoc(doc: Doc): void {
  A.free(doc);
}
