/**
 * A personal document: named tables of scalars under flat keys, in automerge-repo's Repo. Flat, because two own devices
 * that create the same nested map on their own would hide one side's entries; a scalar under a key merges by itself. The
 * tables exist from a deterministic genesis for the same reason.
 *
 * A write resolves when it is durable. Storage is written by `flush` alone: the Repo's own delayed save is switched
 * off, because its failures reach nobody (`findClassic` registers it after loading, when it can be taken away before
 * it ran). No network here; documents are never unloaded (2.5.6 could then overwrite a small one with nothing).
 */
import * as A from '@automerge/automerge/slim';
import type { DocHandle, DocumentId, Repo } from '@automerge/automerge-repo/slim';
import { Lane } from '../../lane.ts';

export type Scalar = string | number | boolean | Uint8Array;

/** One key of one table set to a value, or cleared. */
export interface Assignment {
  readonly table: string;
  readonly key: string;
  readonly value: Scalar | undefined;
}

/** A scalar as Automerge keeps it: text as one value, not as characters that merge. */
export type Stored = number | boolean | Uint8Array | A.ImmutableString;
/** A document's content: named tables of scalars. */
export type Tables = Record<string, Record<string, Stored>>;

const GENESIS_ACTOR = '00';

/** The first state of a document with these tables; the same bytes on every device. */
export function personalGenesis(tables: readonly string[]): Uint8Array {
  const empty = A.init<Tables>({ actor: GENESIS_ACTOR });
  const doc = A.change(empty, { time: 0 }, (draft) => {
    for (const table of tables) draft[table] = {};
  });
  return A.save(doc);
}

export class FlatDocument {
  readonly #repo: Repo;
  readonly #handle: DocHandle<Tables>;
  readonly #lane = new Lane();
  readonly #listeners = new Set<(changed: readonly { table: string; key: string }[]) => void>();

  private constructor(repo: Repo, handle: DocHandle<Tables>) {
    this.#repo = repo;
    this.#handle = handle;
    handle.removeAllListeners('heads-changed');
    handle.on('change', ({ patches }) => {
      this.#changed(patches);
    });
  }

  static async open(repo: Repo, id: DocumentId): Promise<FlatDocument> {
    return new FlatDocument(repo, await repo.findClassic<Tables>(id));
  }

  keys(table: string): string[] {
    return Object.keys(this.#handle.doc()[table] ?? {});
  }

  /** The value; where own devices wrote different ones at the same time, the same one of them on every device. */
  get(table: string, key: string): Scalar | undefined {
    return toScalar(this.#handle.doc()[table]?.[key]);
  }

  /** All values that own devices wrote at the same time; normally one. */
  all(table: string, key: string): Scalar[] {
    const map = this.#handle.doc()[table];
    if (map?.[key] === undefined) return [];
    const values = Object.values(A.getConflicts(map, key) ?? { one: map[key] });
    return values.flatMap((value) => toScalar(value as Stored) ?? []);
  }

  /** Sets and clears keys in one change; what is already so is left alone. Resolves when durable. */
  write(assignments: readonly Assignment[]): Promise<void> {
    return this.#lane.run(async () => {
      const needed = assignments.filter(({ table, key, value }) => !isSame(this.get(table, key), value));
      if (needed.length > 0) this.#change(needed);
      await this.#repo.flush([this.#handle.documentId]);
    });
  }

  /** Calls `listener` with the keys that a change touched, as soon as memory has it. */
  onChange(listener: (changed: readonly { table: string; key: string }[]) => void): void {
    this.#listeners.add(listener);
  }

  /** Waits for running writes; later ones are refused. */
  close(): Promise<void> {
    this.#listeners.clear();
    return this.#lane.close();
  }

  #change(assignments: readonly Assignment[]): void {
    this.#handle.change(
      (draft) => {
        for (const { table, key, value } of assignments) {
          const map = draft[table];
          if (map === undefined) continue;
          if (value === undefined) Reflect.deleteProperty(map, key);
          else map[key] = typeof value === 'string' ? new A.ImmutableString(value) : value;
        }
      },
      { time: 0 },
    );
  }

  #changed(patches: readonly A.Patch[]): void {
    const changed = patches.flatMap(({ path: [table, key] }) =>
      typeof table === 'string' && typeof key === 'string' ? [{ table, key }] : [],
    );
    for (const listener of this.#listeners) listener(changed);
  }
}

function toScalar(value: Stored | undefined): Scalar | undefined {
  return A.isImmutableString(value) ? value.val : value;
}

function isSame(a: Scalar | undefined, b: Scalar | undefined): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
