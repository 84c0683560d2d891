/** Calls that are over: the same lines and the same list on all devices of both, however they came to hear of them. */
import type { ChatId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CallEntry, type CallEvent, PHONE_LIMITS } from '../../src/api.ts';
import type { Engine } from '../../src/engine.ts';
import type { CallBody } from '../../src/records/index.ts';
import { type EndedCall, writeEndedCall } from '../../src/telephony/records.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { exportBackup, importBackup, newPhrase, restore } from '../support/backup.ts';
import { call } from '../support/calls.ts';
import { exportText } from '../support/export.ts';
import { circle, cut, found, removeFrom } from '../support/group.ts';
import { addOwnDevice } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const callIdOf = (name: string): string => name.padEnd(22, 'A');

function engineOf({ engine, name }: SimulatedDevice): Engine {
  if (engine === undefined) throw new Error(`${name} is not open`);
  return engine;
}

/** Writes down a call of this device's account that is over. */
async function ended(device: SimulatedDevice, chatId: string, about: Partial<EndedCall> & { name: string }) {
  const engine = engineOf(device);
  const { name, ...rest } = about;
  const said = { video: false, outcome: 'answered', seconds: 0, startedAt: engine.clock.now() - 5_000 } as const;
  return engine.lane.run(() =>
    writeEndedCall(engine, { chatId: chatId as ChatId, callId: callIdOf(name), ...said, ...rest }),
  );
}

/** The lines about calls, oldest first. */
async function lines(device: SimulatedDevice, chatId: string): Promise<readonly CallEvent[]> {
  const page = await look(device.client, 'timeline', { chatId, anchor: 'end', older: 399, newer: 0 });
  return page.items.flatMap((item) => (item.type === 'system' && item.event.type === 'Call' ? [item.event] : []));
}

const list = (device: SimulatedDevice): Promise<readonly CallEntry[]> => look(device.client, 'callList', null);
const namesOf = (entries: readonly { readonly callId: string }[]) =>
  entries.map(({ callId }) => callId.replace(/A+$/, ''));

/** The names in the list, each time that it is another one. */
function watchNames(device: SimulatedDevice): readonly (readonly string[])[] {
  const seen: (readonly string[])[] = [];
  device.client.watch('callList', null, (entries) => seen.push(entries.map(({ name }) => name)));
  return seen;
}

async function summary(device: SimulatedDevice, chatId: string) {
  return (await look(device.client, 'chats', null)).find((chat) => chat.chatId === chatId);
}

/** A record as a modified client would write it: nothing is checked but what its bytes can say. */
async function claim(device: SimulatedDevice, chatId: string, name: string, about: Partial<CallBody> = {}) {
  const { chats, composer, lane } = engineOf(device);
  const chat = chats.get(chatId as ChatId);
  if (chat === undefined) throw new Error('no such chat');
  const said = { kind: 'call', video: false, outcome: 'missed', seconds: 0, startedAt: 0 } as const;
  await lane.run(() => composer.compose(chat, { ...said, callId: callIdOf(name), ...about }));
}

describe('calls that are over', () => {
  it('S-CALLED-1 are one line and one entry on all devices of both, the same after a restart and for who comes late', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    await send(ann, chatId, 'shall we talk?');
    await world.pass(MINUTE);
    bob.crash();
    const startedAt = engineOf(ann).clock.now();
    await ended(ann, chatId, { name: 'first', seconds: 61.4, video: true, startedAt });
    await world.pass(MINUTE);
    await ended(tablet, chatId, { name: 'second', outcome: 'declined', seconds: 7 });
    await world.pass(MINUTE);
    await bob.open();
    await world.pass(5 * MINUTE);
    const laptop = await addOwnDevice(ann, 'Laptop', world);
    await world.pass(5 * MINUTE);
    await bob.restart();
    for (const device of [ann, bob, tablet, laptop]) {
      const mine = device === ann || device === laptop;
      const shown = await lines(device, chatId);
      expect(shown, device.name).toMatchObject([
        { video: true, outcome: 'answered', seconds: 61, names: { byMe: mine, by: 'Ann' } },
        { video: false, outcome: 'declined', seconds: 0, names: { byMe: !mine, by: 'Bob' } },
      ]);
      expect(await list(device), device.name).toMatchObject([
        { callId: callIdOf('second'), outgoing: !mine, outcome: 'declined', seconds: 0, chatId },
        { callId: callIdOf('first'), outgoing: mine, outcome: 'answered', seconds: 61, time: startedAt },
      ]);
      expect((await list(device)).map(({ name }) => name)).toEqual(Array(2).fill(mine ? 'Bob' : 'Ann'));
    }
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-CALLED-1 come by a backup and to a restored device as messages do', async () => {
    const { world, ann, bob, chatId } = await couple();
    await ended(ann, chatId, { name: 'kept', seconds: 5 });
    await world.pass(MINUTE);
    const phrase = await newPhrase(ann, world);
    const file = await exportBackup(ann);
    ann.crash();
    const again = world.makeDevice('Ann again');
    expect(await restore(again, phrase, world)).toBeUndefined();
    await importBackup(again, file);
    await world.pass(5 * MINUTE);
    expect(namesOf(await list(again))).toEqual(['kept']);
    expect((await lines(again, chatId)).length).toBe(1);
    expect([bob.failure, world.violations]).toEqual([undefined, []]);
  });

  it('S-CALLED-1 are written once, whatever a crash makes their device do again', async () => {
    const { world, ann, bob, chatId } = await couple();
    let forgotten = 0;
    const write = (seconds: number) =>
      engineOf(ann).lane.run(() =>
        writeEndedCall(
          engineOf(ann),
          {
            ...{ chatId: chatId as ChatId, callId: callIdOf('once') },
            video: false,
            outcome: 'answered',
            seconds,
            startedAt: 0,
          },
          () => {
            forgotten += 1;
          },
        ),
      );
    const first = await write(10);
    await ann.restart();
    expect(await write(20)).toBe(first);
    await world.pass(MINUTE);
    expect([await lines(ann, chatId), await lines(bob, chatId)]).toMatchObject([[{ seconds: 10 }], [{ seconds: 10 }]]);
    expect(forgotten).toBe(2);
    const nowhere = {
      ...{ chatId: 'nowhere' as ChatId, callId: callIdOf('x') },
      outcome: 'answered',
      startedAt: 0,
    } as const;
    const along = (): void => void (forgotten += 1);
    expect(await writeEndedCall(engineOf(ann), { ...nowhere, video: false, seconds: 1 }, along)).toBeUndefined();
    expect(forgotten, 'what is not written is forgotten too').toBe(3);
  });

  it('S-CALLED-2 of a caller who claims too much are within bounds', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(bob, chatId, 'hello');
    await world.pass(MINUTE);
    await claim(bob, chatId, 'twice');
    await claim(bob, chatId, 'twice', { outcome: 'answered', seconds: 99 });
    await world.pass(1_000);
    await ended(ann, chatId, { name: 'of-ann', outcome: 'cancelled' });
    await world.pass(MINUTE);
    await claim(bob, chatId, 'of-ann', { outcome: 'answered', seconds: 99 });
    await world.pass(MINUTE);
    const entries = await list(ann);
    expect(entries.map(({ outgoing, outcome, seconds }) => [outgoing, outcome, seconds])).toEqual([
      [true, 'cancelled', 0],
      [false, 'answered', 99],
      [false, 'missed', 0],
    ]);
    expect(entries.map(({ time }) => world.clock.now() - time < 32 * 24 * HOUR)).toEqual([true, true, true]);
    for (let n = 0; n < PHONE_LIMITS.entries + 5; n += 1) await claim(bob, chatId, `flood-${String(n)}-`);
    await world.pass(5 * MINUTE);
    await ended(ann, chatId, { name: 'after' });
    await world.pass(MINUTE);
    expect([(await list(ann)).length, (await lines(ann, chatId)).length]).toEqual([200, 200]);
    expect(namesOf(await lines(ann, chatId)).at(-1)).toBe('after');
    expect([await texts(ann, chatId), ann.failure]).toEqual([['hello'], undefined]);
  });

  it('S-CALLED-7 of a group are lines of its chat and in the list under its name, of who may write there', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    const notes = (await look(ann.client, 'chats', null)).find(({ kind }) => kind === 'self')?.chatId ?? '';
    await world.pass(MINUTE);
    await send(bob, chatId, 'hello');
    expect(await ended(ann, notes, { name: 'not' })).toBeUndefined();
    await claim(ann, notes, 'claimed');
    await ended(bob, chatId, { name: 'one' });
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) {
      expect(namesOf(await lines(device, chatId))).toEqual(['one']);
      const [entry, ...more] = await list(device);
      expect(entry).toMatchObject({ callId: callIdOf('one'), chatId, name: 'Climbing', outgoing: device === bob });
      expect([entry?.peer, entry?.by, more]).toEqual([undefined, device === bob ? undefined : 'Bob', []]);
      expect((await summary(device, chatId))?.preview?.kind).toBe('system');
    }
    await call(ann, 'setGroupPermissions', { chatId, write: 'admins' });
    await world.pass(MINUTE);
    expect(await ended(bob, chatId, { name: 'two' })).toBeUndefined();
    await claim(bob, chatId, 'three');
    await removeFrom(ann, chatId, cleo);
    await claim(cleo, chatId, 'four');
    await world.pass(MINUTE);
    expect(namesOf(await lines(ann, chatId))).toEqual(['one']);
    expect(namesOf(await list(cleo)), 'who was removed keeps what was').toEqual(['one']);
    expect([await lines(ann, notes), ann.failure]).toEqual([[], undefined]);
    const seen = watchNames(cleo);
    const rename = watchNames(ann);
    await call(ann, 'setGroupInfo', { chatId, name: 'Renamed' });
    await world.pass(MINUTE);
    expect([rename.at(-1), seen.at(-1)]).toEqual([['Renamed'], ['Climbing']]);
    expect(await exportText(ann)).toContain('"calls":[{');
  });

  it('S-CALLED-7 claimed twice by different members are an entry each, told apart by their records', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    for (const device of [bob, cleo]) await ended(device, chatId, { name: 'same' });
    await world.pass(MINUTE);
    const entries = await list(ann);
    expect(entries.map(({ by }) => by).sort()).toEqual(['Bob', 'Cleo']);
    expect([namesOf(entries), new Set(entries.map(({ id }) => id)).size]).toEqual([['same', 'same'], 2]);
  });

  it('S-CALLED-8 of a group are missed when nobody came to them, by everybody but who began them', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await world.pass(MINUTE);
    await ended(bob, chatId, { name: 'alone', outcome: 'missed' });
    await ended(bob, chatId, { name: 'answered', seconds: 5 });
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) {
      const own = device === bob;
      expect((await summary(device, chatId))?.unread, device.name).toBe(own ? 0 : 1);
      const entries = (await list(device)).map(({ outgoing, outcome }) => `${outgoing ? 'out' : 'in'} ${outcome}`);
      expect(entries.sort(), device.name).toEqual(own ? ['out answered', 'out missed'] : ['in answered', 'in missed']);
    }
  });

  it('S-CALLED-4 disappear by the timer of their chat, on all devices, also where they come too late', async () => {
    const { world, ann, bob, chatId } = await couple();
    await ended(ann, chatId, { name: 'before' });
    await call(ann, 'setTimer', { chatId, seconds: 3600 });
    await world.pass(MINUTE);
    await ended(ann, chatId, { name: 'short' });
    await world.pass(MINUTE);
    const seen: (readonly string[])[] = [];
    bob.client.watch('callList', null, (entries) => seen.push(namesOf(entries)));
    for (const device of [ann, bob]) expect(namesOf(await list(device))).toEqual(['short', 'before']);
    cut(bob, true);
    await ended(ann, chatId, { name: 'late' });
    await world.pass(2 * HOUR);
    cut(bob, false);
    await world.pass(5 * MINUTE);
    for (const device of [ann, bob]) {
      expect([namesOf(await list(device)), namesOf(await lines(device, chatId))], device.name).toEqual([
        ['before'],
        ['before'],
      ]);
      expect(engineOf(device).callLog.overdue()).toEqual([]);
    }
    expect([seen.at(0), seen.at(-1)]).toEqual([['short', 'before'], ['before']]);
    expect(seen.flat()).not.toContain('late');
    await bob.restart();
    expect(namesOf(await list(bob))).toEqual(['before']);
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-CALLED-5 that were missed are unread until they were seen, and move their chat up', async () => {
    const { world, ann, bob, chatId } = await couple();
    const tablet = await addOwnDevice(bob, 'Tablet', world);
    const message = await send(ann, chatId, 'hello');
    await world.pass(MINUTE);
    await call(bob, 'markRead', { chatId, upTo: message });
    const before = (await summary(ann, chatId))?.time ?? 0;
    await ended(ann, chatId, { name: 'one', outcome: 'cancelled' });
    await ended(ann, chatId, { name: 'two', outcome: 'declined' });
    const last = await ended(ann, chatId, { name: 'three', outcome: 'missed' });
    await world.pass(MINUTE);
    for (const device of [bob, tablet]) {
      const chat = await summary(device, chatId);
      expect(chat, device.name).toMatchObject({ unread: 2, mentioned: 0 });
      expect(chat?.preview).toMatchObject({ kind: 'system', text: '', mine: false, call: { outcome: 'missed' } });
      expect(chat?.time).toBeGreaterThan(before);
    }
    expect(await summary(ann, chatId)).toMatchObject({ unread: 0, preview: { mine: true } });
    const page = await look(tablet.client, 'timeline', { chatId, anchor: 'end', older: 10, newer: 0 });
    expect(page.items.find(({ id }) => id === page.firstUnread)).toMatchObject({ event: { callId: callIdOf('one') } });
    expect((await lines(bob, chatId)).map(({ outcome }) => outcome)).toEqual(['missed', 'declined', 'missed']);
    expect((await lines(ann, chatId)).map(({ outcome }) => outcome)).toEqual(['cancelled', 'declined', 'missed']);
    await call(bob, 'markRead', { chatId, upTo: message });
    expect((await summary(bob, chatId))?.unread).toBe(2);
    await call(tablet, 'markRead', { chatId, upTo: last ?? '' });
    await world.pass(MINUTE);
    for (const device of [bob, tablet]) expect((await summary(device, chatId))?.unread, device.name).toBe(0);
    await send(ann, chatId, 'never mind');
    await world.pass(MINUTE);
    expect(await summary(bob, chatId)).toMatchObject({ unread: 1, preview: { kind: 'message', text: 'never mind' } });
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-CALLED-6 of strangers are not in the list, and all of a chat are in the export', async () => {
    const { world, ann, bob, chatId } = await couple();
    const eve = await world.addDevice('Eve');
    const withBob = await addContact(eve, bob);
    await send(eve, withBob, 'hello');
    await ended(eve, withBob, { name: 'stranger', outcome: 'missed' });
    await ended(ann, chatId, { name: 'friend', seconds: 5 });
    await world.pass(MINUTE);
    expect(namesOf(await list(bob))).toEqual(['friend']);
    await call(bob, 'acceptRequest', { chatId: withBob });
    await world.pass(MINUTE);
    expect(namesOf(await list(bob)).sort()).toEqual(['friend', 'stranger']);
    const text = await exportText(bob);
    expect(text).toContain('"calls":[{');
    expect(text).toContain('"from":"Ann","video":false,"outcome":"answered","seconds":5}]');
  });
});
