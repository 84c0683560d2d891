import { expect, it } from 'vitest';
import type { MessageItem } from '@securechat/sync/api';
import { newestArrival } from './arrivals.ts';

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

it('is the newest of somebody else since the chat was opened', () => {
  expect(newestArrival([message('old', 1), message('new', 9), message('mine', 10, { mine: true })], 5)?.id).toBe('new');
  expect(newestArrival([message('old', 1)], 5)).toBeUndefined();
  expect(newestArrival([message('gone', 9, { deleted: true })], 5)).toBeUndefined();
});
