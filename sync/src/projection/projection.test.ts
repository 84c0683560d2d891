import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatId, RecordId } from '../api.ts';
import { createMemoryStore, type MemoryStore } from '../adapters/memory-store.ts';
import { storeErrorType } from '../ports/store-error.ts';
import { rowKey } from './keys.ts';
import { LEAF_CAP } from './packed-list.ts';
import { createProjection, type Projection } from './projection.ts';
import type { ProjectableRecord } from './record.ts';
import type { MessageRow } from './row.ts';
import {
  accountOf,
  AUTHORS,
  CHAT,
  cutInBatches,
  expectedRows,
  expectedUnread,
  idAt,
  ME,
  PEER,
  randomScript,
  ScriptWriter,
  seededNumbers,
  START,
  shuffle,
} from './script.fixture.ts';
import { toBase64Url } from '@securechat/crypto';

interface World {
  readonly store: MemoryStore;
  readonly projection: Projection;
  readonly hidden: Set<RecordId>;
}

function createWorld(store = createMemoryStore()): World {
  const hidden = new Set<RecordId>();
  const isHidden = (_chatId: ChatId, id: RecordId): boolean => hidden.has(id);
  return { store, hidden, projection: createProjection({ store, me: ME, now: () => START, accountOf, isHidden }) };
}

async function feed({ store, projection }: World, records: readonly ProjectableRecord[], chatId = CHAT): Promise<void> {
  await store.commit((await projection.apply(chatId, records)).ops);
}

async function* inBatches(records: readonly ProjectableRecord[], size: number): AsyncGenerator<ProjectableRecord[]> {
  for (let at = 0; at < records.length; at += size) yield records.slice(at, at + size);
}

const everything = { chatId: CHAT, anchor: 'end', older: 400, newer: 0 } as const;

/** All rows, paged backwards. */
async function readAll({ projection }: World, size = 97): Promise<unknown[]> {
  const rows: unknown[] = [];
  let page = await projection.page({ ...everything, older: size });
  for (;;) {
    rows.unshift(...page.rows);
    const first = page.rows[0];
    if (first === undefined || !page.hasOlder) return rows;
    const next = await projection.page({ chatId: CHAT, anchor: first.id, older: size, newer: 0 });
    page = { ...next, rows: next.rows.slice(0, -1) };
  }
}

describe('applying records', () => {
  it('S-PROJ-1 tells what is new and what changed', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const id = script.say('peer', 'hello');
    const first = await world.projection.apply(CHAT, script.records);
    expect(first.added.map((row) => row.text)).toEqual(['hello']);
    await world.store.commit(first.ops);
    const reaction = script.add('me', { kind: 'reaction', target: id, emoji: '👍' });
    const second = await world.projection.apply(CHAT, [reaction]);
    expect(second.added).toEqual([]);
    expect(second.changed).toEqual([expect.objectContaining({ id, reactions: [{ account: ME, emoji: '👍' }] })]);
  });

  it('S-PROJ-2 a record applied again changes nothing', async () => {
    const world = createWorld();
    const records = randomScript(1, 200);
    await feed(world, records);
    expect(await world.projection.apply(CHAT, records)).toEqual({ ops: [], changed: [], added: [], released: [] });
  });

  it('S-PROJ-3 stores nothing by itself: dropped ops leave no trace', async () => {
    const world = createWorld();
    const records = randomScript(2, 900);
    await feed(world, records.slice(0, 300));
    await world.projection.apply(CHAT, records.slice(300));
    await feed(world, records.slice(300, 600));
    expect(await readAll(world)).toEqual(expectedRows(records.slice(0, 600)));
  });

  it('S-PROJ-4 in any order, in any batches, twice: the same rows, unread and search as folding everything', async () => {
    const runs = fc.record({
      seed: fc.nat(),
      size: fc.integer({ min: 1, max: 1200 }),
      longest: fc.constantFrom(20, 600),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ seed, size, longest }) => {
        const random = seededNumbers(seed);
        const records = randomScript(seed, size);
        const world = createWorld();
        const order = seed % 3 === 0 ? records : shuffle(records, random);
        for (const batch of cutInBatches(order, longest, random)) await feed(world, batch);
        await expectOracle(world, records, random);
      }),
      { numRuns: 16 },
    );
  });

  it('S-PROJ-5 a rebuild gives what applying gave, newest first or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 1500 }), async (seed, size) => {
        const random = seededNumbers(seed);
        const records = randomScript(seed, size);
        const world = createWorld();
        for (const batch of cutInBatches(records, 100, random)) await feed(world, batch);
        await world.projection.rebuild(CHAT, inBatches(records.toReversed(), 250));
        await expectOracle(world, records, random);
        expect(await world.projection.unfinishedRebuilds()).toEqual([]);
        await feed(world, records);
        await expectOracle(world, records, random);
      }),
      { numRuns: 6 },
    );
  });

  it('S-PROJ-6 an interrupted rebuild is known and can be done again', async () => {
    const records = randomScript(30, 900);
    let left = 3;
    const store = createMemoryStore({
      beforeWrite: () => {
        if (left-- === 0) throw new Error('crash');
      },
    });
    const world = createWorld(store);
    await feed(world, records);
    await expect(world.projection.rebuild(CHAT, inBatches(records, 200))).rejects.toThrow('crash');
    const reopened = createWorld(createMemoryStore({ snapshot: store.snapshot() }));
    expect(await reopened.projection.unfinishedRebuilds()).toEqual([CHAT]);
    await reopened.projection.rebuild(CHAT, inBatches(records, 200));
    expect(await reopened.projection.unfinishedRebuilds()).toEqual([]);
    expect(await readAll(reopened)).toEqual(expectedRows(records));
  });

  it('S-PROJ-7 a record of another chat is a bug', async () => {
    const { projection } = createWorld();
    const script = new ScriptWriter('another-chat');
    script.say('me', 'hello');
    await expect(projection.apply(CHAT, script.records)).rejects.toThrow(RangeError);
  });

  it('S-PROJ-8 deleting a chat leaves nothing of it, and others alone', async () => {
    const world = createWorld();
    const other = new ScriptWriter('other');
    other.say('peer', 'stays');
    await feed(world, other.records, 'other');
    const before = world.store.snapshot();
    await feed(world, randomScript(4, 1500));
    expect(await world.projection.chats()).toHaveLength(2);
    await world.store.commit(world.projection.deleteChat(CHAT));
    expect(world.store.snapshot()).toEqual(before);
    expect(await world.projection.chats()).toEqual(['other']);
    expect(await world.projection.page(everything)).toMatchObject({ rows: [], hasOlder: false });
    expect(await world.projection.lastMessage('other')).toMatchObject({ text: 'stays' });
    await feed(world, randomScript(4, 300));
    expect(await readAll(world)).toEqual(expectedRows(randomScript(4, 300)));
  });

  it('S-PROJ-9 what was deleted for everyone is nowhere in the store', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const ids = Array.from({ length: 600 }, (_, n) => script.say('peer', `canary${n}x`));
    await feed(world, script.records);
    const deletes = [3, 250, 599].map((n) => script.add('peer', { kind: 'delete', target: ids[n] ?? '' }));
    await feed(world, deletes);
    const stored = [...world.store.snapshot().values()].flatMap((table) => [...table.values()]);
    const text = stored.map((value) => new TextDecoder().decode(value)).join('\n');
    for (const n of [3, 250, 599]) expect(text).not.toContain(`canary${n}x`);
    for (const n of [4, 251, 598]) expect(text).toContain(`canary${n}x`);
  });

  it('S-PROJ-10 a damaged value is a typed error', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const id = script.say('peer', 'hello');
    await feed(world, script.records);
    await world.store.commit([{ op: 'put', table: 'rows', key: rowKey(CHAT, id), value: Uint8Array.of(1, 2, 3) }]);
    const error: unknown = await world.projection.page(everything).catch((reason: unknown) => reason);
    expect(storeErrorType(error)).toBe('Damaged');
  });
});

/** Compares every read with the oracle's answer. */
async function expectOracle(world: World, records: readonly ProjectableRecord[], random: () => number): Promise<void> {
  const rows = expectedRows(records);
  const { projection } = world;
  expect(await readAll(world)).toEqual(rows);
  expect(await projection.messageCount(CHAT)).toBe(rows.length);
  expect(await projection.lastMessage(CHAT)).toEqual(rows.at(-1));
  for (let round = 0; round < 5; round++) {
    const marks = new Map([
      [toBase64Url(AUTHORS.peer), Math.floor(random() * records.length * 0.5)],
      [toBase64Url(AUTHORS.peerTablet), Math.floor(random() * records.length * 0.25)],
    ]);
    const unread = expectedUnread(rows, marks);
    expect(await projection.unread(CHAT, marks)).toEqual({
      count: unread.length,
      mentioned: unread.filter(({ mentions = [] }) => mentions.some(({ account }) => account === ME)).length,
      ...(unread[0] !== undefined && { first: unread[0].id }),
    });
  }
  for (const term of ['breakfast', '東京', 'full', '1']) {
    const holds = ({ text, poll }: MessageRow) =>
      [text, ...(poll?.options ?? [])].join('\n').normalize('NFKC').toLowerCase().includes(term);
    const expected = rows.filter(holds).reverse();
    const found = await searchAll(projection, term, 50);
    expect(found.map((hit) => hit.id)).toEqual(expected.slice(0, 50).map((row) => row.id));
  }
}

async function searchAll(projection: Projection, text: string, limit: number): Promise<readonly { id: RecordId }[]> {
  let hits: readonly { id: RecordId }[] = [];
  const query = { text, chatId: CHAT, limit };
  await projection.search(query, (results) => (hits = results.hits), new AbortController().signal);
  return hits;
}

describe('directories in memory', () => {
  it('S-PROJ-19 a read under way while a commit lands leaves nothing stale behind', async () => {
    const inner = createMemoryStore();
    const gates: (() => void)[] = [];
    let slow = false;
    const get: MemoryStore['get'] = async (table, key) => {
      const gated = slow;
      const value = await inner.get(table, key);
      if (gated) await new Promise<void>((resolve) => gates.push(resolve));
      return value;
    };
    await feed(createWorld(inner), textsOf(LEAF_CAP));
    const world = createWorld({ ...inner, get });
    slow = true;
    const early = world.projection.page(everything);
    slow = false;
    await feed(world, textsOf(LEAF_CAP + 40).slice(LEAF_CAP));
    for (const open of gates) open();
    await early;
    expect(await world.projection.lastMessage(CHAT)).toMatchObject({ text: `message ${LEAF_CAP + 39}` });
    expect(await world.projection.messageCount(CHAT)).toBe(LEAF_CAP + 40);
    world.projection.settle(CHAT);
    expect(await world.projection.lastMessage(CHAT)).toMatchObject({ text: `message ${LEAF_CAP + 39}` });
  });
});

function textsOf(count: number): readonly ProjectableRecord[] {
  const script = new ScriptWriter();
  for (let n = 0; n < count; n++) script.say('peer', `message ${n}`);
  return script.records;
}

describe('timeline pages', () => {
  const script = new ScriptWriter();
  const ids = Array.from({ length: 1000 }, (_, n) => script.say(n % 3 === 0 ? 'me' : 'peer', `message ${n}`));
  const texts = (rows: readonly { text: string }[]): string[] => rows.map((row) => row.text.replace('message ', ''));

  it('S-PROJ-11 the end, and what is older', async () => {
    const world = createWorld();
    await feed(world, script.records);
    const page = await world.projection.page({ chatId: CHAT, anchor: 'end', older: 3, newer: 5 });
    expect(texts(page.rows)).toEqual(['997', '998', '999']);
    expect(page).toMatchObject({ hasOlder: true, hasNewer: false });
    const all = await world.projection.page({ chatId: CHAT, anchor: 'end', older: 100_000, newer: 0 });
    expect(all.rows).toHaveLength(400);
  });

  it('S-PROJ-12 around a message, with so many older and so many newer', async () => {
    const world = createWorld();
    await feed(world, script.records);
    const around = async (n: number, older: number, newer: number) => {
      const page = await world.projection.page({ chatId: CHAT, anchor: ids[n] ?? '', older, newer });
      return [texts(page.rows).join(' '), page.hasOlder, page.hasNewer];
    };
    expect(await around(256, 2, 2)).toEqual(['254 255 256 257 258', true, true]);
    expect(await around(1, 5, 1)).toEqual(['0 1 2', false, true]);
    expect(await around(998, 1, 9)).toEqual(['997 998 999', true, false]);
    expect(await around(500, 0, 0)).toEqual(['500', true, true]);
    const page = await world.projection.page({ chatId: CHAT, anchor: ids[500] ?? '', older: 900, newer: 900 });
    expect(page.rows).toHaveLength(400);
    expect(page.rows.at(-1)?.id).toBe(ids[500]);
  });

  it('S-PROJ-13 around something that is not here: where it would be', async () => {
    const world = createWorld();
    await feed(world, script.records);
    const between = idAt((script.records[10]?.time.ms ?? 0) + 1);
    const page = await world.projection.page({ chatId: CHAT, anchor: between, older: 2, newer: 1 });
    expect(texts(page.rows)).toEqual(['9', '10', '11', '12']);
  });

  it('S-PROJ-14 hidden messages are skipped and do not count', async () => {
    const world = createWorld();
    await feed(world, script.records);
    for (const n of [999, 998, 996]) world.hidden.add(ids[n] ?? '');
    const page = await world.projection.page({ chatId: CHAT, anchor: 'end', older: 3, newer: 0 });
    expect(texts(page.rows)).toEqual(['994', '995', '997']);
    expect(await world.projection.lastMessage(CHAT)).toMatchObject({ text: 'message 997' });
    const all = await world.projection.unread(CHAT, new Map());
    world.hidden.clear();
    expect((await world.projection.unread(CHAT, new Map())).count - all.count).toBe(1);
  });

  it('S-PROJ-15 quotes come with the page, from outside it too', async () => {
    const world = createWorld();
    const replies = new ScriptWriter();
    const old = replies.say('peer', 'old');
    for (let n = 0; n < 50; n++) replies.say('me', 'between');
    const missing = idAt(7);
    replies.say('me', 'to old', old);
    replies.say('me', 'to nothing', missing);
    await feed(world, replies.records);
    const page = await world.projection.page({ chatId: CHAT, anchor: 'end', older: 2, newer: 0 });
    expect(page.quoted.get(old)).toMatchObject({ text: 'old', account: PEER });
    expect(page.quoted.has(missing)).toBe(false);
  });

  it('S-PROJ-16 an empty chat is empty', async () => {
    const { projection } = createWorld();
    expect(await projection.page(everything)).toEqual({
      rows: [],
      hasOlder: false,
      hasNewer: false,
      quoted: new Map(),
    });
    expect(await projection.lastMessage(CHAT)).toBeUndefined();
    expect(await projection.unread(CHAT, new Map())).toEqual({ count: 0, mentioned: 0 });
    expect(await projection.messageCount(CHAT)).toBe(0);
    expect(await projection.get(CHAT, idAt(1))).toBeUndefined();
  });
});

describe('read marks', () => {
  it('S-PROJ-17 reading up to a message raises the marks of those who spoke before it', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    script.say('peer', 'one');
    script.say('peerTablet', 'two');
    const mine = script.say('me', 'three');
    script.say('peer', 'four');
    await feed(world, script.records);
    const [peer, tablet] = [toBase64Url(AUTHORS.peer), toBase64Url(AUTHORS.peerTablet)];
    const marks = await world.projection.marksUpTo(CHAT, mine, new Map());
    expect(marks).toEqual(
      new Map([
        [peer, 1],
        [tablet, 1],
      ]),
    );
    expect(await world.projection.unread(CHAT, marks)).toMatchObject({ count: 1 });
    expect(await world.projection.marksUpTo(CHAT, mine, marks)).toEqual(new Map());
  });
});

describe('mentions', () => {
  it('S-PROJ-20 what is unread tells whether it names me, as it shows now', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const mentions = [{ at: 0, length: 3, account: ME }];
    const isNamed = async (records: readonly ProjectableRecord[], marks = new Map<string, number>()) => {
      await feed(world, records);
      return (await world.projection.unread(CHAT, marks)).mentioned > 0;
    };
    const target = script.say('peer', 'hello');
    expect(await isNamed(script.records)).toBe(false);
    expect(await isNamed([script.add('peer', { kind: 'edit', target, text: '@me hello', mentions })])).toBe(true);
    expect(await isNamed([], new Map([[toBase64Url(AUTHORS.peer), 2]]))).toBe(false);
    expect(await isNamed([script.add('peer', { kind: 'edit', target, text: 'hello' })])).toBe(false);
    expect(await isNamed([script.add('me', { kind: 'message', text: '@me', mentions })])).toBe(false);
    const { id } = script.add('peer', { kind: 'message', text: '@me', mentions });
    expect(await isNamed(script.records)).toBe(true);
    expect(await isNamed([script.add('peer', { kind: 'delete', target: id })])).toBe(false);
    expect(await world.projection.unread(CHAT, new Map())).toMatchObject({ count: 1 });
  });
});

describe('cost', () => {
  /** Bytes and values that go through the store, as a measure of work that no clock disturbs. */
  async function cost(history: number, work: (world: World, script: ScriptWriter) => Promise<void>): Promise<number> {
    const script = new ScriptWriter();
    for (let n = 0; n < history; n++) script.say(n % 2 === 0 ? 'me' : 'peer', `message number ${n}`);
    const plain = createWorld();
    for (const batch of cutInBatches(script.records, 1000, () => 0.999)) await feed(plain, batch);
    const meter = { cost: 0 };
    const world = createWorld(metered(plain.store, meter));
    await work(world, script);
    meter.cost = 0;
    await work(world, script);
    return meter.cost;
  }

  const works: Record<string, (world: World, script: ScriptWriter) => Promise<void>> = {
    'one message': async (world, script) => {
      script.say('peer', 'one more');
      await feed(world, script.records.slice(-1));
    },
    'a thousand messages': async (world, script) => {
      for (let n = 0; n < 1000; n++) script.say('peer', 'one more');
      await feed(world, script.records.slice(-1000));
    },
    'the last page': async (world) => {
      await world.projection.page({ chatId: CHAT, anchor: 'end', older: 50, newer: 0 });
      await world.projection.unread(CHAT, new Map([[toBase64Url(AUTHORS.peer), 10_000_000]]));
    },
  };

  for (const [name, work] of Object.entries(works)) {
    it(`S-PROJ-18 ${name} costs the same after 1,000 and after 20,000 messages`, async () => {
      expect((await cost(20_000, work)) / (await cost(1000, work))).toBeLessThan(1.5);
    });
  }
});

function metered(store: MemoryStore, meter: { cost: number }): MemoryStore {
  const weigh = (value: Uint8Array | undefined): number => 50 + (value?.length ?? 0);
  return {
    ...store,
    get: async (table, key) => {
      const value = await store.get(table, key);
      meter.cost += weigh(value);
      return value;
    },
    getMany: async (table, keys) => {
      const values = await store.getMany(table, keys);
      for (const value of values) meter.cost += weigh(value);
      return values;
    },
    range: async (table, range) => {
      const entries = await store.range(table, range);
      for (const { value } of entries) meter.cost += weigh(value);
      return entries;
    },
    commit: async (ops) => {
      for (const op of ops) meter.cost += weigh(op.op === 'put' ? op.value : undefined);
      await store.commit(ops);
    },
  };
}
