import { type AccountId, type ChatId, type DeviceId, toBase64Url } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { createMemoryBlobCache } from '../adapters/memory-blob-cache.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import { pack } from '../values.ts';
import { ANSWERS_A_DAY, Answering, type Asked } from './answering.ts';
import { Endings } from './endings.ts';
import { Shelf } from './shelf.ts';
import { StorageAccess } from './storage-access.ts';

const CHAT = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;
const DAY = 24 * 3_600_000;
const PLACE = { url: 'https://files.example', name: toBase64Url(new Uint8Array(24).fill(9)) };
const BLOB = toBase64Url(new Uint8Array(24).fill(1));

/** The blob is on the shelf, and was uploaded again for somebody before; nothing can be uploaded now. */
async function createWorld() {
  const [store, cache, clock] = [createMemoryStore(), createMemoryBlobCache(), new VirtualClock(100 * DAY)];
  const job = (act: (batch: Batch) => void): Promise<void> => inBatch(store, act);
  const shelf = new Shelf({ store, cache, clock, job });
  await shelf.put({ blob: BLOB, file: 'file', chatId: CHAT, have: 5000, isWhole: true, used: 0 });
  await job((batch) => {
    batch.put('media', `offer:${BLOB}`, pack(PLACE));
  });
  const removed: string[] = [];
  const told: Asked[] = [];
  const [running, may, server]: [Promise<void>[], { have: boolean }, { has: boolean }] = [
    [],
    { have: true },
    { has: true },
  ];
  const link = {
    get: () =>
      Promise.resolve({ status: server.has ? 206 : 404, total: 5000, from: 0, body: (async function* () {})() }),
    remove: (url: string) => {
      removed.push(url);
      return Promise.resolve(204);
    },
  };
  const access = new StorageAccess({
    home: { authorized: async (act) => ({ ok: true, value: await act('token') }) },
    directory: { ask: (async () => tokenAnswer(server.has)) as Directory['ask'] },
    ...{ relayUrl: () => 'https://relay.example', clock },
  });
  const beside = (act: () => Promise<void>): void => {
    running.push(act());
  };
  const endings = new Endings({ store, clock, access, link, job, beside });
  const answering = new Answering({
    ...{ store, cache, clock, link, shelf, access, endings, job, beside },
    mayHave: () => Promise.resolve(may.have),
    tell: (batch, asked, place) => {
      expect(place).toEqual(PLACE);
      batch.then(() => told.push(asked));
    },
  });
  await answering.load();
  const settle = async (): Promise<void> => {
    await Promise.all(running.splice(0));
  };
  const hear = async (account: string, blob = BLOB): Promise<void> => {
    const from = { accountId: account as AccountId, deviceId: `device of ${account}` as DeviceId };
    answering.heard({ chatId: CHAT, blob, from });
    await settle();
  };
  return { answering, hear, settle, told, removed, may, server, clock };
}

function tokenAnswer(isThere: boolean) {
  return isThere
    ? { ok: true, value: { token: 'storage', url: PLACE.url, expiresAt: 200 * DAY } }
    : { ok: false, error: { type: 'Offline' } };
}

describe('answering for files', () => {
  it('S-LOST-3 who may not have it hears nothing, nor who asks for what is not here', async () => {
    const { hear, told, may } = await createWorld();
    may.have = false;
    await hear('mallory');
    may.have = true;
    await hear('bob', toBase64Url(new Uint8Array(24).fill(2)));
    expect(told).toEqual([]);
    await hear('bob');
    expect(told.map(({ from }) => from.accountId)).toEqual(['bob']);
  });

  it('S-LOST-5 one account is answered so often a day, and others all the same', async () => {
    const { hear, told, clock } = await createWorld();
    for (let again = 0; again < ANSWERS_A_DAY.count + 5; again += 1) await hear('bob');
    expect(told).toHaveLength(ANSWERS_A_DAY.count);
    await hear('cleo');
    expect(told).toHaveLength(ANSWERS_A_DAY.count + 1);
    clock.step(clock.now() + DAY);
    await hear('bob');
    expect(told).toHaveLength(ANSWERS_A_DAY.count + 2);
  });

  it('S-LOST-6 what is there is not uploaded again, and is ended with the last message that points to it', async () => {
    const { answering, hear, told, removed, server } = await createWorld();
    await hear('bob');
    server.has = false;
    await hear('cleo');
    expect(told.map(({ from }) => from.accountId)).toEqual(['bob']);
    server.has = true;
    await answering.end([BLOB, 'another']);
    expect(removed).toEqual([`${PLACE.url}/files/${PLACE.name}`]);
  });

  it('S-LOST-7 a question that finds no server is answered when there is one again, some times', async () => {
    const { hear, told, server, clock, settle } = await createWorld();
    server.has = false;
    await hear('bob');
    clock.step(clock.now() + 2000);
    await settle();
    expect(told).toEqual([]);
    server.has = true;
    clock.step(clock.now() + 10_000);
    await settle();
    expect(told.map(({ from }) => from.accountId)).toEqual(['bob']);
    server.has = false;
    await hear('cleo');
    let tries = 0;
    while (clock.step(Number.MAX_SAFE_INTEGER)) {
      tries += 1;
      await settle();
    }
    expect(tries).toBe(4);
    expect(told).toHaveLength(1);
  });
});
