import type { MessageItem, Millis, TimelineItem } from '@securechat/sync/api';

/** The newest message of somebody else, if it came after `since`. */
export function newestArrival(items: readonly TimelineItem[], since: Millis): MessageItem | undefined {
  const newest = items.findLast((item): item is MessageItem => item.type === 'message' && !item.mine && !item.deleted);
  return newest && newest.time > since ? newest : undefined;
}
