/**
 * What comes of an upload, into its file, in few large writes: a line gives it by 64 KiB at most, and for pieces of that length the system has several
 * times the work that it has for as many bytes at once (`docs/decisions/2026-12-01-the-server-writes-in-blocks.md`).
 */
import type { FileHandle } from 'node:fs/promises';

/** Bytes that are gathered before they are written. No more than twice as many are in memory, and what the last chunk is longer. */
export const BLOCK_BYTES = 512 * 1024;
/** How long a byte waits at most for others before it is written, if the disk keeps up: what a killed server had not written has to be sent again. */
const HOLD_MS = 100;

/** Writes all of these, one after the other, at this place of the file. */
export type Write = (chunks: readonly Uint8Array[], at: number) => Promise<void>;

/** Writes what comes, from place `from` on; answers where it ends. Rejects with the error of `source`, without what it had gathered by then, or of `write`. */
export async function writeInBlocks(source: AsyncIterable<Uint8Array>, from: number, write: Write): Promise<number> {
  let [chunks, bytes, at]: [Uint8Array[], number, number] = [[], 0, from];
  let writing = Promise.resolve();
  let due: NodeJS.Timeout | undefined;
  const put = (): void => {
    clearTimeout(due);
    due = undefined;
    if (bytes === 0) return;
    const [block, place] = [chunks, at];
    [chunks, bytes, at] = [[], 0, at + bytes];
    writing = writing.then(() => write(block, place));
    // Heard of by who waits for it, which may be later.
    writing.catch(() => undefined);
  };
  // Behind what is being written, so that a disk that does not keep up has one block more to come and not one for each pause.
  const putInTurn = (): void => void writing.then(put, () => undefined);
  try {
    for await (const chunk of source) {
      chunks.push(chunk);
      bytes += chunk.length;
      due ??= setTimeout(putInTurn, HOLD_MS);
      if (bytes < BLOCK_BYTES) continue;
      await writing;
      put();
    }
    put();
    await writing;
    return at;
  } finally {
    clearTimeout(due);
    bytes = 0;
    // Nothing is written any more once the caller hears: the next request may begin where this one ended.
    await writing.catch(() => undefined);
  }
}

/** All of it: a disk that has little room left may take a part first, and say that it is full when it is asked for the rest. */
export async function writeAll(
  handle: Pick<FileHandle, 'writev'>,
  chunks: readonly Uint8Array[],
  at: number,
): Promise<void> {
  let [rest, place] = [chunks, at];
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, place);
    rest = without(bytesWritten, rest);
    place += bytesWritten;
  }
}

function without(count: number, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  let left = count;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}
