/** The disk is full for a while: the user is told, nothing is half done, and all goes on when there is room again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('full disk', () => {
  it('S-FULL-1 a message that cannot be kept is refused, and leaves no trace', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'before');
    await world.pass(5_000);
    ann.isFull = true;
    const id = 'the-refused-one-------';
    const refused = await ann.client.call('sendMessage', { id, chatId, text: 'no room for this' });
    expect(refused).toEqual({ ok: false, error: { type: 'StorageFull' } });
    expect(await texts(ann, chatId)).toEqual(['before']);
    expect(ann.engine?.lane.waiting).toBe(0);
    ann.isFull = false;
    await ann.client.call('sendMessage', { id, chatId, text: 'now there is' });
    await send(bob, chatId, 'and from me');
    await world.pass(5 * MINUTE);
    for (const device of [ann, bob]) {
      const [first, ...others] = await texts(device, chatId);
      expect([first, others.sort()]).toEqual(['before', ['and from me', 'now there is']]);
      expect(device.failure).toBeUndefined();
    }
  });

  it('S-FULL-1 also the very first message, with which the author key is made', async () => {
    const { world, ann, bob, chatId } = await couple();
    ann.isFull = true;
    await ann.client.call('sendMessage', { id: 'the-refused-one-------', chatId, text: 'no room' });
    ann.isFull = false;
    await send(ann, chatId, 'hello');
    await world.pass(MINUTE);
    ann.crash();
    await ann.open();
    await send(ann, chatId, 'hello again');
    await world.pass(5 * MINUTE);
    for (const device of [ann, bob]) expect(await texts(device, chatId)).toEqual(['hello', 'hello again']);
  });

  it('S-FULL-2 what arrives meanwhile stays at the relay and comes when there is room; what is here can be read', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(bob, chatId, 'before');
    await world.pass(5_000);
    ann.isFull = true;
    await send(bob, chatId, 'while full');
    await world.pass(5 * MINUTE);
    expect((await look(ann.client, 'phase', null)).type).toBe('Open');
    expect(await texts(ann, chatId)).toEqual(['before']);
    expect((await bob.timeline(chatId)).map((item) => item.tick)).toEqual(['delivered', 'sent']);
    ann.isFull = false;
    await world.pass(5 * MINUTE);
    expect(await texts(ann, chatId)).toEqual(['before', 'while full']);
    expect((await bob.timeline(chatId)).map((item) => item.tick)).toEqual(['delivered', 'delivered']);
    expect([ann.failure, world.violations]).toEqual([undefined, []]);
  });

  it('S-FULL-3 a message that was kept just before is sent when there is room', async () => {
    const { world, ann, bob, chatId } = await couple();
    ann.line.cut = true;
    ann.line.hangUp();
    await send(ann, chatId, 'kept');
    ann.isFull = true;
    ann.line.cut = false;
    await world.pass(5 * MINUTE);
    ann.isFull = false;
    await world.pass(5 * MINUTE);
    expect(await texts(bob, chatId)).toEqual(['kept']);
    expect([(await ann.timeline(chatId))[0]?.tick, ann.failure]).toEqual(['delivered', undefined]);
  });

  it('S-FULL-2 a device opens on a full disk, shows what it has, and takes up the rest when there is room', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(bob, chatId, 'before');
    await world.pass(5_000);
    ann.line.cut = true;
    await send(ann, chatId, 'left unfinished');
    ann.isFull = true;
    ann.crash();
    await world.pass(2 * DAY);
    await ann.open();
    await send(bob, chatId, 'while full');
    await world.pass(5 * MINUTE);
    expect((await look(ann.client, 'phase', null)).type).toBe('Open');
    expect(await texts(ann, chatId)).toEqual(['before', 'left unfinished']);
    ann.isFull = false;
    await world.pass(5 * MINUTE);
    for (const device of [ann, bob])
      expect([...(await texts(device, chatId))].sort()).toEqual(['before', 'left unfinished', 'while full']);
    expect([ann.failure, world.violations]).toEqual([undefined, []]);
  });

  it('S-FULL-4 onboarding on a full disk is refused, and works when there is room', async () => {
    const { world } = await couple();
    const cleo = world.makeDevice('Cleo');
    await cleo.open();
    const create = () => cleo.client.call('createAccount', { name: 'Cleo', relayUrl: 'http://relay.test' });
    cleo.isFull = true;
    expect(await create()).toEqual({ ok: false, error: { type: 'StorageFull' } });
    expect(await look(cleo.client, 'phase', null)).toEqual({ type: 'Empty' });
    cleo.isFull = false;
    expect((await create()).ok).toBe(true);
    expect((await look(cleo.client, 'phase', null)).type).toBe('Open');
  });
});
