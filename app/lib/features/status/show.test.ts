import { beforeEach, describe, expect, it } from 'vitest';
import type { StatusContent, StatusItem } from '@securechat/sync/api';
import { Show } from './show.svelte.ts';

const words = (text: string): StatusContent => ({ type: 'text', text, colour: 0 });
const film: StatusContent = {
  type: 'media',
  media: { kind: 'video', type: 'video/webm', size: 1, duration: 9_000 },
  caption: '',
};
const item = (statusId: string, content = words('Hello')): StatusItem => ({
  ...{ statusId, time: 1, expiresAt: 2, seen: false },
  content,
});

describe('statuses of one author', () => {
  let items: readonly StatusItem[];
  let events: string[];
  let show: Show;
  const open = (first?: string): Show =>
    new Show({
      ...{ items: () => items, first },
      onseen: ({ statusId }) => events.push(`seen ${statusId}`),
      onend: () => events.push('end'),
      onbegin: () => events.push('begin'),
    });

  beforeEach(() => {
    items = [item('a'), item('b'), item('c')];
    events = [];
    show = open('b');
  });

  it('begin where they are to, and follow each other when their time is over', () => {
    expect([show.place, show.item?.statusId]).toEqual([1, 'b']);
    show.tick(60_000);
    expect([show.elapsed, events]).toEqual([0, []]);
    show.ready('b', true);
    show.tick(5_900);
    expect(show.item?.statusId).toBe('b');
    show.tick(100);
    expect([show.item?.statusId, show.elapsed]).toEqual(['c', 0]);
    show.ready('c', true);
    show.tick(6_000);
    expect(events).toEqual(['seen b', 'seen c', 'end']);
  });

  it('stand still while anything holds them', () => {
    show.ready('b', true);
    show.hold('button', true);
    show.hold('finger', true);
    show.hold('finger', false);
    show.tick(10_000);
    expect([show.isRunning, show.item?.statusId]).toEqual([false, 'b']);
    show.hold('button', false);
    show.tick(10_000);
    expect(show.item?.statusId).toBe('c');
  });

  it('go back and on by hand, past both ends', () => {
    show.previous();
    show.previous();
    expect([show.item?.statusId, events]).toEqual(['a', ['begin']]);
    show.next();
    show.next();
    show.next();
    expect([show.item?.statusId, events]).toEqual(['c', ['begin', 'end']]);
  });

  it('are not told to be seen when they could not be, and go by all the same, films too', () => {
    items = [item('a'), item('b', film), item('c')];
    show.ready('b', false);
    show.tick(9_000);
    expect([show.item?.statusId, events]).toEqual(['c', []]);
  });

  it('give way to the next one when one goes, which begins anew, and to nothing when all are gone', () => {
    show.ready('b', true);
    show.tick(3_000);
    items = [item('a'), item('c')];
    show.tick(1_000);
    show.ready('c', true);
    expect([show.item?.statusId, show.place, show.elapsed]).toEqual(['c', 1, 0]);
    items = [item('a')];
    expect(show.item?.statusId).toBe('a');
    items = [];
    expect([show.item, show.place]).toEqual([undefined, 0]);
  });

  it('leave long words more time, and a film as long as it has, which it tells itself', () => {
    items = [item('long', words('x'.repeat(200))), item('film', film)];
    show = open('long');
    expect(show.duration).toBe(12_000);
    show.next();
    show.ready('film', true);
    show.tick(60_000);
    expect([show.duration, show.elapsed]).toEqual([9_000, 0]);
    show.follow(9_500);
    expect(show.elapsed).toBe(9_000);
  });
});
