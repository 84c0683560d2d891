import { type AccountId, type ChatId, type DeviceId, directChatId, encodeDeviceLog, ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { deviceNamed, openOwn } from '../../test/support/own-account.ts';
import { NOW, known, party, randomOf } from '../../test/support/party.ts';
import { inBatch } from '../batch.ts';
import { type Chat, ChatBook, chatDigest } from '../chats/chat-book.ts';
import { type PersonalChange, type PersonalDocuments, createMemoryStorageAdapter } from '../documents/index.ts';
import type { OwnPart, Sender } from '../inbox/intake.ts';
import { Lane } from '../lane.ts';
import { OWN_TALK_LIMIT, Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import type { NewestPage } from '../repair/repair.ts';
import { Exchange } from './exchange.ts';

beforeAll(ready);

const HOUR = 3600_000;
const TABLET = () => deviceNamed('tablet').id;

function pageOf(count: number): NewestPage {
  return { count, answer: { changes: [], authors: [], more: false, theyHaveMore: false } };
}

interface Script {
  answer: { changes: readonly PersonalChange[]; more: boolean; theyHaveMore: boolean };
  ingested: { missing: boolean; refused: number; outdated: boolean };
}

/** Ann's phone, whose account has a tablet too. */
async function open(alone = false) {
  const the = await openOwn();
  const { self, peers, store, ownLog } = the;
  if (!alone) {
    const log = the.plus(self.identity.log, deviceNamed('tablet'));
    await inBatch(store, (batch) => ownLog.adopt(log, batch));
  }
  const [clock, lane] = [new VirtualClock(NOW), new Lane()];
  const outbox = new Outbox(
    () => undefined,
    () => OWN_TALK_LIMIT,
  );
  const storage = createMemoryStorageAdapter();
  const chats = new ChatBook({ self, store, storage, random: randomOf('exchange'), now: () => clock.now() });
  const asked: [ChatId, DeviceId | undefined][] = [];
  const given: [ChatId, NewestPage | undefined][] = [];
  const made: NewestPage[] = [];
  const script: Script = {
    answer: { changes: [], more: false, theyHaveMore: false },
    ingested: { missing: false, refused: 0, outdated: false },
  };
  const world = { isOnline: true };
  const listeners = new Set<(changes: readonly PersonalChange[]) => void>();
  const personal = {
    onLocalChange: (listener: (changes: readonly PersonalChange[]) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    summary: () => new Uint8Array([1, 0]),
    answer: () => script.answer,
    ingest: () => Promise.resolve(script.ingested),
  } as unknown as PersonalDocuments;
  const exchange = new Exchange({
    ...{ ownLog, store, clock, personal, peers, chats, outbox },
    repair: {
      newestPage: (chat: Chat) => {
        const page = pageOf(chat.records);
        made.push(page);
        return Promise.resolve(page);
      },
      tellNewest: (chat: Chat, _to: Sender, _batch: unknown, ready?: NewestPage) => {
        given.push([chat.chatId, ready]);
        return Promise.resolve();
      },
      ask: (chat: Chat, _batch: unknown, to?: Sender) => {
        asked.push([chat.chatId, to?.deviceId]);
        return Promise.resolve();
      },
    },
    isOnline: () => world.isOnline,
    chatsByTime: () => [...chats.all()],
    adoptContacts: () => Promise.resolve(),
    peerMoved: () => Promise.resolve(),
    merged: () => undefined,
    tellGroup: () => undefined,
    statusDigest: () => ({ type: 'statusDigest', isReply: false, statuses: [] }),
    filling: () => undefined,
    kick: () => undefined,
    background: (job) => void lane.run(job),
  });
  /** What is said from now on until all is quiet; it is sent at once. */
  const said = async (): Promise<readonly (Part['type'] | 'reply')[]> => {
    await lane.idle();
    const items = [...outbox.items()];
    await inBatch(store, (batch) => {
      for (const { seq } of items) outbox.remove(batch, seq);
    });
    const parts = items.flatMap((item) => (item.type === 'parts' ? item.parts : []));
    return parts.map((part) => (part.type === 'digest' && part.isReply ? 'reply' : part.type));
  };
  const take = async (part: OwnPart): Promise<readonly string[]> => {
    await inBatch(store, (batch) => exchange.take(part, TABLET(), batch));
    return said();
  };
  const openChat = (name: string): Promise<Chat> => {
    const other = party(name);
    const { id, publicKey } = other.identity.account;
    return inBatch(store, (batch) => {
      peers.put(batch, known(other));
      return chats.open(batch, id, publicKey);
    });
  };
  return {
    ...the,
    exchange,
    clock,
    lane,
    outbox,
    chats,
    asked,
    given,
    made,
    script,
    world,
    listeners,
    said,
    take,
    openChat,
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** What a device that has exactly the same would tell. */
function digestOf({ chats, peers }: Opened, records = 0, isReply = false): Extract<OwnPart, { type: 'digest' }> {
  return {
    ...{ type: 'digest', isReply },
    chats: [...chats.all()].map((chat) => ({
      ...{ chatId: chat.chatId, hash: chatDigest(chat, chat.with.peer && peers.get(chat.with.peer)), records },
    })),
  };
}

const DIFFERENT = new Uint8Array(16).fill(9);

describe('exchange', () => {
  it('S-OWN-8 devices that have the same say nothing more; who differs asks, and answers with its own digest once', async () => {
    const the = await open();
    const chat = await the.openChat('bob');
    expect(await the.take(digestOf(the))).toEqual([]);
    const other = { ...digestOf(the), chats: [{ chatId: chat.chatId, hash: DIFFERENT, records: 7 }] };
    expect(await the.take(other)).toEqual(['peer', 'personalAsk', 'reply']);
    expect([the.asked, chat.filling]).toEqual([[[chat.chatId, TABLET()]], 7]);
    expect(await the.take({ ...other, isReply: true })).toEqual(['peer']);
  });

  it('S-HISTORY-1 a chat that is being filled is not asked for because of a further digest, which may tell of more', async () => {
    const the = await open();
    const chat = await the.openChat('bob');
    const digest = (records: number): OwnPart => ({
      ...{ type: 'digest', isReply: true },
      chats: [{ chatId: chat.chatId, hash: DIFFERENT, records }],
    });
    await the.take(digest(7));
    await the.take(digest(9));
    expect([the.asked.length, chat.filling]).toEqual([1, 9]);
    chat.filling = undefined;
    await the.take(digest(9));
    expect(the.asked).toHaveLength(2);
  });

  it('S-OWN-8 a chat that only this device has is told of, with its peer', async () => {
    const the = await open();
    await the.openChat('bob');
    expect(await the.take({ type: 'digest', isReply: false, chats: [] })).toEqual(['peer', 'personalAsk', 'reply']);
    expect(the.asked).toEqual([]);
  });

  it('S-OWN-8 a chat that only the other has is asked for as soon as its peer is known', async () => {
    const the = await open();
    const bob = party('bob').identity;
    const chatId = directChatId(the.ownLog.me, bob.account.id);
    const told = { type: 'digest', isReply: true, chats: [{ chatId, hash: DIFFERENT, records: 12 }] } as const;
    await the.take(told);
    expect([the.asked, the.chats.get(chatId)]).toEqual([[], undefined]);
    const peer = { type: 'peer', accountKey: bob.account.publicKey, accepts: true, hasChat: true } as const;
    await the.take({ ...peer, relayUrl: bob.relayUrl, deviceLog: encodeDeviceLog(bob.log) });
    expect(the.asked).toEqual([[chatId, TABLET()]]);
    expect(the.chats.get(chatId)?.filling).toBe(12);
    expect(the.peers.get(bob.account.id)).toMatchObject({ accepts: true, log: bob.log });
  });

  it('S-CEREMONY-9 a device that was just added is told what it would be answered if it asked', async () => {
    const the = await open(true); // it is among the own devices only when the job is done
    const chat = await the.openChat('bob');
    chat.records = 3;
    const other = await the.openChat('cleo');
    the.script.answer = {
      changes: [{ name: 'settings', generation: 0, bytes: new Uint8Array(9) }],
      ...{ more: false, theyHaveMore: false },
    };
    const ready = the.exchange.prepareWelcome();
    await the.lane.idle();
    await inBatch(the.store, (batch) => the.exchange.welcome(TABLET(), batch, ready));
    const to = [...the.outbox.items()].map((item) => item.type === 'parts' && item.deviceId);
    expect(new Set(to)).toEqual(new Set([TABLET()]));
    const digest = [...the.outbox.items()].flatMap((item) => (item.type === 'parts' ? item.parts : [])).at(-1);
    expect(digest?.type === 'digest' && digest.chats.map(({ chatId, records }) => [chatId, records])).toEqual([
      [chat.chatId, 0],
      [other.chatId, 0],
    ]);
    expect(await the.said()).toEqual(['personal', 'peer', 'peer', 'personalAsk', 'statusDigest', 'reply']);
    // Where nothing was written there is no page to give.
    expect([the.given, the.asked]).toEqual([[[chat.chatId, pageOf(3)]], []]);
    expect(the.made).toHaveLength(1);
    // What was not made in time is made then.
    await inBatch(the.store, (batch) => the.exchange.welcome(TABLET(), batch, new Map()));
    expect(the.given.at(-1)).toEqual([chat.chatId, undefined]);
  });

  it('S-OWN-8 compares when it may: at most once a minute with a reason, every six hours without one, not off line', async () => {
    const the = await open();
    the.world.isOnline = false;
    the.exchange.hurry();
    expect(await the.said()).toEqual([]);
    the.world.isOnline = true;
    the.exchange.sweep();
    expect(await the.said()).toEqual(['personalAsk', 'statusDigest', 'digest']);
    const after = async (ms: number, hurry: boolean): Promise<number> => {
      the.clock.step(the.clock.now() + ms);
      if (hurry) the.exchange.hurry();
      else the.exchange.sweep();
      return (await the.said()).length;
    };
    expect(await after(30_000, true)).toBe(0);
    expect(await after(31_000, false)).toBe(3); // the reason is not forgotten
    expect(await after(5 * HOUR, false)).toBe(0);
    expect(await after(HOUR, false)).toBe(3);
  });

  it('S-OWN-8 an account of one device says nothing at all', async () => {
    const the = await open(true);
    the.exchange.start();
    the.exchange.hurry();
    for (const listener of the.listeners) listener([{ name: 'settings', generation: 0, bytes: new Uint8Array(9) }]);
    expect(await the.said()).toEqual([]);
    the.exchange.stop();
  });

  it('S-OWN-8 asks for what documents lack, and in return for what the other has, at most every 20 s', async () => {
    const the = await open();
    const change = { name: 'settings', generation: 0, bytes: new Uint8Array(9) };
    the.script.ingested = { missing: true, refused: 0, outdated: false };
    const personal = { type: 'personal', changes: [change] } as const;
    expect([await the.take(personal), await the.take(personal)]).toEqual([['personalAsk'], []]);
    const ask = { type: 'personalAsk', summary: new Uint8Array(2) } as const;
    the.script.answer = { changes: [change], more: false, theyHaveMore: true };
    expect([await the.take(ask), await the.take(ask)]).toEqual([['personal', 'personalAsk'], ['personal']]);
    the.clock.step(the.clock.now() + 20_000);
    expect([await the.take(personal), await the.take(ask)]).toEqual([['personalAsk'], ['personal', 'personalAsk']]);
  });

  it('S-OWN-8 what is changed here is told at once on line; off line the next comparison brings it', async () => {
    const the = await open();
    the.exchange.start();
    const big = (n: number): PersonalChange => ({
      name: 'chats',
      generation: 0,
      bytes: new Uint8Array(50_000).fill(n),
    });
    const tell = (changes: readonly PersonalChange[]): void => {
      for (const listener of the.listeners) listener(changes);
    };
    tell([big(1), big(2), big(3), big(4), big(5)]);
    expect(await the.said()).toEqual(['personal', 'personal', 'personal']); // as many as envelopes hold
    the.world.isOnline = false;
    tell([big(6)]);
    expect(await the.said()).toEqual([]);
    the.world.isOnline = true;
    the.exchange.sweep();
    expect(await the.said()).toEqual(['personalAsk', 'statusDigest', 'digest']);
    the.exchange.stop();
    expect(the.listeners.size).toBe(0);
  });

  it('S-OWN-8 asks for 64 chats at once: the others follow as these are filled', async () => {
    const the = await open();
    const { publicKey } = party('bob').identity.account;
    await inBatch(the.store, (batch) => {
      for (let n = 0; n < 70; n += 1) the.chats.open(batch, `contact ${String(n)}` as AccountId, publicKey);
    });
    const chats = [...the.chats.all()].map(({ chatId }) => ({ chatId, hash: DIFFERENT, records: 5 }));
    expect(await the.take({ type: 'digest', isReply: false, chats })).toEqual(['personalAsk', 'reply']);
    expect(the.asked).toHaveLength(64);
    expect([...the.chats.all()].map(({ filling }) => filling)).toEqual(Array.from({ length: 70 }, () => 5));
  });

  it('S-OWN-8 a peer with a key or a relay that is none, or the own account, is ignored; an older log takes nothing back', async () => {
    const the = await open();
    const bob = party('bob').identity;
    const peer: Extract<OwnPart, { type: 'peer' }> = {
      ...{ type: 'peer', accountKey: bob.account.publicKey, accepts: false, hasChat: true, relayUrl: bob.relayUrl },
      deviceLog: new Uint8Array(0),
    };
    await the.take({ ...peer, accountKey: new Uint8Array(32) });
    await the.take({ ...peer, relayUrl: 'ftp://elsewhere' });
    await the.take({ ...peer, accountKey: the.self.identity.account.publicKey });
    expect([...the.peers.all()].map(({ accountId }) => accountId)).toEqual([the.ownLog.me]);
    await the.openChat('bob');
    await the.take({ ...peer, deviceLog: new Uint8Array(30), relayUrl: 'https://elsewhere.test' });
    expect(the.peers.get(bob.account.id)).toMatchObject({ log: bob.log, relayUrl: bob.relayUrl });
  });
});
