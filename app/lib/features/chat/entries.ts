/**
 * From the items of a timeline to what is drawn: day separators, the unread divider, and runs of messages by one
 * author that are drawn as one group. Pure.
 */
import type { MessageItem, Millis, RecordId, SystemItem, TimelineItem } from '@securechat/sync/api';
import { dayOf } from '../../text/dates.ts';

export type Entry =
  | { readonly type: 'day'; readonly key: string; readonly time: Millis }
  | { readonly type: 'unread'; readonly key: string }
  | { readonly type: 'system'; readonly key: string; readonly item: SystemItem }
  | {
      readonly type: 'message';
      readonly key: string;
      readonly item: MessageItem;
      /** First and last of its group: round corners, space, and the author's name go by it. */
      readonly first: boolean;
      readonly last: boolean;
    };

/** The key of the unread divider. */
export const UNREAD = 'unread';

/** Two messages of one author at most this far apart are one group. */
export const GROUP_GAP: Millis = 5 * 60_000;

export function toEntries(items: readonly TimelineItem[], firstUnread: RecordId | undefined): Entry[] {
  // The beginning of a chat has its own place above the first message.
  const shown = items.filter((item) => item.type !== 'system' || item.event.type !== 'Started');
  return shown.flatMap((item, i) => {
    const before = shown[i - 1];
    const after = shown[i + 1];
    const entries: Entry[] = [];
    if (!before || dayOf(before.time) !== dayOf(item.time))
      entries.push({ type: 'day', key: `day-${String(dayOf(item.time))}-${item.id}`, time: item.time });
    if (item.id === firstUnread) entries.push({ type: 'unread', key: UNREAD });
    if (item.type === 'system') return [...entries, { type: 'system', key: item.id, item }];
    const first = !isOneGroup(before, item) || item.id === firstUnread;
    const last = !isOneGroup(item, after) || after?.id === firstUnread;
    return [...entries, { type: 'message', key: item.id, item, first, last }];
  });
}

function isOneGroup(a: TimelineItem | undefined, b: TimelineItem | undefined): boolean {
  if (a?.type !== 'message' || b?.type !== 'message') return false;
  return a.author === b.author && dayOf(a.time) === dayOf(b.time) && Math.abs(b.time - a.time) <= GROUP_GAP;
}

/** Emoji alone, at most three: drawn large, without a bubble. */
export function isJumbo(text: string): boolean {
  if (text.length > 40 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text)) return false;
  const graphemes = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.trim())];
  return (
    graphemes.length <= 3 &&
    graphemes.every(({ segment }) => /^(\p{Extended_Pictographic}|\p{Regional_Indicator})/u.test(segment))
  );
}
