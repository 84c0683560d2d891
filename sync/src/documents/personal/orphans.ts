/**
 * Changes whose dependencies are not here yet, in memory only and within bounds: what is dropped, by a bound or a restart,
 * is asked for again. They never enter the Automerge document, which would neither store them nor tell of them.
 */
import type { FieldChange } from './field-change.ts';

/** Of one document. */
const LIMITS = { changes: 512, bytes: 1024 * 1024 } as const;

export class Orphans {
  #waiting: FieldChange[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Keeps a change while there is room. */
  keep(change: FieldChange): void {
    if (this.#waiting.length === LIMITS.changes || this.#bytes + change.bytes.length > LIMITS.bytes) return;
    this.#waiting.push(change);
    this.#bytes += change.bytes.length;
  }

  /** All that wait; they are kept no longer. */
  takeAll(): FieldChange[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return waiting;
  }
}
