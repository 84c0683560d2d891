import { describe, expect, it } from 'vitest';
import type { ChatSummary } from '@securechat/sync/api';
import { countUnread, matchTitles, neighbour, toSections } from './chat-order.ts';
import { newlyUnread, noLongerUnread } from '../shell/newly-unread.ts';

const chat = (chatId: string, rest: Partial<ChatSummary> = {}): ChatSummary => ({
  chatId,
  kind: 'direct',
  title: chatId,
  state: 'accepted',
  verified: false,
  time: 0,
  unread: 0,
  pinned: false,
  muted: false,
  archived: false,
  typing: [],
  timer: 0,
  mentioned: 0,
  ...rest,
});
const ids = (chats: readonly ChatSummary[]): string[] => chats.map(({ chatId }) => chatId);

describe('the chat list', () => {
  const all = [
    chat('a'),
    chat('stranger', { state: 'requesting' }),
    chat('old', { archived: true }),
    chat('b', { state: 'blocked' }),
  ];

  it('keeps strangers and archived chats apart', () => {
    const { main, requests, archived } = toSections(all);
    expect([ids(main), ids(requests), ids(archived)]).toEqual([['a', 'b'], ['stranger'], ['old']]);
  });

  it('steps to the neighbour, from nowhere to the first, and stops at the ends', () => {
    expect(neighbour(all, 'a', 1)?.chatId).toBe('b');
    expect(neighbour(all, 'b', -1)?.chatId).toBe('a');
    expect(neighbour(all, undefined, 1)?.chatId).toBe('a');
    expect(neighbour(all, 'b', 1)).toBeUndefined();
    expect(neighbour(all, 'a', -1)).toBeUndefined();
  });

  it('counts only unread messages that ask for attention', () => {
    const chats = [
      chat('a', { unread: 2 }),
      chat('b', { unread: 3, muted: true }),
      chat('c', { unread: 4, archived: true }),
      chat('d', { unread: 5, state: 'requesting' }),
    ];
    expect(countUnread(chats)).toBe(2);
  });
});

describe('the search for people', () => {
  const chats = [
    chat('1', { title: 'Elif Yılmaz' }),
    chat('2', { title: 'José García' }),
    chat('3', { title: '林美' }),
    chat('4', { kind: 'self', title: 'Ann' }),
  ];

  it.each([
    ['jose', ['2']],
    ['garcia jo', ['2']],
    ['林', ['3']],
    ['ELIF', ['1']],
    ['note self', ['4']],
    ['', []],
    ['  ', []],
    ['nobody', []],
  ])('%s', (query, expected) => {
    expect(ids(matchTitles(chats, query))).toEqual(expected);
  });
});

describe('notifications', () => {
  it('are for chats with more unread than before, not for muted, archived or blocked ones', () => {
    const before = [chat('a', { unread: 1 }), chat('b'), chat('c'), chat('d')];
    const after = [
      chat('a', { unread: 1 }),
      chat('b', { unread: 1 }),
      chat('c', { unread: 1, muted: true }),
      chat('d', { unread: 1, archived: true }),
      chat('new', { unread: 1 }),
      chat('e', { unread: 1, state: 'blocked' }),
    ];
    expect(ids(newlyUnread(before, after))).toEqual(['b', 'new']);
  });

  it('are for muted chats too when one is mentioned, once for each mention', () => {
    const before = [chat('a', { muted: true, unread: 1 }), chat('b', { muted: true, unread: 1, mentioned: 1 })];
    const after = [
      chat('a', { muted: true, unread: 2, mentioned: 1 }),
      chat('b', { muted: true, unread: 2, mentioned: 1 }),
      chat('c', { muted: true, archived: true, unread: 1, mentioned: 1 }),
    ];
    expect(ids(newlyUnread(before, after))).toEqual(['a']);
    expect(countUnread(after)).toBe(2);
  });

  it('go when nothing of their chat is unread any more, and at the start for every chat that is read', () => {
    const before = [chat('a', { unread: 2 }), chat('b', { unread: 1 }), chat('c'), chat('gone', { unread: 1 })];
    const after = [chat('a'), chat('b', { unread: 3 }), chat('c'), chat('new')];
    expect(ids(noLongerUnread(before, after))).toEqual(['a']);
    expect(ids(noLongerUnread(undefined, after))).toEqual(['a', 'c', 'new']);
  });
});
