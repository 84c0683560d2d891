/** What the tus client reads from, one request after the other, from a file that is read when it is sent. */
import type { RequestBody } from '../ports/blob-cache.ts';

/**
 * Bytes of a request: the fewest, and the most. A request costs the line a moment in which nothing goes over it, and browser and server some work; and
 * what a proxy has of one is lost when the line breaks. So requests grow while they are over soon, and only where their bytes lie on a disk.
 */
const REQUEST_BYTES = { least: 4 * 1024 * 1024, most: 16 * 1024 * 1024 } as const;
/** A request that took less lets those that follow be twice as large; one that took more lets them be half. Milliseconds. */
const [SOON, LATE] = [1000, 4000];
/** What would be left behind a request goes along with it when it is less than this part of it. */
const ALONG = 1 / 4;

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly body: Promise<RequestBody>;
}

/** What the client asks of a file (`FileSource` in tus-js-client). */
export interface UploadSource {
  readonly size: number;
  /** Bytes from `from` on: how many, is up to the source, the client goes by what it gets. It asks each kind of body for its `size`. */
  slice(from: number): Promise<{ value: RequestBody & { readonly size: number }; done: boolean }>;
  close(): void;
}

export interface UploadSourceInput {
  readonly size: number;
  /** Bytes [from, to). Asked for each piece once, in order, and for no more than two at a time. */
  readonly read: (from: number, to: number) => Promise<RequestBody>;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * A request's bytes are read while the one before it is on its way: a line that has to wait for them is idle. So two bodies are in use
 * at a time. What `read` rejects with is told when it is that piece's turn.
 */
export function uploadSource({ size, read, now }: UploadSourceInput): UploadSource {
  let next: Piece | undefined;
  let [length, sentAt] = [REQUEST_BYTES.least as number, NaN];
  const begin = (from: number): Piece => {
    const to = size - from < length * (1 + ALONG) ? size : from + length;
    const body = read(from, to);
    body.catch(() => undefined);
    return { from, to, body };
  };
  /** NaN: none was sent. */
  const measure = (took: number, isOnDisk: boolean): void => {
    if (!isOnDisk) length = REQUEST_BYTES.least;
    else if (took > LATE) length = Math.max(REQUEST_BYTES.least, length / 2);
    else if (took < SOON) length = Math.min(REQUEST_BYTES.most, length * 2);
  };
  return {
    size,
    slice: async (from) => {
      const took = now() - sentAt;
      const piece = next?.from === from ? next : begin(from);
      next = undefined;
      const body = await piece.body;
      measure(took, body instanceof Blob);
      if (piece.to < size) next = begin(piece.to);
      sentAt = now();
      // Bytes have no `size` of their own; the client takes them all the same, in browsers and in Node.
      const value = body instanceof Blob ? body : Object.assign(body, { size: body.length });
      return { value, done: piece.to >= size };
    },
    close: () => undefined,
  };
}
