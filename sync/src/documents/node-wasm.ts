/** Automerge's wasm for Node: tests, simulation and scripts. Never imported by what runs in a browser. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Reads the wasm out of the installed package; pass it to `initAutomerge`. */
export async function nodeAutomergeWasm(): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm');
  return new Uint8Array(await readFile(path));
}
