/** Everything that a page's origin keeps: each key and value of each IndexedDB store, however deep, and what lies in web storage. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';

/** All strings and bytes in the databases of the page's origin and in its web storage, one after another. */
export async function readStorage(page: Page): Promise<Buffer> {
  const parts = await page.evaluate(async () => {
    const found: string[] = [];
    const encoder = new TextEncoder();
    const noteBytes = (bytes: Uint8Array): void => {
      let binary = '';
      for (const byte of bytes) binary += String.fromCharCode(byte);
      found.push(btoa(binary));
    };

    function walk(value: unknown): void {
      if (typeof value === 'string' || typeof value === 'number') noteBytes(encoder.encode(String(value)));
      else if (ArrayBuffer.isView(value)) noteBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else if (value instanceof ArrayBuffer) noteBytes(new Uint8Array(value));
      else if (value instanceof Map) walk([...value]);
      else if (value instanceof Set || Array.isArray(value)) for (const item of value) walk(item);
      else if (typeof value === 'object' && value !== null) walk(Object.entries(value));
    }
    const settle = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await settle(indexedDB.open(name ?? ''));
      walk(name);
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store, 'readonly').objectStore(store);
        walk(store);
        walk(await settle(objects.getAllKeys()));
        walk(await settle(objects.getAll()));
      }
      database.close();
    }
    for (const storage of [localStorage, sessionStorage]) walk(Object.entries(storage));
    return found;
  });
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}

/** The raw files below a folder, one after another; nothing when there is no such folder. */
export async function readFiles(...folders: string[]): Promise<Buffer> {
  const parts = await Promise.all(folders.map(readFolder));
  return Buffer.concat(parts);
}

async function readFolder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name)))));
}

/** Puts a text where no canary may be, in a database of its own, deep inside a value: so that a test knows it can find. */
export async function plant(page: Page, text: string): Promise<void> {
  await page.evaluate(
    (planted) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('planted', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('values');
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
        request.onsuccess = () => {
          const database = request.result;
          const transaction = database.transaction('values', 'readwrite');
          transaction.objectStore('values').put({ deep: [new Map([['bytes', new TextEncoder().encode(planted)]])] }, 1);
          transaction.oncomplete = () => {
            database.close();
            resolve();
          };
        };
      }),
    text,
  );
}
