import { expect, it } from 'vitest';
import { App } from './app.svelte.ts';
import { FakeClient, done, refused } from './fake-client.ts';

const files = { id: 'm', chatId: 'c', items: [], caption: '' };

it('holds the tab while files are sealed, and no longer, however that ends', async () => {
  const client = new FakeClient();
  const app = new App(client);
  const ends: (() => void)[] = [];
  client.on('sendMedia', () => new Promise((resolve) => ends.push(() => resolve(done(null)))));
  const both = [app.ask('sendMedia', files), app.ask('sendMedia', files)];
  expect(app.isHolding).toBe(true);
  ends[0]?.();
  await both[0];
  expect(app.isHolding).toBe(true);
  ends[1]?.();
  await both[1];
  expect(app.isHolding).toBe(false);
  client.on('sendMedia', () => refused({ type: 'StorageFull' }));
  await app.run('sendMedia', files);
  client.on('sendMedia', () => {
    throw new Error('a bug');
  });
  await app.ask('sendMedia', files);
  expect(app.isHolding).toBe(false);
});

it('nothing else holds it', () => {
  const client = new FakeClient().on('reconnect', () => new Promise(() => undefined));
  const app = new App(client);
  void app.ask('reconnect', null);
  expect(app.isHolding).toBe(false);
});
