import { beforeEach, expect, it, vi } from 'vitest';
import type { MediaDraft } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import type { Preparer } from '../../media/preparer.ts';
import { Tray } from './tray.svelte.ts';

let client: FakeClient;
let tray: Tray;
const prepare = vi.fn<Preparer['prepare']>();

const file = (name: string, type = 'image/jpeg'): File => new File(['x'], name, { type });
const draft = (content: Blob): MediaDraft => ({ content, kind: 'image', type: 'image/webp' });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  client = new FakeClient();
  prepare.mockImplementation((chosen) => Promise.resolve({ ok: true, value: draft(chosen) }));
  const preparer: Pick<Preparer, 'prepare'> = { prepare };
  tray = new Tray(new App(client), preparer, 'chat');
});

it('sends what is ready, in the order that was made, with its caption, and closes at once', async () => {
  client.on('sendMedia', () => done(null));
  tray.add([file('a'), file('b'), file('c')], false);
  await settled();
  tray.move(1, 1);
  tray.caption = ' Look ';
  const sent = tray.send('reply');
  expect(tray.isOpen).toBe(false);
  expect(await sent).toBe(true);
  const [{ input } = { input: {} }] = client.calls;
  expect(input).toMatchObject({ chatId: 'chat', caption: 'Look', replyTo: 'reply', viewOnce: false });
  expect((input as { items: { content: File }[] }).items.map(({ content }) => content.name)).toEqual(['b', 'a', 'c']);
});

it('brings back what the engine refuses', async () => {
  client.on('sendMedia', () => refused({ type: 'StorageFull' }));
  tray.add([file('a')], false);
  await settled();
  tray.caption = 'Look';
  expect(await tray.send()).toBe(false);
  expect([tray.items.length, tray.caption]).toEqual([1, 'Look']);
});

it('takes ten at most, says what failed, and sends nothing while something is being prepared', async () => {
  prepare.mockResolvedValueOnce({ ok: false, error: { type: 'Empty' } });
  tray.add(
    Array.from({ length: 12 }, (_, i) => file(String(i))),
    false,
  );
  expect([tray.items.length, tray.canSend]).toEqual([10, false]);
  await settled();
  expect([tray.items[0]?.failure?.type, tray.ready.length, tray.canSend]).toEqual(['Empty', 9, true]);
});

it('prepares pictures anew for another quality, and only them; what was taken out meanwhile stays out', async () => {
  tray.add([file('a'), file('b.pdf', 'application/pdf')], false);
  await settled();
  prepare.mockClear();
  tray.setQuality('original');
  expect(prepare.mock.calls.map(([chosen, how]) => [chosen.name, how.quality])).toEqual([['a', 'original']]);
  tray.remove(1);
  await settled();
  expect(tray.items.map(({ file: { name } }) => name)).toEqual(['b.pdf']);
  tray.clear();
  expect(tray.quality).toBe('standard');
});

it('offers to be viewed once for a single picture only', async () => {
  tray.add([file('a')], false);
  await settled();
  expect(tray.canViewOnce).toBe(true);
  tray.viewOnce = true;
  tray.add([file('b')], false);
  await settled();
  expect(tray.canViewOnce).toBe(false);
});
