/**
 * Which part of a chat is on the screen: the queries that follow from scrolling. Pure. A window grows in steps as one
 * scrolls; once it holds {@link MOST} items it moves instead, so that the page never holds a whole history.
 */
import type { ChatId, RecordId, TimelinePage, TimelineQuery } from '@securechat/sync/api';

const FIRST = 50;
/** Small, so that dropping a step's counterpart at the far end is a short task (how a step is drawn: `drawing.ts`). */
const STEP = 20;
/** Every step brings the whole window from the engine, and a full one moves by half of it less a step. */
export const MOST = 80;

export function atEnd(chatId: ChatId, older = FIRST): TimelineQuery {
  return { chatId, anchor: 'end', older: Math.min(older, MOST), newer: 0 };
}

export function around(chatId: ChatId, anchor: RecordId): TimelineQuery {
  return { chatId, anchor, older: FIRST / 2, newer: FIRST / 2 };
}

/** The next query when the top comes near; undefined when there is nothing more or the page is not this query's. */
export function growOlder(query: TimelineQuery, page: TimelinePage): TimelineQuery | undefined {
  if (!page.hasOlder) return undefined;
  if (page.items.length + STEP <= MOST) return { ...query, older: query.older + STEP };
  return moveTo(query, page, STEP);
}

/** The next query when the bottom comes near. A window that has reached the newest message sticks to the end. */
export function growNewer(query: TimelineQuery, page: TimelinePage): TimelineQuery | undefined {
  if (query.anchor === 'end') return undefined;
  if (!page.hasNewer) return atEnd(query.chatId, page.items.length);
  if (page.items.length + STEP <= MOST) return { ...query, newer: query.newer + STEP };
  return moveTo(query, page, page.items.length - STEP);
}

/** A window of half the size on either side of the message nearest to `index`. */
function moveTo(query: TimelineQuery, page: TimelinePage, index: number): TimelineQuery | undefined {
  const anchor =
    page.items.slice(index).find((item) => item.type === 'message') ??
    page.items.slice(0, index).findLast((item) => item.type === 'message');
  return anchor && { chatId: query.chatId, anchor: anchor.id, older: MOST / 2, newer: MOST / 2 - 1 };
}
