import * as A from '@automerge/automerge/slim';
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type MemoryStorageAdapter, createMemoryStorageAdapter } from '../storage/memory-adapter.ts';
import { startDocuments } from '../testing.ts';
import { personalGenesis } from './flat-document.ts';
import type { PersonalDocuments } from './personal.ts';
import { openOn as open } from './testing.ts';

const ALICE = 'alice' as AccountId;
const CHAT = 'chat' as ChatId;

beforeAll(startDocuments);

describe('personal documents', () => {
  it('S-PERSONAL-1 hold after a write resolved what was written, when opened again from storage', async () => {
    const storage = createMemoryStorageAdapter();
    const documents = await open(storage);
    const avatar = { bytes: Uint8Array.of(1, 2, 3), type: 'image/png' as const };
    await documents.profile.set({ name: 'Me', avatar, handle: 'me', updated: 5 });
    await documents.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 7, nickname: 'Al' });
    await documents.settings.set({ theme: 'dark', sendReceipts: false });
    await documents.chats.setFlags(CHAT, { pinned: true, folder: 'work' });
    await documents.chats.setDraft(CHAT, 'half a thought');
    await documents.chats.markRead(CHAT, new Map([['author', 9]]));
    await documents.chats.setHidden(CHAT, 'record', true);
    await documents.chats.setStarred(CHAT, 'other', true);
    await documents.chats.setOpened(CHAT, 'once');
    await documents.devices.set('device' as DeviceId, { name: 'Phone', addedAt: 3 });
    await documents.devices.seen('device' as DeviceId, 3600_000 * 7 + 5);
    const again = await open(createMemoryStorageAdapter({ snapshot: storage.snapshot() }));
    expect(again.profile.get()).toEqual({ name: 'Me', avatar, handle: 'me', updated: 5 });
    expect(again.contacts.get()).toEqual(
      new Map([[ALICE, { publicKey: 'key', state: 'accepted', addedAt: 7, nickname: 'Al' }]]),
    );
    expect(again.settings.get()).toEqual({ theme: 'dark', sendReceipts: false });
    expect(again.chats.get().get(CHAT)).toEqual({
      pinned: true,
      muted: false,
      archived: false,
      folder: 'work',
      draft: 'half a thought',
      readMarks: new Map([['author', 9]]),
      hidden: new Set(['record']),
      starred: new Set(['other']),
      opened: new Set(['once']),
    });
    const device = { name: 'Phone', addedAt: 3, lastSeen: 3600_000 * 7 };
    expect(again.devices.get()).toEqual(new Map([['device', device]]));
  });

  it('S-PERSONAL-1 survive many writes, restarts in between included', async () => {
    const storage = createMemoryStorageAdapter();
    for (let run = 0; run < 5; run += 1) {
      const documents = await open(storage);
      for (let i = 0; i < 40; i += 1) await documents.chats.setStarred(CHAT, `record ${String(run * 40 + i)}`, true);
      await documents.close();
    }
    expect((await open(storage)).chats.get().get(CHAT)?.starred.size).toBe(200);
  });

  it('clear what is cleared', async () => {
    const documents = await open(createMemoryStorageAdapter());
    await documents.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 7, nickname: 'Al' });
    await documents.contacts.set(ALICE, { nickname: undefined, state: 'blocked' });
    expect(documents.contacts.get().get(ALICE)).toEqual({ publicKey: 'key', state: 'blocked', addedAt: 7 });
    await documents.contacts.remove(ALICE);
    expect(documents.contacts.get().size).toBe(0);
    await documents.profile.set({ avatar: { bytes: Uint8Array.of(1), type: 'image/png' } });
    await documents.profile.set({ avatar: null });
    expect(documents.profile.get().avatar).toBeUndefined();
    await documents.chats.setFlags(CHAT, { folder: 'work' });
    await documents.chats.setFlags(CHAT, { muted: true });
    expect(documents.chats.get().get(CHAT)?.folder).toBe('work');
    await documents.chats.setFlags(CHAT, { folder: null });
    expect(documents.chats.get().get(CHAT)?.folder).toBeUndefined();
  });

  it('publish a new snapshot only when something changed, and keep the rest of it', async () => {
    const documents = await open(createMemoryStorageAdapter());
    await documents.profile.set({ name: 'Me', avatar: { bytes: Uint8Array.of(1), type: 'image/png' } });
    const before = documents.profile.get();
    let calls = 0;
    documents.profile.subscribe(() => (calls += 1));
    await documents.profile.set({ name: 'Me' });
    expect(documents.profile.get()).toBe(before);
    await documents.profile.set({ name: 'You' });
    expect(calls).toBe(1);
    expect(documents.profile.get().avatar).toBe(before.avatar);
  });

  it('S-PERSONAL-2 merge with those of another own device: nothing hidden, the higher read mark wins', async () => {
    const [one, two] = [createMemoryStorageAdapter(), createMemoryStorageAdapter()];
    const [phone, laptop] = [await open(one), await open(two)];
    await phone.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 1, nickname: 'Al' });
    await laptop.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 1, handle: 'alice' });
    await phone.contacts.set(ALICE, { confirmedTo: 12 });
    await laptop.contacts.set(ALICE, { confirmedTo: 3 });
    await phone.chats.markRead(
      CHAT,
      new Map([
        ['a', 9],
        ['b', 1],
      ]),
    );
    await laptop.chats.markRead(
      CHAT,
      new Map([
        ['a', 2],
        ['b', 5],
      ]),
    );
    const merged = await open(
      createMemoryStorageAdapter({ snapshot: new Map([...one.snapshot(), ...two.snapshot()]) }),
    );
    expect(merged.contacts.get().get(ALICE)).toMatchObject({ nickname: 'Al', handle: 'alice', confirmedTo: 12 });
    expect(merged.chats.get().get(CHAT)?.readMarks).toEqual(
      new Map([
        ['a', 9],
        ['b', 5],
      ]),
    );
  });

  it('S-PERSONAL-1 reject a write that storage refused, and keep it for the next', async () => {
    let isFull = false;
    const storage = createMemoryStorageAdapter({
      beforeWrite: () => {
        if (isFull) throw new Error('full');
      },
    });
    const documents = await open(storage);
    isFull = true;
    await expect(documents.settings.set({ theme: 'dark' })).rejects.toThrow('full');
    isFull = false;
    await documents.settings.set({ accent: 'green' });
    expect((await open(storage)).settings.get()).toEqual({ theme: 'dark', accent: 'green' });
  });

  it('S-PERSONAL-4 move to a new generation when their history is long, whatever write of the move is the last', async () => {
    const storage = createMemoryStorageAdapter();
    const documents = await open(storage);
    await documents.contacts.set(ALICE, { publicKey: 'key', state: 'accepted', addedAt: 1 });
    for (let n = 1; n <= 60; n += 1) await documents.chats.markRead(CHAT, new Map([['a', n]]));
    const before = storage.snapshot();
    const moveTo = (target: MemoryStorageAdapter): Promise<PersonalDocuments> => open(target, { maxChanges: 20 });
    for (let last = 0; last < 6; last += 1) {
      let writes = 0;
      const crashing = createMemoryStorageAdapter({
        snapshot: before,
        beforeWrite: () => {
          if ((writes += 1) > last) throw new Error('crash');
        },
      });
      await moveTo(crashing).catch(() => undefined);
      const after = createMemoryStorageAdapter({ snapshot: crashing.snapshot() });
      const moved = await moveTo(after);
      expect(moved.chats.get().get(CHAT)?.readMarks).toEqual(new Map([['a', 60]]));
      expect(moved.contacts.get().get(ALICE)?.publicKey).toBe('key');
      expect(after.size()).toBeLessThan(storage.size());
      expect((await moveTo(after)).chats.get().get(CHAT)?.readMarks).toEqual(new Map([['a', 60]]));
      await moved.chats.markRead(CHAT, new Map([['a', 61]]));
      expect((await moveTo(after)).chats.get().get(CHAT)?.readMarks).toEqual(new Map([['a', 61]]));
    }
  });

  it('start from a genesis that is the same on every device', () => {
    const hashes = ['profile', 'contacts', 'settings', 'chats', 'devices'].map((table) =>
      A.getHeads(A.load(personalGenesis([table]))),
    );
    expect(hashes).toMatchSnapshot();
  });
});
