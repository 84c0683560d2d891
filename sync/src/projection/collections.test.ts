import { ready, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../adapters/memory-store.ts';
import type { Collection, MediaKind } from '../api.ts';
import type { MediaPointer } from '../records/index.ts';
import { createProjection } from './projection.ts';
import { accountOf, CHAT, ME, ScriptWriter, seededNumbers, shuffle } from './script.fixture.ts';

beforeAll(ready);

function pointer(kind: MediaKind, seed = 1): MediaPointer {
  return {
    ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24).fill(seed)), size: 1000, kind },
    ...{ key: new Uint8Array(32).fill(seed), digest: new Uint8Array(32), type: 'image/png' },
  };
}

function createWorld() {
  const [store, hidden] = [createMemoryStore(), new Set<string>()];
  const options = { store, me: ME, accountOf, now: () => 0, isHidden: (_: string, id: string) => hidden.has(id) };
  const projection = createProjection(options);
  const apply = async (records: ScriptWriter['records']) => {
    await store.commit((await projection.apply(CHAT, records)).ops);
    projection.settle(CHAT);
  };
  const ids = async (collection: Collection, limit = 400, before?: string) => {
    const page = await projection.collection({ chatId: CHAT, collection, limit, ...(before && { before }) });
    return { ids: page.rows.map(({ id }) => id), hasOlder: page.hasOlder };
  };
  return { projection, apply, ids, hidden };
}

describe('collections', () => {
  it('S-PROJ-21 a message is in each that it has something for, as it shows now', async () => {
    const { apply, ids } = createWorld();
    const script = new ScriptWriter();
    const album = script.add('peer', {
      ...{ kind: 'message', text: 'from HTTPS://example.org.' },
      media: [pointer('image', 1), pointer('file', 2)],
    });
    const note = script.add('me', { kind: 'message', text: 'no link: example.org', media: [pointer('voice', 3)] });
    const once = script.add('me', { kind: 'message', text: '', media: [pointer('image', 4)], viewOnce: true });
    const plain = script.add('peer', { kind: 'message', text: 'hello' });
    await apply([album, note, once, plain]);
    const all = async () => [
      (await ids('pictures')).ids,
      (await ids('files')).ids,
      (await ids('links')).ids,
      (await ids('sounds')).ids,
    ];
    expect(await all()).toEqual([[album.id], [album.id], [album.id], [note.id]]);
    await apply([
      script.add('peer', { kind: 'edit', target: album.id, text: 'no link any more' }),
      script.add('peer', { kind: 'edit', target: plain.id, text: 'see http://a.example' }),
    ]);
    expect(await all()).toEqual([[album.id], [album.id], [plain.id], [note.id]]);
    await apply([
      script.add('peer', { kind: 'delete', target: album.id }),
      script.add('me', { kind: 'delete', target: note.id }),
    ]);
    expect(await all()).toEqual([[], [], [plain.id], []]);
  });

  it('S-PROJ-21 pages hold the newest before a message, without hidden ones, in whatever order the records came', async () => {
    const { projection, apply, ids, hidden } = createWorld();
    const script = new ScriptWriter();
    const links: string[] = [];
    for (let n = 0; n < 700; n += 1) {
      const isLink = n % 2 === 0;
      const { id } = script.add('peer', {
        kind: 'message',
        text: isLink ? `https://example.org/${String(n)}` : 'text',
      });
      if (isLink) links.unshift(id);
    }
    const shuffled = shuffle(script.records, seededNumbers(5));
    for (let at = 0; at < shuffled.length; at += 90) await apply(shuffled.slice(at, at + 90));
    expect(await ids('links', 60)).toEqual({ ids: links.slice(0, 60), hasOlder: true });
    hidden.add(links[61] ?? '');
    const next = await ids('links', 60, links[59]);
    expect(next).toEqual({ ids: [links[60], ...links.slice(62, 121)], hasOlder: true });
    const { rows } = await projection.collection({
      chatId: CHAT,
      collection: 'links',
      limit: 400,
      last: links[9] ?? '',
    });
    expect(rows.map(({ id }) => id)).toEqual(links.slice(0, 10));
    expect(await ids('links', 400, links[300])).toEqual({ ids: links.slice(301), hasOlder: false });
  });
});
