import { describe, expect, it } from 'vitest';
import type { GroupInvite } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { GroupLinks } from './group-links.svelte.ts';

const invite: GroupInvite = { key: 'k', approval: false, used: 0, by: 'Ann', mine: true };
const cleo = { accountId: 'cleo', name: 'Cleo' };

function open(): { client: FakeClient; app: App; links: GroupLinks } {
  const client = new FakeClient();
  const app = new App(client);
  return { client, app, links: new GroupLinks(app, 'g', 'https://app.test') };
}

describe('the links of a group', () => {
  it('are made as was chosen, and shown', async () => {
    const { client, links } = open();
    client.on('createGroupInvite', () => done({ link: 'https://app.test/join#code' }));
    links.start();
    await links.make(1_000);
    expect([links.isOpen, links.link]).toEqual([true, 'https://app.test/join#code']);
    links.start();
    expect(links.link).toBeUndefined();
    links.way = 'asked';
    links.ends = 'never';
    await links.make(1_000);
    const target = { chatId: 'g', origin: 'https://app.test' };
    expect(client.inputs('createGroupInvite')).toEqual([
      { ...target, approval: false, expiresAt: 604_801_000 },
      { ...target, approval: true },
    ]);
  });

  it('stay to be made when that is refused', async () => {
    const { client, app, links } = open();
    client.on('createGroupInvite', () => refused({ type: 'NotAllowed' }));
    links.start();
    await links.make(1_000);
    expect([links.isOpen, links.link, app.toasts.items.length]).toEqual([true, undefined, 1]);
  });

  it('are shown again on the device that made them', async () => {
    const { client, app, links } = open();
    client.on('showGroupInvite', () => refused({ type: 'LinkInvalid' }));
    await links.show('k');
    expect([links.isOpen, app.toasts.items.length]).toEqual([false, 1]);
    client.on('showGroupInvite', () => done({ link: 'again' }));
    await links.show('k');
    expect([links.isOpen, links.link]).toEqual([true, 'again']);
  });

  it('are ended only after the question', async () => {
    const { client, links } = open();
    client.on('revokeGroupInvite', () => done(null));
    links.askToEnd(invite);
    links.cancelEnding();
    await links.end();
    expect(client.calls).toEqual([]);
    links.askToEnd(invite);
    await links.end();
    expect(client.inputs('revokeGroupInvite')).toEqual([{ chatId: 'g', key: 'k' }]);
    expect(links.ending).toBeUndefined();
  });
});

describe('who wants to join', () => {
  it('is let in or declined, one at a time', async () => {
    const { client, app, links } = open();
    client.on('answerRequest', () => done(null));
    const [first, second] = await Promise.all([links.answer(cleo, true), links.answer(cleo, true)]);
    expect([first, second]).toEqual([true, false]);
    expect(await links.answer(cleo, false)).toBe(true);
    expect(client.inputs('answerRequest')).toEqual([
      { chatId: 'g', accountId: 'cleo', accept: true },
      { chatId: 'g', accountId: 'cleo', accept: false },
    ]);
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['Cleo is in the group']);
  });
});
