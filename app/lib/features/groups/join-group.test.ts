import { describe, expect, it } from 'vitest';
import type { ChatSummary, GroupInvitation } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { JoinGroup } from './join-group.svelte.ts';

const group: ChatSummary = {
  ...{ chatId: 'g', kind: 'group', title: 'Climbing', state: 'accepted', verified: false, time: 1, unread: 0 },
  ...{ pinned: false, muted: false, archived: false, typing: [], mentioned: 0, timer: 0 },
  group: { members: 2, mayWrite: true, requests: 0, role: 'member' },
};

/** What was asked of the engine has its answer. */
const answered = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

async function follow(invitation: Partial<GroupInvitation> = {}): Promise<{
  client: FakeClient;
  app: App;
  view: JoinGroup;
  arrived: string[];
  stop: () => void;
}> {
  const client = new FakeClient();
  client.on('readGroupInvitation', () => done({ chatId: 'g', name: 'Climbing', known: false, ...invitation }));
  const app = new App(client);
  const view = new JoinGroup(app, 'code');
  const arrived: string[] = [];
  const stop = view.follow((chatId) => arrived.push(chatId));
  await answered();
  return { client, app, view, arrived, stop };
}

describe('coming into a group by its link', () => {
  it('asks with the link, and says when the group is there', async () => {
    const { client, view, arrived, stop } = await follow();
    client.on('joinGroup', () => done({ chatId: 'g' }));
    await view.ask();
    expect(client.inputs('joinGroup')).toEqual([{ text: 'code' }]);
    client.publish('chats', [{ ...group, chatId: 'other' }]);
    expect(arrived).toEqual([]);
    client.publish('chats', [group]);
    expect(arrived).toEqual(['g']);
    stop();
    expect(client.watchers('chats')).toBe(0);
  });

  it('is not there while one only has what it was before one was removed', async () => {
    const { client, arrived } = await follow();
    client.publish('chats', [{ ...group, group: { members: 2, mayWrite: false, requests: 0 } }]);
    expect(arrived).toEqual([]);
  });

  it('leaves it to the reader when the group was there before', async () => {
    const { client, arrived } = await follow({ known: true });
    client.publish('chats', [group]);
    expect(arrived).toEqual([]);
  });

  it('says why it could not ask, unless the account is in already', async () => {
    const { client, app, view } = await follow();
    client.on('joinGroup', () => refused({ type: 'AlreadyExists' }));
    await view.ask();
    expect(app.toasts.items).toEqual([]);
    client.on('joinGroup', () => refused({ type: 'ThatIsYou' }));
    await view.ask();
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['That is you.']);
  });

  it('keeps what is wrong with a link that cannot be read', async () => {
    const client = new FakeClient().on('readGroupInvitation', () => refused({ type: 'LinkInvalid' }));
    const view = new JoinGroup(new App(client), 'nonsense');
    view.follow(() => undefined);
    await answered();
    expect([view.invitation, view.error]).toEqual([undefined, { type: 'LinkInvalid' }]);
  });
});
