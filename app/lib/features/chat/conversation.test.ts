import { describe, expect, it } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { Conversation } from './conversation.svelte.ts';

function open(): { api: FakeClient; app: App; conversation: Conversation } {
  const api = new FakeClient();
  const app = new App(api);
  const place = { around: (apply: () => void): void => apply(), look: (): void => undefined };
  return { api, app, conversation: new Conversation(app, 'chat', place) };
}

describe('sharing earlier messages', () => {
  it('asks the engine once and says that it is done', async () => {
    const { api, app, conversation } = open();
    api.on('shareHistory', () => done(null));
    await conversation.shareHistory();
    expect(api.inputs('shareHistory')).toEqual([{ chatId: 'chat' }]);
    expect(app.toasts.items.map(({ text, kind }) => [text, kind])).toEqual([['Earlier messages are shared', 'info']]);
  });

  it('says why it did not work', async () => {
    const { api, app, conversation } = open();
    api.on('shareHistory', () => refused({ type: 'StorageFull' }));
    await conversation.shareHistory();
    expect(app.toasts.items.map(({ kind }) => kind)).toEqual(['error']);
  });
});
