import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { Part } from '../payload/payload.ts';
import { type EnvelopeItem, type MessageRef, type NewTalk, Outbox, TALK_LIMIT } from './outbox.ts';

const BOB = 'bob' as AccountId;
const CLEO = 'cleo' as AccountId;
const PHONE = 'phone' as DeviceId;
const CHAT = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;

function ref(recordId: string): MessageRef {
  return { chatId: CHAT, recordId };
}

function typing(value: boolean): Part {
  return { type: 'typing', chatId: CHAT, typing: value };
}

function talk(topic: string, value = true): NewTalk {
  return { accountId: BOB, topic, parts: [typing(value)] };
}

function open(): {
  store: ReturnType<typeof createMemoryStore>;
  outbox: Outbox;
  changed: MessageRef[];
  act: (change: (batch: Parameters<Outbox['add']>[0]) => void) => Promise<void>;
} {
  const store = createMemoryStore();
  const changed: MessageRef[] = [];
  const outbox = new Outbox((refs) => changed.push(...refs));
  return { store, outbox, changed, act: (change) => inBatch(store, change) };
}

function envelope(seq: number, more: Partial<EnvelopeItem> = {}): EnvelopeItem {
  return {
    ...{ type: 'envelope', seq, accountId: BOB, deviceId: PHONE, refs: [], ephemeral: false },
    relayUrl: 'https://relay.test',
    mailbox: new Uint8Array(16) as MailboxId,
    envelopeId: new Uint8Array(16) as EnvelopeId,
    data: new Uint8Array(8),
    ...more,
  };
}

describe('outbox', () => {
  it('S-OUTBOX-1 keeps items in the order of adding, over a restart and when one is replaced', async () => {
    const { store, outbox, act } = open();
    await act((batch) => {
      for (const text of ['a', 'b', 'c']) outbox.add(batch, { accountId: BOB, parts: [], refs: [ref(text)] });
    });
    await act((batch) => {
      outbox.put(batch, envelope(1, { refs: [ref('a')] }));
    });
    const again = new Outbox(() => undefined);
    await again.load(store);
    for (const one of [outbox, again]) {
      expect([...one.items()].map((item) => [item.seq, item.type, item.refs[0]?.recordId])).toEqual([
        [1, 'envelope', 'a'],
        [2, 'parts', 'b'],
        [3, 'parts', 'c'],
      ]);
    }
    expect(again.nextSeq()).toBe(4);
  });

  it('S-OUTBOX-2 a message waits until the relay took it for any device of the account', async () => {
    const { outbox, act, changed } = open();
    await act((batch) => {
      outbox.put(batch, envelope(1, { refs: [ref('a'), ref('b')] }));
      outbox.put(batch, envelope(2, { refs: [ref('a'), ref('b')], deviceId: 'tablet' as DeviceId }));
      outbox.put(batch, envelope(3, { refs: [ref('c')] }));
    });
    expect(outbox.waitingMessages).toBe(3);
    changed.length = 0;
    await act((batch) => {
      outbox.accept(batch, [1, 3]);
    });
    expect(outbox.waitingMessages).toBe(0);
    expect(outbox.stateOf(ref('a'))).toBeUndefined();
    expect([...outbox.items()].map((item) => [item.seq, item.refs])).toEqual([[2, []]]);
    expect(new Set(changed.map((one) => one.recordId))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('S-OUTBOX-2 two acceptances in one job each take their messages from a third item', async () => {
    const { outbox, act } = open();
    await act((batch) => {
      outbox.put(batch, envelope(1, { refs: [ref('a')] }));
      outbox.put(batch, envelope(2, { refs: [ref('b')] }));
      outbox.put(batch, envelope(3, { refs: [ref('a'), ref('b')], deviceId: 'tablet' as DeviceId }));
    });
    await act((batch) => {
      outbox.accept(batch, [1, 2]);
    });
    expect(outbox.get(3)?.refs).toEqual([]);
  });

  it('tells of a message what went wrong with it', async () => {
    const { outbox, act } = open();
    await act((batch) => {
      outbox.put(batch, envelope(1, { refs: [ref('a')], failure: 'PeerMailboxFull' }));
      outbox.put(batch, envelope(2, { refs: [ref('b')] }));
    });
    expect(outbox.stateOf(ref('a'))).toEqual({ failure: 'PeerMailboxFull' });
    expect(outbox.stateOf(ref('b'))).toEqual({});
    expect([outbox.hasMessagesFor(BOB), outbox.hasMessagesFor(CLEO)]).toEqual([true, false]);
  });

  it('S-OUTBOX-3 of small talk of one topic only the latest waits, until it was sealed', async () => {
    const { outbox, act } = open();
    await act((batch) => {
      outbox.tell(batch, talk('marks'));
      outbox.tell(batch, talk('ask'));
    });
    await act((batch) => {
      outbox.tell(batch, talk('marks', false));
    });
    expect([...outbox.items()].map((item) => item.type === 'parts' && [item.seq, ...item.parts])).toEqual([
      [1, typing(false)],
      [2, typing(true)],
    ]);
    await act((batch) => {
      outbox.put(batch, envelope(1, { topic: 'marks' }));
    });
    await act((batch) => {
      outbox.tell(batch, talk('marks'));
    });
    expect([...outbox.items()].map((item) => item.type)).toEqual(['envelope', 'parts', 'parts']);
  });

  it('S-OUTBOX-3 small talk for one device leaves that for another alone, and for all takes the place of each', async () => {
    const { outbox, act } = open();
    const tablet = 'tablet' as DeviceId;
    await act((batch) => {
      outbox.tell(batch, { ...talk('marks'), deviceId: PHONE });
      outbox.tell(batch, { ...talk('marks'), deviceId: tablet });
    });
    await act((batch) => {
      outbox.tell(batch, { ...talk('marks', false), deviceId: PHONE });
    });
    const parts = (): unknown => [...outbox.items()].map((item) => item.type === 'parts' && item.parts[0]);
    expect(parts()).toEqual([typing(false), typing(true)]);
    await act((batch) => {
      outbox.tell(batch, talk('marks', false));
    });
    // One item for all devices, also for those for which nothing waited.
    expect([...outbox.items()]).toMatchObject([{ parts: [typing(false)] }]);
    expect([...outbox.items()][0]).not.toHaveProperty('deviceId');
  });

  it('S-OUTBOX-3 what waits for a device that cannot be written to keeps no other from hearing what is told to all', async () => {
    const { outbox, act } = open();
    for (let n = 0; n < 3; n += 1) {
      await act((batch) => {
        outbox.tell(batch, talk('digest'));
      });
      const item = [...outbox.items()].find(({ type, topic }) => type === 'parts' && topic === 'digest');
      expect(item).not.toHaveProperty('deviceId');
      expect(outbox.size).toBe(1);
      // The courier spreads it: sealed for the tablet and gone, not for the phone.
      await act((batch) => {
        outbox.remove(batch, item?.seq ?? 0);
        outbox.put(batch, {
          ...talk('digest'),
          type: 'parts',
          seq: outbox.nextSeq(),
          refs: [],
          ephemeral: false,
          deviceId: PHONE,
        });
      });
    }
  });

  it('S-OUTBOX-4 small talk for one account has a bound; messages and other accounts do not feel it', async () => {
    const { outbox, act } = open();
    for (let i = 0; i < 2 * TALK_LIMIT; i += 1)
      await act((batch) => {
        outbox.tell(batch, talk(`answer:${String(i)}`));
      });
    expect(outbox.size).toBe(TALK_LIMIT);
    await act((batch) => {
      outbox.add(batch, { accountId: BOB, parts: [], refs: [ref('a')] });
      outbox.tell(batch, { ...talk('marks'), accountId: CLEO });
    });
    expect(outbox.size).toBe(TALK_LIMIT + 2);
    await act((batch) => {
      outbox.remove(batch, 1);
    });
    await act((batch) => {
      outbox.tell(batch, talk('marks'));
    });
    expect(outbox.size).toBe(TALK_LIMIT + 2);
  });

  it('forgets what waits for one account, and nothing else', async () => {
    const { store, outbox, act } = open();
    await act((batch) => {
      outbox.add(batch, { accountId: BOB, parts: [], refs: [ref('a')] });
      outbox.add(batch, { accountId: CLEO, parts: [], refs: [ref('b')] });
      outbox.tell(batch, talk('marks'));
    });
    await act((batch) => {
      outbox.removeAccount(batch, BOB);
    });
    expect([...outbox.items()].map((item) => 'accountId' in item && item.accountId)).toEqual([CLEO]);
    expect([outbox.waitingMessages, outbox.hasMessagesFor(BOB)]).toEqual([1, false]);
    expect(await store.count('outbox', {})).toBe(1);
  });

  it('S-BATCH-2 keeps nothing in memory that was not stored', async () => {
    const outbox = new Outbox(() => undefined);
    const full = createMemoryStore({
      beforeWrite: () => {
        throw new Error('full');
      },
    });
    const adding = inBatch(full, (batch) => {
      outbox.add(batch, { accountId: BOB, parts: [], refs: [ref('a')] });
    });
    await expect(adding).rejects.toThrow('full');
    expect([outbox.size, outbox.waitingMessages]).toEqual([0, 0]);
  });

  it('S-HISTORY-2 what is sealed for a device is known by its marks, over a restart, until it was accepted', async () => {
    const { store, outbox, act } = open();
    const to = { accountId: BOB, deviceId: PHONE };
    for (const holds of [['old'], ['new']])
      await act((batch) => {
        outbox.tell(batch, { ...talk('answer'), ...to, holds });
      });
    expect(outbox.sealedFor(to)).toEqual(new Set());
    const [item] = [...outbox.items()];
    expect(item?.holds).toEqual(['new']);
    await act((batch) => {
      outbox.put(batch, envelope(item?.seq ?? 0, { topic: 'answer', holds: ['new'] }));
    });
    const again = new Outbox(() => undefined);
    await again.load(store);
    for (const one of [outbox, again]) expect(one.sealedFor(to)).toEqual(new Set(['new']));
    expect(outbox.sealedFor({ ...to, deviceId: 'tablet' as DeviceId })).toEqual(new Set());
    await act((batch) => {
      outbox.accept(batch, [item?.seq ?? 0]);
    });
    expect(outbox.sealedFor(to)).toEqual(new Set());
  });
});
