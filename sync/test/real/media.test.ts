/** Media between two real clients, over the real relay and storage server, which are killed, full, or liars. */
import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { MediaDraft } from '../../src/api.ts';
import { prepare } from '../simulation/setup.ts';
import { must, until } from './asking.ts';
import { formsOf } from './forms.ts';
import { type Lie, MediaWorld } from './media-world.ts';
import { Profile } from './node-client.ts';

const MiB = 1024 ** 2;
const worlds: MediaWorld[] = [];

beforeAll(prepare);

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.end()));
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<MediaWorld> {
  const world = await MediaWorld.create(settings);
  worlds.push(world);
  return world;
}

/** A file that compresses well and has the same text all over: any leak of it shows. */
function fileOf(size: number, word = 'canary-content-91f2 '): Uint8Array {
  return new Uint8Array(Buffer.alloc(size, word));
}

function photo(bytes: Uint8Array, more: Partial<MediaDraft> = {}): MediaDraft {
  return { content: new Blob([bytes.slice()]), kind: 'image', type: 'image/jpeg', width: 40, height: 30, ...more };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Waits for something that no watch tells of. */
async function poll(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Begins to upload only when all is sealed: the server is away before. */
async function sendSealed(world: MediaWorld, item: MediaDraft): Promise<string> {
  await world.servers.storage.kill();
  const id = await world.send([item]);
  await world.servers.storage.start();
  await must(world.ann.call('resumeSending', { id }));
  return id;
}

/** A file that is slow to read: from `held` on it comes when it is let go. */
class SlowFile extends Blob {
  readonly #held: number;
  readonly #free: Promise<void>;
  letGo = (): void => undefined;

  constructor(bytes: Uint8Array, held: number) {
    super([bytes.slice()]);
    this.#held = held;
    this.#free = new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const hold = new TransformStream<Uint8Array<ArrayBuffer>>();
    const give = async (): Promise<void> => {
      await super.slice(0, this.#held).stream().pipeTo(hold.writable, { preventClose: true });
      await this.#free;
      await super.slice(this.#held).stream().pipeTo(hold.writable);
    };
    // Whoever reads no more ends it.
    give().catch(() => undefined);
    return hold.readable;
  }
}

it('S-SEND-6 a file is uploaded while it is being sealed, and is one message when it is whole', async () => {
  const world = await start();
  const file = fileOf(20 * MiB);
  const content = new SlowFile(file, 12 * MiB);
  const sent = world.send([photo(file, { content, kind: 'video', type: 'video/mp4' })]);
  await poll(async () => (await heldBytes(world)) >= 8 * MiB);
  expect(world.ann.engine?.media.sendings.list()).toMatchObject([{ state: 'sealing', items: [{ size: file.length }] }]);
  content.letGo();
  await sent;
  await world.sent();
  expect(await world.blobs()).toHaveLength(1);
  const { id } = await world.message(world.bob, (item) => item.media !== undefined);
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await world.state(world.bob, id, ({ state }) => state === 'here');
  expect(digest(await world.file(world.bob, id, file.length))).toBe(digest(file));
}, 180_000);

it('S-SEND-6 what is given up while it is being sealed is nowhere, also when the client ends first', async () => {
  const world = await start();
  const file = fileOf(20 * MiB);
  const content = new SlowFile(file, 12 * MiB);
  const id = world.nextId();
  const call = world.ann.call('sendMedia', { id, chatId: world.chatId, items: [photo(file, { content })] });
  await poll(async () => (await heldBytes(world)) >= 4 * MiB);
  await must(world.ann.call('cancelSending', { id }));
  content.letGo();
  expect(await call).toMatchObject({ error: { type: 'UnknownSending' } });
  await poll(async () => (await world.blobs()).length === 0);
  expect(world.ann.engine?.media.sendings.list()).toEqual([]);
  expect(world.profiles.ann.blobs.snapshot().size).toBe(0);

  const another = [photo(file, { content: new SlowFile(file, 12 * MiB) })];
  void world.ann.call('sendMedia', { id: world.nextId(), chatId: world.chatId, items: another });
  await poll(async () => (await heldBytes(world)) >= 4 * MiB);
  await world.reopenAnn();
  expect(world.ann.engine?.media.sendings.list()).toEqual([]);
  expect(world.profiles.ann.blobs.snapshot().size).toBe(0);
  await poll(async () => (await world.blobs()).length === 0);
}, 180_000);

/** Bytes that the storage server has by now. */
async function heldBytes(world: MediaWorld): Promise<number> {
  const sizes = (await world.blobs()).map(async (file) => (await stat(file)).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

it('S-SEND-1 S-FETCH-1 a photo of 5 MB arrives whole and by itself, and the servers know nothing of it', async () => {
  const world = await start();
  const { ann, bob, servers } = world;
  const file = fileOf(5 * MiB + 17);
  const name = 'canary-file-name-77aa.jpg';
  const thumbnail = new Uint8Array(Buffer.from('canary-thumbnail-3b9c'));
  await world.send([photo(file, { name, thumbnail })], { caption: 'canary-caption-42d0' });
  await world.sent();
  const { id, media } = await world.message(bob, (item) => item.media !== undefined);
  expect(media).toEqual([
    { kind: 'image', type: 'image/jpeg', name, size: file.length, width: 40, height: 30, thumbnail },
  ]);
  await world.state(bob, id, ({ state }) => state === 'here');
  expect(digest(await world.file(bob, id, file.length))).toBe(digest(file));
  // The sender has it without fetching it.
  await world.state(ann, id, ({ state }) => state === 'here');
  expect(digest(await world.file(ann, id, file.length))).toBe(digest(file));

  const canaries = ['canary-content', name, 'canary-thumbnail', 'canary-caption', 'image/jpeg'];
  const { relay, storage } = servers;
  const held = [await storage.disk(), Buffer.from(storage.output), Buffer.from(await storage.metrics())];
  held.push(await relay.disk(), Buffer.from(relay.output), Buffer.from(await relay.metrics()));
  for (const canary of canaries) {
    for (const bytes of held) for (const form of formsOf(canary)) expect(bytes.includes(form), canary).toBe(false);
    for (const profile of [world.profiles.ann, world.profiles.bob])
      for (const form of formsOf(canary)) expect(await profile.holds(form), `${canary} in a profile`).toBe(false);
  }
  const [blob = ''] = await world.blobs();
  expect(entropyOf(await readFile(blob))).toBeGreaterThan(7.9999);
}, 180_000);

it('S-SEND-2 S-FETCH-4 an upload goes on where it was when the storage server was killed, and when the client was closed', async () => {
  const world = await start();
  const file = fileOf(40 * MiB);
  await sendSealed(world, photo(file, { kind: 'video', type: 'video/mp4' }));
  await poll(() => (world.ann.engine?.media.sendings.list()[0]?.done ?? 0) > 9 * MiB);
  await world.servers.storage.kill();
  const before = await world.sending(({ state }) => state !== 'uploading');
  expect(before).toMatchObject({ state: 'waiting', total: expect.any(Number) as number });
  const [begun = ''] = await world.blobs();
  await world.reopenAnn();
  await world.servers.storage.start();
  await world.sent();
  const { id, media } = await world.message(world.bob, (item) => item.media !== undefined);
  expect(await world.blobs(), 'the same upload').toEqual([begun]);
  expect(media?.[0]?.size).toBe(file.length);
  // A video is not fetched by itself; it plays from wherever one looks at it.
  await world.state(world.bob, id, ({ state }) => state === 'absent');
  const range = { chatId: world.chatId, recordId: id, index: 0, from: 20 * MiB + 5, to: 20 * MiB + 1005 };
  const { bytes } = await must(world.bob.call('mediaBytes', range));
  expect(bytes).toEqual(file.slice(range.from, range.to));
  expect(world.link.asked.at(-1)?.from).toBeGreaterThan(19 * MiB);
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await world.state(world.bob, id, ({ state }) => state === 'here');
  expect(digest(await world.file(world.bob, id, file.length))).toBe(digest(file));
}, 180_000);

it('S-SEND-1 what is sent while the storage server is off line waits, over a restart, and goes out once', async () => {
  const world = await start();
  await world.servers.storage.kill();
  const files = [fileOf(1000, 'one'), fileOf(300_000, 'two')] as const;
  const id = world.nextId();
  const items = [photo(files[0]), photo(files[1], { kind: 'file', type: 'application/pdf' })];
  const input = { id, chatId: world.chatId, items };
  await Promise.all([1, 2, 3].map(() => must(world.ann.call('sendMedia', input))));
  await world.sending(({ state, items }) => state === 'waiting' && items.length === 2);
  await world.reopenAnn();
  await world.servers.storage.start();
  await world.sent();
  const message = await world.message(world.bob, (item) => item.media?.length === 2);
  expect(digest(await world.file(world.bob, message.id, files[1].length, 1))).toBe(digest(files[1]));
  await must(world.ann.call('sendMedia', { id, chatId: world.chatId, items: [photo(files[0])] }));
  expect(world.ann.engine?.media.sendings.list()).toEqual([]);
}, 180_000);

it('S-SEND-3 each refusal has a name, and nothing is lost by it', async () => {
  const world = await start({ SECURECHAT_STORAGE_QUOTA_MIB: '1', SECURECHAT_STORAGE_MAX_BLOB_MIB: '3' });
  const { storage } = world.servers;
  const usual = storage.settings;
  const restart = async (settings: Readonly<Record<string, string>>): Promise<void> => {
    await storage.kill();
    storage.settings = { ...usual, ...settings };
    await storage.start();
    for (const { id } of world.ann.engine?.media.sendings.list() ?? [])
      await must(world.ann.call('resumeSending', { id }));
  };
  await world.send([photo(fileOf(4 * MiB))]);
  await world.sending(({ state, failure }) => state === 'failed' && failure === 'TooLarge');
  await restart({ SECURECHAT_STORAGE_MAX_BLOB_MIB: '100' });
  await world.sending(({ state, failure }) => state === 'failed' && failure === 'QuotaExceeded');
  const plenty = { SECURECHAT_STORAGE_QUOTA_MIB: '1000', SECURECHAT_STORAGE_MAX_BLOB_MIB: '100' };
  await restart({ ...plenty, SECURECHAT_STORAGE_SPARE_MIB: '900000000' });
  await world.sending(({ state, failure }) => state === 'waiting' && failure === 'DiskFull');
  await restart({ ...plenty, SECURECHAT_STORAGE_TOKEN_SECRET: 'another secret than the one of the relay' });
  await world.sending(({ failure }) => failure === 'TokenInvalid');
  await restart(plenty);
  await world.sent();
  const { id } = await world.message(world.bob, (item) => item.media !== undefined);
  await world.state(world.bob, id, ({ state }) => state === 'here');
  expect(digest(await world.file(world.bob, id, 4 * MiB))).toBe(digest(fileOf(4 * MiB)));
}, 180_000);

it('S-SEND-4 a paused upload rests until it is resumed; a cancelled one is gone from the server', async () => {
  const world = await start();
  await world.servers.storage.kill();
  const id = await world.send([photo(fileOf(200_000))]);
  for (let again = 0; again < 2; again += 1) await must(world.ann.call('pauseSending', { id }));
  await world.servers.storage.start();
  await world.reopenAnn();
  await world.sending(({ state }) => state === 'paused');
  for (let again = 0; again < 2; again += 1) await must(world.ann.call('resumeSending', { id }));
  await world.sent();
  expect(await world.blobs()).toHaveLength(1);
  const other = await sendSealed(world, photo(fileOf(40 * MiB)));
  await poll(() => (world.ann.engine?.media.sendings.list()[0]?.done ?? 0) > 4 * MiB);
  for (let again = 0; again < 2; again += 1) await must(world.ann.call('cancelSending', { id: other }));
  await poll(async () => (await world.blobs()).length === 1);
  expect(world.profiles.ann.blobs.snapshot().size).toBe(1);
  expect(await world.ann.call('pauseSending', { id: other })).toMatchObject({ error: { type: 'UnknownSending' } });
}, 180_000);

it('S-FETCH-2 what a server gives instead of the file is refused, each with its own error, and nothing of it is kept', async () => {
  const world = await start();
  const size = 300_000;
  await world.send([photo(fileOf(size, 'older file '))]);
  await world.sent();
  const older = await world.message(world.bob, (item) => item.media !== undefined);
  await world.state(world.bob, older.id, ({ state }) => state === 'here');
  const blobs = new Map<string, Uint8Array>();
  const [first = ''] = await world.blobs();
  blobs.set('older', new Uint8Array(await readFile(first)));
  const stranger = new Uint8Array(blobs.get('older')?.length ?? 0).fill(3);
  const changed = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const lies: readonly (readonly [string, Lie])[] = [
    ['ReplayedBlob', () => blobs.get('older') ?? new Uint8Array()],
    ['WrongBlob', () => stranger],
    ['WrongBlob', (bytes) => changed(bytes, 3)],
    ['ChunkDamaged', (bytes) => changed(bytes, 100)],
    ['ChunkDamaged', (bytes) => changed(bytes, bytes.length - 1)],
    ['Truncated', (bytes) => bytes.slice(0, -1)],
    ['Truncated', (bytes) => bytes.slice(0, 10)],
    ['TrailingBytes', (bytes) => new Uint8Array(Buffer.concat([bytes, Buffer.of(1)]))],
  ];
  world.link.lie = (bytes) => bytes.slice(0, 0);
  await world.send([photo(fileOf(size, 'newer file '))]);
  await world.sent();
  const { id } = await world.message(world.bob, (item) => item.media !== undefined && item.id !== older.id);
  await world.state(world.bob, id, ({ failure }) => failure === 'Truncated');
  for (const [failure, lie] of lies) {
    world.link.lie = lie;
    await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
    await world.state(world.bob, id, (now) => now.state === 'failed' && now.failure === failure);
    expect(world.profiles.bob.blobs.snapshot().size, failure).toBe(1);
  }
  world.link.lie = undefined;
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await world.state(world.bob, id, ({ state }) => state === 'here');
  expect(digest(await world.file(world.bob, id, size))).toBe(digest(fileOf(size, 'newer file ')));
}, 180_000);

it('S-FETCH-3 a download goes on by range after the client was closed; what the server lost is Expired', async () => {
  const world = await start();
  const size = 20 * MiB;
  await world.send([photo(fileOf(size), { kind: 'file', type: 'application/zip' })]);
  await world.sent();
  const { id } = await world.message(world.bob, (item) => item.media !== undefined);
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await poll(() => (world.profiles.bob.blobs.snapshot().size > 0 ? worldHas(world) > 5 * MiB : false));
  await must(world.bob.call('cancelMedia', { chatId: world.chatId, recordId: id }));
  await world.reopenBob();
  const { done } = await world.state(world.bob, id, ({ state }) => state === 'absent');
  expect(done).toBeGreaterThan(5 * MiB);
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await world.state(world.bob, id, ({ state }) => state === 'here');
  expect(world.link.asked.at(-1)?.from).toBeGreaterThan(5 * MiB);
  expect(digest(await world.file(world.bob, id, size))).toBe(digest(fileOf(size)));
  const freed = await must(world.bob.call('freeMedia', { chatId: world.chatId }));
  expect(freed.freed).toBeGreaterThan(size);
  await world.state(world.bob, id, ({ state }) => state === 'absent');
  await world.servers.storage.kill();
  for (const blob of await world.blobs()) await rm(blob);
  await world.servers.storage.start();
  await must(world.bob.call('loadMedia', { chatId: world.chatId, recordId: id }));
  await world.state(world.bob, id, ({ failure }) => failure === 'Expired');
  const range = { chatId: world.chatId, recordId: id, index: 0, from: 0, to: 1 };
  const read = await world.bob.call('mediaBytes', range);
  expect(read).toMatchObject({ error: { type: 'MediaFailed', failure: 'Expired' } });
  await must(world.ann.call('deleteForEveryone', { chatId: world.chatId, recordId: id }));
  await poll(() => world.profiles.ann.blobs.snapshot().size === 0);
  await world.message(world.bob, (item) => item.deleted && item.media === undefined);
}, 180_000);

it('S-FETCH-5 nothing of a stranger is fetched before the user agreed, nor more than the settings want', async () => {
  const world = await start();
  const eve = new Profile();
  const stranger = await eve.open();
  try {
    await must(stranger.call('createAccount', { name: 'Eve', relayUrl: world.servers.relay.url }));
    const { link } = await must(world.bob.call('invite', { origin: 'https://app.test' }));
    const { chatId } = await must(stranger.call('addByLink', { text: link }));
    const photos = [photo(fileOf(5000))];
    await must(stranger.call('sendMedia', { id: world.nextId(), chatId, items: photos }));
    await until(world.bob, 'chat', { chatId }, (chat) => chat?.state === 'requesting' && chat.unread === 1);
    expect(world.link.asked).toEqual([]);
    await must(world.bob.call('acceptRequest', { chatId }));
    await must(world.bob.call('setSettings', { autoDownloadImages: 4000, autoDownloadFiles: 9000 }));
    await world.send([
      photo(fileOf(5000)),
      photo(fileOf(3000)),
      photo(fileOf(8000), { kind: 'file', type: 'text/plain' }),
    ]);
    await world.sent();
    const { id } = await world.message(world.bob, (item) => item.media !== undefined);
    const args = { chatId: world.chatId, recordId: id };
    const states = await until(world.bob, 'media', args, (all) => all[1]?.state === 'here' && all[2]?.state === 'here');
    expect(states[0]).toEqual({ state: 'absent', done: 0 });
    const use = await must(world.bob.call('mediaUse', null));
    expect(use).toMatchObject({ sending: 0, chats: [{ chatId: world.chatId }] });
    expect(use.total).toBeGreaterThan(11_000);
  } finally {
    await stranger.close();
  }
}, 180_000);

it('S-FORWARD-1 a forwarded file is not uploaded again, and stays while a message points to it', async () => {
  const world = await start();
  const file = fileOf(100_000);
  await world.send([photo(file)], { caption: 'look' });
  await world.sent();
  const { id } = await world.message(world.bob, (item) => item.media !== undefined);
  const forward = { id: world.nextId(), chatId: world.chatId, recordId: id, to: [world.chatId] };
  for (let again = 0; again < 2; again += 1) await must(world.ann.call('forwardMessage', forward));
  const copy = await world.message(world.bob, (item) => item.forwarded === true);
  expect(copy).toMatchObject({ text: 'look', media: [{ size: file.length }] });
  expect(await world.blobs()).toHaveLength(1);
  await must(world.ann.call('deleteForEveryone', { chatId: world.chatId, recordId: id }));
  await world.message(world.bob, (item) => item.deleted);
  expect(await world.blobs()).toHaveLength(1);
  await world.state(world.bob, copy.id, ({ state }) => state === 'here');
  expect(digest(await world.file(world.bob, copy.id, file.length))).toBe(digest(file));
  await must(world.ann.call('deleteForEveryone', { chatId: world.chatId, recordId: copy.id }));
  await poll(async () => (await world.blobs()).length === 0);
  await poll(() => world.profiles.bob.blobs.snapshot().size === 0);
}, 180_000);

it('S-ONCE-1 a view-once photo opens once, and then nothing of it is on the device', async () => {
  const world = await start();
  const file = fileOf(90_000);
  const two = { id: world.nextId(), chatId: world.chatId, items: [photo(file), photo(file)], viewOnce: true };
  expect(await world.ann.call('sendMedia', two)).toMatchObject({ error: { type: 'MediaInvalid' } });
  await world.send([photo(file)], { viewOnce: true });
  await world.sent();
  const { id } = await world.message(world.bob, (item) => item.viewOnce === 'closed');
  const place = { chatId: world.chatId, recordId: id };
  const part = await world.bob.call('mediaBytes', { ...place, index: 0, from: 0, to: 10 });
  expect(part).toMatchObject({ error: { type: 'UnknownMedia' } });
  const forward = await world.bob.call('forwardMessage', { ...place, id: world.nextId(), to: [world.chatId] });
  expect(forward).toMatchObject({ error: { type: 'MediaInvalid' } });
  expect(await world.ann.call('openOnce', place)).toMatchObject({ error: { type: 'NotYours' } });
  expect(world.profiles.ann.blobs.snapshot().size).toBe(0);
  const opened = await must(world.bob.call('openOnce', place));
  expect(digest(opened.bytes)).toBe(digest(file));
  await world.message(world.bob, (item) => item.viewOnce === 'opened' && item.media === undefined);
  await poll(() => world.profiles.bob.blobs.snapshot().size === 0);
  expect(await world.bob.call('openOnce', place)).toMatchObject({ error: { type: 'UnknownMedia' } });
  await world.reopenBob();
  await world.message(world.bob, (item) => item.viewOnce === 'opened' && item.media === undefined);
}, 180_000);

it('S-SEND-5 what is no message is refused before anything is stored', async () => {
  const world = await start();
  const send = (items: readonly MediaDraft[], caption?: string) =>
    world.ann.call('sendMedia', { id: world.nextId(), chatId: world.chatId, items, ...(caption && { caption }) });
  const small = photo(fileOf(10));
  const refusals: readonly (readonly [string, ReturnType<typeof send>])[] = [
    ['TooManyItems', send([])],
    ['TooManyItems', send(Array.from({ length: 11 }, () => small))],
    ['EmptyFile', send([photo(new Uint8Array())])],
    ['MediaInvalid', send([{ ...small, thumbnail: new Uint8Array(7000) }])],
    ['MediaInvalid', send([{ ...small, waveform: new Uint8Array(63) }])],
    ['MediaInvalid', send([{ ...small, width: 0 }])],
    ['MediaInvalid', send(Array.from({ length: 10 }, () => ({ ...small, thumbnail: new Uint8Array(6000) })))],
    ['TooLong', send([small], 'x'.repeat(9000))],
  ];
  for (const [type, refusal] of refusals) expect(await refusal).toMatchObject({ error: { type } });
  expect(world.profiles.ann.blobs.snapshot().size).toBe(0);
  // Ten files with all that may be said of them, and a caption, are a message.
  const most = Array.from({ length: 10 }, (_, index) =>
    photo(fileOf(100 + index), {
      ...{
        name: `${'字'.repeat(250)}.jpg`,
        thumbnail: new Uint8Array(3200),
        duration: 1,
        waveform: new Uint8Array(64),
      },
    }),
  );
  await must(send(most, 'y'.repeat(7000)));
  await world.sent();
  const { media } = await world.message(world.bob, (item) => item.media?.length === 10);
  expect(media?.[9]?.name).toHaveLength(254);
  await until(world.bob, 'search', { text: '字字.jpg', limit: 5 }, ({ done, hits }) => done && hits.length === 1);
}, 180_000);

function entropyOf(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return -counts.reduce(
    (sum, count) => sum + (count === 0 ? 0 : (count / bytes.length) * Math.log2(count / bytes.length)),
    0,
  );
}

function worldHas(world: MediaWorld): number {
  return Math.max(...[...world.profiles.bob.blobs.snapshot().values()].map(({ length }) => length));
}
