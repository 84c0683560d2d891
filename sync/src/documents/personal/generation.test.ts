/** Moving to the next generation, and meeting a device that moved. */
import * as A from '@automerge/automerge/slim';
import type { AccountId, ChatId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type MemoryStorageAdapter, createMemoryStorageAdapter } from '../storage/memory-adapter.ts';
import { startDocuments } from '../testing.ts';
import { OwnDevice, fetch, level } from './testing.ts';

beforeAll(startDocuments);

const CHAT = 'chat' as ChatId;
const ALICE = 'alice' as AccountId;
const MOVING = { alone: true, maxChanges: 20 };

/** A device whose chats are in generation 1, with 40 starred records. */
async function moved(): Promise<OwnDevice> {
  const device = await OwnDevice.open();
  for (let i = 0; i < 40; i += 1) await device.documents.chats.setStarred(CHAT, `record ${String(i)}`, true);
  await device.restart(MOVING);
  await device.restart();
  expect(device.documents.generations()).toMatchObject({ chats: 1, settings: 0 });
  device.pushed.length = 0;
  return device;
}

/** Ids of the documents that are stored, of all names. */
function storedDocuments(storage: MemoryStorageAdapter): number {
  return new Set([...storage.snapshot().keys()].map((key) => key.split('\u0000')[0]).filter((id) => id !== 'personal'))
    .size;
}

describe('a generation', () => {
  it('S-PERSONAL-4 is left only while the account has one device', async () => {
    const device = await OwnDevice.open();
    for (let i = 0; i < 40; i += 1) await device.documents.chats.setStarred(CHAT, `record ${String(i)}`, true);
    await device.restart({ alone: false, maxChanges: 20 });
    expect(device.documents.generations()['chats']).toBe(0);
    await device.restart(MOVING);
    expect(device.documents.generations()['chats']).toBe(1);
    expect(device.documents.chats.get().get(CHAT)?.starred.size).toBe(40);
    expect(storedDocuments(device.storage)).toBe(5);
  });

  it('S-PERSONAL-4 keeps of rival values the one that counted', async () => {
    const [phone, laptop] = [await OwnDevice.open(), await OwnDevice.open()];
    await phone.documents.contacts.set(ALICE, { publicKey: 'key', state: 'blocked', addedAt: 1 });
    await laptop.documents.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 1 });
    await phone.documents.profile.set({ name: 'Me', updated: 5 });
    await laptop.documents.profile.set({ name: 'I', updated: 5 });
    await phone.documents.chats.markRead(CHAT, new Map([['author', 9]]));
    await laptop.documents.chats.markRead(CHAT, new Map([['author', 2]]));
    await level([phone, laptop]);
    const before = phone.values();
    for (const device of [phone, laptop]) {
      await device.restart({ alone: true, maxChanges: 1 });
      expect(device.documents.generations()).toMatchObject({ contacts: 1, profile: 1, chats: 1 });
      expect(device.values()).toEqual(before);
    }
    expect(phone.documents.profile.get().updated).toBe(6);
  });

  it('S-PERSONAL-14 that was told is begun with by a device that has nothing', async () => {
    const phone = await moved();
    const laptop = await OwnDevice.open({ generations: phone.documents.generations() });
    expect(laptop.documents.generations()).toEqual(phone.documents.generations());
    await laptop.documents.chats.setDraft(CHAT, 'first');
    await level([phone, laptop]);
    expect(laptop.values()).toEqual(phone.values());
    expect(phone.documents.chats.get().get(CHAT)).toMatchObject({ draft: 'first' });
    expect(storedDocuments(laptop.storage)).toBe(5);
    await laptop.restart();
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-14 that is heard of is taken up at once by a device that has nothing', async () => {
    const [phone, laptop] = [await moved(), await OwnDevice.open()];
    let calls = 0;
    laptop.documents.chats.subscribe(() => (calls += 1));
    await fetch(laptop, phone);
    expect(laptop.values()).toEqual(phone.values());
    expect(calls).toBeGreaterThan(0);
    expect(laptop.documents.generations()).toEqual(phone.documents.generations());
    expect(storedDocuments(laptop.storage)).toBe(5);
    await laptop.documents.chats.setDraft(CHAT, 'new');
    expect(laptop.pushed.map(({ generation }) => generation)).toEqual([1]);
    await laptop.restart();
    expect((await phone.documents.ingest(laptop.pushed)).missing).toBe(false);
    expect(laptop.values()).toEqual(phone.values());
  });

  it('S-PERSONAL-15 is taken up when all that moved is here; what the device had and it lacks is written into it', async () => {
    const [phone, laptop] = [await moved(), await OwnDevice.open()];
    await phone.documents.chats.markRead(CHAT, new Map([['author', 4], ['other', 8]])); // prettier-ignore
    await phone.documents.chats.setDraft(CHAT, 'of the phone');
    await laptop.documents.chats.markRead(CHAT, new Map([['author', 7], ['other', 2]])); // prettier-ignore
    await laptop.documents.chats.setDraft(CHAT, 'of the laptop');
    await laptop.documents.chats.setDraft('lone' as ChatId, 'kept');
    const { changes } = phone.documents.answer(laptop.documents.summary(), 100_000);
    expect(changes.length).toBeGreaterThan(3);
    await laptop.documents.ingest(changes.slice(0, 1));
    expect(laptop.documents.chats.get().get(CHAT)).toMatchObject({ draft: 'of the laptop', starred: new Set() });
    await laptop.restart();
    expect(laptop.documents.answer(phone.documents.summary(), 1000).theyHaveMore).toBe(true);
    laptop.pushed.length = 0;
    await fetch(laptop, phone);
    const entry = laptop.documents.chats.get().get(CHAT);
    expect(entry?.draft).toBe('of the phone');
    expect(entry?.readMarks).toEqual(new Map([['author', 7], ['other', 8]])); // prettier-ignore
    expect(entry?.starred.size).toBe(40);
    expect(laptop.documents.chats.get().get('lone' as ChatId)?.draft).toBe('kept');
    expect(laptop.pushed.length).toBeGreaterThan(0);
    await phone.documents.ingest(laptop.pushed);
    expect(phone.values()).toEqual(laptop.values());
    expect(storedDocuments(laptop.storage)).toBe(5);
  });

  it('S-PERSONAL-16 that was left is not gone back to, and the sender is told of', async () => {
    const [phone, laptop] = [await moved(), await OwnDevice.open()];
    const before = phone.values();
    await laptop.documents.chats.setDraft(CHAT, 'old');
    expect(await phone.documents.ingest(laptop.pushed)).toEqual({ missing: false, refused: 0, outdated: true });
    expect(phone.values()).toEqual(before);
    expect(phone.documents.answer(laptop.documents.summary(), 100_000).changes.length).toBeGreaterThan(1);
    expect(laptop.documents.answer(phone.documents.summary(), 100_000)).toMatchObject({
      changes: [],
      theyHaveMore: true,
    });
  });

  it('S-PERSONAL-15 of which the rest will never come is taken up by a device that is left alone', async () => {
    const [phone, laptop] = [await moved(), await OwnDevice.open()];
    await laptop.documents.chats.setDraft(CHAT, 'own');
    const { changes } = phone.documents.answer(laptop.documents.summary(), 100_000);
    await laptop.documents.ingest(changes.slice(0, 1));
    await laptop.restart({ alone: true });
    expect(laptop.documents.generations()['chats']).toBe(1);
    expect(laptop.documents.chats.get().get(CHAT)).toMatchObject({ draft: 'own' });
    expect(laptop.documents.chats.get().get(CHAT)?.starred.size).toBe(40);
    expect(storedDocuments(laptop.storage)).toBe(5);
  });
});

it('S-PERSONAL-17 a document that Automerge could not load from a snapshot is kept as changes', async () => {
  const phone = await OwnDevice.open();
  await phone.documents.settings.set({ theme: 'dark' });
  const [change] = phone.pushed;
  if (!change) throw new Error('no change');
  const { hash } = A.decodeChange(change.bytes);
  const op = { action: 'set', obj: '1@00', key: 'bad', value: 1, datatype: 'int', pred: ['2@00'] };
  const bad = A.encodeChange({
    ...{ actor: 'cc'.repeat(16), seq: 1, startOp: 3, time: 0, message: null, deps: [hash ?? ''], ops: [op] },
  } as unknown as A.DecodedChange);
  // As if an earlier version had let it in.
  const [key = ''] = [...phone.storage.snapshot()].find(([, value]) => value.length > 150) ?? [];
  const [id = ''] = key.split('\u0000');
  const storage = createMemoryStorageAdapter({ snapshot: phone.storage.snapshot() });
  await storage.save([id, 'incremental', 'bad'], bad);
  const again = await OwnDevice.open({}, storage);
  for (let i = 0; i < 5; i += 1) await again.documents.settings.set({ [`key ${String(i)}`]: i });
  await again.restart();
  expect(Object.keys(again.documents.settings.get())).toHaveLength(7);
  await again.documents.settings.set({ last: true });
  await again.restart();
  expect(Object.keys(again.documents.settings.get())).toHaveLength(8);
});
