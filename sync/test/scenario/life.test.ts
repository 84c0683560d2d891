/** From no account to an open one and back: what is asked twice, cut short or asked at the wrong moment does no harm. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientError, Phase } from '../../src/api.ts';
import { StoreUnavailableError } from '../../src/ports/store-error.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { RELAY_URL, World } from '../simulation/world.ts';

beforeAll(prepare);

const PASSPHRASE = 'correct horse battery';

function create(device: SimulatedDevice, passphrase?: string) {
  return device.client.call('createAccount', { name: 'Ann', relayUrl: RELAY_URL, ...(passphrase && { passphrase }) });
}

async function fresh(): Promise<{ world: World; ann: SimulatedDevice }> {
  const world = new World(31, 0);
  const ann = world.makeDevice('Ann');
  await ann.open();
  return { world, ann };
}

function phase(device: SimulatedDevice): Promise<Phase> {
  return look(device.client, 'phase', null);
}

function error(type: ClientError['type']) {
  return expect.objectContaining({ ok: false, error: expect.objectContaining({ type }) as unknown }) as unknown;
}

describe('life', () => {
  it('S-LIFE-1 an account is made once, however often and quickly it is asked for', async () => {
    const { ann } = await fresh();
    const answers = await Promise.all([create(ann), create(ann)]);
    expect(answers).toEqual([expect.objectContaining({ ok: true }), error('AlreadyExists')]);
    expect(await create(ann)).toEqual(error('AlreadyExists'));
  });

  it('S-LIFE-2 an onboarding cut short at any write starts over', async () => {
    for (let write = 1, isCut = true; isCut; write += 1) {
      const { world, ann } = await fresh();
      ann.crashAtWrite(write);
      await create(ann).catch(() => undefined);
      isCut = ann.isDown;
      ann.disarm();
      if (isCut) await ann.open();
      const found = await phase(ann);
      if (found.type !== 'Open') {
        expect(found).toEqual({ type: 'Empty' });
        expect((await create(ann)).ok).toBe(true);
      }
      await world.pass(5_000);
      expect((await look(ann.client, 'connection', null)).state).toBe('online');
      expect((await look(ann.client, 'profile', null)).name).toBe('Ann');
      if (!isCut) expect(write).toBeGreaterThan(5);
    }
  });

  it('S-LIFE-3 locked it knows nothing and does nothing; unlocked it goes on, with what came meanwhile', async () => {
    const { world, ann, bob, chatId } = await couple();
    await ann.client.call('setPassphrase', { next: PASSPHRASE });
    expect((await look(ann.client, 'profile', null)).locked).toBe(true);
    const seen: unknown[] = [];
    ann.client.watch('chats', null, (chats) => seen.push(chats.length));
    await ann.client.call('lock', null);
    seen.length = 0;
    expect(await phase(ann)).toEqual({ type: 'Locked' });
    expect(await ann.client.call('storageUse', null)).toEqual(error('NotOpen'));
    await send(bob, chatId, 'while you were away');
    await world.pass(60_000);
    expect(seen).toEqual([]);
    expect(await ann.client.call('unlock', { passphrase: 'wrong horse battery' })).toEqual(error('WrongPassphrase'));
    expect((await ann.client.call('unlock', { passphrase: PASSPHRASE })).ok).toBe(true);
    await world.pass(60_000);
    expect(await texts(ann, chatId)).toEqual(['while you were away']);
    expect(seen.at(-1)).toBe(2);
    expect([ann.failure, world.violations]).toEqual([undefined, []]);
  });

  it('S-LIFE-4 unlocked twice at once there is one engine, and it is the only one that writes', async () => {
    const { world, ann, bob, chatId } = await couple();
    await ann.client.call('setPassphrase', { next: PASSPHRASE });
    await ann.client.call('lock', null);
    const answers = await Promise.all([1, 2].map(() => ann.client.call('unlock', { passphrase: PASSPHRASE })));
    expect(answers).toEqual([{ ok: true, value: null }, error('NotOpen')]);
    await send(ann, chatId, 'once');
    await world.pass(60_000);
    expect(await texts(bob, chatId)).toEqual(['once']);
    expect(world.violations).toEqual([]);
  });

  it('S-LIFE-5 a passphrase is changed and taken away with the old one only', async () => {
    const { ann } = await fresh();
    await create(ann, PASSPHRASE);
    const change = (current: string | undefined, next: string | undefined) =>
      ann.client.call('setPassphrase', { ...(current && { current }), ...(next && { next }) });
    expect(await change('wrong horse battery', 'another one')).toEqual(error('WrongPassphrase'));
    expect(await change(undefined, undefined)).toEqual(error('WrongPassphrase'));
    expect(await change(PASSPHRASE, 'short')).toEqual(error('PassphraseTooShort'));
    expect((await change(PASSPHRASE, 'another one')).ok).toBe(true);
    await ann.restart();
    expect(await phase(ann)).toEqual({ type: 'Locked' });
    expect(await ann.client.call('unlock', { passphrase: PASSPHRASE })).toEqual(error('WrongPassphrase'));
    expect((await ann.client.call('unlock', { passphrase: 'another one' })).ok).toBe(true);
    expect((await change('another one', undefined)).ok).toBe(true);
    expect(await ann.client.call('lock', null)).toEqual(error('NotOpen')); // nothing to lock with
    await ann.restart();
    expect((await phase(ann)).type).toBe('Open');
  });

  it('S-LIFE-6 an erased device keeps nothing, and may become another account’s at once', async () => {
    const { world, ann } = await couple();
    const before = ann.engine?.self.identity.account.id;
    expect(ann.stored).toBeGreaterThan(10);
    expect((await ann.client.call('eraseDevice', null)).ok).toBe(true);
    expect([await phase(ann), ann.stored]).toEqual([{ type: 'Empty' }, 0]);
    expect((await create(ann)).ok).toBe(true);
    await world.pass(5_000);
    expect((await look(ann.client, 'connection', null)).state).toBe('online');
    expect(ann.engine?.self.identity.account.id).not.toBe(before);
    expect((await look(ann.client, 'chats', null)).map((chat) => chat.kind)).toEqual(['self']);
  });

  it('S-LIFE-7 a store that is gone breaks the engine, says so, and lets go of everything', async () => {
    const { ann, chatId } = await couple();
    const { client } = ann;
    const store = client.engine?.store;
    if (store === undefined) throw new Error('not open');
    store.commit = () => Promise.reject(new StoreUnavailableError('the browser closed it'));
    const answer = await client.call('sendMessage', { id: 'x'.repeat(22), chatId, text: 'hello' });
    expect(answer).toEqual(error('NotOpen'));
    expect(await phase(ann)).toEqual({ type: 'Broken', reason: 'StorageUnavailable' });
    expect(await client.call('storageUse', null)).toEqual(error('NotOpen'));
  });

  it('S-LIFE-8 a watch that is opened while the phase changes is opened once', async () => {
    const { ann } = await fresh();
    const seen: unknown[] = [];
    const stops: (() => void)[] = [];
    ann.client.watch('phase', null, ({ type }) => {
      if (type === 'Open') stops.push(ann.client.watch('profile', null, (profile) => seen.push(profile.name)));
    });
    await create(ann);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['Ann']);
    for (const stop of stops) stop();
    await ann.client.call('setProfile', { name: 'Anna' });
    expect(seen).toEqual(['Ann']);
  });
});
