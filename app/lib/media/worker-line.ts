/** The worker for media: started with the first task, told what to do, and asked for the answer. */
import { trustedUrl } from '$lib/engine/trusted-url.ts';
import type { Done, Order, TaskName, Tasks } from './prepare.ts';
import workerUrl from './prepare-worker.ts?worker&url';

type Settle = (done: Done) => void;

export class WorkerLine {
  #worker: Worker | undefined;
  #count = 0;
  readonly #open = new Map<number, Settle>();

  /** Undefined when the task failed: the file is gone, or the memory is full. */
  ask<K extends TaskName>(
    name: K,
    input: Tasks[K]['input'],
    transfer: Transferable[] = [],
  ): Promise<{ readonly output: Tasks[K]['output'] } | undefined> {
    const order: Order<K> = { id: ++this.#count, name, input };
    return new Promise((resolve) => {
      this.#open.set(order.id, (done) => {
        // The worker answers what its task's type says.
        resolve(done.failed ? undefined : { output: done.output as Tasks[K]['output'] });
      });
      this.#started().postMessage(order, transfer);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(trustedUrl(workerUrl), { type: 'module', name: 'securechat-media' });
    worker.addEventListener('message', ({ data }: MessageEvent<Done>) => {
      this.#open.get(data.id)?.(data);
      this.#open.delete(data.id);
    });
    worker.addEventListener('error', () => this.#fail());
    this.#worker = worker;
    return worker;
  }

  /** It could not be loaded, or died: the next task starts another. */
  #fail(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const [id, settle] of this.#open) settle({ id, failed: true });
    this.#open.clear();
  }
}
