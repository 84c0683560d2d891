/**
 * A decorator for any automerge-repo storage adapter: what the inner one sees tells nothing but sizes and counts. Values
 * are sealed. Each part of a key is replaced by a keyed hash of the key up to it, so loading by prefix still works; the
 * true key lies inside the sealed value, and the blinded one is authenticated with it, so values cannot be swapped.
 *
 *     plaintext = parts u8 | each: length u16, UTF-8 | value
 *
 * A value that does not open is reported as a chunk without data, never as an error of the whole range.
 */
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';
import { type Random, type Secret, blind, openValue, sealValue, utf8 } from '@securechat/crypto';
import { ByteCursor, ByteSink, Unreadable } from '../../records/cursor.ts';

export interface EncryptedStorageOptions {
  readonly inner: StorageAdapterInterface;
  readonly keys: { readonly values: Secret<'Vault'>; readonly names: Secret<'Vault'> };
  readonly random: Random;
}

/** A single value was there but did not open: changed, or sealed under another key. */
export class DamagedChunkError extends Error {
  override readonly name = 'DamagedChunkError';
}

/** Seals everything that passes to `inner`. */
export function createEncryptedStorageAdapter(options: EncryptedStorageOptions): StorageAdapterInterface {
  return new EncryptedStorageAdapter(options);
}

class EncryptedStorageAdapter implements StorageAdapterInterface {
  readonly #inner: StorageAdapterInterface;
  readonly #keys: EncryptedStorageOptions['keys'];
  readonly #random: Random;

  constructor({ inner, keys, random }: EncryptedStorageOptions) {
    this.#inner = inner;
    this.#keys = keys;
    this.#random = random;
  }

  /** Rejects with {@link DamagedChunkError} when the value does not open. */
  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    const blinded = this.#blind(key);
    const sealed = await this.#inner.load(blinded);
    if (sealed === undefined) return undefined;
    const opened = this.#open(blinded, sealed);
    if (opened === undefined) throw new DamagedChunkError('a stored value does not open');
    return opened.data;
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    const blinded = this.#blind(key);
    const sink = new ByteSink().u8(key.length);
    for (const part of key.map(utf8)) sink.uint(part.length, 2).put(part);
    const plaintext = sink.put(data).finish();
    await this.#inner.save(blinded, sealValue(this.#keys.values, plaintext, adOf(blinded), this.#random));
  }

  async remove(key: StorageKey): Promise<void> {
    await this.#inner.remove(this.#blind(key));
  }

  async loadRange(keyPrefix: StorageKey): Promise<Chunk[]> {
    const chunks = await this.#inner.loadRange(this.#blind(keyPrefix));
    return chunks.map(({ key, data }) => (data && this.#open(key, data)) ?? { key, data: undefined });
  }

  async removeRange(keyPrefix: StorageKey): Promise<void> {
    await this.#inner.removeRange(this.#blind(keyPrefix));
  }

  #blind(key: StorageKey): StorageKey {
    return key.map((_, i) => blind(this.#keys.names, key.slice(0, i + 1)));
  }

  #open(blinded: StorageKey, sealed: Uint8Array): { key: StorageKey; data: Uint8Array } | undefined {
    const opened = openValue(this.#keys.values, sealed, adOf(blinded));
    return opened.ok ? readPlaintext(opened.value) : undefined;
  }
}

function adOf(blinded: StorageKey): Uint8Array {
  return utf8(blinded.join('/'));
}

function readPlaintext(bytes: Uint8Array): { key: StorageKey; data: Uint8Array } | undefined {
  try {
    const cursor = new ByteCursor(bytes);
    const key = Array.from({ length: cursor.u8() }, () => cursor.utf8(cursor.uint(2)));
    return { key, data: cursor.rest() };
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
