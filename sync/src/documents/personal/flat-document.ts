/**
 * A personal document as the typed documents see it: named tables of scalars under flat keys. Flat, because two own
 * devices that create the same nested map on their own would hide one side's entries; a scalar under a key merges by
 * itself. The tables exist from a deterministic genesis for the same reason.
 */
import * as A from '@automerge/automerge/slim';

export type Scalar = string | number | boolean | Uint8Array;

/** A key of a table. Keys are `<id>/<field>`; ids hold no slash. */
export interface TableKey {
  readonly table: string;
  readonly key: string;
}

/** One key of one table set to a value, or cleared. */
export interface Assignment extends TableKey {
  readonly value: Scalar | undefined;
}

/** What is particular to one personal document. */
export interface Shape {
  /** By which own devices call it. */
  readonly name: string;
  readonly tables: readonly string[];
  /**
   * Of several values that own devices wrote at the same time, the one that counts; undefined leaves it to Automerge,
   * which takes the same one on every device. Does not depend on the order of `rivals`.
   */
  readonly choose?: (key: string, rivals: readonly Scalar[]) => Scalar | undefined;
}

export interface FlatDocument {
  keys(table: string): string[];
  /** The value that counts, on every device that has the same changes. */
  get(table: string, key: string): Scalar | undefined;
  /** Sets and clears keys; what is already so is left alone. Resolves when durable. RangeError beyond {@link FIELD_LIMITS}. */
  write(assignments: readonly Assignment[]): Promise<void>;
  /** Calls `listener` with the keys that a change from anywhere touched, as soon as memory has it. */
  onChange(listener: (changed: readonly TableKey[]) => void): void;
}

/** Most bytes of a key and of a text or bytes value: a change with one of each is well below what may travel. */
export const MAX_KEY_BYTES = 512;
export const FIELD_LIMITS = { key: MAX_KEY_BYTES, value: 96 * 1024 } as const;

/** A scalar as Automerge keeps it: text as one value, not as characters that merge. */
export type Stored = number | boolean | Uint8Array | A.ImmutableString;
/** A document's content: named tables of scalars. */
export type Tables = Record<string, Record<string, Stored>>;

export const GENESIS_ACTOR = '00';

/** The first state of a document with these tables; the same bytes on every device. */
export function personalGenesis(tables: readonly string[]): Uint8Array {
  const empty = A.init<Tables>({ actor: GENESIS_ACTOR });
  const doc = A.change(empty, { time: 0 }, (draft) => {
    for (const table of tables) draft[table] = {};
  });
  return A.save(doc);
}

/** The field of a key: what comes after the id. */
export function fieldOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** The value of a key that counts. */
export function readValue({ choose }: Shape, doc: A.Doc<Tables>, { table, key }: TableKey): Scalar | undefined {
  const rivals = choose ? rivalsOf(doc, { table, key }) : [];
  const chosen = rivals.length > 1 ? choose?.(key, rivals) : undefined;
  return chosen ?? toScalar(doc[table]?.[key]);
}

/**
 * All values that own devices wrote at the same time; normally one. Asked of the document itself: the objects in it may be
 * shared with a copy that is gone, of which `A.getConflicts` would ask.
 */
export function rivalsOf(doc: A.Doc<Tables>, { table, key }: TableKey): Scalar[] {
  const map = doc[table];
  if (map?.[key] === undefined) return [];
  const values = A.getBackend(doc).getAll(A.getObjectId(map) ?? '', key);
  return values.flatMap(([, value]) => (isScalar(value) ? value : []));
}

/** Carries out assignments in a draft; tables that the document does not have are passed over. */
export function assignAll(draft: Tables, assignments: readonly Assignment[]): void {
  for (const { table, key, value } of assignments) {
    const map = draft[table];
    if (map === undefined) continue;
    if (value === undefined) {
      if (map[key] !== undefined) Reflect.deleteProperty(map, key);
    } else map[key] = typeof value === 'string' ? new A.ImmutableString(value) : value;
  }
}

/** The highest number among rivals. */
export function highest(rivals: readonly Scalar[]): number | undefined {
  const numbers = rivals.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

export function isSameScalar(a: Scalar | undefined, b: Scalar | undefined): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isScalar(value: unknown): value is Scalar {
  return value instanceof Uint8Array || ['string', 'number', 'boolean'].includes(typeof value);
}

function toScalar(value: Stored | undefined): Scalar | undefined {
  return A.isImmutableString(value) ? value.val : value;
}
