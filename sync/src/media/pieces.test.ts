import { describe, expect, it } from 'vitest';
import { piecesOf } from './pieces.ts';

const PIECES = [[1, 2, 3], [4], [5, 6]];

function plainStream(onCancel = (): undefined => undefined): ReadableStream<Uint8Array> {
  const left = [...PIECES];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(Uint8Array.from(piece));
    },
    cancel: onCancel,
  });
}

/** As a browser's of a file, or of an answer. */
function byteStream(onCancel = (): undefined => undefined): ReadableStream<Uint8Array> {
  const left = [...PIECES];
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) {
        controller.close();
        controller.byobRequest?.respond(0);
      } else controller.enqueue(Uint8Array.from(piece));
    },
    cancel: onCancel,
  });
}

describe.each([
  ['a plain stream', plainStream],
  ['a stream of bytes', byteStream],
])('pieces of %s', (_, make) => {
  it('come in order, each of them good until the next is asked for', async () => {
    const seen: number[][] = [];
    for await (const piece of piecesOf(make())) seen.push([...piece]);
    expect(seen.flat()).toEqual(PIECES.flat());
  });

  it('are not asked for any more when whoever read them stops', async () => {
    let isCancelled = false;
    const stream = make(() => void (isCancelled = true));
    for await (const piece of piecesOf(stream)) if (piece.length > 0) break;
    expect(isCancelled).toBe(true);
  });
});

it('pieces of a stream of bytes lie in the same memory: an earlier one is empty by then', async () => {
  const seen: Uint8Array[] = [];
  for await (const piece of piecesOf(byteStream())) seen.push(piece);
  expect(seen.slice(0, -1).map(({ length }) => length)).toEqual(seen.slice(1).map(() => 0));
});

it('a stream that fails says so', async () => {
  const stream = new ReadableStream<Uint8Array>({
    pull: () => {
      throw new RangeError('the file is gone');
    },
  });
  await expect(piecesOf(stream).next()).rejects.toThrow('the file is gone');
});

it('no stream has no pieces', async () => {
  for await (const _ of piecesOf(null)) expect.unreachable();
});
