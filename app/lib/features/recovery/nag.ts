/** When to remind of a recovery phrase. Pure. */
import type { Millis, Protection } from '@securechat/sync/api';

const WEEK: Millis = 7 * 86_400_000;

/** Not more than once a week after it was waved away. A clock that was set back does not silence it. */
export function isNagDue(protection: Protection | undefined, dismissedAt: Millis | undefined, now: Millis): boolean {
  if (!protection?.atRisk) return false;
  return dismissedAt === undefined || now - dismissedAt >= WEEK || now < dismissedAt;
}
