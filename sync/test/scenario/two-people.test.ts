/** Two people and an honest relay: the whole path once, and the ordinary misfortunes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

describe('two people', () => {
  it('S-DIRECT-1 a message reaches the other side once, and its tick goes from queued to read', async () => {
    const { world, ann, bob, chatId } = await couple();
    bob.line.cut = true;
    ann.line.cut = true;
    bob.line.hangUp();
    ann.line.hangUp();
    await world.pass(2_000);
    await send(ann, chatId, 'hello Bob');
    expect((await ann.timeline(chatId))[0]?.tick).toBe('queued');
    ann.line.cut = false;
    await world.pass(90_000);
    expect((await ann.timeline(chatId))[0]?.tick).toBe('sent');
    bob.line.cut = false;
    await world.pass(90_000);
    const [message] = await bob.timeline(chatId);
    expect(message).toMatchObject({ text: 'hello Bob', mine: false, name: 'Ann' });
    expect((await ann.timeline(chatId))[0]?.tick).toBe('delivered');
    await bob.client.call('markRead', { chatId, upTo: message?.id ?? '' });
    await world.pass(5_000);
    expect((await ann.timeline(chatId))[0]?.tick).toBe('read');
    expect(world.violations).toEqual([]);
  });

  it('S-DIRECT-2 a stranger is a request: shown, not answered, until accepted', async () => {
    const world = new World(3, 0);
    const ann = await world.addDevice('Ann');
    const bob = await world.addDevice('Bob');
    await world.pass(1_000);
    const chatId = await addContact(ann, bob);
    await send(ann, chatId, 'remember me?');
    await world.pass(5_000);
    const [request] = (await look(bob.client, 'chats', null)).filter((chat) => chat.kind === 'direct');
    expect(request).toMatchObject({ state: 'requesting', title: 'Ann', unread: 1 });
    expect((await ann.timeline(chatId))[0]?.tick).toBe('sent');
    await bob.client.call('acceptRequest', { chatId });
    await world.pass(5_000);
    expect((await ann.timeline(chatId))[0]?.tick).toBe('delivered');
    expect((await look(ann.client, 'chats', null)).find((chat) => chat.chatId === chatId)).toMatchObject({
      state: 'accepted',
      title: 'Bob',
    });
  });

  it('S-DIRECT-3 a blocked account reaches nothing, and hears nothing', async () => {
    const { world, ann, bob, chatId } = await couple();
    const annId = ann.engine?.self.identity.account.id ?? '';
    await bob.client.call('setBlocked', { accountId: annId, blocked: true });
    await send(ann, chatId, 'are you there?');
    await world.pass(60_000);
    expect(await texts(bob, chatId)).toEqual([]);
    expect((await ann.timeline(chatId))[0]?.tick).toBe('sent');
    await bob.client.call('setBlocked', { accountId: annId, blocked: false });
    await send(ann, chatId, 'and now?');
    await world.pass(600_000);
    expect(await texts(bob, chatId)).toEqual(['are you there?', 'and now?']);
  });

  it('S-DIRECT-4 edits, reactions and deletions reach the other side and its rows forget deleted text', async () => {
    const { world, ann, bob, chatId } = await couple();
    const first = await send(ann, chatId, 'helo');
    const second = await send(ann, chatId, 'a secret that slipped out');
    await world.pass(3_000);
    await ann.client.call('editMessage', { chatId, recordId: first, text: 'hello' });
    await bob.client.call('react', { chatId, recordId: first, emoji: '👍' });
    await ann.client.call('deleteForEveryone', { chatId, recordId: second });
    await world.pass(5_000);
    for (const device of [ann, bob]) {
      const [a, b] = await device.timeline(chatId);
      expect(a).toMatchObject({
        text: 'hello',
        edited: true,
        reactions: [{ emoji: '👍', count: 1, mine: device === bob }],
      });
      expect(b).toMatchObject({ text: '', deleted: true });
    }
    expect(await bob.client.call('editMessage', { chatId, recordId: first, text: 'mine now' })).toMatchObject({
      error: { type: 'NotYours' },
    });
  });

  it('S-DIRECT-5 drafts, nickname, delete for me with undo, stars and flags stay on this side only', async () => {
    const { world, ann, bob, chatId } = await couple();
    const id = await send(ann, chatId, 'keep or hide');
    await world.pass(3_000);
    await bob.client.call('setDraft', { chatId, text: 'half a thou' });
    await bob.client.call('deleteForMe', { chatId, recordId: id, hidden: true });
    expect(await texts(bob, chatId)).toEqual([]);
    await bob.client.call('deleteForMe', { chatId, recordId: id, hidden: false });
    await bob.client.call('setStarred', { chatId, recordId: id, starred: true });
    await bob.client.call('setChatFlags', { chatId, pinned: true, muted: true });
    await bob.client.call('setNickname', { accountId: ann.engine?.self.identity.account.id ?? '', nickname: 'Annie' });
    expect((await bob.timeline(chatId))[0]).toMatchObject({ text: 'keep or hide', starred: true, name: 'Annie' });
    const mine = (await look(bob.client, 'chats', null)).find((chat) => chat.chatId === chatId);
    expect(mine).toMatchObject({ draft: 'half a thou', pinned: true, muted: true, title: 'Annie' });
    await world.pass(5_000);
    const theirs = (await look(ann.client, 'chats', null)).find((chat) => chat.chatId === chatId);
    expect(theirs).toMatchObject({ pinned: false, muted: false });
    expect(theirs?.draft).toBeUndefined();
  });

  it('S-DIRECT-6 five hundred messages to someone who is away arrive once and in order after the relay died', async () => {
    const { world, ann, bob, chatId } = await couple();
    bob.crash();
    const sent = Array.from({ length: 500 }, (_, i) => `message ${String(i + 1)}`);
    for (const text of sent) await send(ann, chatId, text);
    await world.pass(120_000);
    world.crashRelay();
    await world.pass(60_000);
    await bob.open();
    await world.pass(600_000);
    const seen: string[] = [];
    const engine = bob.engine;
    for (
      let page = await engine?.projection.page({ chatId: chatId as never, anchor: 'end', older: 399, newer: 0 });
      page !== undefined;
    ) {
      seen.unshift(...page.rows.map((row) => row.text));
      const [oldest] = page.rows;
      if (!page.hasOlder || oldest === undefined) break;
      page = await engine?.projection.page({ chatId: chatId as never, anchor: oldest.id, older: 399, newer: 0 });
      seen.shift(); // the anchor comes again
    }
    expect(seen).toEqual(sent);
    expect(world.violations).toEqual([]);
  }, 120_000);

  it('S-DIRECT-7 search finds a substring without case, CJK included, and forgets nothing when the device reopens', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'The QUICK brown fox');
    await send(ann, chatId, '明日の天気は晴れです');
    await world.pass(3_000);
    bob.crash();
    await bob.open();
    await world.pass(1_000);
    const find = (text: string) => look(bob.client, 'search', { text, limit: 10 });
    expect((await find('ick bro')).hits).toMatchObject([{ chatId, name: 'Ann', mine: false }]);
    expect((await find('天気')).hits).toHaveLength(1);
    expect((await find('nowhere')).hits).toHaveLength(0);
  });

  it('S-DIRECT-8 the note to self works with no relay at all', async () => {
    const world = new World(8, 0);
    const ann = await world.addDevice('Ann');
    ann.line.cut = true;
    ann.line.hangUp();
    const [self] = await look(ann.client, 'chats', null);
    expect(self).toMatchObject({ kind: 'self' });
    await send(ann, self?.chatId ?? '', 'buy milk');
    await world.pass(1_000);
    expect((await ann.timeline(self?.chatId ?? ''))[0]).toMatchObject({ text: 'buy milk', mine: true });
  });
});
