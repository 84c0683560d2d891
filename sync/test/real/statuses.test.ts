/** Statuses with files between two real clients, over the real relay and storage server. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { MediaDraft, StatusDraft, StatusItem } from '../../src/api.ts';
import type { Client } from '../../src/client.ts';
import { prepare } from '../simulation/setup.ts';
import { must, until } from './asking.ts';
import { formsOf } from './forms.ts';
import { MediaWorld } from './media-world.ts';

const DAY = 24 * 3600_000;
const worlds: MediaWorld[] = [];

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.end()));
});

it('S-STATUS-14 the file of a status goes the way of media, and when it is deleted, or a day later, it is nowhere', async () => {
  const world = await MediaWorld.create();
  worlds.push(world);
  const [ann, bob] = [accountOf(world.ann), accountOf(world.bob)];
  const bytes = new Uint8Array(Buffer.alloc(300_000, 'canary-status-5e1d '));
  await world.servers.storage.kill();
  const id = world.nextId();
  const items = [file(bytes, { kind: 'image', type: 'image/webp' }), file(bytes, film)];
  const { statusIds } = await must(world.ann.call('postStatus', { id, items }));
  expect(await must(world.ann.call('postStatus', { id, items }))).toEqual({ statusIds });
  const { mine } = await until(world.ann, 'statuses', null, (all) => all.mine.sendings.length === 2);
  expect([mine.segments, mine.sendings.map(({ caption }) => caption)]).toEqual([[], ['canary', 'canary']]);
  expect(world.ann.engine?.media.sendings.list()).toEqual([]);
  await world.reopenAnn();
  await world.servers.storage.start();
  await until(world.ann, 'statuses', null, (all) => all.mine.segments.length === 2);
  const shown = await until(world.bob, 'statusesOf', { accountId: ann }, (all) => all.length === 2);
  expect(shown.map(({ statusId }) => statusId).sort()).toEqual([...statusIds].sort());
  for (const { statusId } of shown) await seesFile(world.bob, statusId, bytes);
  await seesFile(world.ann, statusIds[0] ?? '', bytes);
  expect((await world.blobs()).length).toBe(2);
  expect(await must(world.bob.call('mediaUse', null))).toMatchObject({ chats: [] });
  expect(await everythingOf(world), 'nothing is in clear anywhere').toEqual([]);

  const video = kindOf(shown, 'video');
  await must(world.ann.call('deleteStatus', { statusId: video }));
  await until(world.bob, 'statusesOf', { accountId: ann }, (all) => all.length === 1);
  while ((await world.blobs()).length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  await untilUsed(world.bob, sealedOf(world.ann));

  // Bob's device wakes a day later: the file is gone before anything is shown. So is Ann's, and the server's after it.
  await world.reopenBob(DAY);
  expect(await until(world.bob, 'statusesOf', { accountId: ann }, () => true)).toEqual([]);
  expect([world.bob.engine?.media.use().total, world.profiles.bob.blobs.snapshot().size]).toEqual([0, 0]);
  await world.reopenAnn(DAY);
  expect(world.profiles.ann.blobs.snapshot().size).toBe(0);
  while ((await world.blobs()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(bob).not.toBe(ann);
}, 180_000);

it('S-STATUS-15 what is shared at once comes in the order in which it was chosen, whichever file is up first', async () => {
  const world = await MediaWorld.create();
  worlds.push(world);
  const picture = { kind: 'image', type: 'image/webp' } as const;
  const items = [8_000_000, 1000, 3_000_000, 2000].map((size) => file(new Uint8Array(size), picture));
  const { statusIds } = await must(world.ann.call('postStatus', { id: world.nextId(), items }));
  const accountId = accountOf(world.ann);
  for (const device of [world.ann, world.bob]) {
    const shown = await until(device, 'statusesOf', { accountId }, (all) => all.length === items.length);
    expect(shown.map(({ statusId }) => statusId)).toEqual(statusIds);
  }
}, 120_000);

it('S-STATUS-15 one that cannot be read any more holds up nobody that was shared after it', async () => {
  const world = await MediaWorld.create();
  worlds.push(world);
  let breakOff: () => void = () => undefined;
  const stream = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        breakOff = () => controller.error(new DOMException('gone', 'NotReadableError'));
      },
    });
  const gone = file(new Uint8Array(1000), { kind: 'image', type: 'image/webp' });
  if (gone.type === 'media') Object.assign(gone.media.content, { stream });
  const first = world.ann.call('postStatus', { id: world.nextId(), items: [gone] });
  await until(world.ann, 'statuses', null, ({ mine }) => mine.sendings[0]?.state === 'sealing');
  const items = [file(new Uint8Array(1000), { kind: 'image', type: 'image/webp' })];
  await must(world.ann.call('postStatus', { id: world.nextId(), items }));
  await until(world.ann, 'statuses', null, ({ mine }) => mine.sendings[1]?.state === 'waiting');
  breakOff();
  expect((await first).ok).toBe(false);
  await until(world.ann, 'statuses', null, ({ mine }) => mine.segments.length === 1);
}, 60_000);

const film = { kind: 'video', type: 'video/mp4', duration: 60_000 } as const;

function file(bytes: Uint8Array, more: Pick<MediaDraft, 'kind' | 'type' | 'duration'>): StatusDraft {
  return { type: 'media', media: { content: new Blob([bytes.slice()]), ...more }, caption: 'canary' };
}

function accountOf(client: Client): string {
  return client.engine?.self.identity.account.id ?? '';
}

function kindOf(items: readonly StatusItem[], kind: string): string {
  return items.find(({ content }) => content.type === 'media' && content.media.kind === kind)?.statusId ?? '';
}

function sealedOf(client: Client): number {
  return client.engine?.media.use().total ?? 0;
}

/** Both have the one file that is left, and nothing else. */
async function untilUsed(client: Client, bytes: number): Promise<void> {
  while (sealedOf(client) !== bytes) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(bytes).toBeGreaterThan(300_000);
}

async function seesFile(client: Client, statusId: string, bytes: Uint8Array): Promise<void> {
  const about = { chatId: statusId, recordId: statusId };
  await must(client.call('loadMedia', about));
  await until(client, 'media', about, ([state]) => state?.state === 'here');
  const read = await must(client.call('mediaBytes', { ...about, index: 0, from: 0, to: bytes.length }));
  expect(Buffer.from(read.bytes).equals(Buffer.from(bytes))).toBe(true);
}

/** Where the words of the file or its caption can be read. */
async function everythingOf({ servers, profiles }: MediaWorld): Promise<readonly string[]> {
  const { relay, storage } = servers;
  const held = [await storage.disk(), Buffer.from(storage.output), await relay.disk(), Buffer.from(relay.output)];
  const found: string[] = [];
  for (const word of ['canary-status', 'canary'])
    for (const form of formsOf(word)) {
      if (held.some((bytes) => bytes.includes(form))) found.push(`a server: ${word}`);
      for (const profile of [profiles.ann, profiles.bob])
        if (await profile.holds(form)) found.push(`a profile: ${word}`);
    }
  return found;
}
