/**
 * Carries what a device stored into a browser profile and out of it again, through the browser's own adapters. Values stay
 * as they are, sealed: under a passphrase, a device opens in either place.
 */
import type { Page } from 'playwright-core';
import { TABLES, type TableName } from '../../../sync/src/ports/store.ts';
import { PageScript } from './bundle.ts';
import { type Stored, emptyStored } from '../../../sync/test/real/made-account.ts';

/** About a megabyte a step. */
const STEP_BYTES = 1_000_000;

const CARRIER = new PageScript(
  'carrier',
  `
  import { openDexieStore } from './adapters/dexie-store.ts';
  import { createIndexedDbStorageAdapter } from './documents/storage/indexeddb-adapter.ts';
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const text = (bytes) => bytes.reduce((all, byte) => all + String.fromCharCode(byte), '');
  const opened = openDexieStore('securechat');
  const documents = createIndexedDbStorageAdapter('securechat-documents');
  globalThis.carrier = {
    putRows: async (table, rows) =>
      (await opened).commit(rows.map(([key, value]) => ({ op: 'put', table, key, value: bytes(value) }))),
    putDocument: (key, value) => documents.save(key, bytes(value)),
    rows: async (table) =>
      (await (await opened).range(table, {})).map(({ key, value }) => [key, btoa(text(value))]),
    documents: async () => (await documents.loadRange([])).map(({ key, data }) => [key, btoa(text(data))]),
    done: async () => (await opened).close(),
  };`,
);

interface Carrier {
  putRows(table: string, rows: [string, string][]): Promise<void>;
  putDocument(key: string[], value: string): Promise<void>;
  rows(table: string): Promise<[string, string][]>;
  documents(): Promise<[string[], string][]>;
  done(): Promise<void>;
}
type Inside = typeof globalThis & { carrier: Carrier };

/** The page must be of the app's origin, but not the app: nothing else may have the databases open. */
export async function carryIn({ store, documents }: Stored, page: Page): Promise<void> {
  await CARRIER.runIn(page);
  const snapshot = store.snapshot();
  for (const table of TABLES) {
    for (const rows of steps(snapshot.get(table) ?? new Map()))
      await page.evaluate(([name, some]) => (globalThis as Inside).carrier.putRows(name, some), [table, rows] as [
        string,
        [string, string][],
      ]);
  }
  for (const { key, data } of await documents.loadRange([])) {
    if (data !== undefined)
      await page.evaluate(([parts, value]) => (globalThis as Inside).carrier.putDocument(parts, value), [
        key,
        base64(data),
      ] as [string[], string]);
  }
  await page.evaluate(() => (globalThis as Inside).carrier.done());
}

/** A copy of everything; the profile keeps it. The page as in {@link carryIn}. */
export async function carryOut(page: Page): Promise<Stored> {
  await CARRIER.runIn(page);
  const stored = emptyStored();
  const tables = new Map<TableName, ReadonlyMap<string, Uint8Array>>();
  for (const table of TABLES) {
    const rows = await page.evaluate((name) => (globalThis as Inside).carrier.rows(name), table);
    tables.set(table, new Map(rows.map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))])));
  }
  stored.store.restore(tables);
  for (const [key, value] of await page.evaluate(() => (globalThis as Inside).carrier.documents()))
    await stored.documents.save(key, new Uint8Array(Buffer.from(value, 'base64')));
  await page.evaluate(() => (globalThis as Inside).carrier.done());
  return stored;
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
