/**
 * The engine's worker: every tab starts one, the one that holds the lock opens the engine and serves all tabs.
 *
 *   page -> worker   WorkerStart   once, at the start
 *   worker -> page   'leading'     it holds the lock and is about to open the engine
 *   page -> worker   WorkerGo      what only the page can know, as it is now
 *
 * Everything else goes over the tabs' channels.
 */
import { openWebEngine } from '@securechat/sync/web';
import { leadTabs } from '$rpc';
import { brokenClient } from './broken.ts';
import { tabs } from './scope.ts';

export interface WorkerStart {
  readonly automergeWasmUrl: string;
}

export interface WorkerGo {
  /** This browser had an account when it was last open; an empty database then means that it was evicted. */
  readonly hadAccount: boolean;
}

const nextMessage = <T>(): Promise<T> =>
  new Promise((resolve) => {
    addEventListener('message', ({ data }: MessageEvent<T>) => resolve(data), { once: true });
  });

void nextMessage<WorkerStart>().then(lead);

async function lead({ automergeWasmUrl }: WorkerStart): Promise<void> {
  const leading = leadTabs(tabs(), async () => {
    const go = nextMessage<WorkerGo>();
    postMessage('leading');
    const { hadAccount } = await go;
    const automergeWasm = new URL(automergeWasmUrl, location.origin);
    const onError = (error: unknown): void => reportError(error);
    return openWebEngine({ automergeWasm, hadAccount, onError }).catch(brokenClient);
  });
  learnLanguages();
  await leading;
}

/**
 * With its first format of a date a browser finds out which languages it knows, once for all threads of the page. It
 * takes some 10 ms, and here it keeps nobody from writing.
 */
function learnLanguages(): void {
  new Intl.DateTimeFormat();
}
