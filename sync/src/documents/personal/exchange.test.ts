import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDocuments } from '../testing.ts';
import type { PersonalChange } from './exchange.ts';
import { decodePersonalSummary } from './personal-summary.ts';
import { OwnDevice, fetch, level } from './testing.ts';

beforeAll(startDocuments);

const ALICE = 'alice' as AccountId;
const CHAT = 'chat' as ChatId;
const CONTACT = { publicKey: 'key', state: 'accepted', addedAt: 1 } as const;

async function pair(): Promise<[OwnDevice, OwnDevice]> {
  return [await OwnDevice.open(), await OwnDevice.open()];
}

/** Each gets what the other pushed. */
async function swap(a: OwnDevice, b: OwnDevice): Promise<void> {
  const [fromA, fromB] = [a.pushed.splice(0), b.pushed.splice(0)];
  await a.documents.ingest(fromB);
  await b.documents.ingest(fromA);
}

describe('pushing', () => {
  it('S-PERSONAL-5 a change is told when it is durable, and makes the other device say the same, subscribers included', async () => {
    const [phone, laptop] = await pair();
    let calls = 0;
    laptop.documents.chats.subscribe(() => (calls += 1));
    await phone.documents.chats.setDraft(CHAT, 'half a thought');
    expect(phone.pushed.map(({ name, generation }) => [name, generation])).toEqual([['chats', 0]]);
    expect(await laptop.documents.ingest(phone.pushed)).toEqual({ missing: false, refused: 0, outdated: false });
    expect(laptop.documents.chats.get().get(CHAT)?.draft).toBe('half a thought');
    expect(calls).toBe(1);
    await laptop.documents.ingest(phone.pushed);
    expect(calls).toBe(1);
    expect(laptop.pushed).toEqual([]);
  });

  it('S-PERSONAL-5 what arrived is there after a restart', async () => {
    const [phone, laptop] = await pair();
    await phone.documents.settings.set({ theme: 'dark' });
    await phone.documents.devices.set('one' as DeviceId, { name: 'Phone', addedAt: 1 });
    await laptop.documents.ingest(phone.pushed);
    await laptop.restart();
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-6 what depends on something missing waits, and is told of', async () => {
    const [phone, laptop] = await pair();
    for (const draft of ['a', 'ab', 'abc']) await phone.documents.chats.setDraft(CHAT, draft);
    const [first, ...rest] = phone.pushed;
    expect(await laptop.documents.ingest(rest)).toMatchObject({ missing: true, refused: 0 });
    expect(laptop.documents.chats.get().size).toBe(0);
    expect(await laptop.documents.ingest(first ? [first] : [])).toMatchObject({ missing: false, refused: 0 });
    expect(laptop.documents.chats.get().get(CHAT)?.draft).toBe('abc');
  });

  it('S-PERSONAL-6 what waited is fetched after a restart forgot it', async () => {
    const [phone, laptop] = await pair();
    for (const draft of ['a', 'ab', 'abc']) await phone.documents.chats.setDraft(CHAT, draft);
    await laptop.documents.ingest(phone.pushed.slice(1));
    await laptop.restart();
    expect(laptop.documents.answer(phone.documents.summary(), 4000).theyHaveMore).toBe(true);
    await fetch(laptop, phone);
    expect(laptop.values()).toEqual(phone.values());
  });

  it('a long write goes out in changes that may travel', async () => {
    const [phone, laptop] = await pair();
    const records = Array.from({ length: 1500 }, (_, i) => `record-number-${String(i).padStart(8, '0')}`);
    for (const id of records.slice(0, 20)) await phone.documents.chats.setStarred(CHAT, id, true);
    await phone.documents.chats.markRead(CHAT, new Map(records.map((id, i) => [id, i + 1])));
    await phone.documents.chats.remove(CHAT);
    expect(phone.pushed.length).toBeGreaterThan(24);
    expect(Math.max(...phone.pushed.map(({ bytes }) => bytes.length))).toBeLessThan(128 * 1024);
    expect((await laptop.documents.ingest(phone.pushed)).refused).toBe(0);
    expect(laptop.documents.chats.get().size).toBe(0);
    expect(laptop.values()).toEqual(phone.values());
  });
});

describe('merging', () => {
  it('S-PERSONAL-7 of two drafts, settings, folders or names one counts, the same on both', async () => {
    const [phone, laptop] = await pair();
    for (const [device, word] of [
      [phone, 'phone'],
      [laptop, 'laptop'],
    ] as const) {
      await device.documents.chats.setDraft(CHAT, word);
      await device.documents.chats.setFlags(CHAT, { folder: word, pinned: device === phone });
      await device.documents.settings.set({ theme: word });
      await device.documents.profile.set({ name: word, updated: 5 });
      await device.documents.contacts.set(ALICE, { ...CONTACT, nickname: word });
    }
    await swap(phone, laptop);
    expect(phone.values()).toEqual(laptop.values());
    expect(['phone', 'laptop']).toContain(phone.documents.chats.get().get(CHAT)?.draft);
    await phone.documents.settings.set({ theme: phone.documents.settings.get()['theme'] ?? '' });
    await phone.documents.chats.setDraft(CHAT, 'both');
    await laptop.documents.ingest(phone.pushed);
    expect(laptop.documents.chats.get().get(CHAT)?.draft).toBe('both');
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-7 a draft that is written on survives being cleared elsewhere, a folder being left', async () => {
    const [phone, laptop] = await pair();
    await phone.documents.chats.setDraft(CHAT, 'start');
    await phone.documents.chats.setFlags(CHAT, { folder: 'work' });
    await swap(phone, laptop);
    await phone.documents.chats.setDraft(CHAT, '');
    await phone.documents.chats.setFlags(CHAT, { folder: null });
    await laptop.documents.chats.setDraft(CHAT, 'start and more');
    await laptop.documents.chats.setFlags(CHAT, { folder: 'play' });
    await swap(phone, laptop);
    expect(phone.documents.chats.get().get(CHAT)).toMatchObject({ draft: 'start and more', folder: 'play' });
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-7 of two read marks the higher counts, whichever Automerge takes, and subscribers hear of it', async () => {
    for (const higher of [0, 1]) {
      const devices = await pair();
      for (const [i, device] of devices.entries()) {
        await device.documents.chats.markRead(CHAT, new Map([['author', i === higher ? 9 : 2]]));
      }
      let calls = 0;
      devices[1 - higher]?.documents.chats.subscribe(() => (calls += 1));
      await swap(...devices);
      for (const { documents } of devices) {
        expect(documents.chats.get().get(CHAT)?.readMarks).toEqual(new Map([['author', 9]]));
      }
      expect(calls).toBe(1);
    }
  });

  it('S-PERSONAL-7 who is blocked on one device stays blocked, until that is taken back knowingly', async () => {
    for (const blocking of [0, 1]) {
      const devices = await pair();
      const [phone, laptop] = devices;
      await phone.documents.contacts.set(ALICE, { ...CONTACT, state: 'requesting' });
      await swap(phone, laptop);
      for (const [i, { documents }] of devices.entries()) {
        await documents.contacts.set(ALICE, { state: i === blocking ? 'blocked' : 'accepted' });
      }
      await swap(phone, laptop);
      expect(devices.map(({ documents }) => documents.contacts.get().get(ALICE)?.state)).toEqual([
        'blocked',
        'blocked',
      ]);
      await phone.documents.contacts.set(ALICE, { state: 'accepted' });
      await swap(phone, laptop);
      expect(devices.map(({ documents }) => documents.contacts.get().get(ALICE)?.state)).toEqual([
        'accepted',
        'accepted',
      ]);
    }
  });

  it('S-PERSONAL-8 a profile that was merged is newer than each that was shown', async () => {
    const devices = [await OwnDevice.open(), await OwnDevice.open(), await OwnDevice.open()] as const;
    const [phone, laptop, tablet] = devices;
    await phone.documents.profile.set({ name: 'Me', avatar: null, updated: 5 });
    await laptop.documents.profile.set({ avatar: { bytes: Uint8Array.of(7), type: 'image/png' }, updated: 7 });
    await tablet.documents.profile.set({ name: 'I', updated: 6 });
    const fromTablet = tablet.pushed.slice();
    await swap(phone, laptop);
    expect(phone.documents.profile.get().updated).toBe(8);
    await phone.documents.ingest(fromTablet);
    expect(phone.documents.profile.get()).toMatchObject({ updated: 9, avatar: { type: 'image/png' } });
    await level(devices);
    for (const device of devices) expect(device.values()).toEqual(phone.values());
    await tablet.documents.profile.set({ name: 'We', updated: 20 });
    await fetch(phone, tablet);
    expect(phone.documents.profile.get()).toMatchObject({ name: 'We', updated: 20 });
  });

  it('S-PERSONAL-9 adding to a set survives taking away elsewhere what was there before', async () => {
    const [phone, laptop] = await pair();
    await phone.documents.chats.setStarred(CHAT, 'one', true);
    await phone.documents.chats.setStarred(CHAT, 'two', true);
    await swap(phone, laptop);
    await phone.documents.chats.setStarred(CHAT, 'one', false);
    await phone.documents.chats.setStarred(CHAT, 'one', true);
    await laptop.documents.chats.setStarred(CHAT, 'one', false);
    await laptop.documents.chats.setStarred(CHAT, 'two', false);
    await phone.documents.chats.setHidden(CHAT, 'three', true);
    await swap(phone, laptop);
    expect(phone.documents.chats.get().get(CHAT)).toMatchObject({
      starred: new Set(['one']),
      hidden: new Set(['three']),
    });
    expect(laptop.values()).toEqual(phone.values());
  });
});

/** What a year of one device might leave, made the short way: 1,000 chats, contacts with pictures, and much reading. */
async function busy(): Promise<OwnDevice> {
  const device = await OwnDevice.open();
  const avatar = { bytes: new Uint8Array(8 * 1024).map((_, i) => (i * 7919) % 251), type: 'image/webp' } as const;
  for (let i = 0; i < 1000; i += 1) {
    const chatId = `chat-${String(i)}` as ChatId;
    await device.documents.chats.setFlags(chatId, { pinned: false, createdAt: i, folder: `folder ${String(i % 9)}` });
    if (i % 20 === 0) {
      await device.documents.contacts.set(`contact-${String(i)}` as AccountId, { ...CONTACT, avatar, addedAt: i });
    }
  }
  return device;
}

describe('asking', () => {
  it('S-PERSONAL-10 brings everything to a device that has nothing, within the bounds, for an account of 1,000 chats', async () => {
    const phone = await busy();
    const laptop = await OwnDevice.open({ generations: phone.documents.generations() });
    const budget = 150 * 1024;
    let rounds = 0;
    for (let more = true; more; rounds += 1) {
      const summary = laptop.documents.summary();
      expect(summary.length).toBeLessThanOrEqual(16 * 1024);
      const answer = phone.documents.answer(summary, budget);
      const bytes = answer.changes.reduce((sum, change) => sum + change.bytes.length, 0);
      expect(bytes).toBeLessThanOrEqual(budget);
      expect(answer.theyHaveMore).toBe(false);
      expect(await laptop.documents.ingest(answer.changes)).toEqual({ missing: false, refused: 0, outdated: false });
      ({ more } = answer);
    }
    expect(rounds).toBeLessThan(10);
    expect(laptop.values()).toEqual(phone.values());
    expect(phone.documents.summary().length).toBeLessThanOrEqual(16 * 1024);
    expect(phone.documents.answer(laptop.documents.summary(), budget).changes).toEqual([]);
  }, 120_000);

  it('S-PERSONAL-11 sends little when little is missing, also when the asker is ahead', async () => {
    const [phone, laptop] = await pair();
    for (let i = 0; i < 300; i += 1) await phone.documents.chats.setDraft(CHAT, `draft ${String(i)}`);
    await fetch(laptop, phone);
    for (let i = 0; i < 20; i += 1) await laptop.documents.chats.setDraft(CHAT, `more ${String(i)}`);
    await phone.documents.chats.setDraft(CHAT, 'new');
    const answer = phone.documents.answer(laptop.documents.summary(), 100_000);
    expect(answer.theyHaveMore).toBe(true);
    expect(answer.changes.length).toBeGreaterThanOrEqual(1);
    expect(answer.changes.length).toBeLessThan(20);
    await level([phone, laptop]);
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-10 gives at least one change, and nothing for what is no summary', async () => {
    const [phone, laptop] = await pair();
    await phone.documents.settings.set({ a: 1 });
    await phone.documents.settings.set({ b: 1 });
    const answer = phone.documents.answer(laptop.documents.summary(), 0);
    expect([answer.changes.length, answer.more]).toEqual([1, true]);
    for (const garbage of [new Uint8Array(), new Uint8Array(40), Uint8Array.of(1, 255), Uint8Array.of(9)]) {
      expect(phone.documents.answer(garbage, 1000)).toEqual({ changes: [], more: false, theyHaveMore: false });
    }
  });

  it('S-PERSONAL-12 refuses what no own device makes, and takes the rest', async () => {
    const [phone, laptop] = await pair();
    await phone.documents.settings.set({ theme: 'dark' });
    const [change] = phone.pushed;
    if (!change) throw new Error('no change');
    const garbage: PersonalChange[] = [
      { ...change, name: 'unknown' },
      { ...change, name: '__proto__' },
      { ...change, generation: -1 },
      { ...change, generation: Number.NaN },
      { ...change, generation: 2 ** 40 },
      { ...change, bytes: new Uint8Array() },
      { ...change, bytes: change.bytes.slice(0, -1) },
      { ...change, bytes: new Uint8Array(200 * 1024) },
    ];
    const { refused } = await laptop.documents.ingest([...garbage, change]);
    expect(refused).toBe(garbage.length);
    expect(laptop.values()).toEqual(phone.values());
  });
});

it('a summary names each document once', async () => {
  const [phone] = await pair();
  const names = decodePersonalSummary(phone.documents.summary())?.map(({ name }) => name);
  expect(names?.sort()).toEqual(['chats', 'contacts', 'devices', 'profile', 'settings']);
});
