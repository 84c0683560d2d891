/** Messages that disappear, by a clock that the test sets. */
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../api.ts';
import { createMemoryStore, type MemoryStore } from '../adapters/memory-store.ts';
import { createProjection, type Projection } from './projection.ts';
import type { ProjectableRecord } from './record.ts';
import { CHAT, ME, PEER, START, ScriptWriter, accountOf } from './script.fixture.ts';

const MINUTE = 60_000;

class World {
  readonly store: MemoryStore;
  now = START;
  projection: Projection;

  constructor(store = createMemoryStore()) {
    this.store = store;
    this.projection = this.#open();
  }

  /** Another run of the app on the same store. */
  async reopen(): Promise<void> {
    this.projection = this.#open();
    await this.projection.load();
  }

  async feed(records: readonly ProjectableRecord[]): Promise<number> {
    const { ops, added } = await this.projection.apply(CHAT, records);
    await this.store.commit(ops);
    return added.length;
  }

  async sweep(limit: number): Promise<void> {
    await this.projection.sweep(CHAT, limit, ({ ops }) => this.store.commit(ops));
  }

  async texts(): Promise<readonly string[]> {
    const page = await this.projection.page({ chatId: CHAT, anchor: 'end', older: 400, newer: 0 });
    return page.rows.map(({ text }) => text);
  }

  async found(text: string): Promise<number> {
    let count = 0;
    const { signal } = new AbortController();
    await this.projection.search({ text, limit: 100 }, ({ hits }) => (count = hits.length), signal);
    return count;
  }

  stored(): string {
    const values = [...this.store.snapshot().values()].flatMap((table) => [...table.values()]);
    return values.map((value) => new TextDecoder().decode(value)).join('\n');
  }

  #open(): Projection {
    return createProjection({ store: this.store, me: ME, accountOf, now: () => this.now });
  }
}

/** A message that stays, and then some that are gone a minute after each was written, a second apart. */
function script(count = 1): { readonly writer: ScriptWriter; readonly ids: readonly RecordId[] } {
  const writer = new ScriptWriter();
  writer.say('me', 'stays');
  const ids = Array.from({ length: count }, (_, n) => {
    const text = `canary${String(n)}x`;
    return writer.add('peer', { kind: 'message', text, expires: 60 }).id;
  });
  return { writer, ids };
}

describe('messages that disappear', () => {
  it('S-GONE-1 are there until their time, and nowhere from then on, swept or not', async () => {
    const world = new World();
    const { writer, ids } = script(2);
    const [first = '', second = ''] = ids;
    writer.add('peer', { kind: 'delete', target: second });
    writer.say('me', 'an answer', first);
    await world.feed(writer.records);
    world.now = START + 2_000 + MINUTE - 1;
    expect(await world.texts()).toEqual(['stays', 'canary0x', '', 'an answer']);
    expect([await world.found('canary'), (await world.projection.unread(CHAT, new Map())).count]).toEqual([1, 1]);
    expect(await world.projection.get(CHAT, first)).toMatchObject({ expires: 60, account: PEER });
    for (const isSwept of [false, true]) {
      world.now = START + 3_000 + MINUTE;
      if (isSwept) await world.sweep(10);
      expect(await world.texts()).toEqual(['stays', 'an answer']);
      expect([await world.found('canary'), (await world.projection.unread(CHAT, new Map())).count]).toEqual([0, 0]);
      expect(await world.projection.getMany(CHAT, ids)).toEqual([undefined, undefined]);
      const page = await world.projection.page({ chatId: CHAT, anchor: first, older: 5, newer: 5 });
      expect([page.rows.length, page.quoted.size]).toEqual([2, 0]);
    }
    expect((await world.projection.lastMessage(CHAT))?.text).toBe('an answer');
  });

  it('S-GONE-2 are not shown when they come late, nor after a rebuild', async () => {
    const world = new World();
    const { writer } = script(3);
    world.now = START + 3_000 + MINUTE;
    expect(await world.feed(writer.records)).toBe(2);
    expect(await world.texts()).toEqual(['stays', 'canary2x']);
    world.now += MINUTE;
    await world.projection.rebuild(
      CHAT,
      (async function* () {
        yield writer.records;
        await Promise.resolve();
      })(),
    );
    expect([await world.texts(), world.projection.overdue()]).toEqual([['stays'], []]);
    expect(world.stored()).not.toContain('canary');
  });

  it('S-GONE-3 leave no text in the store, packed or loose, and nothing that comes about them later', async () => {
    const world = new World();
    const { writer, ids } = script(600);
    const [first = ''] = ids;
    await world.feed(writer.records);
    world.now = START + 700_000;
    while (world.projection.overdue().length > 0) await world.sweep(50);
    expect(world.stored()).not.toContain('canary');
    expect([world.projection.nextExpiry(), await world.projection.messageCount(CHAT)]).toEqual([undefined, 1]);
    await world.feed([
      writer.add('peer', { kind: 'edit', target: first, text: 'canary late' }),
      writer.add('me', { kind: 'reaction', target: first, emoji: '👍' }),
    ]);
    expect(await world.feed(writer.records)).toBe(0);
    expect(world.stored()).not.toMatch(/canary|👍/);
    expect(await world.texts()).toEqual(['stays']);
    await world.feed([writer.add('peer', { kind: 'message', text: 'and on it goes' })]);
    expect(await world.found('goes')).toBe(1);
  });

  it('S-GONE-4 are swept a few at a time', async () => {
    const world = new World();
    const { writer } = script(10);
    await world.feed(writer.records);
    world.now = START + MINUTE + 60_000;
    await world.sweep(4);
    expect([await world.texts(), world.projection.overdue()]).toEqual([['stays'], [CHAT]]);
    expect(world.stored().match(/canary\dx/g)?.length).toBeGreaterThanOrEqual(6);
    await world.sweep(100);
    expect([world.projection.overdue(), world.stored().includes('canary')]).toEqual([[], false]);
  });

  it('S-GONE-5 are known at once after a restart', async () => {
    const world = new World();
    const { writer, ids } = script(2);
    await world.feed(writer.records);
    await world.reopen();
    expect(world.projection.nextExpiry()).toBe(START + 2_000 + MINUTE);
    world.now = START + 2_000 + MINUTE;
    expect(await world.texts()).toEqual(['stays', 'canary1x']);
    await world.sweep(10);
    await world.reopen();
    expect(world.projection.nextExpiry()).toBe(START + 3_000 + MINUTE);
    expect(await world.projection.get(CHAT, ids[0] ?? '')).toBeUndefined();
    await world.store.commit(world.projection.deleteChat(CHAT));
    expect([world.projection.nextExpiry(), world.stored()]).toEqual([undefined, '']);
  });
});
