/** One person with several devices: linked, they have everything, hear everything, and merge what they do apart. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { addOwnDevice, during, showCode } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Heads of every segment of a chat: equal heads are equal documents. */
async function heads(device: SimulatedDevice, chatId: string): Promise<unknown> {
  const { engine } = device;
  const chat = [...(engine?.chats.all() ?? [])].find((each) => each.chatId === chatId);
  if (engine === undefined || chat === undefined) return undefined;
  const summary = await (await engine.chats.documents(chat)).summary();
  return summary.segments.map(({ segment, heads: tips }) => [segment, [...tips].sort()]);
}

describe('own devices', () => {
  it('S-OWN-1 a linked device gets all chats, their history, and the ticks', async () => {
    const { world, ann, bob, chatId } = await couple();
    for (let n = 1; n <= 40; n += 1) await send(n % 3 === 0 ? bob : ann, chatId, `message ${String(n)}`);
    const self = [...(ann.engine?.chats.all() ?? [])].find((chat) => chat.with.type === 'self')?.chatId ?? '';
    await send(ann, self, 'note to self');
    await world.pass(MINUTE);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    expect(await texts(tablet, chatId)).toEqual(await texts(ann, chatId));
    expect(await texts(tablet, self)).toEqual(['note to self']);
    expect((await tablet.timeline(chatId)).map((item) => item.tick)).toEqual(
      (await ann.timeline(chatId)).map((item) => item.tick),
    );
    expect(await heads(tablet, chatId)).toEqual(await heads(ann, chatId));
    expect(await look(tablet.client, 'history', null)).toBeNull();
    const [chat] = (await look(tablet.client, 'chats', null)).filter(({ kind }) => kind === 'direct');
    expect(chat).toMatchObject({ title: 'Bob', state: 'accepted' });
    expect(world.violations).toEqual([]);
  });

  it('S-OWN-1 a chat does not begin at its end on a device that heard of it late', async () => {
    const { world, ann, bob, chatId } = await couple();
    await world.pass(DAY);
    await send(bob, chatId, 'long ago');
    await world.pass(DAY);
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    const { items } = await look(tablet.client, 'timeline', { chatId, anchor: 'end', older: 50, newer: 0 });
    expect(items.at(-1)).toMatchObject({ type: 'message', text: 'long ago' });
  });

  it('S-CEREMONY-9 a linked device has contacts and newest pages though the other one is gone at once', async () => {
    const { world, ann, bob, chatId } = await couple();
    for (let n = 0; n < 60; n += 1) await send(n % 2 === 0 ? ann : bob, chatId, `message ${String(n)}`);
    await world.pass(MINUTE);
    const newest = (await texts(ann, chatId)).slice(-20);
    const tablet = world.makeDevice('Tablet');
    await tablet.open();
    const { qr } = await showCode(tablet, world);
    expect((await during(world, ann.client.call('readLinkCode', { text: qr })))?.ok).toBe(true);
    const stop = tablet.client.watch('phase', null, ({ type }) => {
      if (type === 'Open') ann.crash();
    });
    void ann.client.call('confirmLink', null).catch(() => undefined);
    await world.pass(10_000);
    stop();
    expect(ann.isDown).toBe(true);
    const [chat] = (await look(tablet.client, 'chats', null)).filter(({ kind }) => kind === 'direct');
    expect(chat).toMatchObject({ chatId, title: 'Bob', state: 'accepted' });
    expect((await texts(tablet, chatId)).slice(-20)).toEqual(newest);
    await ann.open();
    await world.pass(MINUTE);
    expect(await texts(tablet, chatId)).toHaveLength(60);
    expect(await look(tablet.client, 'history', null)).toBeNull();
    expect(world.violations).toEqual([]);
  });

  it('S-OWN-2 what any of them says reaches the other side and the other own devices, once', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(MINUTE);
    await send(tablet, chatId, 'from the tablet');
    await world.pass(5_000);
    await send(ann, chatId, 'from the phone');
    await world.pass(5_000);
    await send(bob, chatId, 'from Bob');
    await world.pass(MINUTE);
    const all = ['from the tablet', 'from the phone', 'from Bob'];
    for (const device of [ann, tablet, bob]) expect(await texts(device, chatId)).toEqual(all);
    expect((await tablet.timeline(chatId)).map((item) => item.mine)).toEqual([true, true, false]);
    expect((await tablet.timeline(chatId)).map((item) => item.tick)).toEqual(['delivered', 'delivered', undefined]);
    expect((await ann.timeline(chatId)).map((item) => item.tick)).toEqual(['delivered', 'delivered', undefined]);
  });

  it('S-OWN-3 both see who the other is, and a contact sees that a device was added', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    await world.pass(2 * MINUTE);
    const [here, there] = [await look(ann.client, 'devices', null), await look(tablet.client, 'devices', null)];
    expect(here.map(({ name, isThis }) => [name, isThis])).toEqual([
      ['', true],
      ['Tablet', false],
    ]);
    expect(there.map(({ name, isThis }) => [name, isThis])).toEqual([
      ['Tablet', true],
      ['', false],
    ]);
    const page = await look(bob.client, 'timeline', { chatId, anchor: 'end', older: 50, newer: 0 });
    expect(page.items.filter((item) => item.type === 'system').map(({ event }) => event.type)).toContain('DeviceAdded');
  });

  it('S-OWN-4 read on one is read on the other; drafts, flags, names, blocks and stars merge', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    const recordId = await send(bob, chatId, 'read me');
    await world.pass(MINUTE);
    const unread = async (device: SimulatedDevice): Promise<number | undefined> =>
      (await look(device.client, 'chats', null)).find((chat) => chat.chatId === chatId)?.unread;
    expect([await unread(ann), await unread(tablet)]).toEqual([1, 1]);
    await tablet.client.call('markRead', { chatId, upTo: recordId });
    await tablet.client.call('setDraft', { chatId, text: 'half a thought' });
    await ann.client.call('setChatFlags', { chatId, pinned: true, folder: 'Friends' });
    await ann.client.call('setStarred', { chatId, recordId, starred: true });
    await ann.client.call('setSettings', { theme: 'dark' });
    await tablet.client.call('setProfile', { name: 'Ann of two devices' });
    await world.pass(MINUTE);
    for (const device of [ann, tablet]) {
      const chat = (await look(device.client, 'chats', null)).find((each) => each.chatId === chatId);
      expect(chat).toMatchObject({ unread: 0, draft: 'half a thought', pinned: true, folder: 'Friends' });
      expect((await device.timeline(chatId))[0]?.starred).toBe(true);
      expect(await look(device.client, 'settings', null)).toMatchObject({ theme: 'dark' });
      expect(await look(device.client, 'profile', null)).toMatchObject({ name: 'Ann of two devices' });
    }
    expect(bob.engine?.people.nameOf(ann.engine?.self.identity.account.id ?? fail())).toBe('Ann of two devices');
  });

  it('S-OWN-5 devices that were apart for months, longer than the relay keeps anything, come together again', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    const cleo = await world.addDevice('Cleo');
    await world.pass(MINUTE);
    tablet.crash();
    await send(ann, chatId, 'while the tablet was away');
    await send(bob, chatId, 'and an answer');
    const other = await addContact(ann, cleo);
    await addContact(cleo, ann);
    await send(ann, other, 'hello Cleo');
    await world.pass(10 * MINUTE);
    const others = [bob, cleo];
    for (const device of [ann, ...others]) device.crash();
    await world.pass(31 * DAY);
    for (const device of [tablet, ...others]) await device.open();
    await world.pass(10 * MINUTE);
    await send(tablet, chatId, 'the phone is away now');
    await world.pass(10 * MINUTE);
    for (const device of [tablet, ...others]) device.crash();
    await world.pass(31 * DAY);
    for (const device of [tablet, ann, ...others]) await device.open();
    await world.pass(20 * MINUTE);
    for (const device of [ann, tablet, bob])
      expect([...(await texts(device, chatId))].sort()).toEqual(
        ['and an answer', 'the phone is away now', 'while the tablet was away'].sort(),
      );
    for (const device of [ann, tablet, cleo]) expect(await texts(device, other)).toEqual(['hello Cleo']);
    expect(await heads(ann, chatId)).toEqual(await heads(tablet, chatId));
  }, 180_000);
});

describe('linking', () => {
  it('S-CEREMONY-1 both show the same digits, and the host what will come over', async () => {
    const { world, ann, chatId } = await couple();
    await send(ann, chatId, 'one');
    const guest = world.makeDevice('Laptop');
    await guest.open();
    const { code } = await showCode(guest, world);
    const reading = ann.client.call('readLinkCode', { text: code.toLowerCase() });
    await world.pass(3_000);
    const read = await reading;
    const shown = await look(guest.client, 'linking', null);
    expect(read).toMatchObject({ ok: true, value: { deviceName: 'Laptop', chats: 2, messages: 1 } });
    expect(shown).toEqual({ type: 'Compare', comparison: read.ok ? read.value.comparison : '' });
  });

  it('S-CEREMONY-2 a code that is wrong, used, or too old, and a user who declines, each with its reason', async () => {
    const { world, ann, bob } = await couple();
    const ask = async (device: SimulatedDevice, text: string): Promise<string> => {
      const reading = device.client.call('readLinkCode', { text });
      await world.pass(8_000);
      const read = await reading;
      return read.ok ? 'read' : read.error.type;
    };
    const guest = world.makeDevice('Laptop');
    await guest.open();
    const { code } = await showCode(guest, world);
    expect(await ask(ann, 'no code at all')).toBe('LinkCodeInvalid');
    expect(await ask(ann, 'ABCD-EFGH-JKMN-PQRS-TVWX')).toBe('LinkCodeUnknown');
    expect(await ask(ann, code)).toBe('read');
    expect(await ask(bob, code)).toBe('LinkCodeUsed');
    const declining = ann.client.call('declineLink', null);
    await world.pass(3_000);
    await declining;
    expect(await look(guest.client, 'linking', null)).toEqual({ type: 'Failed', reason: 'Declined' });
    const again = await showCode(guest, world);
    await world.pass(11 * MINUTE);
    expect(await ask(ann, again.code)).toBe('LinkCodeExpired');
    expect(await look(guest.client, 'linking', null)).toEqual({ type: 'Failed', reason: 'Expired' });
  }, 180_000);
});

function fail(): never {
  throw new Error('not open');
}
