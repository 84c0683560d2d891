import { type ChatId, ready, toBase64Url } from '@securechat/crypto';
import { beforeAll, expect, it } from 'vitest';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { ChatsDocument } from '../documents/index.ts';
import { createProjection } from '../projection/projection.ts';
import { accountOf, CHAT, ME, ScriptWriter } from '../projection/script.fixture.ts';
import type { MediaPointer } from '../records/index.ts';
import { ViewOnce } from './view-once.ts';

beforeAll(ready);

const pointer: MediaPointer = {
  ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24).fill(1)), key: new Uint8Array(32), size: 9 },
  ...{ digest: new Uint8Array(32), kind: 'image', type: 'image/png' },
};

it('S-ONCE-1 what another own device opened loses its pointer here too, once, also when that was heard before the message', async () => {
  const store = createMemoryStore();
  const opened = new Set<string>();
  const entry = { pinned: false, muted: false, archived: false, draft: '', readMarks: new Map<string, number>() };
  const chats: Pick<ChatsDocument, 'get' | 'setOpened'> = {
    get: () => new Map([[CHAT as ChatId, { ...entry, hidden: new Set<string>(), starred: new Set<string>(), opened }]]),
    setOpened: async (_, id) => {
      opened.add(id);
    },
  };
  const isOpened = (_chatId: string, id: string): boolean => opened.has(id);
  const projection = createProjection({ store, me: ME, accountOf, isOpened, now: () => 0 });
  const released: MediaPointer[] = [];
  const viewOnce = new ViewOnce({
    ...{ chats, projection, job: (act) => inBatch(store, act), changed: () => undefined },
    release: (_, pointers) => {
      released.push(...pointers);
    },
  });
  const script = new ScriptWriter();
  const first = script.add('peer', { kind: 'message', text: '', media: [pointer], viewOnce: true });
  await store.commit((await projection.apply(CHAT, [first])).ops);
  opened.add(first.id);
  for (let again = 0; again < 2; again += 1) await viewOnce.take([CHAT as ChatId]);
  expect(released).toEqual([pointer]);
  expect(await projection.get(CHAT, first.id)).not.toHaveProperty('media');
  const second = script.add('peer', { kind: 'message', text: '', media: [pointer], viewOnce: true });
  await viewOnce.open(CHAT as ChatId, second.id);
  expect(viewOnce.isOpened(CHAT as ChatId, second.id)).toBe(true);
  await store.commit((await projection.apply(CHAT, [second])).ops);
  expect(await projection.get(CHAT, second.id)).not.toHaveProperty('media');
  expect(await store.range('media', {})).toEqual([]);
});
