/** What comes in pieces of any size, cut into parts of given lengths. */

export interface Part {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface Cutting {
  readonly lengths: Iterable<number>;
  /** None of them is more. */
  readonly longest: number;
  /**
   * Buffers that the parts lie in: one is used again when so many more parts were asked for. Memory that is made for each part and left
   * to the collector costs a large file more than sealing it.
   */
  readonly buffers: number;
}

/**
 * Each part when it is whole; one that is not is left out at the end. Bytes behind the last one come as a part more, as far as they
 * are there, and nothing after it.
 */
export async function* cutParts(
  pieces: AsyncIterable<Uint8Array>,
  { lengths, longest, buffers }: Cutting,
): AsyncGenerator<Part, void, undefined> {
  const left = lengths[Symbol.iterator]();
  const ring = Array.from({ length: buffers }, () => new Uint8Array(longest));
  const part = (index: number): Uint8Array | undefined => {
    const { done, value } = left.next();
    return done === true ? undefined : ring[index % buffers]?.subarray(0, value);
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
