import { describe, expect, it } from 'vitest';
import type { MessageItem } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { Composer } from './composer.svelte.ts';

const ANN = { accountId: 'ann', name: 'Ann Lee' };

function make(draft = ''): { client: FakeClient; composer: Composer } {
  const client = new FakeClient();
  for (const name of ['setDraft', 'setTyping', 'editMessage'] as const) client.on(name, () => done(null));
  client.on('sendMessage', () => done({ recordId: 'r' }));
  return { client, composer: new Composer(new App(client), 'chat', draft) };
}

describe('mentions while one writes', () => {
  it('stand for what was typed, and go with the text to where it is sent', async () => {
    const { client, composer } = make();
    composer.text = '  hi @an';
    expect(composer.mention({ at: 5, text: 'an' }, ANN)).toBe(14);
    expect(composer.text).toBe('  hi @Ann Lee ');
    composer.text = '  well, hi @Ann Lee ';
    composer.text = '  well, hi @Ann Lee ! ';
    expect(await composer.send()).toBe(true);
    expect(client.inputs('sendMessage')).toMatchObject([
      { text: 'well, hi @Ann Lee !', mentions: [{ at: 9, length: 8, accountId: 'ann' }] },
    ]);
    expect([composer.text, composer.mentions]).toEqual(['', []]);
  });

  it('are text again when they were changed, and in a draft that was stored', async () => {
    const { client, composer } = make('hi @Ann Lee');
    composer.text = 'hi @Ann Lee @a';
    composer.mention({ at: 12, text: 'a' }, ANN);
    composer.text = 'hi @Ann Lee @Ann Le ';
    await composer.send();
    expect(client.inputs('sendMessage')).toMatchObject([{ text: 'hi @Ann Lee @Ann Le' }]);
    expect(client.inputs('sendMessage')[0]).not.toHaveProperty('mentions');
  });

  it('come back with a text that is refused', async () => {
    const { client, composer } = make();
    client.on('sendMessage', () => refused({ type: 'StorageFull' }));
    composer.mention({ at: 0, text: '' }, ANN);
    const { mentions } = composer;
    expect(await composer.send()).toBe(false);
    expect([composer.text, composer.mentions]).toEqual(['@Ann Lee ', mentions]);
  });

  it('are kept of a message that is edited, and of what was being written', async () => {
    const { client, composer } = make();
    composer.mention({ at: 0, text: '' }, ANN);
    const { mentions: written } = composer;
    const message: MessageItem = {
      ...{ type: 'message', id: 'm', author: 'me', mine: true, name: 'Me', time: 0, text: 'so @Bob', edited: false },
      ...{ deleted: false, starred: false, pinned: false, reactions: [] },
      mentions: [{ at: 3, length: 4, accountId: 'bob', name: 'Bob', me: false }],
    };
    composer.edit(message);
    expect(await composer.send()).toBe(true);
    expect(client.inputs('editMessage')).toEqual([]);
    expect([composer.text, composer.mentions]).toEqual(['@Ann Lee ', written]);
    composer.edit(message);
    composer.text = 'oh so @Bob';
    await composer.send();
    composer.edit(message);
    composer.text = 'so Bob';
    composer.text = 'so @Bob';
    await composer.send();
    expect(client.inputs('editMessage')).toEqual([
      { chatId: 'chat', recordId: 'm', text: 'oh so @Bob', mentions: [{ at: 6, length: 4, accountId: 'bob' }] },
      { chatId: 'chat', recordId: 'm', text: 'so @Bob' },
    ]);
  });
});
