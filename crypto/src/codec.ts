/**
 * A small declarative binary codec: a layout names each field once, in order, and both directions come from that list.
 * The kinds of fields are in `fields.ts`. Reading never throws and never allocates more than the input holds; a length
 * over its cap, an unknown value, or bytes left over make the whole decode answer `undefined` (C-CODEC-1, C-CODEC-2).
 *
 * Each field knows whether it may go on the wire. {@link wireLayout} takes only fields that may, so a layout that would
 * send a `Secret` does not compile; {@link stateLayout}, for sealed storage, takes both.
 */

/** A cursor over bytes being read or written. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** One kind of value. `read` answers `undefined` for bytes that are not one; `size` and `write` throw on a caller's bug. */
export interface Field<T, Wire extends boolean = boolean> {
  readonly wire: Wire;
  size(value: T): number;
  write(out: Cursor, value: T): void;
  read(input: Cursor): T | undefined;
}

/** The value type of a field or codec. */
export type ValueOf<F> = F extends { read(input: Cursor): infer T } ? Exclude<T, undefined> : never;

type Fields = Readonly<Record<string, Field<unknown>>>;
type WireFields = Readonly<Record<string, Field<unknown, true>>>;
type Values<S> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** A whole layout: a field that can also stand alone. */
export interface Codec<T, Wire extends boolean = boolean> extends Field<T, Wire> {
  /** Exactly these bytes and nothing after them. */
  decode(bytes: Uint8Array): T | undefined;
  encode(value: T): Uint8Array;
}

/** A layout whose bytes may leave the device. Does not take fields of secrets. */
export function wireLayout<const S extends WireFields>(fields: S): Codec<Values<S>, true> {
  return layout(fields, true);
}

/** A layout for sealed storage: secrets allowed. */
export function stateLayout<const S extends Fields>(fields: S): Codec<Values<S>, false> {
  return layout(fields, false);
}

function layout<S extends Fields, Wire extends boolean>(fields: S, wire: Wire): Codec<Values<S>, Wire> {
  // The public types pair each value with its field; inside, the pairs are walked by name, as unknown.
  const named = Object.entries(fields) as unknown as readonly (readonly [string, Field<unknown>])[];
  const size = (value: Values<S>) => named.reduce((sum, [name, field]) => sum + field.size(value[name as keyof S]), 0);
  const write = (out: Cursor, value: Values<S>) => {
    for (const [name, field] of named) field.write(out, value[name as keyof S]);
  };
  const read = (input: Cursor) => {
    const values: Record<string, unknown> = {};
    for (const [name, field] of named) {
      const value = field.read(input);
      if (value === undefined) return undefined;
      values[name] = value;
    }
    return values as Values<S>;
  };
  const encode = (value: Values<S>) => {
    const out = { bytes: new Uint8Array(size(value)), at: 0 };
    write(out, value);
    return out.bytes;
  };
  const decode = (bytes: Uint8Array) => {
    const input = { bytes, at: 0 };
    const value = read(input);
    return input.at === bytes.length ? value : undefined;
  };
  return { wire, size, write, read, encode, decode };
}
