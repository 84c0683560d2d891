/** The `Range` header of RFC 9110, section 14, as far as players and resumed downloads need it: one range of bytes. */
import type { ByteRange } from './blobs/port.ts';

/** What of a blob is wanted. `Unsatisfiable` is to be answered with 416. */
export type Wanted =
  { readonly type: 'All' } | ({ readonly type: 'Part' } & ByteRange) | { readonly type: 'Unsatisfiable' };

/** Reads the header for a blob of `size` bytes. What is not understood, several ranges included, is ignored as the RFC allows. */
export function parseRange(header: string | null, size: number): Wanted {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return { type: 'All' };
  const range = first === '' ? suffix(Number(last), size) : { start: Number(first), end: endOf(last, size) };
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { type: 'All' };
  return range.start < size && range.start <= range.end ? { type: 'Part', ...range } : { type: 'Unsatisfiable' };
}

/** The last `length` bytes. */
function suffix(length: number, size: number): ByteRange {
  return { start: length === 0 ? size : Math.max(0, size - length), end: size - 1 };
}

function endOf(last: string, size: number): number {
  return last === '' ? size - 1 : Math.min(Number(last), size - 1);
}
