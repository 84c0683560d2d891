/**
 * Things with an id whose fields lie under `id/field` in one table: reading them together, writing some of them, and
 * keeping an immutable map of them up to date at the cost of what changed.
 */
import { Source } from '../../readable.ts';
import { type FlatDocument, type Scalar, isSameScalar } from './flat-document.ts';

/** The raw fields of one thing. */
export type Fields = ReadonlyMap<string, Scalar>;

/** Splits `id/rest`; ids hold no slash. */
function splitKey<Id extends string>(key: string): readonly [id: Id, rest: string] {
  const at = key.indexOf('/');
  return [key.slice(0, at) as Id, key.slice(at + 1)];
}

/** Makes a thing of its fields, or undefined when they are not (yet) one. */
export type ReadFields<T> = (fields: Fields, before: T | undefined) => T | undefined;

/** The things of one table as a map that is replaced whenever one of them changes. */
export class FieldMap<Id extends string, T> {
  readonly source: Source<ReadonlyMap<Id, T>>;
  readonly #document: FlatDocument;
  readonly #table: string;
  readonly #fields = new Map<Id, Map<string, Scalar>>();
  readonly #read: ReadFields<T>;

  constructor(document: FlatDocument, table: string, read: ReadFields<T>) {
    this.#document = document;
    this.#table = table;
    this.#read = read;
    for (const key of document.keys(table)) this.#refresh(key);
    this.source = new Source(this.#rebuilt(new Map(), this.#fields.keys()));
    document.onChange((touched) => {
      const changed = touched.filter((at) => at.table === table && this.#refresh(at.key));
      if (changed.length === 0) return;
      this.source.set(this.#rebuilt(this.source.get(), new Set(changed.map(({ key }) => splitKey<Id>(key)[0]))));
    });
  }

  /** Writes some fields of one thing; undefined clears one. */
  async write(id: Id, fields: Readonly<Record<string, Scalar | undefined>>): Promise<void> {
    const table = this.#table;
    await this.#document.write(
      Object.entries(fields).map(([field, value]) => ({ table, key: `${id}/${field}`, value })),
    );
  }

  /** Clears all fields of one thing. */
  async remove(id: Id): Promise<void> {
    const fields = this.#fields.get(id)?.keys() ?? [];
    await this.write(id, Object.fromEntries([...fields].map((field) => [field, undefined])));
  }

  /** Reads a field again; true when it changed. */
  #refresh(key: string): boolean {
    const [id, field] = splitKey<Id>(key);
    const fields = this.#fields.get(id) ?? new Map<string, Scalar>();
    const [before, value] = [fields.get(field), this.#document.get(this.#table, key)];
    if (isSameScalar(before, value)) return false;
    if (value === undefined) fields.delete(field);
    else fields.set(field, value);
    if (fields.size === 0) this.#fields.delete(id);
    else this.#fields.set(id, fields);
    return true;
  }

  #rebuilt(before: ReadonlyMap<Id, T>, ids: Iterable<Id>): ReadonlyMap<Id, T> {
    const next = new Map(before);
    for (const id of ids) {
      const fields = this.#fields.get(id);
      const thing = fields && this.#read(fields, before.get(id));
      if (thing === undefined) next.delete(id);
      else next.set(id, thing);
    }
    return next;
  }
}
