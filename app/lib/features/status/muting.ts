import type { AccountId } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { text } from '$lib/text/index.ts';

/** Their statuses go below the others, and are not announced; they do not learn it. Says so, and offers to take it back. */
export async function setMuted(
  app: App,
  author: { readonly accountId: AccountId; readonly name: string },
  muted: boolean,
): Promise<void> {
  const { accountId, name } = author;
  if (!(await app.run('muteStatuses', { accountId, muted }))) return;
  const undo = { label: text.common.undo, run: () => void app.run('muteStatuses', { accountId, muted: !muted }) };
  app.toasts.info(muted ? text.status.muted(name) : text.status.unmuted(name), undo);
}
