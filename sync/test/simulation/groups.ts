/**
 * Scenario `groups`: six people, one device each, in one or two groups. They write, edit, delete and react; found groups,
 * add, remove, leave, give roles and permissions, also two of them removing each other while apart; devices crash at any
 * write, are away for weeks, lines are cut, the relay dies and lies; in some seeds one member has a modified client, which
 * forges, backdates, equivocates, overreaches, goes on after its removal and keeps everything from one victim. Then
 * everything heals, time passes, and:
 *
 *   - all who are members by the acts have the same roster, roles, permissions, info and messages, the victim too;
 *   - nothing a user was told is safe is lost, nothing is there twice, nothing forged is shown;
 *   - who was removed has nothing that was written by those who knew;
 *   - each act that does not count is refused for its reason by everybody who has it;
 *   - no envelope id had two contents and no message key, of a session or a sender key, was used twice.
 */
import { addContact } from './setup.ts';
import { checkGroups } from './group-check.ts';
import { attack } from './group-rogue.ts';
import { duel, found, takeAction } from './group-steps.ts';
import { DAY, type GroupStory, HOUR, MINUTE, type Person, noteBeliefs } from './group-story.ts';
import type { SimulatedDevice } from './device.ts';
import { World } from './world.ts';

/** Of one story: short ones are told often, long ones now and then. */
const STEPS = { least: 15, most: 60 } as const;
const NAMES = ['Ann', 'Bob', 'Cleo', 'Dan', 'Eve', 'Fay'];
/** Who knows whom: steps around the circle. */
const KNOWN = [1, 2];

/** Plays one seed; answers what went wrong, nothing when all promises held. */
export async function playGroups(seed: number): Promise<readonly string[]> {
  const world = new World(seed, 0);
  const story = await begin(world);
  world.mischief.level = world.dice.pick([0, 0.3, 0.6, 1]);
  const steps = world.dice.between(STEPS.least, STEPS.most);
  for (let step = 0; step < steps; step += 1) await takeStep(story);
  await heal(story);
  await checkGroups(story);
  return world.violations;
}

async function begin(world: World): Promise<GroupStory> {
  const devices: SimulatedDevice[] = [];
  for (const name of NAMES) devices.push(await world.addDevice(name));
  await world.pass(2_000);
  const known = new Map<SimulatedDevice, string[]>(devices.map((device) => [device, []]));
  for (const [index, device] of devices.entries())
    for (const distance of KNOWN) {
      const other = devices[(index + distance) % devices.length] ?? device;
      await addContact(device, other);
      await addContact(other, device);
      known.get(device)?.push(accountOf(other));
      known.get(other)?.push(accountOf(device));
    }
  await world.pass(10_000);
  const people = devices.map((device): Person => ({
    ...{ name: device.name, device, accountId: accountOf(device), contacts: known.get(device) ?? [] },
  }));
  const [rogue, victim] = world.dice.chance(0.4) ? [people[1], people[3]] : [];
  if (rogue !== undefined && victim !== undefined && world.dice.chance(0.5))
    world.withholding = { by: rogue.device, from: victim.device };
  const story: GroupStory = {
    ...{
      world,
      people,
      rogue,
      groups: [],
      beliefs: new Map(),
      promised: [],
      tried: [],
      forbidden: new Set(),
      late: new Set(),
      badActs: [],
      added: [],
    },
    ...{ edits: new Map(), deleted: new Set(), next: 1 },
  };
  await found(story, world.dice.pick(people));
  await world.pass(world.dice.chance(0.7) ? MINUTE : 10);
  return story;
}

function accountOf({ engine }: SimulatedDevice): string {
  const id = engine?.self.identity.account.id;
  if (id === undefined) throw new Error('not open');
  return id;
}

async function takeStep(story: GroupStory): Promise<void> {
  const { world, people, rogue } = story;
  const { dice } = world;
  await trouble(world);
  const person = dice.pick(people);
  if (story.groups.length < 2 && person.device.isOpen && dice.chance(0.03)) await found(story, person);
  if (rogue !== undefined && dice.chance(0.15)) await attack(story, rogue);
  if (dice.chance(0.04)) await duel(story);
  await takeAction(story, person);
  if (dice.chance(0.02)) await longAway(story);
  else await world.pass(dice.chance(0.05) ? dice.between(10 * MINUTE, HOUR) : dice.between(5, 3_000));
  world.releaseKeptBack();
  for (const { device } of people) if (device.isDown && dice.chance(0.4)) await device.open();
  noteBeliefs(story);
}

/** Some are off for weeks, longer than the relay keeps anything or not. */
async function longAway({ world, people }: GroupStory): Promise<void> {
  const gone = people.filter(() => world.dice.chance(0.5));
  for (const { device } of world.dice.chance(0.5) ? gone : people) device.crash();
  await world.pass(HOUR);
  for (const { device } of people) if (!device.isDown) device.crash();
  await world.pass(world.dice.between(5 * DAY, 50 * DAY));
  for (const { device } of people) if (world.dice.chance(0.6)) await device.open();
}

async function trouble(world: World): Promise<void> {
  const { dice } = world;
  if (dice.chance(0.1)) dice.pick(world.devices).crashAtWrite(1 + dice.below(12));
  if (dice.chance(0.04)) dice.pick(world.devices).crash();
  if (dice.chance(0.04)) world.crashRelay();
  if (dice.chance(0.15)) {
    const device = dice.pick(world.devices);
    device.line.cut = !device.line.cut;
    if (device.line.cut) device.line.hangUp();
  }
  await world.settle();
}

async function heal({ world }: GroupStory): Promise<void> {
  world.mischief.level = 0;
  await everybodyOnline(world);
  await world.pass(HOUR);
  // Everybody is away for longer than the relay keeps anything back; then the old frames arrive all the same.
  for (const device of world.devices) device.crash();
  await world.pass(8 * DAY);
  await everybodyOnline(world);
  await world.pass(MINUTE);
  world.releaseKeptBack();
  await world.pass(HOUR);
}

async function everybodyOnline(world: World): Promise<void> {
  for (const device of world.devices) {
    device.disarm();
    device.line.cut = false;
    if (device.isDown) await device.open();
  }
}
