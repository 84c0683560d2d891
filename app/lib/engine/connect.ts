/** Starts this tab's worker and connects the page to whichever tab's engine leads. */
import type { ClientApi } from '@securechat/sync/api';
import { connectTab } from '$rpc';
import { automergeWasmUrl } from './automerge-wasm.ts';
import { tabs } from './scope.ts';
import { hadAccount } from './had-account.ts';
import { trustedUrl } from './trusted-url.ts';
import type { WorkerGo, WorkerStart } from './worker.ts';
import workerUrl from './worker.ts?worker&url';

/** Why no engine can run in this browser. */
export type Unsupported = 'NotSecure' | 'TooOld';

/** What is missing here, or undefined when the engine can run. */
export function findUnsupported(): Unsupported | undefined {
  if (!isSecureContext) return 'NotSecure';
  const wanted = [
    'locks' in navigator,
    'indexedDB' in globalThis,
    'BroadcastChannel' in globalThis,
    'WebAssembly' in globalThis,
  ];
  return wanted.every(Boolean) ? undefined : 'TooOld';
}

export async function connectEngine(): Promise<ClientApi> {
  const worker = new Worker(trustedUrl(workerUrl), { type: 'module', name: 'securechat-engine' });
  const start: WorkerStart = { automergeWasmUrl };
  worker.postMessage(start);
  worker.addEventListener('message', () => {
    const go: WorkerGo = { hadAccount: hadAccount() };
    worker.postMessage(go);
  });
  return connectTab(tabs());
}
