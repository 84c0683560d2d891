/** Statuses: shown for a day to who is meant, then gone from everywhere. */
import { beforeAll, describe, expect, it } from 'vitest';
import { STATUS_LIMITS, type Statuses } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, look, prepare } from '../simulation/setup.ts';
import { call, refusalOf } from '../support/calls.ts';
import { accountOf, circle, cut } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';
import { post, shown, textsOf, tracesOf, viewsOf } from '../support/status.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('statuses', () => {
  it('S-STATUS-1 a status reaches every device of who is meant, and nobody else', async () => {
    const { world, ann, bob, cleo } = await circle();
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    cut(ann, true);
    const statusId = await post(ann, 'on the mountain', { type: 'only', accountIds: [accountOf(bob)] });
    expect((await shown(ann, ann))[0]).toMatchObject({ own: { state: 'queued', audience: 1, delivered: 0, seen: 0 } });
    cut(ann, false);
    await world.pass(MINUTE);
    for (const device of [ann, laptop, bob, tablet])
      expect(await textsOf(device, ann), device.name).toEqual(['on the mountain']);
    expect(await textsOf(cleo, ann)).toEqual([]);
    expect(await tracesOf(cleo, ['mountain'], [statusId])).toEqual([]);
    for (const device of [ann, laptop])
      expect((await shown(device, ann))[0]).toMatchObject({
        ...{ statusId, content: { type: 'text', text: 'on the mountain', colour: 3 } },
        own: { state: 'sent', audience: 1, delivered: 1, seen: 0 },
      });
    const { others, mine } = await look(bob.client, 'statuses', null);
    expect(mine).toEqual({ segments: [], sendings: [] });
    expect(others).toMatchObject([{ accountId: accountOf(ann), name: 'Ann', segments: [{ statusId, seen: false }] }]);
    expect((await look(laptop.client, 'statuses', null)).mine.segments).toEqual([{ statusId, seen: true }]);
    expectWell(world, [ann, laptop, bob, tablet, cleo]);
  });

  it('S-STATUS-2 all, all but some, or only some of who is a contact when it is posted', async () => {
    const { world, ann, bob, cleo } = await circle();
    await post(ann, 'for all');
    await post(ann, 'not for Bob', { type: 'except', accountIds: [accountOf(bob)] });
    await call(ann, 'setStatusAudience', { audience: { type: 'only', accountIds: [accountOf(bob)] } });
    expect(await look(ann.client, 'statusAudience', null)).toEqual({ type: 'only', accountIds: [accountOf(bob)] });
    await post(ann, 'for Bob');
    const dora = await world.addDevice('Dora');
    await addContact(ann, dora);
    await addContact(dora, ann);
    await world.pass(MINUTE);
    expect(await textsOf(bob, ann)).toEqual(['for all', 'for Bob']);
    expect(await textsOf(cleo, ann)).toEqual(['for all', 'not for Bob']);
    expect(await textsOf(dora, ann)).toEqual([]);
    // What is not said to somebody is not told them by a number either.
    expect((await shown(bob, ann)).map(({ own }) => own)).toEqual([undefined, undefined]);
    await ann.restart();
    expect(await look(ann.client, 'statusAudience', null)).toEqual({ type: 'only', accountIds: [accountOf(bob)] });
    expect(await look(ann.client, 'settings', null)).not.toHaveProperty('statusAudience');
    expectWell(world, [ann, bob, cleo, dora]);
  });

  it('S-STATUS-3 after a day nothing is left of it, also on a device that was off, before anything is shown', async () => {
    const { world, ann, bob, cleo } = await circle();
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    cut(cleo, true);
    const statusId = await post(ann, 'canary of a day');
    await world.pass(MINUTE);
    await call(bob, 'viewStatus', { authorId: accountOf(ann), statusId });
    await world.pass(MINUTE);
    laptop.crash();
    await world.pass(DAY - 3 * MINUTE);
    expect(await textsOf(bob, ann)).toEqual(['canary of a day']);
    const ends: Statuses[] = [];
    bob.client.watch('statuses', null, (value) => ends.push(value));
    await world.pass(2 * MINUTE);
    expect([ends.at(0)?.others.length, ends.at(-1)?.others.length]).toEqual([1, 0]);
    cut(cleo, false);
    await laptop.open();
    const first = await shown(laptop, ann);
    expect([first, await tracesOf(laptop, ['canary'], [statusId])]).toEqual([[], []]);
    await world.pass(5 * MINUTE);
    for (const device of [ann, laptop, bob, cleo]) {
      expect(await shown(device, ann), device.name).toEqual([]);
      expect(await tracesOf(device, ['canary'], [statusId]), device.name).toEqual([]);
    }
    expect(await refusalOf(bob, 'viewStatus', { authorId: accountOf(ann), statusId })).toBe('UnknownStatus');
    expectWell(world, [ann, laptop, bob, cleo]);
  });

  it('S-STATUS-3 a clock that is wrong shows nothing for longer than a day after it came', async () => {
    const { world, ann, bob, cleo } = await circle();
    ann.setClock(20 * HOUR);
    bob.setClock(0);
    cleo.setClock(-3 * HOUR);
    const statusId = await post(ann, 'from the future');
    await world.pass(MINUTE);
    expect([await textsOf(bob, ann), await textsOf(cleo, ann)]).toEqual([['from the future'], ['from the future']]);
    await world.pass(DAY - 2 * MINUTE);
    expect(await textsOf(bob, ann)).toEqual(['from the future']);
    await world.pass(5 * MINUTE);
    expect([await shown(bob, ann), await shown(cleo, ann)]).toEqual([[], []]);
    // By its date it would live on; that it was here is remembered.
    await world.pass(HOUR);
    for (const device of [bob, cleo]) expect(await tracesOf(device, ['future'], [statusId])).toEqual([]);
    ann.setClock(-25 * HOUR);
    const late = await post(ann, 'from the past');
    await world.pass(HOUR);
    expect([await shown(bob, ann), await tracesOf(bob, ['past'], [late])]).toEqual([[], []]);
    expectWell(world, [ann, bob, cleo]);
  });

  it('S-STATUS-4 one that is deleted goes from everywhere, and a late copy does not bring it back', async () => {
    const { world, ann, bob, cleo } = await circle();
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(MINUTE);
    cut(cleo, true);
    const statusId = await post(ann, 'canary too early');
    await world.pass(MINUTE);
    expect(await refusalOf(bob, 'deleteStatus', { statusId })).toBe('NotYours');
    await call(laptop, 'deleteStatus', { statusId });
    await world.pass(MINUTE);
    cut(cleo, false);
    await world.pass(HOUR);
    for (const device of [ann, laptop, bob, cleo]) {
      expect(await shown(device, ann), device.name).toEqual([]);
      expect(await tracesOf(device, ['canary'], [statusId]), device.name).toEqual([]);
      await device.restart();
      expect(await shown(device, ann), device.name).toEqual([]);
    }
    expect(await refusalOf(ann, 'deleteStatus', { statusId })).toBe('UnknownStatus');
    expectWell(world, [ann, laptop, bob, cleo]);
  });

  it('S-STATUS-6 who saw it, and when, is known to the devices of its author, and to nobody else', async () => {
    const { world, ann, bob, cleo } = await circle();
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await call(cleo, 'setSettings', { sendReceipts: false });
    await world.pass(MINUTE);
    const statusId = await post(ann, 'look');
    await world.pass(MINUTE);
    cut(laptop, true);
    const at = world.clock.now();
    await call(tablet, 'viewStatus', { authorId: accountOf(ann), statusId });
    await call(cleo, 'viewStatus', { authorId: accountOf(ann), statusId });
    await world.pass(MINUTE);
    cut(laptop, false);
    await world.pass(MINUTE);
    const [here, there] = [await viewsOf(ann, statusId), await viewsOf(laptop, statusId)];
    expect(here).toEqual(there);
    expect(here?.map(([account]) => account)).toEqual([accountOf(bob)]);
    expect(Math.abs((here?.[0]?.[1] ?? 0) - at)).toBeLessThan(3 * MINUTE);
    expect(await look(ann.client, 'statusViewers', { statusId })).toMatchObject({ unknown: 1, waiting: 0 });
    // Own devices know what was seen, also of who does not say it.
    for (const device of [bob, tablet, cleo])
      expect((await look(device.client, 'statuses', null)).others[0]?.segments, device.name).toEqual([
        { statusId, seen: true },
      ]);
    for (const device of [bob, cleo])
      expect(await look(device.client, 'statusViewers', { statusId }), device.name).toBeNull();
    expectWell(world, [ann, laptop, bob, tablet, cleo]);
  });

  it('S-STATUS-8 who is blocked, or is not known, gets and shows nothing', async () => {
    const { world, ann, bob, cleo } = await circle();
    await call(ann, 'setBlocked', { accountId: accountOf(bob), blocked: true });
    await call(cleo, 'setBlocked', { accountId: accountOf(ann), blocked: true });
    const statusId = await post(ann, 'not for you');
    await world.pass(HOUR);
    for (const device of [bob, cleo]) expect(await tracesOf(device, ['not for'], [statusId]), device.name).toEqual([]);
    await call(cleo, 'setBlocked', { accountId: accountOf(ann), blocked: false });
    await call(ann, 'setBlocked', { accountId: accountOf(bob), blocked: false });
    const later = await post(ann, 'for both');
    await world.pass(MINUTE);
    expect([await textsOf(bob, ann), (await shown(cleo, ann)).map(({ statusId: id }) => id).includes(later)]).toEqual([
      ['for both'],
      true,
    ]);
    await call(ann, 'setBlocked', { accountId: accountOf(bob), blocked: true });
    await call(bob, 'setBlocked', { accountId: accountOf(ann), blocked: true });
    expect([await shown(bob, ann), (await look(bob.client, 'statuses', null)).others]).toEqual([[], []]);
    expectWell(world, [ann, bob, cleo]);
  });

  it('S-STATUS-9 own devices that post, delete and see apart come to the same, and so does a new one', async () => {
    const { world, ann, bob } = await circle();
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const [first, second] = [await post(ann, 'first'), await post(ann, 'second')];
    await world.pass(MINUTE);
    for (const device of [ann, laptop]) cut(device, true);
    await call(ann, 'deleteStatus', { statusId: first });
    await call(laptop, 'deleteStatus', { statusId: first });
    await call(laptop, 'deleteStatus', { statusId: second });
    await post(ann, 'third');
    await post(laptop, 'fourth');
    for (const device of [ann, laptop]) cut(device, false);
    await call(bob, 'muteStatuses', { accountId: accountOf(ann), muted: true });
    await world.pass(5 * MINUTE);
    const phone = await addOwnDevice(ann, 'Phone', world);
    const watch = await addOwnDevice(bob, 'Watch', world);
    await world.pass(5 * MINUTE);
    for (const device of [ann, laptop, phone, bob, tablet, watch])
      expect([...(await textsOf(device, ann))].sort(), device.name).toEqual(['fourth', 'third']);
    expect((await shown(phone, ann)).map(({ own }) => own?.audience)).toEqual([2, 2]);
    for (const device of [bob, tablet, watch]) {
      const { others, muted } = await look(device.client, 'statuses', null);
      expect([others.length, muted.length], device.name).toEqual([0, 1]);
    }
    expectWell(world, [ann, laptop, phone, bob, tablet, watch]);
  });

  it('S-STATUS-10 an answer is a message with a quote, which is empty when the status is over', async () => {
    const { world, ann, bob } = await circle();
    const statusId = await post(ann, 'canary quoted');
    await world.pass(MINUTE);
    const about = { authorId: accountOf(ann), statusId };
    const { chatId } = await call(bob, 'replyToStatus', { id: 'reply'.padEnd(22, '-'), ...about, text: 'nice' });
    await call(bob, 'reactToStatus', { id: 'react'.padEnd(22, '-'), ...about, emoji: '🔥' });
    await world.pass(MINUTE);
    for (const [device, mine] of [[ann, true] as const, [bob, false] as const]) {
      const items = await device.timeline(chatId);
      expect(
        items.map(({ text, status }) => [text, status]),
        device.name,
      ).toEqual([
        ['nice', { statusId, reaction: false, missing: false, mine, name: 'Ann', text: 'canary quoted', colour: 3 }],
        ['🔥', { statusId, reaction: true, missing: false, mine, name: 'Ann', text: 'canary quoted', colour: 3 }],
      ]);
    }
    await call(ann, 'deleteStatus', { statusId });
    await world.pass(MINUTE);
    for (const device of [ann, bob]) {
      const items = await device.timeline(chatId);
      expect(
        items.map(({ text, status }) => [text, status?.missing]),
        device.name,
      ).toEqual([
        ['nice', true],
        ['🔥', true],
      ]);
      expect(await tracesOf(device, ['canary'], [statusId]), device.name).toEqual([]);
    }
    expect(await refusalOf(bob, 'replyToStatus', { id: 'late'.padEnd(22, '-'), ...about, text: 'x' })).toBe(
      'UnknownStatus',
    );
    expectWell(world, [ann, bob]);
  });

  it('S-STATUS-11 a repeated call posts once, and what is no status is refused by name', async () => {
    const { world, ann, bob } = await circle();
    const id = 'twice'.padEnd(22, '-');
    const text = (words: string, colour = 0) => ({ type: 'text', text: words, colour }) as const;
    const once = await call(ann, 'postStatus', { id, items: [text('a'), text('b')] });
    expect(await call(ann, 'postStatus', { id, items: [text('a'), text('b')] })).toEqual(once);
    await world.pass(MINUTE);
    expect(await textsOf(bob, ann)).toEqual(['a', 'b']);
    const refusal = (items: Parameters<typeof tryPost>[1]) => tryPost(ann, items);
    expect(await refusal([])).toBe('TooManyItems');
    expect(await refusal([text('')])).toBe('TooLong');
    expect(await refusal([text('x'.repeat(STATUS_LIMITS.text + 1))])).toBe('TooLong');
    expect(await refusal([text('x', 16)])).toBe('StatusInvalid');
    const media = { content: new Blob(['x']), kind: 'video', type: 'video/mp4', duration: 60_001 } as const;
    expect(await refusal([{ type: 'media', media }])).toBe('StatusInvalid');
    expect(await refusal([{ type: 'media', media: { ...media, kind: 'file' } }])).toBe('StatusInvalid');
    expect(await refusal([{ type: 'media', media: { ...media, content: new Blob([]) } }])).toBe('EmptyFile');
    const nobody = { type: 'only', accountIds: [] } as const;
    expect(await refusalOf(ann, 'setStatusAudience', { audience: nobody })).toBe('StatusInvalid');
    for (let n = 0; n < STATUS_LIMITS.alive - 2; n += 1) await post(ann, `number ${String(n)}`);
    expect(await refusal([text('one more')])).toBe('TooManyStatuses');
    expect(await refusalOf(ann, 'muteStatuses', { accountId: 'nobody', muted: true })).toBe('NotContact');
    expect(await refusalOf(ann, 'deleteStatus', { statusId: 'nowhere' })).toBe('UnknownStatus');
    expectWell(world, [ann, bob]);
  });
});

async function tryPost(
  device: SimulatedDevice,
  items: Parameters<typeof refusalOf<'postStatus'>>[2]['items'],
): Promise<string | undefined> {
  return refusalOf(device, 'postStatus', { id: 'try'.padEnd(22, '-'), items });
}

function expectWell(world: { readonly violations: readonly string[] }, devices: readonly SimulatedDevice[]): void {
  expect(devices.map(({ failure }) => failure)).toEqual(devices.map(() => undefined));
  expect(world.violations).toEqual([]);
}
