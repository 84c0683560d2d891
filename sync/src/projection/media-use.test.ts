import { ready, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../adapters/memory-store.ts';
import type { MediaPointer } from '../records/index.ts';
import { fold } from './fold.ts';
import { createProjection } from './projection.ts';
import { decodeState, encodeState } from './row.ts';
import { accountOf, CHAT, ME, ScriptWriter, seededNumbers, shuffle } from './script.fixture.ts';
import { emptyState, joinStates } from './state.ts';

beforeAll(ready);

function pointer(seed: number): MediaPointer {
  return {
    ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24).fill(seed)), size: 1000 + seed },
    ...{ key: new Uint8Array(32).fill(seed), digest: new Uint8Array(32), kind: 'image', type: 'image/png' },
    thumbnail: new Uint8Array(20).fill(seed),
  };
}

function createWorld(opened = new Set<string>()) {
  const store = createMemoryStore();
  const projection = createProjection({ store, me: ME, accountOf, now: () => 0, isOpened: (_, id) => opened.has(id) });
  const apply = async (records: ScriptWriter['records']) => {
    const applied = await projection.apply(CHAT, records);
    await store.commit(applied.ops);
    return applied;
  };
  const uses = async () => (await store.range('media', {})).map(({ key }) => key);
  return { store, projection, apply, uses, opened };
}

describe('media of messages', () => {
  it('S-FOLD-17 what points to a blob is known until it does not any more, and says so once', async () => {
    const { apply, uses } = createWorld();
    const script = new ScriptWriter();
    const one = script.add('peer', { kind: 'message', text: '', media: [pointer(1), pointer(2)] });
    const two = script.add('me', { kind: 'message', text: 'again', media: [pointer(2)], forwarded: true });
    const key = (seed: number, id: string) => `use:${pointer(seed).blob}:${CHAT}:${id}`;
    expect((await apply([one, two])).released).toEqual([]);
    expect(await uses()).toEqual([key(1, one.id), key(2, one.id), key(2, two.id)].sort());
    const gone = script.add('peer', { kind: 'delete', target: one.id });
    expect((await apply([gone])).released).toEqual([pointer(1), pointer(2)]);
    expect((await apply([gone, one])).released).toEqual([]);
    expect(await uses()).toEqual([key(2, two.id)]);
  });

  it('S-FOLD-4 S-FOLD-9 a delete takes the pointers away, in whatever order it comes', () => {
    const script = new ScriptWriter();
    const { id } = script.add('peer', { kind: 'message', text: 'caption', media: [pointer(3)], forwarded: true });
    script.add('peer', { kind: 'edit', target: id, text: 'other caption' });
    const before = fold(script.records, accountOf).get(id) ?? emptyState(id);
    expect(before.message?.media).toEqual([pointer(3)]);
    expect(decodeState(encodeState(before))).toEqual(before);
    script.add('peer', { kind: 'delete', target: id });
    for (let seed = 0; seed < 10; seed += 1) {
      const state = fold(shuffle(script.records, seededNumbers(seed)), accountOf).get(id) ?? emptyState(id);
      expect(state.message).not.toHaveProperty('media');
      expect(joinStates(state, before)).toEqual(state);
      expect(joinStates(before, state)).toEqual(state);
    }
  });

  it('S-FOLD-16 a view-once message that was opened keeps no pointer, whatever comes later', async () => {
    const world = createWorld();
    const script = new ScriptWriter();
    const once = script.add('peer', { kind: 'message', text: '', media: [pointer(4)], viewOnce: true });
    const usual = script.add('peer', { kind: 'message', text: '', media: [pointer(5)] });
    await world.apply([once, usual]);
    world.opened.add(once.id).add(usual.id);
    const spent = await world.projection.spend(CHAT, [once.id, usual.id, 'unknown']);
    expect(spent.released).toEqual([pointer(4)]);
    await world.store.commit(spent.ops);
    const read = () => world.projection.getMany(CHAT, [once.id, usual.id]);
    const shown = [{ viewOnce: true }, { media: [pointer(5)] }];
    expect(await read()).toMatchObject(shown);
    expect((await read())[0]).not.toHaveProperty('media');
    const reaction = script.add('me', { kind: 'reaction', target: once.id, emoji: '👍' });
    expect((await world.apply([reaction, once])).released).toEqual([]);
    await world.projection.rebuild(CHAT, batches(script.records));
    expect(await read()).toMatchObject(shown);
    expect((await read())[0]).not.toHaveProperty('media');
    expect(await world.uses()).toEqual([`use:${pointer(5).blob}:${CHAT}:${usual.id}`]);
  });
});

async function* batches(records: ScriptWriter['records']) {
  yield records;
}
