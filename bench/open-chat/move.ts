/** Moves a device into a browser: everything that its engine stored goes into IndexedDB through the browser's own adapters. */
import { build } from 'esbuild';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { TABLES } from '../../sync/src/ports/store.ts';
import type { SeededDevice } from '../seeded-device.ts';

/** About a megabyte a step. */
const STEP_BYTES = 1_000_000;

/** Runs in the page, bundled with the adapters that the engine uses there. */
const MOVER = `
  import { openDexieStore } from './adapters/dexie-store.ts';
  import { createIndexedDbStorageAdapter } from './documents/storage/indexeddb-adapter.ts';
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const opened = openDexieStore('securechat');
  const documents = createIndexedDbStorageAdapter('securechat-documents');
  globalThis.move = {
    rows: async (table, rows) =>
      (await opened).commit(rows.map(([key, value]) => ({ op: 'put', table, key, value: bytes(value) }))),
    document: (key, value) => documents.save(key, bytes(value)),
    done: async () => (await opened).close(),
  };`;

interface Mover {
  rows(table: string, rows: [string, string][]): Promise<void>;
  document(key: string[], value: string): Promise<void>;
  done(): Promise<void>;
}

/** The page must be of the app's origin, but not the app: nothing else may have the databases open. */
export async function moveDevice({ store, documents }: SeededDevice, page: Page): Promise<void> {
  await page.evaluate(await bundledMover());
  const snapshot = store.snapshot();
  for (const table of TABLES) {
    for (const rows of steps(snapshot.get(table) ?? new Map()))
      await page.evaluate(([name, some]) => (globalThis as unknown as { move: Mover }).move.rows(name, some), [
        table,
        rows,
      ] as [string, [string, string][]]);
  }
  for (const { key, data } of await documents.loadRange([])) {
    if (data !== undefined)
      await page.evaluate(([parts, value]) => (globalThis as unknown as { move: Mover }).move.document(parts, value), [
        key,
        base64(data),
      ] as [string[], string]);
  }
  await page.evaluate(() => (globalThis as unknown as { move: Mover }).move.done());
}

function* steps(values: ReadonlyMap<string, Uint8Array>): Generator<[string, string][]> {
  let step: [string, string][] = [];
  let size = 0;
  for (const [key, value] of values) {
    step.push([key, base64(value)]);
    size += key.length + value.length;
    if (size < STEP_BYTES) continue;
    yield step;
    step = [];
    size = 0;
  }
  yield step;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

async function bundledMover(): Promise<string> {
  const resolveDir = path.join(import.meta.dirname, '../../sync/src');
  const options = { stdin: { contents: MOVER, resolveDir }, bundle: true, write: false, format: 'iife' } as const;
  const { outputFiles } = await build(options);
  return outputFiles[0]?.text ?? '';
}
