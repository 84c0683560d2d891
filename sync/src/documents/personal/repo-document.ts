/**
 * One Automerge document in automerge-repo's Repo, with the changes of this device and of other own devices. Callers run
 * one at a time.
 *
 * Storage is written by {@link RepoDocument.flush} alone: the Repo's own delayed save is switched off, because its failures
 * reach nobody (`findClassic` registers it after loading, when it can be taken away before it ran). No network here;
 * documents are never unloaded (2.5.6 could then overwrite a small one with nothing).
 */
import * as A from '@automerge/automerge/slim';
import type { DocHandle, DocumentId, Repo } from '@automerge/automerge-repo/slim';
import type { FieldChange } from './field-change.ts';
import {
  type Assignment,
  type Scalar,
  type Shape,
  type TableKey,
  type Tables,
  assignAll,
  readValue,
  rivalsOf,
} from './flat-document.ts';
import { History } from './history.ts';
import { Orphans } from './orphans.ts';
import { portionsOf } from './portions.ts';
import { type RepoStorage, UnloadableSnapshot } from './repo-storage.ts';
import { tryChanges } from './trial.ts';

export interface RepoDocumentOptions {
  readonly repo: Repo;
  readonly storage: RepoStorage;
  readonly shape: Shape;
  /** Something of the document is in storage. */
  readonly id: DocumentId;
  /** Memory has a change of these keys. */
  readonly onTouched: (keys: readonly TableKey[]) => void;
  /** Changes of this device became durable. */
  readonly onSaved: (changes: readonly Uint8Array[]) => void;
}

/** What taking in changes came to. */
export interface Taken {
  readonly refused: number;
  /** Something that a change depends on is not here. */
  readonly missing: boolean;
}

export class RepoDocument {
  readonly #options: RepoDocumentOptions;
  readonly #handle: DocHandle<Tables>;
  readonly #orphans = new Orphans();
  #history: History | undefined;
  /** Changes of this device that are not durable yet. */
  #unsaved: Uint8Array[] = [];

  private constructor(options: RepoDocumentOptions, handle: DocHandle<Tables>) {
    this.#options = options;
    this.#handle = handle;
    handle.removeAllListeners('heads-changed');
  }

  static async open(options: RepoDocumentOptions): Promise<RepoDocument> {
    return new RepoDocument(options, await options.repo.findClassic<Tables>(options.id));
  }

  keys(table: string): string[] {
    return Object.keys(this.#handle.doc()[table] ?? {});
  }

  get(table: string, key: string): Scalar | undefined {
    return readValue(this.#options.shape, this.#handle.doc(), { table, key });
  }

  /** Values that own devices wrote at the same time; normally one. */
  all(table: string, key: string): Scalar[] {
    return rivalsOf(this.#handle.doc(), { table, key });
  }

  /** Whether nobody wrote anything yet. */
  get isPristine(): boolean {
    return A.stats(this.#handle.doc()).numChanges <= 1;
  }

  /** The changes that are here. Built when first asked for, in some 20 ms for a thousand. */
  get history(): History {
    this.#history ??= new History(A.getChangesMetaSince(this.#handle.doc(), []));
    return this.#history;
  }

  /** A change by its hash. */
  bytesOf(hash: string): Uint8Array | undefined {
    return A.getBackend(this.#handle.doc()).getChangeByHash(hash) ?? undefined;
  }

  /** Carries out assignments in memory, as one or several changes of this device. */
  assign(assignments: readonly Assignment[]): void {
    for (const portion of portionsOf(assignments)) {
      const before = this.#handle.doc();
      this.#handle.change(
        (draft) => {
          assignAll(draft, portion);
        },
        { time: 0 },
      );
      if (this.#handle.doc() !== before) this.#noteOwn();
    }
    this.#options.onTouched(assignments);
  }

  /** Applies in memory what fits, whatever the order; what waits for something is kept while there is room. */
  take(changes: readonly FieldChange[]): Taken {
    const { fitting, refused, waits } = this.#sort(changes);
    const choked = fitting.length === 0 || this.#apply(fitting) ? 0 : this.#applyEach(fitting);
    this.#options.onTouched(fitting.flatMap(({ touched }) => touched));
    return { refused: refused + choked, missing: waits };
  }

  /** Resolves when all that is in memory is durable. */
  async flush(): Promise<void> {
    const { repo, id, onSaved } = this.#options;
    try {
      await repo.flush([id]);
    } catch (error) {
      if (!(error instanceof UnloadableSnapshot)) throw error;
      // The Repo now takes itself to be compacting, for the rest of the session, and only adds.
      await repo.flush([id]);
    }
    const saved = this.#unsaved;
    this.#unsaved = [];
    if (saved.length > 0) onSaved(saved);
  }

  /** Remembers the change that was just made. */
  #noteOwn(): void {
    const doc = this.#handle.doc();
    const bytes = A.getLastLocalChange(doc);
    if (bytes !== undefined) this.#unsaved.push(bytes);
    const node = this.#history && A.getBackend(doc).getChangeMetaByHash(A.getHeads(doc)[0] ?? '');
    if (node) this.#history?.add(node);
  }

  /** What fits now, in an order in which it can be applied, and is in the history from here on. */
  #sort(changes: readonly FieldChange[]): { fitting: FieldChange[]; refused: number; waits: boolean } {
    const { history } = this;
    const candidates = new Map([...this.#orphans.takeAll(), ...changes].map((change) => [change.hash, change]));
    const fitting: FieldChange[] = [];
    const refused = new Set<string>();
    let waits = false;
    for (const change of [...candidates.values()].sort((a, b) => a.startOp - b.startOp)) {
      const fit = change.deps.some((dep) => refused.has(dep)) ? 'never' : history.fit(change);
      if (fit === 'fits') {
        history.add(change);
        fitting.push(change);
      } else if (fit === 'never') refused.add(change.hash);
      else if (fit === 'waits') {
        this.#orphans.keep(change);
        waits = true;
      }
    }
    return { fitting, refused: refused.size, waits };
  }

  /** All or none; false when Automerge does not take them. */
  #apply(changes: readonly FieldChange[]): boolean {
    const doc = this.#handle.doc();
    const next = tryChanges(doc, changes);
    if (next === undefined || A.getHeads(next).sort().join() !== this.history.heads.join()) {
      this.#history = undefined;
      return false;
    }
    this.#handle.update(() => next);
    A.free(doc);
    return true;
  }

  /** One by one; answers how many are not taken, or depend on such. */
  #applyEach(changes: readonly FieldChange[]): number {
    let refused = 0;
    for (const change of changes) {
      const fits = this.history.fit(change) === 'fits';
      if (fits) this.history.add(change);
      if (!fits || !this.#apply([change])) refused += 1;
    }
    return refused;
  }
}
