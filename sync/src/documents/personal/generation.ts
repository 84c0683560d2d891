/**
 * Keeps a personal document's history short. Drafts and read marks change all day, and Automerge forgets nothing: after
 * a year the document would hold hundreds of thousands of changes. When there are too many at opening, the present values
 * move to the document's next generation and the old one leaves storage.
 *
 * The new generation begins with the same genesis on every device, so own devices that move on their own merge key by
 * key. A crash in between leaves the old generation in force; what was half made is made again.
 */
import * as A from '@automerge/automerge/slim';
import type { DocumentId, StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import { concat } from '@securechat/crypto';
import { ByteCursor, ByteSink } from '../../records/cursor.ts';
import { type Stored, type Tables, personalGenesis } from './flat-document.ts';

export interface GenerationOptions {
  readonly storage: StorageAdapterInterface;
  readonly name: string;
  readonly tables: readonly string[];
  readonly idOf: (generation: number) => DocumentId;
  /** Changes that a document may have when it is opened. */
  readonly maxChanges: number;
}

/** The id of the generation in force, which is in storage when this resolves. */
export async function openGeneration(options: GenerationOptions): Promise<DocumentId> {
  const { storage, tables, idOf, maxChanges } = options;
  const generation = await loadNumber(options);
  const id = idOf(generation);
  if (generation > 0) await removeDocument(storage, idOf(generation - 1));
  const doc = await loadTables(storage, id);
  if (doc === undefined) await storage.save([id, 'snapshot', 'genesis'], personalGenesis(tables));
  const values = doc && A.stats(doc).numChanges > maxChanges ? moved(doc, tables) : undefined;
  if (doc) A.free(doc);
  if (values === undefined) return id;
  const next = idOf(generation + 1);
  await storage.save([next, 'snapshot', 'moved'], values);
  await storage.save(numberKey(options), new ByteSink().uint(generation + 1, 4).finish());
  await removeDocument(storage, id);
  return next;
}

/** The present values as one change after the genesis. Of numbers written at the same time the highest stays. */
function moved(doc: A.Doc<Tables>, tables: readonly string[]): Uint8Array {
  const next = A.change(A.load<Tables>(personalGenesis(tables)), { time: 0 }, (draft) => {
    for (const table of tables) {
      const [from, to] = [doc[table], draft[table]];
      if (from && to) for (const key of Object.keys(from)) to[key] = presentValue(from, key);
    }
  });
  return A.save(next);
}

function presentValue(from: Tables[string], key: string): Stored {
  const value = from[key] ?? false;
  const rivals = Object.values(A.getConflicts(from, key) ?? {}).filter((rival) => typeof rival === 'number');
  if (typeof value === 'number') return Math.max(value, ...rivals);
  return A.isImmutableString(value) ? new A.ImmutableString(value.val) : value;
}

async function loadTables(storage: StorageAdapterInterface, id: DocumentId): Promise<A.Doc<Tables> | undefined> {
  const chunks = [...(await storage.loadRange([id, 'snapshot'])), ...(await storage.loadRange([id, 'incremental']))];
  const bytes = chunks.flatMap(({ data }) => data ?? []);
  return bytes.length === 0 ? undefined : A.loadIncremental(A.init<Tables>(), concat(...bytes));
}

async function removeDocument(storage: StorageAdapterInterface, id: DocumentId): Promise<void> {
  if ((await storage.loadRange([id])).length > 0) await storage.removeRange([id]);
}

async function loadNumber(options: GenerationOptions): Promise<number> {
  const bytes = await options.storage.load(numberKey(options));
  return bytes?.length === 4 ? new ByteCursor(bytes).uint(4) : 0;
}

function numberKey({ name }: GenerationOptions): string[] {
  return ['personal', name, 'generation'];
}
