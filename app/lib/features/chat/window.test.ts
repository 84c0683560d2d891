import { describe, expect, it } from 'vitest';
import type { MessageItem, TimelinePage, TimelineQuery } from '@securechat/sync/api';
import { MOST, around, atEnd, growNewer, growOlder } from './window.ts';

const message = (n: number): MessageItem => ({
  type: 'message',
  id: `m${String(n)}`,
  author: 'bob',
  mine: false,
  name: 'Bob',
  time: n,
  text: '',
  edited: false,
  deleted: false,
  starred: false,
  pinned: false,
  reactions: [],
});

/** A chat of `count` messages, answered as the engine does. */
const answer = (count: number, { anchor, older, newer }: TimelineQuery): TimelinePage => {
  const end = anchor === 'end' ? count : Number(anchor.slice(1)) + 1 + newer;
  const start = anchor === 'end' ? count - older : Number(anchor.slice(1)) - older;
  const from = Math.max(0, start);
  const to = Math.min(count, end);
  return {
    items: Array.from({ length: to - from }, (_none, i) => message(from + i)),
    hasOlder: from > 0,
    hasNewer: to < count,
  };
};

const first = (page: TimelinePage): number => page.items[0]?.time ?? -1;
const last = (page: TimelinePage): number => page.items.at(-1)?.time ?? -1;

describe('scrolling through a long chat', () => {
  const COUNT = 1000;

  it('reaches the first message without a gap and without holding more than the most', () => {
    let query = atEnd('c');
    let page = answer(COUNT, query);
    for (let next = growOlder(query, page); next; next = growOlder(query, page)) {
      const before = page;
      query = next;
      page = answer(COUNT, query);
      expect(first(page)).toBeLessThan(first(before));
      expect(last(page)).toBeGreaterThan(first(before));
      expect(page.items.length).toBeLessThanOrEqual(MOST);
    }
    expect(first(page)).toBe(0);
  });

  it('comes back to the end and sticks to it', () => {
    let query = around('c', 'm3');
    let page = answer(COUNT, query);
    for (let next = growNewer(query, page); next; next = growNewer(query, page)) {
      const before = page;
      query = next;
      page = answer(COUNT, query);
      expect(last(page)).toBeGreaterThanOrEqual(last(before));
      expect(first(page)).toBeLessThan(last(before));
      expect(page.items.length).toBeLessThanOrEqual(MOST);
    }
    expect(query.anchor).toBe('end');
    expect(last(page)).toBe(COUNT - 1);
  });
});

it('asks for nothing where there is nothing', () => {
  const query = atEnd('c');
  expect(growOlder(query, answer(10, query))).toBeUndefined();
  expect(growNewer(query, answer(10, query))).toBeUndefined();
});
