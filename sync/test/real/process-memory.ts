/**
 * A search in the memory of a process that this one started, while it stands still. Reads Linux's /proc, which may need
 * the right to trace the process. Where that is missing it throws: a search that was not made must not look like one that
 * found nothing.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';

const PIECE = 4 * 1024 * 1024;
/** Written by the kernel, not by the process, and not to be read through /proc. */
const KERNELS = new Set(['[vvar]', '[vvar_vclock]', '[vdso]', '[vsyscall]']);

interface Region {
  readonly from: number;
  readonly to: number;
}

/** What was found of `needles`, and how many bytes were searched. */
export interface MemorySearch {
  readonly found: ReadonlySet<Buffer>;
  readonly bytes: number;
}

/** Stops the process meanwhile. Throws when its memory cannot be read. */
export async function searchMemory(pid: number, needles: readonly Buffer[]): Promise<MemorySearch> {
  process.kill(pid, 'SIGSTOP');
  try {
    await hasStopped(pid);
    return await searchRegions(pid, needles);
  } catch (cause) {
    throw new Error(`the memory of process ${String(pid)} cannot be searched here, so nothing is shown`, { cause });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function hasStopped(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (/^State:\s+T/m.test(await readFile(`/proc/${String(pid)}/status`, 'utf8'))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it does not stop');
}

async function searchRegions(pid: number, needles: readonly Buffer[]): Promise<MemorySearch> {
  const regions = regionsOf(await readFile(`/proc/${String(pid)}/maps`, 'utf8'));
  const memory = await open(`/proc/${String(pid)}/mem`, 'r');
  const found = new Set<Buffer>();
  let bytes = 0;
  try {
    for (const region of regions) {
      await searchRegion(memory, region, needles, found);
      bytes += region.to - region.from;
    }
  } finally {
    await memory.close();
  }
  return { found, bytes };
}

/** Readable regions, but those that show a file and cannot be written: they hold what the file holds. */
function regionsOf(maps: string): readonly Region[] {
  return maps.split('\n').flatMap((line): Region[] => {
    const parsed = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+)\s*(.*)$/.exec(line);
    if (parsed === null) return [];
    const [, from = '', to = '', rights = '', inode, name = ''] = parsed;
    const isFile = inode !== '0' && !rights.includes('w');
    if (!rights.startsWith('r') || isFile || KERNELS.has(name)) return [];
    return [{ from: parseInt(from, 16), to: parseInt(to, 16) }];
  });
}

/** Piece by piece, each with the end of the one before: a needle may lie across. */
async function searchRegion(
  memory: FileHandle,
  { from, to }: Region,
  needles: readonly Buffer[],
  found: Set<Buffer>,
): Promise<void> {
  const overlap = Math.max(0, ...needles.map(({ length }) => length - 1));
  const buffer = Buffer.alloc(PIECE + overlap);
  let kept = 0;
  for (let at = from; at < to;) {
    const { bytesRead } = await memory.read(buffer, kept, Math.min(PIECE, to - at), at);
    if (bytesRead === 0) throw new Error(`nothing can be read at ${at.toString(16)}`);
    const piece = buffer.subarray(0, kept + bytesRead);
    for (const needle of needles) if (!found.has(needle) && piece.includes(needle)) found.add(needle);
    kept = Math.min(overlap, piece.length);
    piece.copy(buffer, 0, piece.length - kept);
    at += bytesRead;
  }
}
