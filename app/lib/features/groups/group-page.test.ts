import { describe, expect, it } from 'vitest';
import type { GroupDetail, GroupMember } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { GroupPage } from './group-page.svelte.ts';

const cleo: GroupMember = {
  ...{ accountId: 'cleo', name: 'Cleo', me: false, role: 'member', since: 1, addedBy: 'Ann' },
  ...{ removable: true, roles: ['admin'] },
};
const detail: GroupDetail = {
  ...{ chatId: 'g', name: 'Climbing', description: 'On Sundays', members: [cleo], role: 'owner' },
  permissions: { write: 'everyone', add: 'everyone', info: 'everyone', pin: 'everyone' },
  ...{ mayAdd: true, mayEditInfo: true, mayEditPermissions: true },
  ...{ invites: [], requests: [], former: [], banned: [], timer: 0 },
};

function open(): { client: FakeClient; app: App; page: GroupPage } {
  const client = new FakeClient();
  const app = new App(client);
  return { client, app, page: new GroupPage(app, 'g') };
}

describe('the page about a group', () => {
  it('removes a member only after the question, and remembers about whom it was', async () => {
    const { client, app, page } = open();
    client.on('removeMember', () => done(null));
    page.ask({ type: 'remove', member: cleo });
    page.cancel();
    await page.confirm();
    expect(client.calls).toEqual([]);
    page.ask({ type: 'remove', member: cleo });
    await page.confirm();
    expect(client.inputs('removeMember')).toEqual([{ chatId: 'g', accountId: 'cleo' }]);
    expect([page.question, page.asked, app.toasts.items.length]).toEqual([undefined, 'cleo', 1]);
  });

  it('leaves after the question, and says why it could not', async () => {
    const { client, app, page } = open();
    client.on('leaveGroup', () => refused({ type: 'NotMember' }));
    page.ask({ type: 'leave' });
    await page.confirm();
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['You are not in this group.']);
  });

  it('bans, makes owners and lifts bans after the question', async () => {
    const { client, app, page } = open();
    for (const name of ['removeMember', 'setMemberRole', 'unbanMember'] as const) client.on(name, () => done(null));
    page.ask({ type: 'ban', member: cleo });
    await page.confirm();
    page.ask({ type: 'makeOwner', member: cleo });
    await page.confirm();
    expect(client.inputs('removeMember')).toEqual([{ chatId: 'g', accountId: 'cleo', ban: true }]);
    expect(client.inputs('setMemberRole')).toEqual([{ chatId: 'g', accountId: 'cleo', role: 'owner' }]);
    expect(await page.unban({ accountId: 'cleo', name: 'Cleo', time: 1, addable: false })).toBe(true);
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['Cleo is banned', 'Cleo can come back']);
  });

  it('makes the chosen one an owner before the last one leaves, and stays when that fails', async () => {
    const { client, page } = open();
    client.on('setMemberRole', () => refused({ type: 'UnknownMember' }));
    client.on('leaveGroup', () => done(null));
    page.ask({ type: 'leave' });
    page.successor = 'cleo';
    await page.confirm();
    expect(client.inputs('leaveGroup')).toEqual([]);
    client.on('setMemberRole', () => done(null));
    page.ask({ type: 'leave' });
    expect(page.successor).toBeUndefined();
    page.successor = 'cleo';
    await page.confirm();
    expect(client.calls.map(({ name }) => name)).toEqual(['setMemberRole', 'setMemberRole', 'leaveGroup']);
  });

  it('adds whom one chose, with as many earlier messages as one chose', async () => {
    const { client, page } = open();
    client.on('addMembers', () => done(null));
    const { adding } = page;
    adding.start();
    await adding.add();
    expect(client.calls).toEqual([]);
    adding.chosen = ['dora'];
    adding.history = 'none';
    await adding.add();
    adding.start(['emil']);
    await adding.add();
    adding.start(['fay']);
    adding.history = 'week';
    await adding.add();
    const [none, all, week] = client.inputs('addMembers');
    expect(none).toEqual({ chatId: 'g', members: ['dora'], history: false });
    expect(all).toEqual({ chatId: 'g', members: ['emil'], history: true });
    const since: unknown = expect.closeTo(Date.now() - 7 * 24 * 3600_000, -5);
    expect(week).toEqual({ chatId: 'g', members: ['fay'], history: true, since });
    expect(adding.isOpen).toBe(false);
  });

  it('changes only what is other than before', async () => {
    const { client, page } = open();
    client.on('setGroupInfo', () => done(null));
    page.startEditing(detail);
    expect(await page.save(detail)).toBe(true);
    page.startEditing(detail);
    page.description = ' ';
    expect(await page.save(detail)).toBe(true);
    expect(client.inputs('setGroupInfo')).toEqual([{ chatId: 'g', description: '' }]);
  });

  it('keeps the form open with the reason when the name is refused', async () => {
    const { client, page } = open();
    client.on('setGroupInfo', () => refused({ type: 'NameEmpty' }));
    page.startEditing(detail);
    page.name = '';
    expect(await page.save(detail)).toBe(false);
    expect([page.isEditing, page.nameError]).toEqual([true, 'Please enter a name.']);
  });
});
