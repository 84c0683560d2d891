/** Starts the worker that {@link FrameWork} tells what to do. */
import { trustedUrl } from '$lib/engine/trusted-url.ts';
import workerUrl from './frame-worker.ts?worker&url';

export function startFrameWorker(): Worker {
  return new Worker(trustedUrl(workerUrl), { type: 'module', name: 'securechat-frames' });
}
