/**
 * Ratchet states on disk and in memory, one row per peer device. Jobs read and write through a {@link Batch}: a state is
 * replaced in memory only after the job's commit, and written once per job however many messages moved it.
 */
import { type DeviceId, type Sessions, decodeSessions, emptySessions, encodeSessions } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';

/** States kept decoded; the others are read again when needed. */
const CACHE = 256;

export class SessionBook {
  readonly #store: Store;
  readonly #cache = new Map<DeviceId, Sessions>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The sessions with a device as the job of `batch` sees them; empty ones when there are none. A row that this version
   * cannot read counts as none: both sides then find out and start anew (S-REPAIR-2).
   */
  async get(deviceId: DeviceId, batch: Batch): Promise<Sessions> {
    const known = batch.sessions.get(deviceId) ?? this.#cache.get(deviceId);
    if (known !== undefined) return known;
    const bytes = await this.#store.get('sessions', storeKey(deviceId));
    const decoded = bytes && decodeSessions(bytes);
    const sessions = decoded?.ok === true ? decoded.value : emptySessions();
    this.#remember(deviceId, sessions);
    return sessions;
  }

  set(deviceId: DeviceId, sessions: Sessions, batch: Batch): void {
    batch.sessions.set(deviceId, sessions);
  }

  /** Adds the writes of all sessions that the job moved. Call once, before the commit. */
  writeInto(batch: Batch): void {
    for (const [deviceId, sessions] of batch.sessions) {
      batch.put('sessions', storeKey(deviceId), encodeSessions(sessions));
      batch.then(() => {
        this.#remember(deviceId as DeviceId, sessions);
      });
    }
  }

  #remember(deviceId: DeviceId, sessions: Sessions): void {
    this.#cache.delete(deviceId);
    this.#cache.set(deviceId, sessions);
    const oldest = this.#cache.keys().next();
    if (this.#cache.size > CACHE && !oldest.done) this.#cache.delete(oldest.value);
  }
}
