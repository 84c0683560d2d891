import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type GroupSecret,
  type Public,
  createAuthorKey,
  ready,
  toBase64Url,
} from '@securechat/crypto';
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { randomOf } from '../../test/support/party.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { AuthorOwner, Chat } from '../chats/chat-book.ts';
import { type Answer, type ChatDocuments, type WireChange, encodeSummary } from '../documents/index.ts';
import { Lane } from '../lane.ts';
import { GroupBook } from '../groups/group-book.ts';
import { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import { Repair } from './repair.ts';

beforeAll(ready);

const CHAT = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;
const PHONE = 'phone' as DeviceId;
const BOB = 'bob' as AccountId;
const OWN = { accountId: 'ann' as AccountId, deviceId: PHONE };
const TO = { accountId: BOB, deviceId: PHONE };
const DAY = 24 * 3600_000;
const NOTHING = encodeSummary({ from: 0, segments: [] });

function chatOf(more: Partial<Chat> = {}): Chat {
  const author = createAuthorKey(randomOf('author'));
  return {
    ...{ chatId: CHAT, createdAt: 0, byMember: new Map() },
    with: { type: 'contact', peer: BOB, peerKey: new Uint8Array(32) as Public<'Account'> },
    ...{ author, nextN: 1, time: { ms: 0, counter: 0 }, missing: 0, authors: new Map() },
    ...{ records: 0, filling: undefined, isWhole: false, turned: undefined, compared: 0, timer: undefined },
    ...{ received: new Map(), theirReceived: new Map(), theirRead: new Map() },
    ...more,
  };
}

function open(chat: Chat, members: readonly AccountId[] = [], witnesses: readonly Uint8Array[] = []) {
  const [clock, lane, store] = [new VirtualClock(0), new Lane(), createMemoryStore()];
  const outbox = new Outbox(() => undefined);
  const world = {
    ...{ isOnline: true, isTakingIn: false, hasSiblings: false, lacksCard: false, isContact: true, isRestored: false },
    ...{ pending: 0, sendsRead: true, floor: 0, count: 7 },
  };
  const opened: ChatId[] = [];
  const unheard: AccountId[] = [];
  let changes = 0;
  const answer: Answer = { authors: [], changes: [], more: false, theyHaveMore: false };
  const floors: (number | undefined)[] = [];
  const documents: Pick<ChatDocuments, 'answer'> = {
    answer: (_theirs, _budget, options) => {
      floors.push(options?.from);
      return Promise.resolve(script.answer);
    },
  };
  const script = { answer };
  const repair = new Repair({
    ...{ store, outbox, clock },
    chats: {
      all: () => [chat].values(),
      noteCompared: () => undefined,
      documents: ({ chatId }) => {
        opened.push(chatId);
        return Promise.resolve({
          ...documents,
          summary: () => Promise.resolve({ from: 0, segments: [] }),
          witnesses: () => witnesses,
          count: () => world.count,
        } as unknown as ChatDocuments);
      },
    },
    composer: () => ({ pending: world.pending, introduceAuthor: () => [] }),
    withholding: { floorFor: () => Promise.resolve(world.floor) },
    groups: {
      ...{
        othersIn: () => members,
        mayAsk: () => true,
        unaware: () => [],
        tellAgain: () => undefined,
        mayTell: () => false,
        beganLate: () => false,
        floorFor: () => Promise.resolve(0),
        isMine: () => false,
      },
      book: new GroupBook(store),
    },
    isContact: () => world.isContact,
    isRestored: () => world.isRestored,
    me: 'ann' as AccountId,
    siblings: () => (world.hasSiblings ? [PHONE] : []),
    lackCard: () => (world.lacksCard ? [PHONE] : []),
    unheard: (accountId) => unheard.push(accountId),
    sendsRead: () => world.sendsRead,
    readMarks: () => new Map([[toBase64Url(new Uint8Array(32).fill(4)), 3]]),
    isOnline: () => world.isOnline,
    isTakingIn: () => world.isTakingIn,
    changed: () => (changes += 1),
    kick: () => undefined,
    background: (job) => void lane.run(job),
  });
  /** Times at which something was said, and what, while `ms` pass; what is said is sent at once. */
  const watch = async (ms: number): Promise<[number, string][]> => {
    const said: [number, string][] = [];
    const end = clock.now() + ms;
    const look = async (): Promise<void> => {
      await lane.idle();
      for (const item of [...outbox.items()]) {
        said.push([
          clock.now(),
          partsOf(item)
            .map((part) => part.type)
            .join('+'),
        ]);
        await inBatch(store, (batch) => {
          outbox.remove(batch, item.seq);
        });
      }
    };
    await look();
    while (clock.step(end)) await look();
    return said;
  };
  return { repair, clock, world, outbox, store, opened, unheard, script, floors, watch, changed: () => changes };
}

function partsOf(item: unknown): readonly Part[] {
  return (item as { readonly parts: readonly Part[] }).parts;
}

describe('repair', () => {
  it('S-REPAIR-3 asks for what is missing after a moment, then with pauses growing threefold up to a day', async () => {
    const the = open(chatOf({ missing: 2 }));
    the.repair.start();
    const times = (await the.watch(10 * DAY)).map(([time]) => time / 1000);
    expect(times.slice(0, 7)).toEqual([30, 45, 75, 165, 420, 1155, 3345]);
    const last = times.slice(-3);
    expect(last.map((time, i) => time - (last[i - 1] ?? time))).toEqual([0, 86_400, 86_400]);
  });

  it('S-REPAIR-3 S-REPAIR-9 offers what was accepted and never arrived after a minute; starts anew when the need was met', async () => {
    const chat = chatOf({ nextN: 3 });
    const the = open(chat);
    the.repair.start();
    expect((await the.watch(60_000)).map(([, parts]) => parts)).toEqual(['ask']);
    expect(the.unheard).toEqual([BOB]); // perhaps their devices are others by now
    await the.watch(DAY);
    chat.theirReceived.set(toBase64Url(chat.author?.publicKey ?? new Uint8Array()), 2);
    expect(await the.watch(DAY)).toEqual([]);
    chat.nextN = 4;
    expect(await the.watch(76_000)).toHaveLength(1);
  });

  it('S-REPAIR-8 a restored device asks for every chat until the other side has told all of it', async () => {
    const chat = chatOf();
    const the = open(chat);
    the.repair.start();
    expect(await the.watch(DAY)).toEqual([]);
    the.world.isRestored = true;
    expect((await the.watch(60_000)).map(([, parts]) => parts)).toEqual(['ask', 'ask']);
    the.world.isContact = false;
    expect(await the.watch(DAY)).toEqual([]);
    the.world.isContact = true;
    chat.isWhole = true;
    expect(await the.watch(DAY)).toEqual([]);
  });

  it('S-CEREMONY-9 a page made ahead is told as it is, unless something came since', async () => {
    const chat = chatOf();
    const the = open(chat);
    const page = await the.repair.newestPage(chat);
    const made = the.floors.length;
    const tell = () => inBatch(the.store, (batch) => the.repair.tellNewest(chat, OWN, batch, page));
    await tell();
    expect(the.floors).toHaveLength(made);
    the.world.count += 1;
    await tell();
    expect(the.floors).toHaveLength(made + 1);
  });

  it('S-REPAIR-3 not while messages still wait here, not off line, not of a stranger, not of oneself', async () => {
    const the = open(chatOf({ nextN: 3 }));
    the.repair.start();
    the.world.pending = 1;
    expect(await the.watch(DAY)).toEqual([]);
    the.world.pending = 0;
    the.world.isOnline = false;
    expect(await the.watch(DAY)).toEqual([]);
    the.world.isOnline = true;
    the.world.isContact = false;
    expect(await the.watch(DAY)).toEqual([]);
    const self = open(chatOf({ nextN: 3, with: { type: 'self' } }));
    self.repair.start();
    expect(await self.watch(DAY)).toEqual([]);
  });

  it('S-REPAIR-4 shows a card that was not seen without opening a document', async () => {
    const the = open(chatOf());
    the.world.lacksCard = true;
    the.repair.start();
    const said = await the.watch(4 * 60_000);
    expect(said.map(([, parts]) => parts)).toEqual(['marks', 'marks']);
    expect(the.opened).toEqual([]);
  });

  it('S-REPAIR-3 is in a hurry when the connection is new', async () => {
    const the = open(chatOf({ missing: 1 }));
    the.repair.start();
    await the.watch(2 * DAY);
    the.repair.hurry();
    expect(await the.watch(16_000)).toHaveLength(1);
  });

  it('S-REPAIR-3 a clock put back by a year does not stop it', async () => {
    const the = open(chatOf({ missing: 1 }));
    the.repair.start();
    await the.watch(60_000);
    const now = the.clock.now.bind(the.clock);
    the.clock.now = () => now() - 365 * DAY;
    the.repair.sweep();
    expect(await the.watch(0)).toHaveLength(1);
  });

  it('S-REPAIR-5 answers with marks, and what is lacking, and asks back in an item of its own, not too often', async () => {
    const the = open(chatOf());
    const change = { segment: 0, generation: 0, bytes: new Uint8Array(9) };
    the.script.answer = { authors: [], changes: [change], more: true, theyHaveMore: true };
    const answer = (): Promise<void> => inBatch(the.store, (batch) => the.repair.answer(chatOf(), TO, NOTHING, batch));
    await answer();
    const items = [...the.outbox.items()];
    expect(
      items.map((item) => [item.type === 'parts' && item.deviceId, ...partsOf(item).map((part) => part.type)]),
    ).toEqual([
      [PHONE, 'marks', 'changes'],
      [PHONE, 'ask'],
    ]);
    expect(partsOf(items[0])[1]).toMatchObject({ of: 'more', changes: [change] });
    expect((await the.watch(1_000)).map(([, parts]) => parts)).toEqual(['marks+changes', 'ask']);
    await answer();
    expect((await the.watch(20_000)).map(([, parts]) => parts)).toEqual(['marks+changes']);
    await answer();
    expect((await the.watch(0)).map(([, parts]) => parts)).toEqual(['marks+changes', 'ask']);
  });

  it('S-REPAIR-10 tells an unconfirmed device only what may be told, and never that this was all', async () => {
    const the = open(chatOf());
    const change = { segment: 7, generation: 0, bytes: new Uint8Array(9) };
    const answer = async (changes: Answer['changes'], more = false): Promise<unknown> => {
      the.script.answer = { authors: [], changes, more, theyHaveMore: false };
      await inBatch(the.store, (batch) => the.repair.answer(chatOf(), TO, NOTHING, batch));
      const parts = [...the.outbox.items()].flatMap(partsOf);
      await the.watch(0);
      return parts.map((part) => (part.type === 'changes' ? part.of : part.type));
    };
    the.world.floor = 7;
    expect(await answer([])).toEqual(['marks']);
    expect(await answer([change])).toEqual(['marks', 'push']);
    expect(await answer([change], true)).toEqual(['marks', 'more']);
    the.world.floor = 0;
    expect(await answer([])).toEqual(['marks', 'last']);
    expect(the.floors).toEqual([7, 7, 7, 0]);
  });

  it('S-REPAIR-8 a restored device that may not ask in return yet does so soon', async () => {
    const chat = chatOf();
    const the = open(chat);
    the.world.isRestored = true;
    the.repair.start();
    await the.watch(3 * DAY);
    the.script.answer = { authors: [], changes: [], more: false, theyHaveMore: true };
    const answer = (): Promise<void> => inBatch(the.store, (batch) => the.repair.answer(chat, TO, NOTHING, batch));
    await answer();
    await the.watch(1_000);
    await answer();
    expect((await the.watch(36_000)).map(([, parts]) => parts)).toEqual(['marks+changes', 'ask']);
  });

  it('S-HISTORY-1 a chat that is being filled is asked for when nothing came for 30 s, however often the connection is new', async () => {
    const chat = chatOf({ filling: 9, records: 3 });
    const the = open(chat);
    the.world.hasSiblings = true;
    the.repair.start();
    the.repair.hurry();
    expect(await the.watch(20_000)).toEqual([]);
    the.repair.hurry();
    expect((await the.watch(20_000)).map(([time]) => time)).toEqual([30_000]);
    chat.records = 5;
    expect((await the.watch(40_000)).map(([time]) => time)).toEqual([75_000]); // 30 s after that was seen
    the.world.isTakingIn = true;
    expect(await the.watch(DAY)).toEqual([]);
    the.world.isTakingIn = false;
    expect(await the.watch(16_000)).toHaveLength(1);
  });

  it('S-HISTORY-1 who answers while a chat is being filled does not ask in return', async () => {
    const the = open(chatOf());
    the.script.answer = { authors: [], changes: [], more: false, theyHaveMore: true };
    const answer = (chat: Chat): Promise<void> =>
      inBatch(the.store, (batch) => the.repair.answer(chat, OWN, NOTHING, batch));
    await answer(chatOf({ filling: 9 }));
    expect((await the.watch(0)).map(([, parts]) => parts)).toEqual(['marks+ticks']);
    await answer(chatOf());
    expect((await the.watch(0)).map(([, parts]) => parts)).toEqual(['marks+ticks+changes', 'ask']);
  });

  it('S-HISTORY-2 does not answer an own device that lacks what is sealed for it', async () => {
    const the = open(chatOf());
    const change = (n: number): WireChange => ({ segment: 0, generation: 0, bytes: new Uint8Array(9).fill(n) });
    const answer = async (...changes: readonly WireChange[]): Promise<number> => {
      the.script.answer = { authors: [], changes, more: true, theyHaveMore: false };
      await inBatch(the.store, (batch) => the.repair.answer(chatOf(), OWN, NOTHING, batch));
      return [...the.outbox.items()].length;
    };
    expect(await answer(change(1), change(2))).toBe(1);
    const item = [...the.outbox.items()].find((each) => each.type === 'parts');
    await inBatch(the.store, (batch) => {
      const address = { relayUrl: 'https://relay.test', mailbox: new Uint8Array(16) as MailboxId };
      const sealed = { envelopeId: new Uint8Array(16) as EnvelopeId, data: new Uint8Array(8), deviceId: PHONE };
      if (item) the.outbox.put(batch, { ...item, ...address, ...sealed, type: 'envelope' });
    });
    expect(await answer(change(2), change(3))).toBe(1);
    // It has what is sealed: the relay took it, and only this device does not know yet.
    expect(await answer(change(3))).toBe(2);
  });

  it('S-REPAIR-11 tells who was asked and has not answered, and after a minute that they have not', async () => {
    const chat = chatOf({ missing: 2 });
    const the = open(chat);
    the.world.hasSiblings = true;
    the.repair.start();
    await the.watch(31_000);
    const asked = { since: 30_000, isOverdue: false };
    expect(the.repair.askedIn(chat)).toEqual([
      { accountId: BOB, ...asked },
      { ...OWN, ...asked },
    ]);
    // Whoever answered had nothing of it, and is asked again when it is their turn.
    the.repair.answered(chat, TO);
    expect(the.repair.askedIn(chat)).toEqual([{ ...OWN, ...asked }]);
    await the.watch(60_000);
    expect(the.repair.askedIn(chat)).toMatchObject([
      { ...OWN, since: 30_000, isOverdue: true },
      { accountId: BOB, since: 45_000, isOverdue: false },
    ]);
    expect(the.changed()).toBeGreaterThan(1);
    chat.missing = 0;
    expect(the.repair.askedIn(chat)).toEqual([]);
    await the.watch(15_000);
    chat.missing = 1;
    expect(the.repair.askedIn(chat)).toEqual([]);
  });

  it('S-REPAIR-12 asks one of those who wrote what is missing, and two others in turn', async () => {
    const members = ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => name as AccountId);
    const key = new Uint8Array(32).fill(6);
    const owner = { accountId: 'g' } as AuthorOwner;
    const chat = chatOf({
      ...{ missing: 1, authors: new Map([[toBase64Url(key), owner]]) },
      with: { type: 'group', groupId: CHAT, part: 'talk', secret: new Uint8Array(32) as GroupSecret },
    });
    const the = open(chat, members, [key]);
    await inBatch(the.store, (batch) => the.repair.ask(chat, batch));
    const asked = [...the.outbox.items()].map((item) => item.type === 'parts' && item.accountId);
    expect(asked).toEqual(['b', 'c', 'g']);
  });

  it('S-REPAIR-5 does not answer bytes that are no question', async () => {
    const the = open(chatOf());
    await inBatch(the.store, (batch) => the.repair.answer(chatOf(), TO, Uint8Array.of(9, 9), batch));
    expect(await the.watch(0)).toEqual([]);
  });

  it('S-REPAIR-6 tells what was read only when the user lets it', () => {
    const the = open(chatOf());
    const chat = chatOf({ received: new Map([[toBase64Url(new Uint8Array(32).fill(5)), 8]]) });
    expect(the.repair.marksOf(chat)).toMatchObject({ received: [{ n: 8 }], read: [{ n: 3 }] });
    the.world.sendsRead = false;
    expect(the.repair.marksOf(chat)).toMatchObject({ received: [{ n: 8 }], read: [] });
  });

  it('plans nothing any more once it is stopped', async () => {
    const the = open(chatOf({ missing: 1 }));
    the.repair.start();
    the.repair.stop();
    expect(await the.watch(DAY)).toEqual([]);
  });
});
