/**
 * What stands between automerge-repo and the device's storage. The Repo's id for a storage is a constant here: it names
 * devices to each other's network adapters, of which there are none, and the Repo would write a random one at start in
 * a promise that nobody awaits, whose failure could not be caught. And a snapshot is loaded before it is stored, since
 * the Repo then removes the chunks that it replaces.
 */
import * as A from '@automerge/automerge/slim';
import type { Chunk, DocumentId, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';
import { concat, utf8 } from '@securechat/crypto';
import type { Tables } from './flat-document.ts';

const ID_KEY = 'storage-adapter-id';
const ID = 'securechat';

/** Automerge cannot load what it saved; nothing was stored or removed. */
export class UnloadableSnapshot extends Error {
  override readonly name = 'UnloadableSnapshot';
}

export class RepoStorage implements StorageAdapterInterface {
  readonly #inner: StorageAdapterInterface;

  constructor(inner: StorageAdapterInterface) {
    this.#inner = inner;
  }

  load(key: StorageKey): Promise<Uint8Array | undefined> {
    return key.length === 1 && key[0] === ID_KEY ? Promise.resolve(utf8(ID)) : this.#inner.load(key);
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    if (key[1] === 'snapshot') checkSnapshot(data);
    await this.#inner.save(key, data);
  }

  remove(key: StorageKey): Promise<void> {
    return this.#inner.remove(key);
  }

  loadRange(keyPrefix: StorageKey): Promise<Chunk[]> {
    return this.#inner.loadRange(keyPrefix);
  }

  removeRange(keyPrefix: StorageKey): Promise<void> {
    return this.#inner.removeRange(keyPrefix);
  }

  /** A document as it is stored; undefined when nothing is. */
  async loadTables(id: DocumentId): Promise<A.Doc<Tables> | undefined> {
    const chunks = [...(await this.loadRange([id, 'snapshot'])), ...(await this.loadRange([id, 'incremental']))];
    const bytes = chunks.flatMap(({ data }) => data ?? []);
    return bytes.length === 0 ? undefined : A.loadIncremental(A.init<Tables>(), concat(...bytes));
  }

  async hasDocument(id: DocumentId): Promise<boolean> {
    return (await this.loadRange([id])).length > 0;
  }

  /** Removes what is stored of a document. */
  async removeDocument(id: DocumentId): Promise<void> {
    if (await this.hasDocument(id)) await this.removeRange([id]);
  }
}

function checkSnapshot(data: Uint8Array): void {
  try {
    A.free(A.load(data));
  } catch (error) {
    throw new UnloadableSnapshot('a snapshot cannot be loaded', { cause: error });
  }
}
