/** The last device is gone: what the recovery phrase, a backup file, other own devices and contacts bring back. */
import {
  type Account,
  type ChatId,
  createAccount,
  createRecovery,
  recoveryWords,
  seededRandom,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackup } from '../../src/backup/backup-file.ts';
import type { Chat } from '../../src/chats/chat-book.ts';
import { type Summary, encodeSummary } from '../../src/documents/index.ts';
import type { Part } from '../../src/payload/payload.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { BACKUP_HEAD, exportBackup, frameEnds, importBackup, newPhrase, restore } from '../support/backup.ts';
import { addOwnDevice, link } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;

/** Heads of every segment of every chat. */
async function heads({ engine }: SimulatedDevice): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (engine === undefined) return found;
  for (const chat of engine.chats.all()) {
    const { segments } = await (await engine.chats.documents(chat)).summary();
    found.set(chat.chatId, JSON.stringify(segments.map(({ segment, heads: tips }) => [segment, [...tips].sort()])));
  }
  return found;
}

/** Every change of every chat, byte for byte. */
async function documentBytes({ engine }: SimulatedDevice): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const chat of engine?.chats.all() ?? []) {
    const documents = await engine?.chats.documents(chat);
    const changes: string[] = [];
    for await (const piece of documents?.exportChunks() ?? [])
      changes.push(...piece.map(({ segment, bytes }) => `${String(segment)} ${Buffer.from(bytes).toString('base64')}`));
    found.set(chat.chatId, changes.sort());
  }
  return found;
}

/** Everything of the account that a user sees beside messages. */
async function state(device: SimulatedDevice): Promise<unknown> {
  const { client } = device;
  const chats = await look(client, 'chats', null);
  return {
    chats: chats.map(({ chatId, title, draft, pinned, muted, archived, folder, unread, state: is }) => ({
      ...{ chatId, title, draft, pinned, muted, archived, folder, unread, is },
    })),
    contacts: (await look(client, 'contacts', null)).map(({ accountId, name, nickname, verified, state: is }) => ({
      ...{ accountId, name, nickname, verified, is },
    })),
    name: (await look(client, 'profile', null)).name,
    theme: (await look(client, 'settings', null)).theme,
  };
}

/** What the screen of a chat says about its history. */
async function shown({ client }: SimulatedDevice, chatId: string): Promise<string> {
  const detail = await look(client, 'chat', { chatId });
  return [detail?.withheld === true ? 'withheld' : [], detail?.awaitsHistory === true ? 'awaits' : []].flat().join();
}

/** The user agrees that the contact's devices get what was written before. */
async function agree({ client }: SimulatedDevice, chatId: string): Promise<void> {
  expect(await client.call('shareHistory', { chatId })).toEqual({ ok: true, value: null });
}

/** Everything that the device is given of chats from now on, shown or not, as a modified client would read it. */
function listen({ engine }: SimulatedDevice): string[] {
  const heard: string[] = [];
  if (engine === undefined) throw new Error('not open');
  const apply = engine.absorb.apply.bind(engine.absorb);
  engine.absorb.apply = (news, batch) => {
    for (const { bytes } of news.changes) heard.push(new TextDecoder().decode(bytes));
    return apply(news, batch);
  };
  return heard;
}

function chatOf({ engine }: SimulatedDevice, chatId: string): Chat {
  const chat = engine?.chats.get(chatId as ChatId);
  if (chat === undefined) throw new Error('no such chat');
  return chat;
}

/** A question that no honest client has. */
async function ask(from: SimulatedDevice, to: SimulatedDevice, chatId: string, summary: Summary): Promise<void> {
  const [asker, asked] = [from.engine, to.engine?.self.identity.account.id];
  if (asker === undefined || asked === undefined) throw new Error('not open');
  const part: Part = { type: 'ask', chatId: chatId as ChatId, summary: encodeSummary(summary) };
  await asker.job((batch) => {
    asker.outbox.tell(batch, { accountId: asked, parts: [part], topic: `ask:${chatId}` });
  });
  asker.kick();
}

/** Ann has talked with Bob and Cleo, noted something, and arranged her chats. */
async function scene(seed: number) {
  const { world, ann, bob, chatId } = await couple(seed);
  const cleo = await world.addDevice('Cleo');
  await world.pass(2_000);
  const withCleo = await addContact(ann, cleo);
  await addContact(cleo, ann);
  await world.pass(5_000);
  for (let n = 1; n <= 26; n += 1) await send(n % 3 === 0 ? bob : ann, chatId, `message ${String(n)}`);
  await send(ann, withCleo, 'hello Cleo');
  const self = [...(ann.engine?.chats.all() ?? [])].find((chat) => chat.with.type === 'self')?.chatId ?? '';
  await send(ann, self, 'note to self');
  await world.pass(MINUTE);
  const [first] = await ann.timeline(chatId);
  const recordId = first?.id ?? '';
  const { client } = ann;
  await client.call('setStarred', { chatId, recordId, starred: true });
  await client.call('setDraft', { chatId: withCleo, text: 'half a thought' });
  await client.call('setChatFlags', { chatId, pinned: true, folder: 'Friends' });
  await client.call('setNickname', { accountId: cleo.engine?.self.identity.account.id ?? '', nickname: 'Cle' });
  await client.call('setSettings', { theme: 'dark' });
  await client.call('markRead', { chatId, upTo: (await ann.timeline(chatId)).at(-1)?.id ?? '' });
  await world.pass(MINUTE);
  return { world, ann, bob, cleo, chatId, withCleo, self, recordId };
}

describe('restoration', () => {
  it('S-RESTORE-1 by the phrase alone while another own device is on line everything comes back', async () => {
    const { world, ann, bob, chatId, recordId } = await scene(61);
    const phrase = await newPhrase(ann, world);
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    await world.pass(2 * MINUTE);
    expect(await state(phone)).toEqual(await state(ann));
    expect(await heads(phone)).toEqual(await heads(ann));
    expect((await phone.timeline(chatId)).find(({ id }) => id === recordId)?.starred).toBe(true);
    const page = await look(bob.client, 'timeline', { chatId, anchor: 'end', older: 50, newer: 0 });
    expect(page.items.flatMap((item) => (item.type === 'system' ? [item.event.type] : []))).toContain('DeviceRestored');
    const own = await look(ann.client, 'devices', null);
    expect(own.map(({ name, restored }) => [name, restored])).toEqual([
      ['', false],
      ['Phone', true],
    ]);
    await send(phone, chatId, 'back again');
    await world.pass(MINUTE);
    for (const device of [ann, bob]) expect((await texts(device, chatId)).at(-1)).toBe('back again');
    // It lacks nothing, whatever Bob keeps from it.
    expect([await shown(phone, chatId), await shown(bob, chatId)]).toEqual(['', 'withheld']);
    expect(world.violations).toEqual([]);
  }, 180_000);

  it('S-RESTORE-2 by phrase and backup when no other device is left: all chats and records, equal heads', async () => {
    const { world, ann, bob, chatId, recordId } = await scene(62);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    const [before, headsBefore, bytesBefore] = [await state(ann), await heads(ann), await documentBytes(ann)];
    const lost = ann.lastDeviceId ?? '';
    ann.crash();
    const phone = world.makeDevice('Phone');
    phone.line.cut = false;
    for (const other of [bob]) other.line.cut = true;
    expect(await restore(phone, phrase, world)).toBeUndefined();
    expect(await importBackup(phone, file)).toBe(28);
    expect(await heads(phone)).toEqual(headsBefore);
    expect(await documentBytes(phone)).toEqual(bytesBefore);
    expect(await state(phone)).toEqual(before);
    expect((await phone.timeline(chatId)).find(({ id }) => id === recordId)?.starred).toBe(true);
    bob.line.cut = false;
    const unlinking = phone.client.call('unlinkDevice', { deviceId: lost });
    await world.pass(MINUTE);
    expect(await unlinking).toMatchObject({ ok: true });
    await send(bob, chatId, 'is it you?');
    await world.pass(MINUTE);
    await send(phone, chatId, 'it is');
    await world.pass(MINUTE);
    for (const device of [phone, bob]) expect((await texts(device, chatId)).slice(-2)).toEqual(['is it you?', 'it is']);
    expect([await shown(phone, chatId), await shown(bob, chatId)]).toEqual(['', 'withheld']);
    expect(world.violations).toEqual([]);
  }, 180_000);

  it('S-RESTORE-3 a phrase that is none, or of nobody, gets nothing and says so', async () => {
    const { world, ann, chatId } = await couple(63);
    await send(ann, chatId, 'not for everyone');
    const phrase = await newPhrase(ann, world);
    const words = phrase.split(' ');
    const thief = world.makeDevice('Thief');
    const tried = async (text: string): Promise<unknown> => {
      const error = await restore(thief, text, world);
      expect(await look(thief.client, 'phase', null)).toEqual({ type: 'Empty' });
      return error;
    };
    expect(await tried('')).toMatchObject({ type: 'PhraseLength' });
    expect(await tried(words.slice(0, 11).join(' '))).toEqual({ type: 'PhraseLength', words: 11 });
    expect(await tried(words.map((word, index) => (index === 7 ? 'nosuchword' : word)).join(' '))).toEqual({
      ...{ type: 'PhraseWord', index: 7, word: 'nosuchword' },
    });
    // One word taken for another: mostly the checksum shows it; when it does not, it is nobody's phrase.
    for (const other of ['abandon', 'zoo', 'legal', 'ocean'])
      expect(await tried(words.map((word, index) => (index === 3 ? other : word)).join(' '))).toMatchObject({
        type: expect.stringMatching(/^Phrase(Wrong|Unknown)$/) as unknown,
      });
    const random = seededRandom(new Uint8Array(32).fill(9));
    expect(await tried(recoveryWords(createRecovery(random)).join(' '))).toEqual({ type: 'PhraseUnknown' });
    const replaced = phrase;
    await newPhrase(ann, world);
    expect(await tried(replaced)).toEqual({ type: 'PhraseUnknown' });
    expect(ann.engine?.self.identity.log.entries).toHaveLength(3);
  }, 120_000);

  it('S-RESTORE-4 by the phrase alone with one contact on line: nothing of the chat comes until the contact agrees, then all', async () => {
    const { world, ann, bob, cleo, chatId, withCleo } = await scene(64);
    const phrase = await newPhrase(ann, world);
    const before = await heads(ann);
    ann.crash();
    cleo.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    const got = listen(phone);
    await world.pass(MINUTE);
    expect(await addContact(phone, bob)).toBe(chatId);
    await world.pass(60 * MINUTE);
    expect([await texts(phone, chatId), got.filter((text) => text.includes('message'))]).toEqual([[], []]);
    expect([await shown(bob, chatId), await shown(phone, chatId)]).toEqual(['withheld', 'awaits']);
    await agree(bob, chatId);
    await world.pass(5 * MINUTE);
    expect((await heads(phone)).get(chatId)).toBe(before.get(chatId));
    expect(await texts(phone, chatId)).toEqual(await texts(bob, chatId));
    expect([await shown(bob, chatId), await shown(phone, chatId)]).toEqual(['', '']);
    const mine = (await phone.timeline(chatId)).map(({ mine: isMine }) => isMine);
    expect(mine).toEqual((await bob.timeline(chatId)).map(({ mine: isTheirs }) => !isTheirs));
    await send(phone, chatId, 'back again');
    await world.pass(MINUTE);
    expect((await texts(bob, chatId)).at(-1)).toBe('back again');
    // Of Cleo it knows nothing; she writes, and is accepted.
    await cleo.open();
    await send(cleo, withCleo, 'are you there?');
    await world.pass(5 * MINUTE);
    expect(await phone.client.call('acceptRequest', { chatId: withCleo })).toMatchObject({ ok: true });
    await world.pass(5 * MINUTE);
    expect(await texts(phone, withCleo)).toEqual([]);
    await agree(cleo, withCleo);
    await world.pass(5 * MINUTE);
    expect(await texts(phone, withCleo)).toEqual(['hello Cleo', 'are you there?']);
  }, 180_000);

  it('S-RESTORE-5 what a contact got after the backup it brings when its user agrees, also after it was away and nobody writes', async () => {
    const { world, ann, bob, cleo, chatId, withCleo } = await scene(60);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    await send(ann, chatId, 'after the backup');
    await send(bob, chatId, 'and an answer');
    await ann.client.call('deleteForEveryone', { chatId, recordId: (await ann.timeline(chatId))[1]?.id ?? '' });
    await world.pass(MINUTE);
    const [seen, tips] = [await bob.timeline(chatId), (await heads(bob)).get(chatId)];
    ann.crash();
    bob.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    expect(await importBackup(phone, file)).toBe(28);
    await world.pass(10 * MINUTE);
    await bob.open();
    await world.pass(10 * MINUTE);
    expect(await texts(phone, chatId)).not.toContain('after the backup');
    await agree(bob, chatId);
    await agree(cleo, withCleo);
    await world.pass(10 * MINUTE);
    expect((await heads(phone)).get(chatId)).toBe(tips);
    expect((await phone.timeline(chatId)).map(({ id, text }) => [id, text])).toEqual(
      seen.map(({ id, text }) => [id, text]),
    );
    await world.pass(26 * 60 * MINUTE);
    const asks = [...(phone.engine?.chats.all() ?? [])].map((chat) => chat.isWhole || chat.with.type === 'self');
    expect([asks.includes(false), await texts(phone, withCleo)]).toEqual([false, ['hello Cleo']]);
  }, 180_000);
});

/** Ann lost everything and came back by the phrase, on a phone; Bob is a contact again, and has not agreed yet. */
async function comeBack(seed: number) {
  const told = await scene(seed);
  const { world, ann, bob, cleo, chatId } = told;
  const phrase = await newPhrase(ann, world);
  ann.crash();
  cleo.crash();
  const phone = world.makeDevice('Phone');
  expect(await restore(phone, phrase, world)).toBeUndefined();
  const heard = listen(phone);
  await addContact(phone, bob);
  await world.pass(MINUTE);
  return { ...told, phrase, phone, heard, old: () => heard.filter((text) => /message \d/.test(text)), chatId };
}

describe('a restored contact', () => {
  it('S-RESTORE-6 new messages of both are shown at once, whoever begins; after the contact agreed there is one chat', async () => {
    for (const first of ['phone', 'bob']) {
      const { world, bob, phone, old, chatId } = await comeBack(first === 'phone' ? 71 : 72);
      const before = await texts(bob, chatId);
      const said: string[] = [];
      const pair = first === 'phone' ? [phone, bob] : [bob, phone];
      for (let round = 0; round < 4; round += 1)
        for (const device of pair) {
          said.push(`${device.name} says ${String(round)}`);
          await send(device, chatId, said.at(-1) ?? '');
          await world.pass(10_000);
          expect([await texts(phone, chatId), (await texts(bob, chatId)).slice(before.length)]).toEqual([said, said]);
        }
      // What is about an older message goes on when that one comes.
      const [oldest] = await bob.timeline(chatId);
      await bob.client.call('react', { chatId, recordId: oldest?.id ?? '', emoji: '👍' });
      await bob.client.call('editMessage', {
        chatId,
        recordId: (await bob.timeline(chatId))[2]?.id ?? '',
        text: 'edited',
      });
      await world.pass(60 * MINUTE);
      expect([await texts(phone, chatId), old()]).toEqual([said, []]);
      await agree(bob, chatId);
      await world.pass(5 * MINUTE);
      expect(await texts(phone, chatId)).toEqual(await texts(bob, chatId));
      expect((await phone.timeline(chatId))[0]?.reactions).toMatchObject([{ emoji: '👍', mine: false }]);
      expect((await heads(phone)).get(chatId)).toBe((await heads(bob)).get(chatId));
      expect([await shown(bob, chatId), await shown(phone, chatId)]).toEqual(['', '']);
      expect(world.violations).toEqual([]);
    }
  }, 240_000);

  it('S-RESTORE-6 also to a device that does not know yet who its contacts were: what is written once its like is known', async () => {
    const { world, ann, bob, chatId } = await scene(70);
    const phrase = await newPhrase(ann, world);
    ann.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    const heard = listen(phone);
    await send(bob, chatId, 'are you there?');
    // It does not arrive, so Bob's device looks for other devices of Ann's.
    await world.pass(10 * MINUTE);
    await send(bob, chatId, 'hello?');
    await world.pass(MINUTE);
    expect(await texts(phone, chatId)).toEqual(['hello?']);
    expect(await phone.client.call('acceptRequest', { chatId })).toMatchObject({ ok: true });
    await world.pass(10 * MINUTE);
    expect(await texts(phone, chatId)).toEqual(['hello?']);
    expect(heard.filter((text) => /message \d/.test(text))).toEqual([]);
    await agree(bob, chatId);
    await world.pass(5 * MINUTE);
    expect(await texts(phone, chatId)).toEqual(await texts(bob, chatId));
  }, 180_000);

  it('S-RESTORE-7 whatever it asks, and whatever devices it links, it gets nothing older', async () => {
    const { world, bob, phone, old, heard, chatId } = await comeBack(73);
    await send(bob, chatId, 'who are you?');
    await world.pass(MINUTE);
    const tips = await heads(bob);
    const chat = chatOf(bob, chatId);
    const known = await (await bob.engine?.chats.documents(chat))?.summary();
    const made: Summary[] = [
      { from: 0, segments: [] },
      { from: 1, segments: [] },
      { from: 4_000_000_000, segments: [] },
      { from: 0, segments: (known?.segments ?? []).map((each) => ({ ...each, heads: [], landmarks: [] })) },
      {
        from: 0,
        segments: (known?.segments ?? []).map((each) => ({ ...each, heads: ['ab'.repeat(32)], landmarks: [] })),
      },
      { from: 0, segments: [0, 1, 2, 500].map((segment) => ({ segment, generation: 9, heads: [], landmarks: [] })) },
    ];
    for (let round = 0; round < 3; round += 1)
      for (const summary of made) {
        await ask(phone, bob, chatId, summary);
        await world.pass(25_000);
      }
    const tablet = world.makeDevice('Tablet');
    await link(phone, tablet, world);
    const heardThere = listen(tablet);
    await world.pass(5 * MINUTE);
    for (const summary of made) {
      await ask(tablet, bob, chatId, summary);
      await world.pass(25_000);
    }
    // A card that it is a contact anew, a link that is opened again, a block that is taken back: none of it agrees.
    await addContact(bob, phone);
    const accountId = phone.engine?.self.identity.account.id ?? '';
    for (const blocked of [true, false]) {
      await bob.client.call('setBlocked', { accountId, blocked });
      await world.pass(MINUTE);
    }
    await send(bob, chatId, 'still not sure');
    await world.pass(10 * MINUTE);
    expect([...old(), ...heardThere.filter((text) => /message \d/.test(text))]).toEqual([]);
    expect(heard.some((text) => text.includes('who are you?'))).toBe(true);
    expect(await texts(tablet, chatId)).toEqual(['who are you?', 'still not sure']);
    expect(await shown(bob, chatId)).toBe('withheld');
    expect(tips.get(chatId)).not.toBe((await heads(phone)).get(chatId));
    await agree(bob, chatId);
    await world.pass(10 * MINUTE);
    for (const device of [phone, tablet]) expect(await texts(device, chatId)).toEqual(await texts(bob, chatId));
  }, 240_000);

  it('S-RESTORE-8 agreed on one own device it is agreed on all, and a second restoration needs its own', async () => {
    const { world, bob, phone, phrase, chatId } = await comeBack(74);
    const tablet = await addOwnDevice(bob, 'Bob tablet', world);
    await world.pass(2 * MINUTE);
    expect([await shown(bob, chatId), await shown(tablet, chatId)]).toEqual(['withheld', 'withheld']);
    phone.crash();
    await agree(tablet, chatId);
    await world.pass(MINUTE);
    expect([await shown(bob, chatId), await shown(tablet, chatId)]).toEqual(['', '']);
    tablet.crash();
    await phone.open();
    await world.pass(5 * MINUTE);
    expect(await texts(phone, chatId)).toEqual(await texts(bob, chatId));
    phone.crash();
    const second = world.makeDevice('Second');
    expect(await restore(second, phrase, world)).toBeUndefined();
    const heard = listen(second);
    await addContact(second, bob);
    await world.pass(30 * MINUTE);
    await tablet.open();
    await send(bob, chatId, 'again?');
    await world.pass(30 * MINUTE);
    expect(await texts(second, chatId)).toEqual(['again?']);
    expect(heard.filter((text) => /message \d/.test(text))).toEqual([]);
    for (const device of [bob, tablet]) expect(await shown(device, chatId)).toBe('withheld');
    await agree(bob, chatId);
    await world.pass(5 * MINUTE);
    expect(await texts(second, chatId)).toEqual(await texts(bob, chatId));
  }, 240_000);

  it('S-RESTORE-9 a device that learns of older records only later keeps them back too', async () => {
    const { world, ann, bob, chatId } = await scene(75);
    const tablet = await addOwnDevice(bob, 'Bob tablet', world);
    await world.pass(2 * MINUTE);
    const phrase = await newPhrase(ann, world);
    tablet.crash();
    // Enough for further segments, of which the tablet knows nothing when it meets the phone.
    for (let n = 27; n <= 60; n += 1) await send(n % 2 === 0 ? bob : ann, chatId, `message ${String(n)}`);
    await world.pass(MINUTE);
    ann.crash();
    bob.crash();
    // Longer than the relay keeps anything.
    await world.pass(45 * 24 * 60 * MINUTE);
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    const heard = listen(phone);
    await tablet.open();
    await addContact(phone, tablet);
    await world.pass(5 * MINUTE);
    await send(tablet, chatId, 'first');
    await world.pass(MINUTE);
    expect([await texts(phone, chatId), await texts(tablet, chatId)]).toMatchObject([['first'], { length: 27 }]);
    await bob.open();
    await world.pass(10 * MINUTE);
    expect(await texts(tablet, chatId)).toEqual(await texts(bob, chatId));
    await send(tablet, chatId, 'second');
    for (const device of [tablet, bob]) {
      await ask(phone, device, chatId, { from: 0, segments: [] });
      await world.pass(MINUTE);
    }
    expect(await texts(phone, chatId)).toEqual(['first', 'second']);
    expect(heard.filter((text) => /message \d/.test(text))).toEqual([]);
    await agree(tablet, chatId);
    await world.pass(10 * MINUTE);
    for (const device of [bob, tablet, phone]) expect(await texts(device, chatId)).toHaveLength(62);
    for (const device of [bob, phone])
      expect((await heads(device)).get(chatId)).toBe((await heads(tablet)).get(chatId));
  }, 240_000);

  it('S-RESTORE-9 S-RESTORE-7 however its devices come and go meanwhile, a thief gets nothing older and what is new is not lost', async () => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const { world, ann, bob, chatId } = await couple(200 + seed);
      const { dice } = world;
      const tablet = await addOwnDevice(bob, 'Bob tablet', world);
      let count = 0;
      const say = async (kind: string, from: readonly SimulatedDevice[]): Promise<void> => {
        const able = from.filter((device) => device.isOpen);
        if (able.length > 0) await send(dice.pick(able), chatId, `${kind} ${String((count += 1))}`);
        await world.pass(dice.between(2_000, 20_000));
      };
      for (let n = dice.between(3, 30); n > 0; n -= 1) await say('older', [ann, bob, tablet]);
      const phrase = await newPhrase(ann, world);
      await world.pass(MINUTE);
      const away = dice.pick([bob, tablet]);
      away.crash();
      for (let n = dice.between(0, 30); n > 0; n -= 1) await say('older', [ann, bob, tablet]);
      await world.pass(dice.chance(0.5) ? 45 * 24 * 60 * MINUTE : 5 * MINUTE);
      ann.crash();
      if (dice.chance(0.5)) (away === bob ? tablet : bob).crash();
      const phone = world.makeDevice('Phone');
      expect(await restore(phone, phrase, world)).toBeUndefined();
      const heard = listen(phone);
      if (![bob, tablet].some((device) => device.isOpen)) await away.open();
      await addContact(phone, bob.isOpen ? bob : tablet);
      await world.pass(MINUTE);
      for (let step = 0; step < 30; step += 1) {
        const device = dice.pick([bob, tablet]);
        if (dice.chance(0.15)) device.crash();
        if (device.isDown && dice.chance(0.6)) await device.open();
        if (dice.chance(0.2)) device.crashAtWrite(1 + dice.below(20));
        if (dice.chance(0.3)) await ask(phone, device.isOpen ? device : phone, chatId, { from: 0, segments: [] });
        await say('newer', [bob, tablet, phone]).catch(() => undefined);
      }
      for (const device of [bob, tablet]) {
        device.disarm();
        if (device.isDown) await device.open();
      }
      await world.pass(60 * MINUTE);
      expect([seed, heard.filter((text) => /older \d/.test(text))]).toEqual([seed, []]);
      for (const device of [bob, tablet]) expect(await shown(device, chatId)).toBe('withheld');
      await agree(dice.pick([bob, tablet]), chatId);
      await world.pass(26 * 60 * MINUTE);
      for (const device of [tablet, phone]) {
        expect([seed, await texts(device, chatId)]).toEqual([seed, await texts(bob, chatId)]);
        expect((await heads(device)).get(chatId)).toBe((await heads(bob)).get(chatId));
      }
      expect(world.violations).toEqual([]);
    }
  }, 600_000);

  it('S-RESTORE-10 with whom nothing was ever written, and who was restored before, is never asked about', async () => {
    const { world, phone } = await comeBack(76);
    const dan = await world.addDevice('Dan');
    await world.pass(2_000);
    const chatId = await addContact(dan, phone);
    await addContact(phone, dan);
    await world.pass(MINUTE);
    expect([await shown(dan, chatId), await shown(phone, chatId)]).toEqual(['', '']);
    await send(dan, chatId, 'hello');
    await send(phone, chatId, 'hello Dan');
    await world.pass(10 * MINUTE);
    expect(await texts(phone, chatId)).toEqual(await texts(dan, chatId));
    const tablet = await addOwnDevice(dan, 'Dan tablet', world);
    await world.pass(10 * MINUTE);
    expect([await shown(dan, chatId), await shown(tablet, chatId), await shown(phone, chatId)]).toEqual(['', '', '']);
    expect(chatOf(phone, chatId).isWhole).toBe(true);
  }, 180_000);
});

describe('a restored contact and a crash', () => {
  it('S-RESTORE-11 a kill at any write of turning or agreeing gives nothing away and loses nothing', async () => {
    for (let write = 1; write <= 14; write += 1) {
      const { world, ann, bob, chatId } = await couple(100 + write);
      for (let n = 1; n <= 3; n += 1) await send(n === 2 ? ann : bob, chatId, `message ${String(n)}`);
      const phrase = await newPhrase(ann, world);
      const old = await texts(bob, chatId);
      ann.crash();
      const phone = world.makeDevice('Phone');
      expect(await restore(phone, phrase, world)).toBeUndefined();
      const heard = listen(phone);
      bob.crashAtWrite(write);
      await addContact(phone, bob).catch(() => undefined);
      await world.pass(MINUTE);
      bob.disarm();
      if (bob.isDown) await bob.open();
      await world.pass(5 * MINUTE);
      await send(bob, chatId, 'new');
      await world.pass(MINUTE);
      expect([await texts(phone, chatId), await shown(bob, chatId)]).toEqual([['new'], 'withheld']);
      expect(heard.filter((text) => /message \d/.test(text))).toEqual([]);
      bob.crashAtWrite(write);
      await bob.client.call('shareHistory', { chatId }).catch(() => undefined);
      await world.pass(MINUTE);
      bob.disarm();
      if (bob.isDown) await bob.open();
      if ((await shown(bob, chatId)) === 'withheld') await agree(bob, chatId);
      await world.pass(60 * MINUTE);
      expect([await texts(phone, chatId), old.length]).toEqual([[...old, 'new'], 3]);
      expect((await heads(phone)).get(chatId)).toBe((await heads(bob)).get(chatId));
    }
  }, 240_000);
});

describe('backup', () => {
  it('S-BACKUP-1 cut short at any frame it says so, and what was whole stays', async () => {
    const { world, ann, chatId } = await scene(65);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    const all = await texts(ann, chatId);
    ann.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    const ends = frameEnds(file);
    expect(ends.at(-1)).toBe(file.length);
    let records = 0;
    for (const end of [0, 10, BACKUP_HEAD, ...ends.slice(0, -1)]) {
      expect(await importBackup(phone, file.subarray(0, end))).toBe('BackupDamaged');
      const here = [...(phone.engine?.chats.all() ?? [])].reduce((sum, chat) => sum + chat.records, 0);
      expect(here).toBeGreaterThanOrEqual(records);
      records = here;
    }
    expect(records).toBe(28);
    // Bytes between frames change nothing about what is whole.
    expect(await importBackup(phone, file.subarray(0, file.length - 3))).toBe('BackupDamaged');
    expect(await importBackup(phone, new Uint8Array([...file, 0]))).toBe('BackupDamaged');
    expect(await importBackup(phone, file)).toBe(0);
    expect(await texts(phone, chatId)).toEqual(all);
    expect(phone.failure).toBeUndefined();
  }, 180_000);

  it('S-BACKUP-2 changed anywhere it is refused from there on, and does no harm', async () => {
    const { world, ann, chatId } = await scene(66);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    const all = await texts(ann, chatId);
    ann.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    const places = [
      0,
      20,
      45,
      ...frameEnds(file)
        .slice(0, -1)
        .flatMap((end) => [end + 2, end + 9]),
    ];
    for (const place of places) {
      const bent = file.slice();
      bent[place] = (bent[place] ?? 0) ^ 0x40;
      expect(await importBackup(phone, bent)).toBe(place === 20 ? 'BackupOfAnother' : 'BackupDamaged');
    }
    await importBackup(phone, file);
    expect(await texts(phone, chatId)).toEqual(all);
    expect(phone.failure).toBeUndefined();
  }, 180_000);

  it('S-BACKUP-3 of another account it is refused whole', async () => {
    const { world, ann, bob, chatId } = await couple(67);
    await send(bob, chatId, 'from Bob');
    await world.pass(MINUTE);
    const file = await exportBackup(bob);
    expect(await importBackup(ann, file)).toBe('BackupOfAnother');
    expect(await texts(ann, chatId)).toEqual(['from Bob']);
  }, 120_000);

  it('S-BACKUP-4 imported twice, or into a device that has more by now, it doubles and takes back nothing', async () => {
    const { world, ann, bob, chatId } = await scene(68);
    const file = await exportBackup(ann);
    await send(bob, chatId, 'after the backup');
    await ann.client.call('setDraft', { chatId, text: 'a newer draft' });
    await ann.client.call('setProfile', { name: 'Ann the second' });
    await world.pass(MINUTE);
    const [before, tips] = [await state(ann), await heads(ann)];
    for (let times = 0; times < 2; times += 1) {
      expect(await importBackup(ann, file, 1_000 + times)).toBe(0);
      await world.pass(MINUTE);
      expect(await state(ann)).toEqual(before);
      expect(await heads(ann)).toEqual(tips);
    }
    expect(world.violations).toEqual([]);
  }, 180_000);

  it('S-BACKUP-5 whoever has the account’s secret cannot bring a record into a chat by a file that its author did not sign', async () => {
    const { ann, bob, chatId, world } = await couple(69);
    await send(bob, chatId, 'from Bob');
    await world.pass(MINUTE);
    const account: Account = ann.engine?.self.identity.account ?? createAccount(seededRandom(new Uint8Array(32)));
    const random = seededRandom(new Uint8Array(32).fill(1));
    const { head, add } = startBackup(account, random);
    const chat = ann.engine?.chats.get(chatId as never);
    const documents = chat && (await ann.engine?.chats.documents(chat));
    if (documents === undefined) throw new Error('not open');
    const changes: { segment: number; generation: number; bytes: Uint8Array }[] = [];
    for await (const chunk of documents.exportChunks()) changes.push(...chunk);
    const bent = changes.map(({ bytes, ...place }) => {
      const copy = bytes.slice();
      copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
      return { ...place, bytes: copy };
    });
    const frame = add([{ type: 'changes', chatId: chatId as never, of: 'push', changes: bent }], true);
    expect(await importBackup(ann, new Uint8Array([...head, ...frame]))).toBe(0);
    expect(await texts(ann, chatId)).toEqual(['from Bob']);
  }, 120_000);
});
