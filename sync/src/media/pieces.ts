/** Bytes of a piece, where the platform can be told: as much as a browser has ready, so that it is asked, and asks others, seldom. */
const PIECE_BYTES = 1024 * 1024;
/**
 * What is being read, held here until it is at its end: Chromium (156) collects a stream that is read "bring your own buffer" when nothing but its
 * own next piece would wake whoever waits for it, and then that piece never comes (`app/e2e/pieces.e2e.ts`).
 */
const beingRead = new Set<Reader['reader']>();

/**
 * What a stream of bytes gives, piece by piece; nothing when there is none. A piece is good until the next is asked for: where the platform
 * can, all of them lie in the same memory, since a large file's pieces are otherwise garbage of which each byte costs more than sealing it.
 * Not every browser lets a stream be iterated itself.
 */
export async function* piecesOf(
  stream: ReadableStream<Uint8Array> | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (stream === null) return;
  const { reader, next } = readerOf(stream);
  beingRead.add(reader);
  try {
    for (;;) {
      const { done, value } = await next();
      if (done || value === undefined) return;
      yield value;
    }
  } finally {
    // Whoever stops reading wants no more of it.
    beingRead.delete(reader);
    await reader.cancel().catch(() => undefined);
  }
}

interface Reader {
  readonly reader: Pick<ReadableStreamDefaultReader, 'cancel'>;
  readonly next: () => Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

/** Into memory of ours, if the stream is one of bytes ("bring your own buffer"). */
function readerOf(stream: ReadableStream<Uint8Array>): Reader {
  const own = ownBufferReader(stream);
  if (own === undefined) {
    const reader = stream.getReader();
    return { reader, next: () => reader.read() };
  }
  let buffer = new ArrayBuffer(PIECE_BYTES);
  return {
    reader: own,
    next: async () => {
      const { done, value } = await own.read(new Uint8Array(buffer));
      if (value !== undefined) ({ buffer } = value);
      return { done, value };
    },
  };
}

function ownBufferReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
