/** A device of the benchmark as a process of its own, so that its memory can be read. */
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { ready } from '@securechat/crypto';
import { serve } from '../processes/serve.ts';
import { type Acts, actsOn, uploadTo } from './acts.ts';
import { createFolderCache } from './folder-cache.ts';
import type { Content } from '../../sync/src/media/sealing.ts';

export interface NodeActs extends Acts {
  /** Resident MiB now; the peak is counted from here on. */
  rest(): Promise<number>;
  peak(): Promise<number>;
}

// For both ways, as the storage server does it (storage-server/src/main.ts): else V8 marks all of a small heap for each 20 MiB of a file.
setFlagsFromString('--heap-growing-percent=400');

const PIECE_BYTES = 262_144;
const [, , folder = ''] = process.argv;

const acts: NodeActs = {
  ...actsOn({
    newCache: () => createFolderCache(folder),
    open: async (file) => {
      const handle = await open(file);
      return {
        content: contentOf(handle),
        sendPlain: (where, size) => uploadTo(where, size, (from, to) => readPart(handle, from, to)),
        close: () => handle.close(),
      };
    },
    ready,
  }),
  rest: async () => {
    globalThis.gc?.();
    // "Reset the peak resident set size", says proc(5).
    await writeFile('/proc/self/clear_refs', '5');
    return memory('VmRSS');
  },
  peak: () => memory('VmHWM'),
};

/** Both ways of sending read the file like this: Node's own blob of a file costs more than sealing it. */
async function readPart(handle: FileHandle, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const { bytesRead, buffer } = await handle.read(new Uint8Array(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

/** What a browser gives of a file: pieces of 256 KiB. */
function contentOf(handle: FileHandle): Content {
  let at = 0;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const piece = await readPart(handle, at, at + PIECE_BYTES);
    at += piece.length;
    if (piece.length === 0) controller.close();
    else controller.enqueue(piece);
  };
  return { stream: () => new ReadableStream({ pull }) };
}

/** MiB. */
async function memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

serve<NodeActs>(acts);
