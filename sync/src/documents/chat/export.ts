/** The changes of one segment as they are, for a backup: in pieces, so that neither side holds a whole chat. */
import type { ChatMemory } from './chat-memory.ts';
import type { WireChange } from '../types.ts';

/** About what a piece has; a single change may make it a little larger. */
const PIECE_BYTES = 1024 * 1024;

/** Dependencies first. Each piece is a job of its own; what is added meanwhile may be left out. */
export async function* exportSegment(memory: ChatMemory, number: number): AsyncGenerator<readonly WireChange[]> {
  const hashes = await memory.run(async () =>
    (await memory.segments.at(number)).graph.ordered().map(({ hash }) => hash),
  );
  for (let from = 0; from < hashes.length;) {
    const at = from;
    const piece = await memory.run(() => takePiece(memory, number, hashes.slice(at)));
    from += piece.taken;
    if (piece.changes.length > 0) yield piece.changes;
  }
}

async function takePiece(
  { segments }: ChatMemory,
  number: number,
  hashes: readonly string[],
): Promise<{ readonly changes: readonly WireChange[]; readonly taken: number }> {
  const segment = await segments.at(number);
  const { generation } = segment.place;
  const changes: WireChange[] = [];
  let [bytes, taken] = [0, 0];
  while (taken < hashes.length && bytes < PIECE_BYTES) {
    const chunk = segment.bytesOf(hashes[taken] ?? '');
    taken += 1;
    if (chunk === undefined) continue;
    changes.push({ segment: number, generation, bytes: chunk });
    bytes += chunk.length;
  }
  return { changes, taken };
}
