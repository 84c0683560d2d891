import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Part, cutParts, partsAhead, without } from './parts.ts';

async function* piecesOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

async function cut(bytes: Uint8Array, sizes: readonly number[], lengths: readonly number[]): Promise<number[][]> {
  const parts: number[][] = [];
  for await (const part of cutParts(piecesOf(bytes, sizes), lengths, 2)) {
    expect(part.index).toBe(parts.length);
    parts.push([...part.bytes]);
  }
  return parts;
}

const some = (max: number) => fc.array(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 8 });

describe('partsAhead', () => {
  it('no part is overwritten while it is worked on or used, however late that ends', async () => {
    const lengths = Array.from({ length: 40 }, (_, index) => 1 + (index % 5));
    const bytes = counting(lengths.reduce((sum, length) => sum + length, 0));
    const late = async ({ index, bytes: part }: Part): Promise<Uint8Array> => {
      for (let turn = 0; turn < (index * 7) % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return part;
    };
    const given: number[] = [];
    for await (const part of partsAhead(piecesOf(bytes, [3, 8]), lengths, late)) {
      await new Promise((resolve) => setImmediate(resolve));
      given.push(...part);
    }
    expect(given).toEqual([...bytes]);
  });
});

describe('cutParts', () => {
  it('gives the same parts whatever the sizes of the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(some(20), some(30), async (lengths, sizes) => {
        const bytes = counting(lengths.reduce((sum, length) => sum + length, 0));
        const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0));
        const expected = lengths.map((length, index) => {
          const end = ends[index] ?? 0;
          return [...bytes.subarray(end - length, end)];
        });
        expect(await cut(bytes, sizes, lengths)).toEqual(expected);
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('leaves out a part that is not whole, and tells of bytes behind the last', async () => {
    expect(await cut(counting(7), [3], [4, 4])).toEqual([[0, 1, 2, 3]]);
    expect(await cut(counting(10), [6], [4, 4])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await cut(counting(8), [8], [4, 4])).toHaveLength(2);
    expect(await cut(counting(4), [3], [4, 0, 0])).toEqual([[0, 1, 2, 3], [], []]);
    expect(await cut(counting(3), [3], [4, 0])).toEqual([]);
    expect(await cut(counting(5), [5], [4, 0])).toEqual([[0, 1, 2, 3], [], [4]]);
  });

  it('uses a buffer again when as many parts were asked for as there are', async () => {
    const parts = cutParts(piecesOf(counting(6), [6]), [2, 2, 2], 2);
    const [first, second, third] = [await parts.next(), await parts.next(), await parts.next()];
    expect([first, second, third].map(({ value }) => value && [...value.bytes])).toEqual([
      [4, 5],
      [2, 3],
      [4, 5],
    ]);
  });
});

it('without leaves out the first bytes, wherever the pieces end', async () => {
  for (const [count, size] of [
    [0, 3],
    [5, 3],
    [6, 3],
    [9, 4],
  ] as const) {
    const rest: number[] = [];
    for await (const piece of without(count, piecesOf(counting(9), [size]))) rest.push(...piece);
    expect(rest).toEqual([...counting(9).subarray(count)]);
  }
});
