/**
 * Keeps a personal document's history short. Drafts and read marks change all day, and Automerge forgets nothing: after
 * a year the document would hold hundreds of thousands of changes. When there are too many at opening, and no other own
 * device could be writing to it, the present values move to the document's next generation, which is another document,
 * and the old one leaves storage.
 *
 *     ['personal', name, 'generation'] = current u32 | former u32 | coming u32 (0: none)
 *
 * `coming` is a higher generation that another own device moved to and of which not everything is here yet. A crash in
 * between leaves the old generation in force; what was half made is made again.
 */
import * as A from '@automerge/automerge/slim';
import type { DocumentId } from '@automerge/automerge-repo/slim';
import { ByteCursor, ByteSink } from '../../records/cursor.ts';
import { MOVED } from './field-change.ts';
import { type Assignment, type Shape, type Tables, assignAll, personalGenesis, readValue } from './flat-document.ts';
import { portionsOf } from './portions.ts';
import type { RepoStorage } from './repo-storage.ts';

export interface GenerationOptions {
  readonly storage: RepoStorage;
  readonly shape: Shape;
  readonly idOf: (generation: number) => DocumentId;
  /** The account has no other device, so the document may move on. */
  readonly alone: boolean;
  /** Changes that a document may have when it is opened. */
  readonly maxChanges: number;
  /** Generation that another own device told of. */
  readonly told: number;
}

export interface Generations {
  readonly current: number;
  /** Its document leaves storage. */
  readonly former: number;
  readonly coming?: number;
}

/** The generations of a document as they are to be opened; something of each is in storage when this resolves. */
export async function openGenerations(options: GenerationOptions): Promise<Generations> {
  const stored = await loadGenerations(options);
  if (stored.former !== stored.current) await options.storage.removeDocument(options.idOf(stored.former));
  const generations = await adoptTold(options, stored);
  for (const generation of [generations.current, generations.coming]) {
    const isHere = generation === undefined || (await options.storage.hasDocument(options.idOf(generation)));
    if (!isHere) await beginGeneration(options, generation);
  }
  const moved = options.alone && generations.coming === undefined && (await movedValues(options, generations.current));
  return moved ? moveOn(options, generations.current, moved) : generations;
}

/** Keeps the numbers. What is not in force any more is the caller's to remove, or is removed at the next opening. */
export async function saveGenerations(options: GenerationOptions, generations: Generations): Promise<void> {
  const { current, former, coming = 0 } = generations;
  const value = new ByteSink().uint(current, 4).uint(former, 4).uint(coming, 4).finish();
  await options.storage.save(numberKey(options), value);
}

/** Puts an empty document where nothing is in force: what a crash may have left there goes. */
export async function beginGeneration({ storage, shape, idOf }: GenerationOptions, generation: number): Promise<void> {
  const id = idOf(generation);
  await storage.removeDocument(id);
  await storage.save([id, 'snapshot', 'genesis'], personalGenesis(shape.tables));
}

async function moveOn(options: GenerationOptions, former: number, moved: Uint8Array): Promise<Generations> {
  const current = former + 1;
  await options.storage.save([options.idOf(current), 'snapshot', 'moved'], moved);
  await saveGenerations(options, { current, former });
  await options.storage.removeDocument(options.idOf(former));
  return { current, former };
}

/** A device that has nothing begins with what it was told; one that has something takes it up when all of it is here. */
async function adoptTold(options: GenerationOptions, stored: Generations): Promise<Generations> {
  const { storage, idOf, told } = options;
  const { current, coming = current } = stored;
  if (told <= coming) return stored;
  if (coming > current) await storage.removeDocument(idOf(coming));
  const doc = await storage.loadTables(idOf(current));
  const hasValues = doc !== undefined && A.stats(doc).numChanges > 1;
  if (doc) A.free(doc);
  const adopted = hasValues ? { current, former: current, coming: told } : { current: told, former: current };
  await beginGeneration(options, told);
  await saveGenerations(options, adopted);
  return adopted;
}

/** When the history is long: the values that count, as changes after the genesis, and a last change that says so. */
async function movedValues(options: GenerationOptions, generation: number): Promise<Uint8Array | undefined> {
  const { storage, shape, idOf, maxChanges } = options;
  const doc = await storage.loadTables(idOf(generation));
  if (doc === undefined) return undefined;
  const values = A.stats(doc).numChanges > maxChanges ? valuesOf(shape, doc) : undefined;
  A.free(doc);
  if (values === undefined) return undefined;
  let next = A.load<Tables>(personalGenesis(shape.tables));
  for (const portion of portionsOf(values)) {
    next = A.change(next, { time: 0 }, (draft) => {
      assignAll(draft, portion);
    });
  }
  return A.save(A.emptyChange(next, { time: 0, message: MOVED }));
}

function valuesOf(shape: Shape, doc: A.Doc<Tables>): Assignment[] {
  return shape.tables.flatMap((table) =>
    Object.keys(doc[table] ?? {}).map((key) => ({ table, key, value: readValue(shape, doc, { table, key }) })),
  );
}

async function loadGenerations(options: GenerationOptions): Promise<Generations> {
  const bytes = await options.storage.load(numberKey(options));
  if (bytes?.length !== 12) return { current: 0, former: 0 };
  const cursor = new ByteCursor(bytes);
  const [current, former, coming] = [cursor.uint(4), cursor.uint(4), cursor.uint(4)];
  return { current, former, ...(coming > current && { coming }) };
}

function numberKey({ shape }: GenerationOptions): string[] {
  return ['personal', shape.name, 'generation'];
}
