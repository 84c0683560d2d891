/** A device of the benchmark as a browser's worker, which is what the engine is: its files lie in the origin's private folder. */
import { ready } from '@securechat/crypto';
import { createOpfsBlobCache } from '../../sync/src/adapters/opfs-blob-cache.ts';
import { type Acts, actsOn, uploadTo } from './acts.ts';

export interface WorkerActs extends Acts {
  /** Fetches a file from the parent; whatever is sent next is this one. */
  choose(name: string): Promise<null>;
}

export interface Told {
  readonly act: keyof WorkerActs;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

const CHOSEN = 'chosen';
const CACHE = 'bench';

const acts: WorkerActs = {
  ...actsOn({
    newCache: () => createOpfsBlobCache(CACHE),
    open: async (name) => {
      const file = await (await (await chosenFolder()).getFileHandle(name.slice(name.lastIndexOf('/') + 1))).getFile();
      return {
        content: file,
        sendPlain: (where, size) => uploadTo(where, size, (from, to) => Promise.resolve(file.slice(from, to))),
        close: () => Promise.resolve(),
      };
    },
    ready,
  }),
  choose: async (name) => {
    const { body } = await fetch(`/files/${name}`);
    const handle = await (await chosenFolder()).getFileHandle(name, { create: true });
    await body?.pipeTo(await handle.createWritable());
    return null;
  },
};

async function chosenFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(CHOSEN, { create: true });
}

async function outcomeOf({ act, args }: Told): Promise<Answer> {
  try {
    return { value: await (acts[act] as (...given: readonly unknown[]) => Promise<unknown>)(...args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Until the browser is closed. */
async function serve(): Promise<void> {
  for (;;) {
    const told = (await (await fetch('/next')).json()) as Told;
    await fetch('/answer', { method: 'POST', body: JSON.stringify(await outcomeOf(told)) });
  }
}

void serve();
