/**
 * The changes of one personal document and what depends on what, without their contents: whether a change fits, and what
 * another device lacks. Built when first asked for, since an account with one device never asks.
 */
import { type ChangeNode, MOVED } from './field-change.ts';

/** How a change stands to a history. */
export type Fit = 'known' | 'fits' | 'waits' | 'never';

export class History {
  readonly #nodes = new Map<string, ChangeNode>();
  readonly #lastSeq = new Map<string, number>();
  readonly #heads = new Set<string>();
  /** As they came, so dependencies first. */
  readonly #order: string[] = [];
  #isMoved = false;

  /** A history of these changes, dependencies first. */
  constructor(nodes: Iterable<ChangeNode>) {
    for (const node of nodes) this.add(node);
  }

  has(hash: string): boolean {
    return this.#nodes.has(hash);
  }

  /** Hashes on which nothing depends, ascending. */
  get heads(): string[] {
    return [...this.#heads].sort();
  }

  /** Whether all values that moved here from the generation before are here. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  /**
   * `waits` when something that it depends on is not here. An honest change is the next of its actor, and its first
   * operation is the one after all operations that it depends on: any other number would in time make the document
   * unloadable.
   */
  fit(change: ChangeNode): Fit {
    if (this.#nodes.has(change.hash)) return 'known';
    let maxOp = 0;
    for (const dep of change.deps) {
      const node = this.#nodes.get(dep);
      if (node === undefined) return 'waits';
      maxOp = Math.max(maxOp, node.maxOp);
    }
    const isNext = change.seq === (this.#lastSeq.get(change.actor) ?? 0) + 1;
    return isNext && change.startOp === maxOp + 1 ? 'fits' : 'never';
  }

  /** Adds a change that fits. */
  add(node: ChangeNode): void {
    this.#nodes.set(node.hash, node);
    this.#lastSeq.set(node.actor, node.seq);
    this.#order.push(node.hash);
    for (const dep of node.deps) this.#heads.delete(dep);
    this.#heads.add(node.hash);
    if (node.message === MOVED) this.#isMoved = true;
  }

  /** At most `limit` heads, those with the highest operations. */
  newestHeads(limit: number): string[] {
    const heads = [...this.#heads].sort((a, b) => this.#maxOp(b) - this.#maxOp(a));
    return heads.slice(0, limit).sort();
  }

  /**
   * Hashes 2, 3, 5, 8, 12, ... changes back: where another device's history and this one may still agree. What that
   * device sends although it is here is at most half of what it does not know of.
   */
  landmarks(limit: number): string[] {
    const found: string[] = [];
    for (let back = 2; back < this.#order.length && found.length < limit; back = Math.ceil(back * 1.5)) {
      found.push(this.#order[this.#order.length - back] ?? '');
    }
    return found;
  }

  /** What a device lacks that has `told` and all that these depend on: dependencies first, without the genesis. */
  lacking(told: readonly string[]): string[] {
    const theirs = new Set<string>();
    const pending = told.filter((hash) => this.#nodes.has(hash));
    for (let hash = pending.pop(); hash !== undefined; hash = pending.pop()) {
      if (theirs.has(hash)) continue;
      theirs.add(hash);
      pending.push(...(this.#nodes.get(hash)?.deps ?? []));
    }
    return this.#order.slice(1).filter((hash) => !theirs.has(hash));
  }

  #maxOp(hash: string): number {
    return this.#nodes.get(hash)?.maxOp ?? 0;
  }
}
