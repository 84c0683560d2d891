/**
 * What one job of the lane wants to change: store ops, and what to do in memory once they are durable. If the commit
 * fails nothing happened, neither on disk nor in memory. Ratchet states are kept here while the job runs, so that a
 * hundred messages of one device cost one write of its session.
 */
import type { PreKeys, Sessions } from '@securechat/crypto';
import type { Peer } from './peers/peers.ts';
import type { Store, StoreOp, TableName } from './ports/store.ts';

export class Batch {
  readonly #ops: StoreOp[] = [];
  readonly #after: (() => void)[] = [];
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

  get isEmpty(): boolean {
    return this.#ops.length === 0;
  }

  async commit(store: Store): Promise<void> {
    if (this.#ops.length > 0) await store.commit(this.#ops);
    for (const effect of this.#after) effect();
  }
}
