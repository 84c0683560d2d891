/**
 * Asks the browser not to clean up what is stored here, at the first moment at which there is something to lose: a message
 * was sent or has arrived. Some browsers ask the person, so not more than once a week; in Settings it can be asked for at
 * any time.
 */
import type { ChatSummary, Millis } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { browserMemory, type Memory } from '$lib/state/memory.ts';

const ASKED = 'persist-asked';
const WEEK: Millis = 7 * 86_400_000;

/** What the browser is asked through. */
export interface Persistence {
  persisted(): Promise<boolean>;
  persist(): Promise<boolean>;
}

/** Starts; returns the function that stops it. */
export function keepStorage(
  app: App,
  storage: Persistence | undefined,
  memory: Memory = browserMemory,
  now: () => Millis = Date.now,
): () => void {
  let isSettled = storage === undefined;
  return app.api.watch('chats', null, (chats) => {
    if (isSettled || storage === undefined || !hasMessage(chats)) return;
    isSettled = true;
    void askOnce(storage, memory, now()).catch(() => undefined); // blocked here: there is nobody to ask
  });
}

function hasMessage(chats: readonly ChatSummary[]): boolean {
  return chats.some(({ preview }) => preview?.kind === 'message' || preview?.kind === 'poll');
}

async function askOnce(storage: Persistence, memory: Memory, now: Millis): Promise<void> {
  const asked = Number(memory.recall(ASKED) ?? -Infinity);
  if (now - asked < WEEK || (await storage.persisted())) return;
  memory.remember(ASKED, String(now));
  await storage.persist();
}
