import { beforeEach, expect, it, vi } from 'vitest';
import type { MediaDraft } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import type { Preparer } from '../../media/preparer.ts';
import { NewStatus } from './new-status.svelte.ts';

let client: FakeClient;
let app: App;
let post: NewStatus;
const prepare = vi.fn<Preparer['prepare']>();

const file = (name: string, type = 'image/jpeg'): File => new File(['x'], name, { type });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const prepares = (draft: Partial<MediaDraft>): void => {
  prepare.mockImplementation((content) =>
    Promise.resolve({ ok: true, value: { content, kind: 'image', type: 'image/webp', ...draft } }),
  );
};

beforeEach(() => {
  client = new FakeClient();
  app = new App(client);
  prepares({});
  post = new NewStatus(app, { prepare });
});

it('shares words on a colour, and nothing when there are none or too many', async () => {
  client.on('postStatus', () => done({ statusIds: ['s'] }));
  post.words = '  ';
  expect([post.canPost, await post.post()]).toEqual([false, false]);
  post.words = 'x'.repeat(701);
  expect([post.canPost, post.over]).toEqual([false, 1]);
  post.words = ' Hello ';
  post.colour = 3;
  expect(await post.post()).toBe(true);
  expect(client.inputs('postStatus')).toMatchObject([{ items: [{ type: 'text', text: 'Hello', colour: 3 }] }]);
  expect(app.toasts.items).toHaveLength(1);
});

it('shares photos in order, each with its caption', async () => {
  client.on('postStatus', () => done({ statusIds: ['s', 't'] }));
  post.add([file('a'), file('b')]);
  expect([post.kind, post.canPost]).toEqual(['files', false]);
  await settled();
  post.setCaption(1, ' First ');
  post.files.move(1, 1);
  expect(await post.post()).toBe(true);
  const [input] = client.inputs('postStatus') as { items: { media: { content: File }; caption?: string }[] }[];
  expect(input?.items.map(({ media, caption }) => [media.content.name, caption])).toEqual([
    ['b', undefined],
    ['a', 'First'],
  ]);
});

it('keeps what the engine refuses, and says why', async () => {
  client.on('postStatus', () => refused({ type: 'StorageFull' }));
  post.words = 'Hello';
  expect(await post.post()).toBe(false);
  expect([post.words, app.toasts.items.length]).toEqual(['Hello', 1]);
});

it.each([
  [{ kind: 'video', duration: 60_001 }, 'longer than 60 seconds'],
  [{ kind: 'file' }, 'Only photos and videos'],
  [{ kind: 'video', duration: 60_000 }, undefined],
] as const)('of a file that was prepared as %o it says: %s', async (draft, words) => {
  prepares(draft);
  post.add([file('a')]);
  await settled();
  const [item] = post.files.items;
  const problem = item && post.problemOf(item);
  expect(problem?.includes(words ?? '')).toBe(words === undefined ? undefined : true);
  expect(post.canPost).toBe(words === undefined);
});
