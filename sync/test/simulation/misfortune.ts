/** What some scenarios have in common: three people who know each other, and what happens to devices and lines meanwhile. */
import type { AccountId } from '@securechat/crypto';
import { accountOf } from '../support/group.ts';
import { link } from '../support/linking.ts';
import type { SimulatedDevice } from './device.ts';
import { addContact } from './setup.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface Somebody {
  readonly name: string;
  readonly accountId: AccountId;
  readonly devices: readonly SimulatedDevice[];
}

export interface Pair {
  readonly chatId: string;
  readonly between: readonly [Somebody, Somebody];
}

/** Ann and Bob with two devices each, and Cleo with one; all are contacts of each other, and settled. */
export async function gatherThree(world: World): Promise<{ people: readonly Somebody[]; pairs: readonly Pair[] }> {
  const firsts: SimulatedDevice[] = [];
  for (const name of ['Ann', 'Bob', 'Cleo']) firsts.push(await world.addDevice(name));
  await world.pass(2_000);
  const chats: { readonly chatId: string; readonly of: readonly [SimulatedDevice, SimulatedDevice] }[] = [];
  for (const [at, one] of firsts.entries())
    for (const other of firsts.slice(at + 1)) {
      await addContact(one, other);
      chats.push({ chatId: await addContact(other, one), of: [one, other] });
    }
  await world.pass(10_000);
  const people = new Map<SimulatedDevice, Somebody>();
  for (const [at, first] of firsts.entries()) {
    const devices = [first];
    if (at < 2) {
      const second = world.makeDevice(`${first.name} 2`);
      await second.open();
      await link(first, second, world);
      devices.push(second);
    }
    people.set(first, { name: first.name, accountId: accountOf(first) as AccountId, devices });
  }
  await world.pass(MINUTE);
  const pairs = chats.flatMap(({ chatId, of }): Pair[] => {
    const [one, other] = [people.get(of[0]), people.get(of[1])];
    return one && other ? [{ chatId, between: [one, other] }] : [];
  });
  return { people: [...people.values()], pairs };
}

/** In some stories clocks are wrong, by a day at most, or by less; answers by how much. */
export function setClocks({ dice, devices }: World, longest = DAY): Map<SimulatedDevice, number> {
  const most = dice.pick([0, MINUTE, longest]);
  const skews = new Map(devices.map((device) => [device, Math.round(dice.between(-most, most))]));
  for (const [device, skew] of skews) device.setClock(skew);
  return skews;
}

/** How likely each is in one step. */
export interface Odds {
  /** A device dies at one of its next writes, or now; the relay does. */
  readonly fuse: number;
  readonly crash: number;
  readonly relay: number;
  /** A line is cut, or mended. */
  readonly cut: number;
  /** All that one device says to another is kept back from now on, or not any more. */
  readonly withhold: number;
}

export async function strike(world: World, odds: Odds): Promise<void> {
  const { dice, devices } = world;
  if (dice.chance(odds.fuse)) dice.pick(devices).crashAtWrite(1 + dice.below(12));
  if (dice.chance(odds.crash)) dice.pick(devices).crash();
  if (dice.chance(odds.relay)) world.crashRelay();
  if (dice.chance(odds.cut)) {
    const { line } = dice.pick(devices);
    line.cut = !line.cut;
    if (line.cut) line.hangUp();
  }
  if (dice.chance(odds.withhold)) {
    const [by, from] = [dice.pick(devices), dice.pick(devices)];
    world.withholding = by === from ? undefined : { by, from };
  }
  await world.settle();
}

/** Nothing bad happens to devices and lines any more, and all are open. */
export async function bringBack(world: World): Promise<void> {
  for (const device of world.devices) {
    device.disarm();
    device.line.cut = false;
    if (device.isDown) await device.open();
  }
  await world.settle();
}
