/** What comes in pieces of any size, cut into parts of given lengths. */
import { madeAhead } from './ahead.ts';

export interface Part {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Parts of a file that are worked on at a time. */
export const AT_ONCE = 4;

/**
 * What `make` makes of each part, in order, {@link AT_ONCE} at a time. A part's bytes lie in one of a few buffers, which is used again as
 * soon as what was made of the part has been used: memory that is made for each part and left to the collector costs a large
 * file more than sealing it.
 */
export function partsAhead<T>(
  pieces: AsyncIterable<Uint8Array>,
  lengths: readonly number[],
  make: (part: Part) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  // Besides those that are worked on there is one that is used, and one that comes.
  return madeAhead(cutParts(pieces, lengths, AT_ONCE + 2), AT_ONCE, make);
}

/**
 * Each part when it is whole, in one of so many buffers; one that is not whole is left out at the end. Parts of no length
 * may be the last ones. Bytes behind the last part come as one part more, as far as they are there, and nothing after it.
 */
export async function* cutParts(
  pieces: AsyncIterable<Uint8Array>,
  lengths: readonly number[],
  buffers: number,
): AsyncGenerator<Part, void, undefined> {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const ring = Array.from({ length: Math.min(buffers, lengths.length) }, () => new Uint8Array(longest));
  const part = (index: number): Uint8Array | undefined => {
    const length = lengths[index];
    return length === undefined ? undefined : ring[index % buffers]?.subarray(0, length);
  };
  let [index, filled, bytes] = [0, 0, part(0)];
  for await (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0) {
      if (bytes === undefined) {
        yield { index, bytes: rest };
        return;
      }
      const taken = rest.subarray(0, bytes.length - filled);
      bytes.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < bytes.length) continue;
      yield { index, bytes };
      [index, filled, bytes] = [index + 1, 0, part(index + 1)];
    }
  }
  for (; bytes?.length === 0; bytes = part(++index)) yield { index, bytes };
}

/** Without the first `count` bytes. */
export async function* without(
  count: number,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const piece of pieces) {
    const rest = piece.subarray(Math.min(left, piece.length));
    left -= piece.length - rest.length;
    yield rest;
  }
}
