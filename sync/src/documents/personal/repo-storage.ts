/**
 * What stands between automerge-repo and the device's storage: the Repo's id for a storage is a constant here. It names
 * devices to each other's network adapters, of which there are none, and the Repo would write a random one at start in
 * a promise that nobody awaits, whose failure could not be caught.
 */
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo/slim';
import { utf8 } from '@securechat/crypto';

const ID_KEY = 'storage-adapter-id';
const ID = 'securechat';

export class RepoStorage implements StorageAdapterInterface {
  readonly #inner: StorageAdapterInterface;

  constructor(inner: StorageAdapterInterface) {
    this.#inner = inner;
  }

  load(key: StorageKey): Promise<Uint8Array | undefined> {
    return key.length === 1 && key[0] === ID_KEY ? Promise.resolve(utf8(ID)) : this.#inner.load(key);
  }

  save(key: StorageKey, data: Uint8Array): Promise<void> {
    return this.#inner.save(key, data);
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
}
