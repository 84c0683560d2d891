/** What the tus client reads from, one request after the other, from a file that is read when it is sent. */
import type { RequestBody } from '../ports/blob-cache.ts';

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly body: Promise<RequestBody>;
}

/** What the client asks of a file (`FileSource` in tus-js-client). */
export interface UploadSource {
  readonly size: number;
  /** Bytes [from, to), cut at the end; it asks each kind of body for its `size`. */
  slice(from: number, to: number): Promise<{ value: RequestBody & { readonly size: number }; done: boolean }>;
  close(): void;
}

/**
 * A request's bytes are read while the one before it is on its way: a line that has to wait for them is idle. So two bodies are in use
 * at a time, and `read` is asked for each piece once, in order. What it rejects with is told when it is that piece's turn.
 */
export function uploadSource(size: number, read: (from: number, to: number) => Promise<RequestBody>): UploadSource {
  let next: Piece | undefined;
  const begin = (from: number, to: number): Piece => {
    const body = read(from, to);
    body.catch(() => undefined);
    return { from, to, body };
  };
  return {
    size,
    slice: async (from, to) => {
      const end = Math.min(to, size);
      const piece = next?.from === from && next.to === end ? next : begin(from, end);
      next = undefined;
      const body = await piece.body;
      if (end < size) next = begin(end, Math.min(end + (to - from), size));
      // Bytes have no `size` of their own; the client takes them all the same, in browsers and in Node.
      const value = body instanceof Blob ? body : Object.assign(body, { size: body.length });
      return { value, done: end >= size };
    },
    close: () => undefined,
  };
}
