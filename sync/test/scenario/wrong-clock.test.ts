/** Clocks are wrong: by minutes always, by days sometimes. Nothing is lost by it for good. */
import { beforeAll, describe, expect, it } from 'vitest';
import { couple, prepare, send, texts } from '../simulation/setup.ts';
import type { SimulatedDevice } from '../simulation/device.ts';

beforeAll(prepare);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function alarms(device: SimulatedDevice): readonly string[] {
  return device.engine?.alarms.list.get().map((alarm) => alarm.type) ?? [];
}

describe('wrong clock', () => {
  it('S-CLOCK-1 of a contact, days ahead: refused with an alarm, and taken when its time has come', async () => {
    const { world, ann, bob, chatId } = await couple();
    ann.setClock(3 * DAY);
    await send(ann, chatId, 'from the future');
    await world.pass(10 * MINUTE);
    expect(alarms(bob)).toEqual(['ClockAhead']);
    expect(await texts(bob, chatId)).toEqual([]);
    await world.pass(5 * DAY);
    expect(await texts(bob, chatId)).toEqual(['from the future']);
    expect(world.violations).toEqual([]);
  });

  it('S-CLOCK-2 of this device, set right again: what is written afterwards is taken at once', async () => {
    const { world, ann, bob, chatId } = await couple();
    await send(ann, chatId, 'before');
    await world.pass(MINUTE);
    ann.setClock(400 * DAY);
    await send(ann, chatId, 'from the future');
    await world.pass(10 * MINUTE);
    ann.setClock(0);
    await send(ann, chatId, 'right again');
    await send(ann, chatId, 'and again');
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).toEqual(['before', 'right again', 'and again']);
    await send(bob, chatId, 'I hear you');
    await world.pass(10 * MINUTE);
    await ann.restart();
    await send(ann, chatId, 'after a restart');
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).toEqual(['before', 'right again', 'and again', 'I hear you', 'after a restart']);
    expect(await texts(ann, chatId)).toEqual([...(await texts(bob, chatId)), 'from the future']);
    expect([ann.failure, bob.failure, world.violations]).toEqual([undefined, undefined, []]);
  });

  it('S-CLOCK-2 also when what was written under the wrong clock was not published yet', async () => {
    const { world, ann, bob, chatId } = await couple();
    ann.setClock(400 * DAY);
    const wrong = send(ann, chatId, 'from the future');
    ann.setClock(0);
    await Promise.all([wrong, send(ann, chatId, 'right again')]);
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).toContain('right again');
    expect(ann.failure).toBeUndefined();
  });

  it('S-CLOCK-3 put back by a year while things wait: they go out all the same', async () => {
    const { world, ann, bob, chatId } = await couple();
    bob.crash();
    ann.line.cut = true;
    ann.line.hangUp();
    await send(ann, chatId, 'waiting');
    await world.pass(MINUTE);
    ann.setClock(-365 * DAY);
    ann.line.cut = false;
    await bob.open();
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).toEqual(['waiting']);
    await send(bob, chatId, 'heard');
    await world.pass(10 * MINUTE);
    expect(await texts(bob, chatId)).toEqual(['waiting', 'heard']);
    expect(ann.failure).toBeUndefined();
  });
});
