import { expect, it } from 'vitest';
import type { MediaAbout, MessageItem, SystemItem } from '@securechat/sync/api';
import { albumShape } from './album-shape.ts';
import { nextVoice, slidesOf } from './slides.ts';

const photo: MediaAbout = { kind: 'image', type: 'image/webp', size: 10 };
const note: MediaAbout = { kind: 'voice', type: 'audio/webm', size: 10 };
const page: MediaAbout = { kind: 'image', type: 'image/svg+xml', size: 10 };

function message(id: string, media: readonly MediaAbout[], more: Partial<MessageItem> = {}): MessageItem {
  return {
    ...{ type: 'message', id, author: 'a', mine: false, name: 'Ann', time: 1, text: '', edited: false },
    ...{ deleted: false, starred: false, pinned: false, reactions: [], media },
    ...more,
  };
}

const line: SystemItem = { type: 'system', id: 's', time: 1, event: { type: 'Started' } };

it('the gallery has the pictures of a chat in order, without what is a document, viewed once or deleted', () => {
  const slides = slidesOf('c', [
    line,
    message('1', [photo, page, photo]),
    message('2', [photo], { viewOnce: 'closed' }),
    message('3', [photo], { deleted: true }),
    message('4', [{ ...photo, kind: 'video', type: 'video/mp4' }]),
  ]);
  expect(slides.map(({ key }) => key)).toEqual(['c/1/0', 'c/1/2', 'c/4/0']);
});

it('after a voice message comes the next one, after the last one and after one that is gone nothing', () => {
  const items = [message('1', [note]), message('2', [photo]), message('3', [note])];
  const file = { chatId: 'c', recordId: '1', index: 0, about: note };
  expect(nextVoice('c', items, file)?.recordId).toBe('3');
  expect(nextVoice('c', items, { ...file, recordId: '3' })).toBeUndefined();
  expect(nextVoice('c', items, { ...file, recordId: 'deleted meanwhile' })).toBeUndefined();
  expect(nextVoice('c', [message('1', [{ ...note, kind: 'audio' }]), ...items.slice(1)], file)).toBeUndefined();
});

it('a picture is drawn in its own shape unless that is a strip or a tower', () => {
  expect(albumShape([{ width: 1600, height: 1000 }])).toEqual({ ratio: 1.6, width: 330 });
  expect(albumShape([{ width: 100, height: 5000 }]).ratio).toBe(0.6);
  expect(albumShape([{ width: 5000, height: 0 }]).ratio).toBe(1.9);
  expect(albumShape([{}, {}]).ratio).toBe(2);
});
