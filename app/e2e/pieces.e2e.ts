/** Reading a file, and an answer, "bring your own buffer" in a real browser. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WorkerPage } from './world/worker-page.ts';

const MiB = 1024 ** 2;
const BYTES = 4 * MiB;
const ROUNDS = 10;
/** Far more than reading it takes. */
const PATIENCE = 10_000;

const WORKER = `
  import { piecesOf } from './media/pieces.ts';
  const streams = {
    async file() {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle('file', { create: true });
      const access = await handle.createSyncAccessHandle();
      access.write(new Uint8Array(${String(BYTES)}), { at: 0 });
      access.close();
      return (await handle.getFile()).stream();
    },
    async answer() {
      return (await fetch('/answer')).body;
    },
  };
  /** Nobody but itself holds it while it is under way. */
  async function read(stream) {
    let bytes = 0;
    for await (const piece of piecesOf(stream)) bytes += piece.length;
    postMessage(bytes);
  }
  addEventListener('message', async ({ data: name }) => {
    const stream = await streams[name]();
    void read(stream);
    for (const soon of [0, 2, 10]) setTimeout(gc, soon);
  });`;

let whole: WorkerPage;

beforeAll(async () => {
  whole = await WorkerPage.create({
    script: WORKER,
    flags: ['--js-flags=--expose-gc'],
    serve: (_, response) => response.end(Buffer.alloc(BYTES)),
  });
});

afterAll(() => whole.end());

/** Bytes that came of it; undefined when it never ended. */
function readWhileCollecting(name: 'file' | 'answer'): Promise<number | undefined> {
  return whole.page.evaluate(
    ([stream, patience]) =>
      new Promise((resolve) => {
        const worker = new Worker('/worker.js');
        worker.onmessage = ({ data }: MessageEvent<number>) => {
          worker.terminate();
          resolve(data);
        };
        setTimeout(() => {
          resolve(undefined);
        }, patience);
        worker.postMessage(stream);
      }),
    [name, PATIENCE] as const,
  );
}

it.each(['file', 'answer'] as const)(
  'S-SEND-7 of %s, every byte comes, whatever the collector does meanwhile',
  async (name) => {
    for (let round = 0; round < ROUNDS; round += 1) expect(await readWhileCollecting(name)).toBe(BYTES);
  },
);
