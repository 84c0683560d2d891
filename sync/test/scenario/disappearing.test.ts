/** Messages that disappear: the same moment for everybody, whoever was there at that moment. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SearchResults, TimelinePage } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { call, refusalOf } from '../support/calls.ts';
import { exportText } from '../support/export.ts';
import { circle, cut, found } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('disappearing messages', () => {
  it('S-TIMER-1 of two settings apart one counts on both sides, and both are lines in the chat', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'hello');
    await send(bob, chatId, 'hello');
    await world.pass(MINUTE);
    for (const device of [ann, bob]) cut(device, true);
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    await call(bob, 'setTimer', { chatId, seconds: 60 });
    for (const device of [ann, bob]) cut(device, false);
    await world.pass(5 * MINUTE);
    const [here, there] = [await timerOf(ann, chatId), await timerOf(bob, chatId)];
    expect(here).toBe(there);
    expect([3600, 60]).toContain(here);
    for (const device of [ann, bob]) {
      const lines = (await lineSeconds(device, chatId)).sort((a, b) => a - b);
      expect(lines, device.name).toEqual([60, 3600]);
      await device.restart();
      expect(await timerOf(device, chatId)).toBe(here);
    }
    await world.pass(MINUTE);
    await call(ann, 'setTimer', { chatId, seconds: 0 });
    await call(ann, 'setTimer', { chatId, seconds: 0 });
    await world.pass(MINUTE);
    expect([await timerOf(bob, chatId), (await lineSeconds(bob, chatId)).length]).toEqual([0, 3]);
    expect(world.violations).toEqual([]);
  });

  it('S-TIMER-2 S-TIMER-3 what is written while it is on is gone at its time, also from the list, search and the export', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'before');
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    await world.pass(MINUTE);
    const quoted = await send(bob, chatId, 'canary in the hour');
    await call(bob, 'setTimer', { chatId, seconds: 0 });
    await world.pass(MINUTE);
    await call(ann, 'sendMessage', { id: 'a-reply'.padEnd(22, '-'), chatId, text: 'after', replyTo: quoted });
    await world.pass(MINUTE);
    for (const device of [ann, bob])
      expect(await texts(device, chatId)).toEqual(['before', 'canary in the hour', 'after']);
    const [shown, hits] = [watchTexts(ann, chatId), watchHits(ann, 'canary')];
    await world.pass(HOUR);
    for (const device of [ann, bob]) {
      expect(await texts(device, chatId), device.name).toEqual(['before', 'after']);
      expect(await everythingOf(device)).not.toContain('canary');
      expect((await device.timeline(chatId)).at(-1)?.replyTo).toMatchObject({ missing: true });
      expect(device.engine?.projection.overdue()).toEqual([]);
    }
    expect([shown().at(0)?.length, shown().at(-1)]).toEqual([3, ['before', 'after']]);
    expect([hits().at(0), hits().at(-1)]).toEqual([1, 0]);
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-TIMER-1 S-TIMER-3 in a group the act counts, for all devices of all members, and for pins', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    expect(await refusalOf(bob, 'setTimer', { chatId, seconds: 3600 })).toBe('NotAllowed');
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await world.pass(MINUTE);
    const target = await send(cleo, chatId, 'gone in an hour');
    await send(tablet, chatId, 'so is this');
    await world.pass(MINUTE);
    await call(ann, 'setPinned', { chatId, recordId: target, pinned: true });
    await world.pass(MINUTE);
    const all = [ann, bob, cleo, tablet];
    for (const device of all) {
      expect((await texts(device, chatId)).toSorted(), device.name).toEqual(['gone in an hour', 'so is this']);
      expect(await look(device.client, 'chat', { chatId })).toMatchObject({ timer: 3600, pins: [{ state: 'here' }] });
      expect((await device.timeline(chatId))[0]?.expiresAt).toBeGreaterThan(world.clock.now());
    }
    await world.pass(HOUR);
    for (const device of all) {
      expect(await texts(device, chatId), device.name).toEqual([]);
      const chat = await look(device.client, 'chat', { chatId });
      expect(chat?.pins).toEqual([{ id: target, state: 'missing', name: '', mine: false, text: '' }]);
      expect([chat?.preview, chat?.unread]).toEqual([undefined, 0]);
    }
    expect(world.violations).toEqual([]);
  });

  it('S-TIMER-4 a device that was off, or is linked afterwards, never shows it', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'before');
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    await world.pass(MINUTE);
    bob.crash();
    for (let n = 0; n < 200; n += 1) await send(ann, chatId, `canary ${String(n)}`);
    await world.pass(2 * HOUR);
    await send(ann, chatId, 'in time');
    await bob.open();
    const [shown, hits] = [watchTexts(bob, chatId), watchHits(bob, 'canary')];
    const tablet = await addOwnDevice(ann, 'Tablet', world);
    const there = watchTexts(tablet, chatId);
    await world.pass(5 * MINUTE);
    for (const device of [bob, tablet]) {
      expect(await texts(device, chatId), device.name).toEqual(['before', 'in time']);
      expect(await everythingOf(device)).not.toContain('canary');
    }
    const ever = [...shown(), ...there()].flat();
    expect([ever.filter((text) => text.startsWith('canary')), Math.max(...hits())]).toEqual([[], 0]);
    expect((await look(bob.client, 'chat', { chatId }))?.unread).toBe(2);
    expect([bob.failure, tablet.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-TIMER-5 afterwards nothing can be said of it, and what others say of it shows nothing', async () => {
    const { world, ann, bob, chatId } = await couple();
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    await world.pass(MINUTE);
    const recordId = await send(ann, chatId, 'short');
    await world.pass(MINUTE);
    bob.setClock(-2 * HOUR);
    await world.pass(HOUR);
    expect(await texts(bob, chatId)).toEqual(['short']);
    await call(bob, 'react', { chatId, recordId, emoji: '👍' });
    await world.pass(MINUTE);
    expect(await texts(ann, chatId)).toEqual([]);
    expect(await refusalOf(ann, 'editMessage', { chatId, recordId, text: 'longer' })).toBe('UnknownMessage');
    expect(await refusalOf(ann, 'react', { chatId, recordId, emoji: '👍' })).toBe('UnknownMessage');
    await world.pass(2 * HOUR);
    expect(await texts(bob, chatId)).toEqual([]);
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-TIMER-6 a timer is a whole number of seconds, at most a year', async () => {
    const { ann, chatId } = await couple();
    const year = 365 * 24 * 3600;
    for (const seconds of [-1, 1.5, year + 1, Number.NaN])
      expect(await refusalOf(ann, 'setTimer', { chatId, seconds })).toBe('TooLong');
    expect(await refusalOf(ann, 'setTimer', { chatId: 'nowhere', seconds: 60 })).toBe('UnknownChat');
    await call(ann, 'setTimer', { chatId, seconds: year });
    expect(await timerOf(ann, chatId)).toBe(year);
    const notes = (await look(ann.client, 'chats', null)).find(({ kind }) => kind === 'self');
    await call(ann, 'setTimer', { chatId: notes?.chatId ?? '', seconds: 60 });
    expect(await timerOf(ann, notes?.chatId ?? '')).toBe(60);
  });

  it('S-TIMER-7 a sweep goes on after a restart and after a full disk', async () => {
    const { world, ann, bob, chatId } = await couple();
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    for (let n = 0; n < 150; n += 1) await send(ann, chatId, `message ${String(n)}`);
    await world.pass(5 * MINUTE);
    bob.crash();
    ann.isFull = true;
    await world.pass(2 * HOUR);
    expect([await texts(ann, chatId), ann.engine?.projection.overdue()]).toEqual([[], [chatId]]);
    ann.isFull = false;
    await bob.open();
    await bob.restart();
    await world.pass(5 * MINUTE);
    for (const device of [ann, bob]) {
      expect(device.engine?.projection.overdue(), device.name).toEqual([]);
      expect(await device.engine?.projection.messageCount(chatId), device.name).toBe(0);
    }
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });
});

async function timerOf(device: SimulatedDevice, chatId: string): Promise<number | undefined> {
  return (await look(device.client, 'chat', { chatId }))?.timer;
}

/** What the lines about the timer say, oldest first. */
async function lineSeconds(device: SimulatedDevice, chatId: string): Promise<number[]> {
  const page = await look(device.client, 'timeline', { chatId, anchor: 'end', older: 399, newer: 0 });
  return page.items.flatMap((item) =>
    item.type === 'system' && item.event.type === 'Timer' ? [item.event.seconds] : [],
  );
}

/** Everything that was on the screen of a chat from now on. */
function watchTexts(device: SimulatedDevice, chatId: string): () => readonly (readonly string[])[] {
  const pages: TimelinePage[] = [];
  device.client.watch('timeline', { chatId, anchor: 'end', older: 399, newer: 0 }, (page) => pages.push(page));
  return () => pages.map(({ items }) => items.flatMap((item) => (item.type === 'message' ? [item.text] : [])));
}

function watchHits(device: SimulatedDevice, text: string): () => readonly number[] {
  const results: SearchResults[] = [];
  device.client.watch('search', { text, limit: 50 }, (result) => results.push(result));
  return () => results.map(({ hits }) => hits.length);
}

/** The chat list, what a search finds, and the export. */
async function everythingOf(device: SimulatedDevice): Promise<string> {
  const chats = await look(device.client, 'chats', null);
  const hits = await look(device.client, 'search', { text: 'canary', limit: 50 });
  return JSON.stringify([chats, hits]) + (await exportText(device));
}
