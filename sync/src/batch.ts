/**
 * What one job of the lane wants to change: store ops, what to do in memory once they are durable, and what to take back
 * there if they are not stored after all. If a job fails nothing happened, neither on disk nor in memory. Ratchet states
 * are kept here while the job runs, so that a hundred messages of one device cost one write of its session.
 */
import type { PreKeys, Sessions } from '@securechat/crypto';
import type { Peer } from './peers/peers.ts';
import type { Store, StoreOp, TableName } from './ports/store.ts';

export class Batch {
  readonly #ops: StoreOp[] = [];
  readonly #after: (() => void)[] = [];
  #undo: (() => void)[] = [];
  /** Sessions changed by this job, by device id. */
  readonly sessions = new Map<string, Sessions>();
  /** Peers changed by this job, by account id. */
  readonly peers = new Map<string, Peer>();
  /** This device's pre-keys if this job used one up. */
  preKeys: PreKeys | undefined;

  put(table: TableName, key: string, value: Uint8Array): void {
    this.#ops.push({ op: 'put', table, key, value });
  }

  delete(table: TableName, key: string): void {
    this.#ops.push({ op: 'delete', table, key });
  }

  add(ops: readonly StoreOp[]): void {
    this.#ops.push(...ops);
  }

  /** Runs when the ops are durable, in the order of the calls. Must not throw. */
  then(effect: () => void): void {
    this.#after.push(effect);
  }

  /** Runs if the ops are not stored after all, last call first: takes back a change of memory that could not wait. */
  undo(effect: () => void): void {
    this.#undo.push(effect);
  }

  get isEmpty(): boolean {
    return this.#ops.length === 0;
  }

  /** Stores all or nothing; rejects with the store's error, and memory is then as it was before the job. */
  async commit(store: Store): Promise<void> {
    try {
      if (this.#ops.length > 0) await store.commit(this.#ops);
    } catch (error) {
      this.drop();
      throw error;
    }
    this.#undo = [];
    for (const effect of this.#after) effect();
  }

  /** Gives the job up: nothing is stored, and memory is as it was before. */
  drop(): void {
    const undo = this.#undo.reverse();
    this.#undo = [];
    for (const effect of undo) effect();
  }
}

/** Runs one job's work on a batch of its own and commits it; when either fails, nothing happened. */
export async function inBatch<T>(store: Store, act: (batch: Batch) => T | Promise<T>): Promise<T> {
  const batch = new Batch();
  let value: T;
  try {
    value = await act(batch);
  } catch (error) {
    batch.drop();
    throw error;
  }
  await batch.commit(store);
  return value;
}
