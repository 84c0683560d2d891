import type { AccountId, ChatId } from '@securechat/crypto';
import { toBase64Url } from '@securechat/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { AuthorOwner, Chat, ChatWith } from '../chats/chat-book.ts';
import type { Store } from '../ports/store.ts';
import type { CallBody, VerifiedRecord } from '../records/index.ts';
import { makeRecordId } from '../records/record-id.ts';
import { CALLS_KEPT, CallLog, isMissed } from './call-log.ts';

const NOW = Date.UTC(2026, 10, 29);
const DAY = 24 * 3600_000;
const CHAT = 'A'.repeat(22) as ChatId;
const [ANN, BOB] = ['ann', 'bob'] as unknown as readonly [AccountId, AccountId];
const PHONE = new Uint8Array(32).fill(1);
const TABLET = new Uint8Array(32).fill(2);
const OF_BOB = new Uint8Array(32).fill(3);
const STRANGER = new Uint8Array(32).fill(4);

/** As much of a chat as the log looks at. */
function chatWith(party: Pick<ChatWith, 'type'> & { readonly part?: string } = { type: 'contact' }): Chat {
  const owner = (accountId: AccountId) => ({ accountId }) as AuthorOwner;
  const authors = new Map([
    [toBase64Url(PHONE), owner(ANN)],
    [toBase64Url(TABLET), owner(ANN)],
    [toBase64Url(OF_BOB), owner(BOB)],
  ]);
  return { chatId: CHAT, with: party, authors } as unknown as Chat;
}

let count = 0;

function record(call: Partial<CallBody> = {}, { at = NOW, author = PHONE } = {}): VerifiedRecord {
  const body: CallBody = {
    ...{ kind: 'call', callId: 'a', video: false, outcome: 'answered', seconds: 5, startedAt: at - 5000, ...call },
  };
  const time = { ms: at, counter: 0 };
  count += 1;
  const id = makeRecordId(time, new TextEncoder().encode(String(count)));
  return { id, chatId: CHAT, author, n: count, time, body };
}

function createLog(
  store: Store = createMemoryStore(),
  now = () => NOW,
): { log: CallLog; store: Store; told: () => number } {
  let told = 0;
  const log = new CallLog({
    ...{ store, now },
    changed: () => {
      told += 1;
    },
  });
  return { log, store, told: () => told };
}

const take = (log: CallLog, store: Store, records: readonly VerifiedRecord[], chat = chatWith()): Promise<void> =>
  inBatch(store, (batch) => {
    log.take(chat, records, batch);
  });

describe('the calls of a chat', () => {
  it('S-CALLED-1 are the same whatever came first, as often as it came, one for each call and account', async () => {
    const records = [
      record({ callId: 'a', outcome: 'missed', seconds: 0 }, { at: NOW - 9 }),
      record({ callId: 'a' }, { at: NOW - 5 }),
      record({ callId: 'a' }, { at: NOW - 7, author: TABLET }),
      record({ callId: 'a' }, { at: NOW - 8, author: OF_BOB }),
      record({ callId: 'b' }, { at: NOW - 6 }),
      record({ callId: 'c' }, { at: NOW - 4, author: STRANGER }),
    ];
    const shuffled = fc.shuffledSubarray([...records, ...records], { minLength: 12 });
    const runs = fc.array(fc.nat(3), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(shuffled, runs, async (order, jobs) => {
        const { log, store } = createLog();
        for (const job of [0, 1, 2, 3])
          await take(
            log,
            store,
            order.filter((_, at) => jobs[at] === job),
          );
        const calls = log.of(CHAT).map(({ by, callId, time, outcome }) => [by, callId, NOW - time, outcome]);
        expect(calls).toEqual([
          [ANN, 'a', 9, 'missed'],
          [BOB, 'a', 8, 'answered'],
          [ANN, 'b', 6, 'answered'],
        ]);
      }),
      { seed: 9, numRuns: 50 },
    );
  });

  it('S-CALLED-7 are none in notes to oneself and among the acts of a group', async () => {
    for (const to of [{ type: 'self' }, { type: 'group', part: 'root' }] as const) {
      const { log, store } = createLog();
      await take(log, store, [record()], chatWith(to));
      expect([log.of(CHAT), log.chats(), await store.count('meta', {})]).toEqual([[], [], 0]);
    }
  });

  it('S-CALLED-7 of a group are made anew when other records of it are shown', async () => {
    const { log, store } = createLog();
    const group = chatWith({ type: 'group', part: 'talk' });
    await take(log, store, [record({ callId: 'a' }), record({ callId: 'b' })], group);
    await log.renew(group, [record({ callId: 'b' }), record({ callId: 'c' })]);
    expect(log.of(CHAT).map(({ callId }) => callId)).toEqual(['b', 'c']);
    await log.renew(group, []);
    expect([log.of(CHAT), await store.count('meta', {})]).toEqual([[], 0]);
  });

  it('S-CALLED-2 are the newest so many, and began at most 31 days before they were written down', async () => {
    const { log, store } = createLog();
    const many = Array.from({ length: CALLS_KEPT + 7 }, (_, at) => record({ callId: String(at) }, { at: NOW + at }));
    await take(log, store, many.slice(100));
    await take(log, store, many.slice(0, 100));
    expect(log.of(CHAT).map(({ callId }) => callId)).toEqual(many.slice(7).map((_, at) => String(at + 7)));
    const claims = [0, NOW - 40 * DAY, NOW - DAY, NOW + DAY];
    await take(
      log,
      store,
      claims.map((startedAt, at) => record({ callId: `claim ${String(at)}`, startedAt }, { at: NOW + DAY / 2 + at })),
    );
    const began = log
      .of(CHAT)
      .flatMap(({ callId, startedAt, time }) => (callId.startsWith('claim') ? time - startedAt : []));
    expect(began).toEqual([31 * DAY, 31 * DAY, DAY * 1.5 + 2, 0]);
  });

  it('S-CALLED-3 are as they were when a job fails, and there again after a restart', async () => {
    const { log, store, told } = createLog();
    await take(log, store, [record({ callId: 'a' })]);
    const failing = inBatch(store, (batch) => {
      log.take(chatWith(), [record({ callId: 'b' })], batch);
      expect(log.of(CHAT).length).toBe(2);
      throw new Error('the job fails');
    });
    await expect(failing).rejects.toThrow('the job fails');
    expect([log.of(CHAT).length, told()]).toEqual([1, 1]);
    const again = createLog(store);
    await again.log.load();
    expect([again.log.of(CHAT), again.log.chats()]).toEqual([log.of(CHAT), [CHAT]]);
    await take(log, store, [record({ kind: 'call', callId: 'a' }, { at: NOW + 1 })]);
    expect(told(), 'what is known already is no news').toBe(1);
  });

  it('S-CALLED-4 disappear at their time, and then from the store', async () => {
    let now = NOW;
    const { log, store } = createLog(createMemoryStore(), () => now);
    await take(log, store, [record({ callId: 'stays' }), record({ callId: 'goes', expires: 60 })]);
    expect([log.nextExpiry(), log.overdue()]).toEqual([NOW + 60_000, []]);
    await log.sweep(CHAT);
    expect(log.of(CHAT).length).toBe(2);
    now += 60_000;
    expect(log.of(CHAT).map(({ callId }) => callId)).toEqual(['stays']);
    expect(log.overdue()).toEqual([CHAT]);
    await log.sweep(CHAT);
    expect([log.nextExpiry(), log.overdue()]).toEqual([undefined, []]);
    const again = createLog(store, () => NOW);
    await again.log.load();
    expect(again.log.of(CHAT).map(({ callId }) => callId)).toEqual(['stays']);
    await take(again.log, store, [record({ callId: 'late', expires: 1 }, { at: NOW - DAY })]);
    expect(again.log.of(CHAT).length).toBe(1);
  });

  it('S-CALLED-5 count as missed for whom they rang, when nobody was there', () => {
    const missed = (by: AccountId) =>
      (['answered', 'missed', 'declined', 'busy', 'cancelled', 'failed'] as const).filter((outcome) =>
        isMissed({ by, outcome }, ANN),
      );
    expect([missed(ANN), missed(BOB)]).toEqual([[], ['missed', 'busy', 'cancelled']]);
  });
});
