/**
 * A small declarative codec for JSON bodies: one description parses what arrives (bytes come out as bytes, ids checked)
 * and prints what leaves. Unknown members are ignored, so that a later version may add some; wrong ones are errors.
 */
import { fromBase64Url, toBase64Url } from './base64url.ts';
import { ID_BYTES, isHandle, isKeyHash } from './ids.ts';
import { err, ok, type Result } from './result.ts';

/** A body that is not what it should be. `at` is the path of the first wrong member: log-safe, no content. */
export interface Malformed {
  readonly type: 'Malformed';
  readonly at: string;
}

/** One kind of JSON value. */
export interface Json<T> {
  parse(value: unknown, at?: string): Result<T, Malformed>;
  print(value: T): unknown;
}

/** The value type of a description. */
export type Parsed<J> = J extends Json<infer T> ? T : never;

type Members = Readonly<Record<string, Json<unknown> & { readonly optional?: true }>>;
type OptionalKeys<S> = { [K in keyof S]: S[K] extends { readonly optional: true } ? K : never }[keyof S];
type Flat<T> = { readonly [K in keyof T]: T[K] };
/** The object type of a list of members. */
export type Body<S> = Flat<
  { [K in Exclude<keyof S, OptionalKeys<S>>]: Parsed<S[K]> } & { [K in OptionalKeys<S>]?: Parsed<S[K]> }
>;

/** An object with at least these members. */
export function object<S extends Members>(members: S): Json<Body<S>> {
  const entries = Object.entries(members);
  return {
    parse: (value, at = '') => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed(at);
      const body: Record<string, unknown> = {};
      for (const [name, member] of entries) {
        const raw = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
        if (raw === undefined && member.optional) continue;
        const parsed = member.parse(raw, at === '' ? name : `${at}.${name}`);
        if (!parsed.ok) return parsed;
        body[name] = parsed.value;
      }
      return ok(body as Body<S>);
    },
    print: (value) => printMembers(entries, value as Readonly<Record<string, unknown>>),
  };
}

/** A member that may be absent. */
export function optional<T>(inner: Json<T>): Json<T> & { readonly optional: true } {
  return { ...inner, optional: true };
}

/** An array of at most `limit` items. */
export function array<T>(item: Json<T>, limit: number): Json<readonly T[]> {
  return {
    parse: (value, at = '') => {
      if (!Array.isArray(value) || value.length > limit) return malformed(at);
      const items: T[] = [];
      for (const [index, raw] of value.entries()) {
        const parsed = item.parse(raw, `${at}[${String(index)}]`);
        if (!parsed.ok) return parsed;
        items.push(parsed.value);
      }
      return ok(items);
    },
    print: (values) => values.map((value) => item.print(value)),
  };
}

/** Base64url text of at least `least` and at most `most` bytes. */
export function bytes<T extends Uint8Array = Uint8Array>(least: number, most: number): Json<T> {
  return {
    parse: (value, at = '') => {
      if (typeof value !== 'string' || value.length > Math.ceil((most * 4) / 3)) return malformed(at);
      const raw = fromBase64Url(value);
      return raw === undefined || raw.length < least || raw.length > most ? malformed(at) : ok(raw as T);
    },
    print: toBase64Url,
  };
}

/** Base64url text of a 16-byte id. */
export function id16<T extends Uint8Array>(): Json<T> {
  return bytes<T>(ID_BYTES, ID_BYTES);
}

/** A string that satisfies `legal`. */
export function text(legal: (value: string) => boolean): Json<string> {
  return {
    parse: (value, at = '') => (typeof value === 'string' && legal(value) ? ok(value) : malformed(at)),
    print: (value) => value,
  };
}

/** An integer in [least, most]. */
export function integer(least: number, most: number): Json<number> {
  return {
    parse: (value, at = '') =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
        ? ok(value as number)
        : malformed(at),
    print: (value) => value,
  };
}

/** An account or device id. */
export const keyHash: Json<string> = text(isKeyHash);
/** A handle. */
export const handle: Json<string> = text(isHandle);

function printMembers(
  entries: readonly (readonly [string, Json<unknown>])[],
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const printed: Record<string, unknown> = {};
  for (const [name, member] of entries) if (value[name] !== undefined) printed[name] = member.print(value[name]);
  return printed;
}

function malformed(at: string): { readonly ok: false; readonly error: Malformed } {
  return err({ type: 'Malformed', at });
}
