import type { ChatSummary } from '@securechat/sync/api';

/** Whether something can be written there now. */
export function mayForwardTo({ kind, state, group }: ChatSummary): boolean {
  if (kind === 'group') return group?.mayWrite === true;
  return kind === 'self' || state === 'accepted' || state === 'invited';
}
