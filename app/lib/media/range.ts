/** The Range header of a player (RFC 9110, 14.1.2): one range of bytes. Pure. */

/** Bytes [from, to). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** What is asked for of `size` bytes, at most `most` of them. Undefined: nothing that there is. No header asks from the start. */
export function parseRange(header: string | undefined, size: number, most: number): ByteRange | undefined {
  const parts = header === undefined ? ['', '0', ''] : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  if (!parts) return undefined;
  const [, first = '', last = ''] = parts;
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  const to = Math.min(end, from + most);
  return from < to ? { from, to } : undefined;
}
