/** The last device is gone: what the recovery phrase, a backup file, other own devices and contacts bring back. */
import { type Account, createAccount, createRecovery, recoveryWords, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackup } from '../../src/backup/backup-file.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { BACKUP_HEAD, exportBackup, frameEnds, importBackup, newPhrase, restore } from '../support/backup.ts';

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
  const self = [...(ann.engine?.chats.all() ?? [])].find((chat) => chat.isSelf)?.chatId ?? '';
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
    expect(world.violations).toEqual([]);
  }, 180_000);

  it('S-RESTORE-2 by phrase and backup when no other device is left: all chats and records, equal heads', async () => {
    const { world, ann, bob, chatId, recordId } = await scene(62);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    const [before, headsBefore] = [await state(ann), await heads(ann)];
    const lost = ann.lastDeviceId ?? '';
    ann.crash();
    const phone = world.makeDevice('Phone');
    phone.line.cut = false;
    for (const other of [bob]) other.line.cut = true;
    expect(await restore(phone, phrase, world)).toBeUndefined();
    expect(await importBackup(phone, file)).toBe(28);
    expect(await heads(phone)).toEqual(headsBefore);
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

  it('S-RESTORE-4 by the phrase alone with one contact on line: the chat comes back once both know of each other', async () => {
    const { world, ann, bob, cleo, chatId, withCleo } = await scene(64);
    const phrase = await newPhrase(ann, world);
    const before = await heads(ann);
    ann.crash();
    cleo.crash();
    const phone = world.makeDevice('Phone');
    expect(await restore(phone, phrase, world)).toBeUndefined();
    await world.pass(MINUTE);
    expect(await addContact(phone, bob)).toBe(chatId);
    await world.pass(5 * MINUTE);
    expect((await heads(phone)).get(chatId)).toBe(before.get(chatId));
    expect(await texts(phone, chatId)).toEqual(await texts(bob, chatId));
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
    expect(await texts(phone, withCleo)).toEqual(['hello Cleo', 'are you there?']);
  }, 180_000);

  it('S-RESTORE-5 what a contact got after the backup it brings, also when the contact was away and nobody writes', async () => {
    const { world, ann, bob, chatId, withCleo } = await scene(60);
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
    expect((await heads(phone)).get(chatId)).toBe(tips);
    expect((await phone.timeline(chatId)).map(({ id, text }) => [id, text])).toEqual(
      seen.map(({ id, text }) => [id, text]),
    );
    const asks = [...(phone.engine?.chats.all() ?? [])].map(({ isWhole, isSelf }) => isWhole || isSelf);
    expect([asks.includes(false), await texts(phone, withCleo)]).toEqual([false, ['hello Cleo']]);
  }, 180_000);
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
