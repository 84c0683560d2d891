/**
 * Seals all that a device sends: every stream to everybody, with the newest key. One counter for all of it, so that no nonce
 * comes twice under a key.
 */
import type { FrameKey } from '@securechat/sync/api';
import { sealFrame, type Kind } from './frame.ts';
import { deriveKey, type Bytes, type SFrameKey } from './sframe.ts';

interface Sealing {
  readonly id: number;
  readonly key: SFrameKey;
  /** Frames that were sealed. */
  counter: number;
}

export class Sealer {
  #sealing: Sealing | undefined;
  /** The salts of all keys that ever were in use: each key has another one. */
  readonly #used = new Set<string>();
  #latest: FrameKey | undefined;

  /**
   * Seals with this key from now on. A key is used once: one that comes back would count from 0 again, so until there is
   * another one nothing is sealed.
   */
  async use(given: FrameKey): Promise<void> {
    if (this.#latest && isSame(this.#latest, given)) return;
    this.#latest = given;
    const key = await deriveKey(given.id, given.key);
    if (this.#latest !== given) return;
    const salt = key.salt.join();
    this.#sealing = this.#used.has(salt) ? undefined : { id: given.id, key, counter: 0 };
    this.#used.add(salt);
  }

  /** Undefined: there is no key, so it must not be sent. */
  async seal(kind: Kind, frame: Bytes): Promise<Bytes | undefined> {
    const sealing = this.#sealing;
    if (!sealing) return undefined;
    return await sealFrame(sealing.key, { id: sealing.id, counter: sealing.counter++ }, kind, frame);
  }
}

/** Keys are compared by those who have them only: nobody measures the time. */
export function isSame(one: FrameKey, other: FrameKey): boolean {
  return one.id === other.id && one.key.join() === other.key.join();
}
