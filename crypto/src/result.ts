/**
 * Expected outcomes as values. Everything that an adversary, a lost message or a full disk can cause comes back as an
 * `err` with a tagged reason; only a bug of the caller throws. Knows nothing of cryptography.
 */

/** Either a value or the reason why there is none. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** The bytes do not parse: wrong length, unknown version or tag, a count over its cap, or bytes left over. */
export interface Malformed {
  readonly type: 'Malformed';
}

/** A success that carries `value`. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure that carries `error`. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** What a decoder answers: the value, or `Malformed` when there is none. */
export function decoded<T>(value: T | undefined): Result<T, Malformed> {
  return value === undefined ? err({ type: 'Malformed' }) : ok(value);
}
