import { beforeEach, expect, it } from 'vitest';
import type { MessageItem, TimelinePage } from '@securechat/sync/api';
import { FakeClient } from '../../state/fake-client.ts';
import { Timeline } from './timeline.svelte.ts';

let api: FakeClient;
let timeline: Timeline;
let drawn: number;

const message = (id: string): MessageItem => ({
  ...{ type: 'message', id, author: 'ann', mine: false, name: 'Ann', time: 0, text: id },
  ...{ edited: false, deleted: false, starred: false, pinned: false, reactions: [] },
});
const page = (ids: readonly string[], firstUnread?: string): TimelinePage => ({
  ...{ items: ids.map(message), hasOlder: true, hasNewer: false },
  ...(firstUnread !== undefined && { firstUnread }),
});

beforeEach(() => {
  api = new FakeClient();
  drawn = 0;
  timeline = new Timeline(api, 'chat', (apply) => {
    drawn += 1;
    apply();
  });
});

it('opens at the end when the first unread message is there', async () => {
  const opened = timeline.open();
  api.publish('timeline', page(['7', '8', '9'], '8'));
  await opened;
  expect(timeline.entries.map(({ key }) => key)).toContain('9');
  expect(timeline.entries.map(({ type }) => type)).toContain('unread');
});

it('never draws the end when the first unread message is before it, or all would be taken as read', async () => {
  let isOpen = false;
  const opened = timeline.open().then(() => (isOpen = true));
  api.publish('timeline', page(['7', '8', '9'], '2'));
  await Promise.resolve();
  expect({ drawn, isOpen, page: timeline.page }).toEqual({ drawn: 0, isOpen: false, page: undefined });
  api.publish('timeline', page(['1', '2', '3'], '2'));
  await opened;
  expect(drawn).toBe(1);
  expect(timeline.has('2')).toBe(true);
  expect(timeline.entries.map(({ type }) => type)).toContain('unread');
  expect(api.watchers('timeline')).toBe(1);
});

it('draws the place that was asked for, whatever is unread', async () => {
  const opened = timeline.open('5');
  api.publish('timeline', page(['4', '5', '6'], '2'));
  await opened;
  expect(timeline.has('5')).toBe(true);
});
