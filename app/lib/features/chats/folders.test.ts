import { describe, expect, it } from 'vitest';
import { FOLDER_LIMIT, type ChatSummary } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { FolderChoice } from './folder-choice.svelte.ts';
import { inFolder, listFolders, readFolderName } from './folders.ts';

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

describe('folders', () => {
  const chats = [
    chat('a', { folder: 'Work', unread: 2 }),
    chat('b'),
    chat('c', { folder: 'Family 10' }),
    chat('d', { folder: 'Work', unread: 1 }),
    chat('e', { folder: 'Work', unread: 9, muted: true }),
    chat('f', { folder: 'family 9' }),
  ];

  it('are those that a chat is in, by name, with what is unread in them', () => {
    expect(listFolders(chats)).toEqual([
      { name: 'family 9', unread: 0 },
      { name: 'Family 10', unread: 0 },
      { name: 'Work', unread: 3 },
    ]);
    expect(listFolders([chat('a')])).toEqual([]);
  });

  it('hold their chats; none holds all', () => {
    expect(inFolder(chats, 'Work').map(({ chatId }) => chatId)).toEqual(['a', 'd', 'e']);
    expect(inFolder(chats, undefined)).toBe(chats);
    expect(inFolder(chats, 'gone')).toEqual([]);
  });

  it.each([
    ['  New   one ', 'New one'],
    ['WORK', 'Work'],
    ['', undefined],
    ['   ', undefined],
    ['x'.repeat(FOLDER_LIMIT + 5), 'x'.repeat(FOLDER_LIMIT)],
  ])('“%s” means %s', (typed, expected) => {
    expect(readFolderName(typed, ['Work'])).toBe(expected);
  });
});

describe('putting a chat into a folder', () => {
  function open(folder?: string): { api: FakeClient; view: FolderChoice } {
    const api = new FakeClient().on('setChatFlags', () => done(null));
    const subject = chat('a', folder === undefined ? {} : { folder });
    return { api, view: new FolderChoice(new App(api), subject, ['Work', 'Family']) };
  }

  it('begins where the chat is', () => {
    expect(open('Work').view.chosen).toBe('Work');
    expect(open().view.chosen).toBeNull();
  });

  it('moves it, takes it out, or makes a folder', async () => {
    const { api, view } = open('Work');
    view.chosen = 'Family';
    expect(await view.save()).toBe(true);
    view.chosen = null;
    expect(await view.save()).toBe(true);
    view.isNew = true;
    view.name = ' Garden ';
    expect(await view.save()).toBe(true);
    expect(api.inputs('setChatFlags')).toEqual([
      { chatId: 'a', folder: 'Family' },
      { chatId: 'a', folder: null },
      { chatId: 'a', folder: 'Garden' },
    ]);
  });

  it('calls nothing when it stays where it is, or the new folder has no name', async () => {
    const { api, view } = open('Work');
    expect(await view.save()).toBe(true);
    view.isNew = true;
    expect(await view.save()).toBe(false);
    expect(view.error).toBe('Please enter a name.');
    expect(api.calls).toEqual([]);
  });

  it('stays open when it is refused', async () => {
    const { api, view } = open();
    api.on('setChatFlags', () => refused({ type: 'Unlinked' }));
    view.chosen = 'Work';
    expect(await view.save()).toBe(false);
    expect(view.error).toContain('unlinked');
  });
});
