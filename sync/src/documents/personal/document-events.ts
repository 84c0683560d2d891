/** Who wants to hear of a personal document, whichever of its generations is in force. */
import type { TableKey } from './flat-document.ts';

/** A change of one document as it travels between own devices. */
export interface NumberedChange {
  readonly generation: number;
  readonly bytes: Uint8Array;
}

type Listener<T> = (items: readonly T[]) => void;

export class DocumentEvents {
  readonly #changes = new Set<Listener<TableKey>>();
  readonly #saved = new Set<Listener<NumberedChange>>();

  onChange(listener: Listener<TableKey>): () => void {
    this.#changes.add(listener);
    return () => this.#changes.delete(listener);
  }

  /** Changes of this device, once they are durable. */
  onSaved(listener: Listener<NumberedChange>): () => void {
    this.#saved.add(listener);
    return () => this.#saved.delete(listener);
  }

  changed(keys: readonly TableKey[]): void {
    if (keys.length > 0) for (const listener of [...this.#changes]) listener(keys);
  }

  saved(changes: readonly NumberedChange[]): void {
    for (const listener of [...this.#saved]) listener(changes);
  }

  clear(): void {
    this.#changes.clear();
    this.#saved.clear();
  }
}
