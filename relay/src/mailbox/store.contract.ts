/** What every mailbox store must do. Adapters run this suite from their own test file. */
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryMailboxes } from './memory.ts';
import type { MailboxOp, MailboxStore, PutOp, Quota } from './port.ts';

const QUOTA: Quota = { count: 5, bytes: 100 };
const PAGE: Quota = { count: 100, bytes: 1_000_000 };
const box = (n: number): MailboxId => new Uint8Array(16).fill(n) as MailboxId;
const id = (n: number): EnvelopeId => new Uint8Array(16).fill(n) as EnvelopeId;

/** A put of `size` bytes that all are `n`. */
function put(mailbox: MailboxId, n: number, size = 3, at = 1000): PutOp {
  return { type: 'put', mailbox, id: id(n), data: new Uint8Array(size).fill(n), at };
}

/** Declares the suite. `make` gives an empty store with the quota. */
export function describeMailboxStore(name: string, make: (quota: Quota) => MailboxStore): void {
  describe(`mailbox store: ${name}`, () => {
    let store: MailboxStore;
    beforeEach(async () => {
      store = make(QUOTA);
      await store.open(box(1));
    });
    afterEach(() => store.end());

    const idsIn = async (mailbox: MailboxId, after = 0): Promise<number[]> =>
      (await store.read(mailbox, after, PAGE)).map((envelope) => envelope.id[0] ?? -1);

    it('keeps envelopes in the order of the ops, each mailbox for itself', async () => {
      await store.open(box(2));
      const outcomes = await store.commit([put(box(1), 1), put(box(2), 2), put(box(1), 3)]);
      expect(outcomes).toEqual(['stored', 'stored', 'stored']);
      expect(await idsIn(box(1))).toEqual([1, 3]);
      expect((await store.read(box(2), 0, PAGE))[0]?.data).toEqual(Uint8Array.of(2, 2, 2));
    });

    it('reads on from any position, and no further than the page', async () => {
      await store.commit([1, 2, 3, 4].map((n) => put(box(1), n, 10)));
      const first = await store.read(box(1), 0, { count: 2, bytes: 1000 });
      expect(first.map((envelope) => envelope.id[0])).toEqual([1, 2]);
      expect(await idsIn(box(1), first[1]?.seq)).toEqual([3, 4]);
      expect((await store.read(box(1), 0, { count: 10, bytes: 15 })).length).toBe(2);
      expect((await store.read(box(1), 0, { count: 10, bytes: 1 })).length).toBe(1);
    });

    it('never gives a position twice, also when a queue was emptied', async () => {
      await store.commit([put(box(1), 1)]);
      const seq = (await store.read(box(1), 0, PAGE))[0]?.seq ?? 0;
      await store.commit([{ type: 'ack', mailbox: box(1), ids: [id(1)] }, put(box(1), 2)]);
      expect(await idsIn(box(1), seq)).toEqual([2]);
    });

    it('knows a repeated id, queued or acked, and changes nothing', async () => {
      await store.commit([put(box(1), 1)]);
      expect(await store.commit([put(box(1), 1, 50)])).toEqual(['duplicate']);
      expect(await store.usage(box(1))).toEqual({ count: 1, bytes: 3 });
      const again = await store.commit([{ type: 'ack', mailbox: box(1), ids: [id(1)] }, put(box(1), 1)]);
      expect(again).toEqual(['duplicate']);
      expect(await store.usage(box(1))).toEqual({ count: 0, bytes: 0 });
    });

    it('takes one id into several mailboxes', async () => {
      await store.open(box(2));
      expect(await store.commit([put(box(1), 1), put(box(2), 1)])).toEqual(['stored', 'stored']);
    });

    it('refuses what is over the quota of count or bytes, also inside one commit', async () => {
      const five = await store.commit([1, 2, 3, 4, 5, 6].map((n) => put(box(1), n)));
      expect(five).toEqual(['stored', 'stored', 'stored', 'stored', 'stored', 'full']);
      await store.open(box(2));
      expect(await store.commit([put(box(2), 1, 60), put(box(2), 2, 41), put(box(2), 3, 40)])).toEqual([
        'stored',
        'full',
        'stored',
      ]);
    });

    it('has room again after an ack, in the same commit too', async () => {
      await store.commit([put(box(1), 1, 100)]);
      expect(
        await store.commit([put(box(1), 2), { type: 'ack', mailbox: box(1), ids: [id(1)] }, put(box(1), 3)]),
      ).toEqual(['full', 'stored']);
    });

    it('an id that was refused for want of room may come again', async () => {
      await store.commit([put(box(1), 1, 100), put(box(1), 2)]);
      expect(await store.commit([{ type: 'ack', mailbox: box(1), ids: [id(1)] }, put(box(1), 2)])).toEqual(['stored']);
    });

    it('does not know mailboxes that were never opened or are closed', async () => {
      expect(await store.commit([put(box(9), 1)])).toEqual(['unknown']);
      expect(await store.usage(box(9))).toBeUndefined();
      await store.commit([put(box(1), 1)]);
      await store.close(box(1));
      expect(await store.commit([put(box(1), 2), { type: 'ack', mailbox: box(1), ids: [id(1)] }])).toEqual(['unknown']);
      await store.open(box(1));
      expect(await idsIn(box(1))).toEqual([]);
      expect(await store.usage(box(1))).toEqual({ count: 0, bytes: 0 });
    });

    it('opening again changes nothing', async () => {
      await store.commit([put(box(1), 1)]);
      await store.open(box(1));
      expect(await idsIn(box(1))).toEqual([1]);
    });

    it('acks of unknown ids mean nothing', async () => {
      await store.commit([put(box(1), 1), { type: 'ack', mailbox: box(1), ids: [id(7)] }]);
      expect(await idsIn(box(1))).toEqual([1]);
    });

    it('expires envelopes and remembered ids by age, in steps', async () => {
      await store.commit([put(box(1), 1, 3, 10), put(box(1), 2, 3, 20), put(box(1), 3, 3, 30)]);
      await store.commit([{ type: 'ack', mailbox: box(1), ids: [id(1)] }]);
      expect((await store.expire(30, 1)).more).toBe(true);
      await store.expire(30, 100);
      expect(await idsIn(box(1))).toEqual([3]);
      expect(await store.usage(box(1))).toEqual({ count: 1, bytes: 3 });
      expect(await store.commit([put(box(1), 1), put(box(1), 3)])).toEqual(['stored', 'duplicate']);
      expect(await store.expire(31, 100)).toEqual({ dropped: 1, more: false });
    });

    it('agrees with the memory store on any history', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(histories, { maxLength: 12 }), async (commits) => {
          const [one, other] = [make(QUOTA), memoryMailboxes(QUOTA)];
          for (const each of [one, other]) await Promise.all([1, 2].map((n) => each.open(box(n))));
          for (const ops of commits) expect(await one.commit(ops)).toEqual(await other.commit(ops));
          for (const n of [1, 2, 3]) {
            expect(await one.usage(box(n))).toEqual(await other.usage(box(n)));
            const read = async (each: MailboxStore) =>
              (await each.read(box(n), 0, PAGE)).map(({ id, data }) => ({ id, data }));
            expect(await read(one)).toEqual(await read(other));
          }
          await one.end();
        }),
        { seed: 11, numRuns: 60 },
      );
    });
  });
}

const small = fc.integer({ min: 1, max: 8 });
const anyBox = fc.integer({ min: 1, max: 3 }).map(box);
const histories: fc.Arbitrary<MailboxOp[]> = fc.array(
  fc.oneof(
    fc
      .record({ mailbox: anyBox, n: small, size: fc.integer({ min: 0, max: 60 }) })
      .map((p) => put(p.mailbox, p.n, p.size)),
    fc.record({ type: fc.constant('ack' as const), mailbox: anyBox, ids: fc.array(small.map(id), { maxLength: 3 }) }),
  ),
  { maxLength: 8 },
);
