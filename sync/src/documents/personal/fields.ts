/**
 * Things with an id whose fields lie under `id/field` in one table: reading them together, writing some of them, and
 * keeping an immutable map of them up to date at the cost of what changed.
 */
import { Source } from '../../readable.ts';
import type { FlatDocument, Scalar } from './flat-document.ts';

/** The raw fields of one thing. */
export type Fields = ReadonlyMap<string, Scalar>;

/** Splits `id/rest`; ids hold no slash. */
function splitKey<Id extends string>(key: string): readonly [id: Id, rest: string] {
  const at = key.indexOf('/');
  return [key.slice(0, at) as Id, key.slice(at + 1)];
}

/** How the fields of a thing are understood. */
export interface Reading<T> {
  /** Makes a thing of its fields, or undefined when they are not (yet) one. */
  readonly read: (fields: Fields, before: T | undefined) => T | undefined;
  /** Whether of several numbers that own devices wrote at the same time the highest counts, rather than any one. */
  readonly isMaximum?: (field: string) => boolean;
}

/** The things of one table as a map that is replaced whenever one of them changes. */
export class FieldMap<Id extends string, T> {
  readonly source: Source<ReadonlyMap<Id, T>>;
  readonly #document: FlatDocument;
  readonly #table: string;
  readonly #fields = new Map<Id, Map<string, Scalar>>();
  readonly #reading: Reading<T>;

  constructor(document: FlatDocument, table: string, reading: Reading<T>) {
    this.#document = document;
    this.#table = table;
    this.#reading = reading;
    for (const key of document.keys(table)) this.#refresh(key);
    this.source = new Source(this.#rebuilt(new Map(), this.#fields.keys()));
    document.onChange((changed) => {
      const keys = changed.filter((change) => change.table === table).map((change) => change.key);
      if (keys.length === 0) return;
      for (const key of keys) this.#refresh(key);
      this.source.set(this.#rebuilt(this.source.get(), new Set(keys.map((key) => splitKey<Id>(key)[0]))));
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

  #refresh(key: string): void {
    const [id, field] = splitKey<Id>(key);
    const fields = this.#fields.get(id) ?? new Map<string, Scalar>();
    const value = this.#valueOf(key, field);
    if (value === undefined) fields.delete(field);
    else fields.set(field, value);
    if (fields.size === 0) this.#fields.delete(id);
    else this.#fields.set(id, fields);
  }

  #valueOf(key: string, field: string): Scalar | undefined {
    if (this.#reading.isMaximum?.(field) !== true) return this.#document.get(this.#table, key);
    const numbers = this.#document.all(this.#table, key).filter((value) => typeof value === 'number');
    return numbers.length === 0 ? undefined : Math.max(...numbers);
  }

  #rebuilt(before: ReadonlyMap<Id, T>, ids: Iterable<Id>): ReadonlyMap<Id, T> {
    const next = new Map(before);
    for (const id of ids) {
      const fields = this.#fields.get(id);
      const thing = fields && this.#reading.read(fields, before.get(id));
      if (thing === undefined) next.delete(id);
      else next.set(id, thing);
    }
    return next;
  }
}
