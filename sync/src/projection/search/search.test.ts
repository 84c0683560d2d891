import { describe, expect, it } from 'vitest';
import { createMemoryStore, type MemoryStore } from '../../adapters/memory-store.ts';
import type { ChatId, SearchQuery } from '../../api.ts';
import { createProjection, type Projection } from '../projection.ts';
import type { ProjectableRecord } from '../record.ts';
import { accountOf, CHAT, idAt, ME, ScriptWriter, START } from '../script.fixture.ts';
import type { RowSearchResults } from './search.ts';

interface World {
  readonly store: MemoryStore;
  readonly projection: Projection;
}

function createWorld(): World {
  const store = createMemoryStore();
  return { store, projection: createProjection({ store, me: ME, now: () => START, accountOf }) };
}

async function feed(
  { store, projection }: World,
  records: readonly ProjectableRecord[],
  chatId: ChatId = CHAT,
): Promise<void> {
  await store.commit((await projection.apply(chatId, records)).ops);
}

/** Every snapshot that a search hands out. */
async function search({ projection }: World, query: Partial<SearchQuery>): Promise<RowSearchResults[]> {
  const snapshots: RowSearchResults[] = [];
  const full = { text: '', limit: 50, ...query };
  await projection.search(full, (results) => snapshots.push(results), new AbortController().signal);
  return snapshots;
}

async function excerpts(world: World, text: string): Promise<string[]> {
  return (await search(world, { text })).at(-1)?.hits.map((hit) => hit.excerpt) ?? [];
}

describe('search', () => {
  it('S-SEARCH-5 finds any substring, in any script, without case and width', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    for (const text of ['Unbelievable!', '東京タワーで会おう', 'ＦＵＬＬ ＷＩＤＴＨ', 'a\nb', '안녕하세요'])
      script.say('peer', text);
    await feed(world, script.records);
    expect(await excerpts(world, 'liev')).toEqual(['Unbelievable!']);
    expect(await excerpts(world, ' UNBEL ')).toEqual(['Unbelievable!']);
    expect(await excerpts(world, 'タワー')).toEqual(['東京タワーで会おう']);
    expect(await excerpts(world, 'ﾀﾜｰ')).toEqual(['東京タワーで会おう']);
    expect(await excerpts(world, 'full width')).toEqual(['ＦＵＬＬ ＷＩＤＴＨ']);
    expect(await excerpts(world, '녕하')).toEqual(['안녕하세요']);
    expect(await excerpts(world, 'a b')).toEqual(['a\nb']);
    expect(await excerpts(world, 'absent')).toEqual([]);
  });

  it('S-SEARCH-5 nothing asked, nothing found', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    script.say('peer', 'a b');
    await feed(world, script.records);
    for (const text of ['', '   ', '\u200b']) {
      expect(await search(world, { text })).toEqual([{ hits: [], done: true, more: false }]);
    }
    expect(await search(world, { text: 'a', limit: 0 })).toEqual([{ hits: [], done: true, more: false }]);
  });

  it('S-SEARCH-14 a poll is found by its question and by its choices', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const poll = { options: ['potato soup', 'salad'], multiple: false };
    const { id } = script.add('peer', { kind: 'message', text: 'Lunch?', poll });
    await feed(world, script.records);
    for (const text of ['lunch', 'POTATO', 'salad']) {
      expect((await search(world, { text })).at(-1)?.hits).toMatchObject([{ id }]);
    }
    await feed(world, [script.add('peer', { kind: 'delete', target: id })]);
    expect((await search(world, { text: 'potato' })).at(-1)?.hits).toEqual([]);
  });

  it('S-SEARCH-6 newest first over all chats, or in one', async () => {
    const world = createWorld();
    const scripts = ['one', 'two', 'three'].map((chat) => [chat, new ScriptWriter(chat)] as const);
    for (let n = 0; n < 900; n++) {
      const script = scripts[n % 3]?.[1];
      script?.add('peer', { kind: 'message', text: `needle ${n}` }, START + n);
    }
    for (const [chat, script] of scripts) await feed(world, script.records, chat);
    const all = (await search(world, { text: 'needle', limit: 20 })).at(-1);
    expect(all?.hits.map((hit) => hit.excerpt)).toEqual(Array.from({ length: 20 }, (_, n) => `needle ${899 - n}`));
    expect(all).toMatchObject({ done: true, more: true });
    const one = (await search(world, { text: 'needle', limit: 400, chatId: 'two' })).at(-1);
    expect(one?.hits).toHaveLength(300);
    expect(one?.hits.every((hit) => hit.chatId === 'two')).toBe(true);
    expect(one).toMatchObject({ done: true, more: false });
  });

  it('S-SEARCH-6 quiet chats do not keep newer hits of a busy one out', async () => {
    const world = createWorld();
    for (let chat = 0; chat < 5; chat++) {
      const script = new ScriptWriter(`quiet${chat}`);
      for (let n = 0; n < 60; n++) script.add('peer', { kind: 'message', text: 'needle' }, START + 60 * chat + n);
      await feed(world, script.records, `quiet${chat}`);
    }
    const busy = new ScriptWriter('z-busy');
    for (let n = 0; n < 600; n++) busy.say('peer', `needle ${n}`);
    await feed(world, busy.records, 'z-busy');
    const found = (await search(world, { text: 'needle', limit: 200 })).at(-1);
    expect(found?.hits.map((hit) => hit.excerpt)).toEqual(Array.from({ length: 200 }, (_, n) => `needle ${599 - n}`));
  });

  it('S-SEARCH-7 results come bit by bit and only get better; the newest are there first', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    for (let n = 0; n < 8000; n++) script.say('peer', n % 500 === 0 ? `needle ${n}` : `hay ${n}`);
    for (let at = 0; at < 8000; at += 1000) await feed(world, script.records.slice(at, at + 1000));
    const snapshots = await search(world, { text: 'needle' });
    expect(snapshots.length).toBeGreaterThan(2);
    expect(snapshots[0]?.hits[0]?.excerpt).toBe('needle 7500');
    for (const [index, { hits, done }] of snapshots.entries()) {
      expect(done).toBe(index === snapshots.length - 1);
      expect(snapshots.at(-1)?.hits.slice(0, hits.length)).toEqual(hits);
    }
    expect(snapshots.at(-1)?.hits).toHaveLength(16);
  });

  it('S-SEARCH-8 after an abort nothing more is handed out or read', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    for (let n = 0; n < 5000; n++) script.say('peer', `needle ${n % 7 === 0 ? 'yes' : 'no'}`);
    await feed(world, script.records);
    const abort = new AbortController();
    const snapshots: RowSearchResults[] = [];
    const take = (results: RowSearchResults): void => {
      snapshots.push(results);
      abort.abort();
    };
    await world.projection.search({ text: 'yes', limit: 1000 }, take, abort.signal);
    expect(snapshots).toHaveLength(1);
    expect(snapshots[0]?.done).toBe(false);
    await world.projection.search({ text: 'yes', limit: 1000 }, take, abort.signal);
    expect(snapshots).toHaveLength(1);
  });

  it('S-SEARCH-9 an edited text is found by its new words only, a deleted one by none', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const ids = Array.from({ length: 500 }, (_, n) => script.say('peer', `original ${n}`));
    await feed(world, script.records);
    for (const n of [0, 100, 300, 499]) {
      await feed(world, [script.add('peer', { kind: 'edit', target: ids[n] ?? '', text: `rewritten ${n}` })]);
    }
    expect(await excerpts(world, 'rewritten')).toEqual([499, 300, 100, 0].map((n) => `rewritten ${n}`));
    expect(await excerpts(world, 'original 300')).toEqual([]);
    for (const n of [100, 499]) await feed(world, [script.add('peer', { kind: 'delete', target: ids[n] ?? '' })]);
    expect(await excerpts(world, 'rewritten')).toEqual([300, 0].map((n) => `rewritten ${n}`));
  });

  it('S-SEARCH-10 texts are found from the first message on, packed or not', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    for (let n = 0; n < 600; n++) {
      script.say('peer', `word${n}end`);
      await feed(world, script.records.slice(-1));
      if (n % 37 === 0 || n > 590) {
        for (const at of [0, Math.floor(n / 2), n])
          expect(await excerpts(world, `word${at}end`)).toEqual([`word${at}end`]);
      }
    }
  });

  it('S-SEARCH-11 the term is written nowhere', async () => {
    const writes: unknown[] = [];
    const store = createMemoryStore({ beforeWrite: (ops) => writes.push(ops) });
    const world = { store, projection: createProjection({ store, me: ME, now: () => START, accountOf }) };
    const script = new ScriptWriter();
    for (let n = 0; n < 300; n++) script.say('peer', `hay ${n}`);
    await feed(world, script.records);
    expect(writes).toHaveLength(1);
    await search(world, { text: 'canary-term' });
    await search(world, { text: 'hay' });
    expect(writes).toHaveLength(1);
  });

  it('S-SEARCH-12 hidden messages are not found', async () => {
    const hidden = idAt(START + 1, 0);
    const store = createMemoryStore();
    const projection = createProjection({
      store,
      me: ME,
      now: () => START,
      accountOf,
      isHidden: (_chat, id) => id === hidden,
    });
    const script = new ScriptWriter();
    script.add('peer', { kind: 'message', text: 'needle one' }, START + 1);
    script.add('peer', { kind: 'message', text: 'needle two' }, START + 2);
    await feed({ store, projection }, script.records);
    expect(await excerpts({ store, projection }, 'needle')).toEqual(['needle two']);
  });

  it('S-SEARCH-13 a hit says whose it is and where the match lies', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const id = script.say('me', 'Breakfast at NINE');
    await feed(world, script.records);
    const [hit] = (await search(world, { text: 'nine' })).at(-1)?.hits ?? [];
    expect(hit).toMatchObject({
      chatId: CHAT,
      id,
      mine: true,
      account: ME,
      excerpt: 'Breakfast at NINE',
      ranges: [[13, 17]],
    });
  });
});
