/**
 * The grammar of store keys. It belongs to the port because both sides need it: callers build keys with it, and the
 * sealed store takes keys apart by it to blind them.
 *
 *     key     = part *( ":" part )          a part holds neither ":" nor ";"
 *     ordered = "~" ...                     only as the last part; stays in clear, so that a range can be ordered by it
 *     bound   = key-prefix (":" | ";") [ordered] | ordered | ""
 *
 * Parts that are not ordered may be ids, names or tokens: their order means nothing (a sealed store blinds them), but
 * everything below a prefix is one range. An ordered part should be a counter and must never be an id, a name or a time.
 */
import type { Range } from './store.ts';

const ORDERED = '~';
const DIGITS = 11;

/** Joins parts to a key. Throws a RangeError on a part that breaks the grammar: that is a bug of the caller. */
export function storeKey(...parts: readonly string[]): string {
  const key = parts.join(':');
  splitKey(key);
  if (parts.some((part) => part.includes(':'))) throw new RangeError('a key part holds a separator');
  return key;
}

/** The range of everything below a prefix: keys that have these parts and at least one more. */
export function prefixRange(...parts: readonly string[]): Required<Pick<Range, 'from' | 'to'>> {
  const prefix = storeKey(...parts);
  return { from: `${prefix}:`, to: `${prefix};` };
}

/** An ordered part that sorts as the number does. Throws a RangeError unless 0 <= n <= 2^53 - 1. */
export function orderedNumber(n: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('not a counter');
  return ORDERED + n.toString(36).padStart(DIGITS, '0');
}

/** A key taken apart: what may be hidden, and what must stay in order. */
export interface KeyParts {
  readonly hidden: readonly string[];
  readonly ordered?: string;
}

/** Throws a RangeError when `key` breaks the grammar. */
export function splitKey(key: string): KeyParts {
  const parts = key.split(':');
  const last = parts.at(-1) ?? '';
  const hidden = last.startsWith(ORDERED) ? parts.slice(0, -1) : parts;
  if (hidden.some((part) => part === '' || part.startsWith(ORDERED)) || key.includes(';')) {
    throw new RangeError('malformed store key');
  }
  return last.startsWith(ORDERED) ? { hidden, ordered: last } : { hidden };
}

/** A range bound taken apart: whole parts, the sign after them, and the rest of an ordered part. */
export interface BoundParts {
  readonly hidden: readonly string[];
  readonly sign: '' | ':' | ';';
  readonly ordered: string;
}

/** Throws a RangeError when the bound would cut through a part that has no order. */
export function splitBound(bound: string): BoundParts {
  const at = Math.max(bound.lastIndexOf(':'), bound.lastIndexOf(';'));
  const ordered = bound.slice(at + 1);
  if (ordered !== '' && !ordered.startsWith(ORDERED)) throw new RangeError('a bound must end where an order exists');
  if (at < 0) return { hidden: [], sign: '', ordered };
  const sign = bound[at] === ';' ? ';' : ':';
  return { hidden: splitKey(bound.slice(0, at)).hidden, sign, ordered };
}
