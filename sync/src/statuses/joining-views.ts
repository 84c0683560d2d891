/** Who has a status, and when they saw it, as it becomes known bit by bit: joined, in whatever order it comes. */
import type { AccountId } from '@securechat/crypto';
import type { StatusView } from '../payload/status-parts.ts';
import type { LiveStatus } from './status-row.ts';

/** Of two times the earlier counts, each within the life of the status. Undefined: nothing is new. */
export function joinViews(row: LiveStatus, views: readonly StatusView[], now: number): LiveStatus | undefined {
  const known = new Map(Object.entries(row.views) as [AccountId, number][]);
  let isNew = false;
  for (const { account, seenAt } of views) {
    const at = seenAt === 0 ? 0 : Math.max(row.time, Math.min(seenAt, row.expiresAt, now));
    const had = known.get(account);
    const joined = had === undefined || had === 0 || at === 0 ? Math.max(had ?? 0, at) : Math.min(had, at);
    isNew ||= joined !== had;
    known.set(account, joined);
  }
  return isNew ? { ...row, views: Object.fromEntries(known) } : undefined;
}
