import { describe, expect, it } from 'vitest';
import type { MessageItem, SystemItem, TimelineItem } from '@securechat/sync/api';
import { GROUP_GAP, isJumbo, toEntries } from './entries.ts';

const noon = new Date(2026, 4, 20, 12).getTime();
const message = (id: string, time: number, from: Partial<MessageItem> = {}): MessageItem => ({
  type: 'message',
  id,
  author: 'bob',
  mine: false,
  name: 'Bob',
  time,
  text: id,
  edited: false,
  deleted: false,
  starred: false,
  pinned: false,
  reactions: [],
  ...from,
});
const system = (id: string, event: SystemItem['event']): SystemItem => ({ type: 'system', id, time: noon, event });
const shape = (items: readonly TimelineItem[], unread?: string): string[] =>
  toEntries(items, unread).map((entry) => {
    if (entry.type !== 'message') return entry.type;
    return `${entry.key}${entry.first ? '+first' : ''}${entry.last ? '+last' : ''}`;
  });

describe('messages of one author', () => {
  it('that are close together are one group', () => {
    expect(shape([message('a', noon), message('b', noon + 1000), message('c', noon + 2000)])).toEqual([
      'day',
      'a+first',
      'b',
      'c+last',
    ]);
  });

  it('are two groups when more than the gap apart', () => {
    expect(shape([message('a', noon), message('b', noon + GROUP_GAP + 1)])).toEqual([
      'day',
      'a+first+last',
      'b+first+last',
    ]);
    expect(shape([message('a', noon), message('b', noon + GROUP_GAP)])).toEqual(['day', 'a+first', 'b+last']);
  });

  it('are parted by another author, a system line and a new day', () => {
    const midnight = new Date(2026, 4, 21).getTime();
    // Also one of the same name.
    expect(shape([message('a', noon), message('b', noon, { author: 'another Bob' })])).toEqual([
      'day',
      'a+first+last',
      'b+first+last',
    ]);
    expect(shape([message('a', noon), system('s', { type: 'Verified', verified: true }), message('b', noon)])).toEqual([
      'day',
      'a+first+last',
      'system',
      'b+first+last',
    ]);
    expect(shape([message('a', midnight - 1), message('b', midnight)])).toEqual([
      'day',
      'a+first+last',
      'day',
      'b+first+last',
    ]);
  });
});

describe('the unread divider', () => {
  it('stands before the first unread message and parts its group', () => {
    expect(shape([message('a', noon), message('b', noon)], 'b')).toEqual([
      'day',
      'a+first+last',
      'unread',
      'b+first+last',
    ]);
  });

  it('is absent when that message is not in the window', () => {
    expect(shape([message('a', noon)], 'z')).toEqual(['day', 'a+first+last']);
  });
});

it('leaves the beginning of the chat to the list', () => {
  expect(shape([system('s', { type: 'Started' }), message('a', noon)])).toEqual(['day', 'a+first+last']);
});

it('gives every entry its own key', () => {
  const items = Array.from({ length: 50 }, (_none, i) => message(`m${String(i)}`, noon + i * 3_600_000));
  const keys = toEntries(items, 'm7').map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

describe('a message of emoji alone', () => {
  it.each(['👍', '🎉🎉', '❤️', '👩‍👩‍👧', '🇨🇭', ' 😅 '])('is drawn large: %s', (text) => {
    expect(isJumbo(text)).toBe(true);
  });
  it.each(['', 'ok', '👍 ok', '👍👍👍👍', '1', '*', '#', '©'.repeat(9)])('is not, with anything else: %s', (text) => {
    expect(isJumbo(text)).toBe(false);
  });
});

it('puts no date above an empty chat', () => {
  expect(shape([system('s', { type: 'Started' })])).toEqual([]);
});
