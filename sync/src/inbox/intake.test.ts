import {
  type AccountId,
  type ChatId,
  type DeviceId,
  directChatId,
  proveAuthor,
  ready,
  certifyAuthor,
  createAuthorKey,
  createDevice,
} from '@securechat/crypto';
import type { EnvelopeId } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW, known, party, randomOf } from '../../test/support/party.ts';
import { type MemoryStore, createMemoryStore } from '../adapters/memory-store.ts';
import { type Batch, inBatch } from '../batch.ts';
import { ChatBook } from '../chats/chat-book.ts';
import { createMemoryStorageAdapter } from '../documents/index.ts';
import { GroupBook } from '../groups/group-book.ts';
import { Lane } from '../lane.ts';
import type { Part } from '../payload/payload.ts';
import { Peers, STRANGER_RECORDS } from '../peers/peers.ts';
import { QuotaExceededError } from '../ports/store-error.ts';
import { SessionBook } from '../sessions/session-book.ts';
import { type ChatNews, Intake } from './intake.ts';
import type { Opened } from './opening.ts';

beforeAll(ready);

const [ann, bob] = [() => party('ann'), () => party('bob')];
const MONTH = 30 * 24 * 3600_000;

/** What the envelope with this number turns out to be. */
type Meaning = (n: number, batch: Batch) => Opened;

function envelope(n: number, size = 8): { readonly id: EnvelopeId; readonly data: Uint8Array } {
  const data = new Uint8Array(size);
  new DataView(data.buffer).setUint32(0, n);
  const id = new Uint8Array(16) as EnvelopeId;
  new DataView(id.buffer).setUint32(0, n);
  return { id, data };
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function chatId(): ChatId {
  return directChatId(ann().identity.account.id, bob().identity.account.id);
}

function saying(...parts: readonly Part[]): Opened {
  return { type: 'parts', peer: known(bob()), deviceId: bob().identity.device.id, parts, logsToAsk: [] };
}

function message(n: number): Part {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n);
  return { type: 'changes', chatId: chatId(), of: 'push', changes: [{ segment: 0, generation: 0, bytes }] };
}

async function open(meaning: Meaning, { store = createMemoryStore(), isContact = true, now = NOW } = {}) {
  const [self, lane, peers, sessions] = [ann(), new Lane(), new Peers(), new SessionBook(store)];
  const storage = createMemoryStorageAdapter();
  const random = randomOf('intake');
  const chats = new ChatBook({ self, store, storage, random, now: () => NOW });
  await peers.load(store);
  await inBatch(store, (batch) => {
    peers.put(batch, known(bob()));
  });
  const log = {
    acked: [] as number[],
    applied: [] as number[],
    introduced: [] as AccountId[],
    broken: [] as DeviceId[],
    typing: [] as boolean[],
    trouble: [] as unknown[],
    failures: [] as unknown[],
    overflows: 0,
    before: 0,
  };
  const time = { now };
  const broken = new Set<number>();
  const intake = new Intake({
    ...{ self, store, chats, peers, sessions },
    opening: { open: (data, batch) => Promise.resolve(meaning(numberOf(data), batch)) },
    now: () => time.now,
    ack: (ids) => log.acked.push(...ids.map(numberOf)),
    before: () => {
      log.before += 1;
      return Promise.resolve();
    },
    isContact: () => isContact,
    apply: (news: ChatNews, batch) => {
      const numbers = news.changes.map((change) => numberOf(change.bytes));
      if (numbers.some((n) => broken.has(n))) return Promise.reject(new Error('cannot digest'));
      batch.then(() => log.applied.push(...numbers));
      return Promise.resolve();
    },
    introduce: (accountId) => log.introduced.push(accountId),
    brokenSession: (_account, deviceId) => log.broken.push(deviceId),
    onMedia: () => undefined,
    onTyping: (_chat, _accountId, typing) => log.typing.push(typing),
    onPeer: () => undefined,
    onGroup: () => Promise.resolve(),
    onStatus: () => Promise.resolve(),
    onPhone: () => undefined,
    onGroupCall: () => undefined,
    onUnknownKey: () => undefined,
    groups: { mayTell: () => false, book: new GroupBook(store) },
    onCard: () => undefined,
    onOwn: () => Promise.resolve(),
    onTaken: () => undefined,
    onOverflow: () => (log.overflows += 1),
    trouble: (error) => log.trouble.push(error),
    background: (job) => void lane.run(job).catch((error: unknown) => log.failures.push(error)),
  });
  await intake.load();
  log.before = 0;
  const deliver = async (...ns: readonly number[]): Promise<void> => {
    for (const n of ns) intake.deliver(envelope(n));
    await lane.idle();
  };
  return { intake, lane, store, chats, peers, log, time, broken, deliver };
}

const messages: Meaning = (n) => saying(message(n));

describe('intake', () => {
  it('S-INTAKE-1 takes an envelope in once, however often it is delivered, and acks each delivery', async () => {
    const the = await open(messages);
    await the.deliver(1, 2, 1);
    await the.deliver(2, 3);
    expect([the.log.applied, the.log.acked.sort()]).toEqual([
      [1, 2, 3],
      [1, 1, 2, 2, 3],
    ]);
    expect(await the.store.count('inbox', {})).toBe(0);
  });

  it('S-INTAKE-11 takes a long delivery in by jobs: none begins another envelope after 128 KiB, or after 128 of them', async () => {
    const [large, small] = [await open(messages), await open(messages)];
    for (let n = 1; n <= 5; n += 1) large.intake.deliver(envelope(n, 100 * 1024));
    for (let n = 1; n <= 300; n += 1) small.intake.deliver(envelope(n));
    await Promise.all([large.lane.idle(), small.lane.idle()]);
    expect([large.log.before, small.log.before]).toEqual([3, 3]);
    expect(large.log.applied).toEqual([1, 2, 3, 4, 5]);
    expect(small.log.applied).toEqual(Array.from({ length: 300 }, (_none, i) => i + 1));
  });

  it('S-INTAKE-1 also over a restart, and forgets ids only when the relay has forgotten them long since', async () => {
    const first = await open(messages);
    await first.deliver(1);
    const second = await open(messages, { store: first.store, now: NOW + MONTH });
    await second.deliver(1);
    expect([second.log.applied, second.log.acked]).toEqual([[], [1]]);
    const third = await open(messages, { store: first.store, now: NOW + 3 * MONTH });
    expect(await third.store.count('seen', {})).toBe(0);
  });

  it('S-INTAKE-2 acks nothing before it is stored, not even a copy of what is only now being stored', async () => {
    const events: string[] = [];
    const store = createMemoryStore({
      beforeWrite: (ops) => events.push([...new Set(ops.map((op) => op.table))].join('+')),
    });
    const the = await open(messages, { store });
    events.length = 0;
    const push = the.log.acked.push.bind(the.log.acked);
    the.log.acked.push = (...ids) => {
      events.push(`ack ${ids.join()}`);
      return push(...ids);
    };
    await the.deliver(1, 1);
    expect(events.map((event) => event.replace(/\+(meta|peers)/g, ''))).toEqual([
      'inbox',
      'ack 1',
      'inbox+seen',
      'ack 1',
    ]);
  });

  it('S-INTAKE-3 what a crash left in the inbox is taken in at the next start', async () => {
    let writes = 0;
    const dying = createMemoryStore({
      beforeWrite: () => {
        writes += 1;
        if (writes >= 4) throw new Error('killed'); // 1: the peer, 2: what load notes, 3: the inbox row, 4: everything else
      },
    });
    const first = await open(messages, { store: dying });
    await first.deliver(7).catch(() => undefined);
    expect(first.log.applied).toEqual([]);
    const second = await open(messages, { store: createMemoryStore({ snapshot: dying.snapshot() }) });
    expect([second.log.applied, second.log.acked, await second.store.count('inbox', {})]).toEqual([[7], [7], 0]);
  });

  it('S-INTAKE-4 an envelope that cannot be digested is dropped alone, and reported', async () => {
    const the = await open(messages);
    the.broken.add(3);
    await the.deliver(1, 2, 3, 4);
    expect(the.log.applied).toEqual([1, 2, 4]);
    expect(the.log.acked.sort()).toEqual([1, 2, 3, 4]);
    expect([the.log.trouble.map(String), the.log.failures]).toEqual([['Error: cannot digest'], []]);
    await the.deliver(3);
    expect([the.log.trouble.length, await the.store.count('inbox', {})]).toEqual([1, 0]);
  });

  it('S-INTAKE-4 so is one at which opening itself fails', async () => {
    const the = await open((n) => {
      if (n === 1) throw new RangeError('a bug');
      return saying(message(n));
    });
    await the.deliver(1, 2);
    expect([the.log.applied, the.log.acked.sort(), the.log.trouble.length]).toEqual([[2], [1, 2], 1]);
  });

  it('S-INTAKE-5 a storage that fails is nobody’s fault: nothing is dropped, nothing acked, all is there again', async () => {
    let isFull = false;
    const store = createMemoryStore({
      beforeWrite: () => {
        if (isFull) throw new QuotaExceededError('full');
      },
    });
    const the = await open(messages, { store });
    isFull = true;
    await the.deliver(1, 2);
    expect([the.log.acked, the.log.trouble, the.log.failures.length]).toEqual([[], [], 1]);
    isFull = false;
    await the.deliver(1, 2);
    expect([the.log.applied, the.log.acked.sort()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('S-INTAKE-6 keeps envelopes of devices that are not known yet, over a restart, until they are', async () => {
    const [accountId] = [bob().identity.account.id];
    let isKnown = false;
    const meaning: Meaning = (n) => (isKnown ? saying(message(n)) : { type: 'unknownDevice', accountId });
    const first = await open(meaning);
    await first.deliver(1, 2);
    await first.deliver(1); // delivered again: it is here
    expect([first.log.applied, first.log.introduced, first.log.acked.sort()]).toEqual([
      [],
      [accountId, accountId],
      [1, 1, 2],
    ]);
    const second = await open(meaning, { store: first.store });
    isKnown = true;
    second.intake.recheck();
    second.intake.recheck();
    await second.lane.idle();
    expect([second.log.applied, await second.store.count('inbox', {})]).toEqual([[1, 2], 0]);
  });

  it('S-INTAKE-6 asks no relay without end for a device that no log will ever name', async () => {
    const [accountId] = [bob().identity.account.id];
    const the = await open(() => ({ type: 'unknownDevice', accountId }));
    await the.deliver(1);
    const recheck = async (): Promise<void> => {
      the.intake.recheck();
      await the.lane.idle();
    };
    for (let n = 0; n < 5; n += 1) await recheck();
    expect(the.log.introduced).toEqual([accountId]);
    the.time.now += 31_000;
    for (let n = 0; n < 5; n += 1) await recheck();
    expect(the.log.introduced).toEqual([accountId, accountId]);
  });

  it('S-INTAKE-6 at most a thousand of them; the oldest goes, and is not taken for new again', async () => {
    const the = await open(() => ({ type: 'unknownDevice', accountId: bob().identity.account.id }));
    for (let from = 0; from < 1100; from += 100) await the.deliver(...Array.from({ length: 100 }, (_, i) => from + i));
    expect(await the.store.count('inbox', {})).toBe(1000);
    await the.deliver(0, 1099);
    expect(await the.store.count('inbox', {})).toBe(1000);
  });

  it('S-INTAKE-6 and so many bytes', async () => {
    const the = await open(() => ({ type: 'unknownDevice', accountId: bob().identity.account.id }));
    for (let n = 0; n < 80; n += 1) the.intake.deliver(envelope(n, 256 * 1024));
    await the.lane.idle();
    expect(await the.store.count('inbox', {})).toBe(64);
  });

  it('S-INTAKE-7 beyond its buffer it leaves envelopes at the relay, and has the connection renewed when it is through', async () => {
    const the = await open(messages);
    for (let n = 0; n < 8192 + 50; n += 1) the.intake.deliver(envelope(n));
    await the.lane.idle();
    expect([the.log.applied.length, the.log.overflows]).toEqual([8192, 1]);
    await the.deliver(8192);
    expect([the.log.applied.length, the.log.overflows]).toEqual([8193, 1]);
  });

  it('S-INTAKE-8 hears of a chat only from its two accounts', async () => {
    const elsewhere = 'BBBBBBBBBBBBBBBBBBBBBB' as ChatId;
    const the = await open(() =>
      saying(
        { type: 'typing', chatId: elsewhere, typing: true },
        {
          type: 'changes',
          chatId: elsewhere,
          of: 'push',
          changes: [{ segment: 0, generation: 0, bytes: new Uint8Array(4) }],
        },
        { type: 'typing', chatId: chatId(), typing: false },
      ),
    );
    await the.deliver(1);
    expect([the.log.applied, the.log.typing]).toEqual([[], [false]]);
  });

  it('S-INTAKE-9 takes an author key only with its device’s proof, and only so many of one device', async () => {
    const { device } = bob().identity;
    const other = ann().identity.device;
    const random = randomOf('authors');
    const [one, two, three] = [createAuthorKey(random), createAuthorKey(random), createAuthorKey(random)];
    const part = (author: typeof one, by: typeof device, claims = by): Part => ({
      ...{ type: 'author', chatId: chatId(), key: author.publicKey, deviceKey: claims.publicKey },
      proof: proveAuthor(author, chatId(), by.id),
      certificate: certifyAuthor(by, chatId(), author.publicKey),
    });
    const stranger = createDevice(random);
    const the = await open((n) => {
      // By another device in his name, and by a device of nobody here.
      if (n === 1) return saying(part(one, other, device), part(one, device, other), part(one, stranger));
      return n === 2 ? saying(part(one, device)) : saying(part(two, device), part(three, device));
    });
    const authors = (): number | undefined => the.chats.get(chatId())?.authors.size;
    await the.deliver(1);
    expect(authors()).toBe(0);
    await the.deliver(2);
    expect(authors()).toBe(1);
    await the.deliver(3);
    expect(authors()).toBe(2);
  });

  it('S-INTAKE-10 of a stranger takes only so many records, long ones counted by their length', async () => {
    const long = (bytes: number): Part => ({
      ...{ type: 'changes', chatId: chatId(), of: 'push' },
      changes: [{ segment: 0, generation: 0, bytes: new Uint8Array(bytes) }],
    });
    const the = await open((n) => saying(n < 500 ? message(n) : long(40 * 1024)), { isContact: false });
    await the.deliver(501, 502, 503);
    expect(the.log.applied).toHaveLength(2);
    await the.deliver(...Array.from({ length: 50 }, (_, n) => n));
    expect(the.log.applied).toHaveLength(2 + STRANGER_RECORDS - 80);
  });

  it('lets what our user wrote go first in every job', async () => {
    const the = await open(messages);
    await the.deliver(1);
    await the.deliver(2);
    expect(the.log.before).toBe(2);
  });

  it('S-BATCH-2 a chat that a failed job opened is not there, and opens whole at the next try', async () => {
    const store: MemoryStore = createMemoryStore();
    const the = await open(messages, { store });
    the.broken.add(1);
    await the.deliver(1);
    expect(the.chats.get(chatId())).toBeUndefined();
    the.broken.clear();
    await the.deliver(2);
    expect(the.chats.get(chatId())?.with.peer).toBe(bob().identity.account.id);
    expect(await store.range('meta', { from: 'chat:', to: 'chat;' })).toHaveLength(1);
  });
});
