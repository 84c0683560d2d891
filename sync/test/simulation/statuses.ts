/**
 * Scenario `status`: three people, two of them with two devices, show each other things for a day, delete some, and look at them,
 * on whatever device is at hand. Clocks are wrong by up to a day; devices are off for hours or killed at any write; the relay
 * drops, repeats, delays and swaps, or keeps all that one device says from another; one of them has a client that says
 * what is not so. Then everything heals, and:
 *
 *   - who is meant has exactly what lives, on all devices, and so has its author; nobody else ever has anything;
 *   - the author's devices know the same views: those that were, and no other;
 *   - days later nothing is left, in no row and no document, whatever came late.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { StatusAudience } from '../../src/api.ts';
import type { Part } from '../../src/payload/payload.ts';
import { partOf, post, say, textsOf, tracesOf, viewsOf } from '../support/status.ts';
import type { SimulatedDevice } from './device.ts';
import { type Somebody, bringBack, gatherThree, setClocks, strike } from './misfortune.ts';
import { attempt } from './rare.ts';
import { describe } from './report.ts';
import { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = { least: 10, most: 40 } as const;
const WORD = 'canary';

const ODDS = { fuse: 0.1, crash: 0.08, relay: 0.03, cut: 0.1, withhold: 0.1 } as const;

interface Person extends Somebody {
  /** Says what is not so. */
  readonly lies: boolean;
}

interface Shown {
  readonly text: string;
  readonly by: Person;
  /** Accounts. */
  readonly audience: ReadonlySet<string>;
  /** By the true clock, and by the clock of the device it was posted on. */
  readonly at: number;
  readonly signed: number;
  statusId: string | undefined;
  /** The user was told so; or it may have been cut short. */
  deleted: 'no' | 'perhaps' | 'yes';
  readonly views: Map<string, 'perhaps' | 'yes'>;
}

interface Story {
  readonly world: World;
  readonly people: readonly Person[];
  readonly all: Shown[];
  readonly skews: Map<SimulatedDevice, number>;
  next: number;
}

/** Plays one seed; answers what went wrong, nothing when all promises held. */
export async function playStatuses(seed: number): Promise<readonly string[]> {
  const world = new World(seed, 0);
  const story = await begin(world);
  world.mischief.level = world.dice.pick([0, 0.3, 0.6]);
  const steps = world.dice.between(STEPS.least, STEPS.most);
  for (let step = 0; step < steps; step += 1) await takeStep(story);
  await heal(story);
  await checkNow(story);
  await checkLater(story);
  return world.violations;
}

async function begin(world: World): Promise<Story> {
  const { people } = await gatherThree(world);
  return {
    world,
    people: people.map((somebody, at) => ({ ...somebody, lies: at === 1 })),
    ...{ all: [], skews: setClocks(world), next: 1 },
  };
}

async function takeStep(story: Story): Promise<void> {
  const { world, people } = story;
  const { dice } = world;
  await strike(world, ODDS);
  const person = dice.pick(people);
  const open = person.devices.filter((device) => device.isOpen);
  if (open.length > 0) await act(story, person, dice.pick(open));
  if (dice.chance(0.1)) await away(world);
  else await world.pass(dice.chance(0.05) ? dice.between(MINUTE, HOUR) : dice.between(5, 5_000));
  world.releaseKeptBack();
  for (const device of world.devices) if (device.isDown && dice.chance(0.3)) await device.open();
  await checkOutsiders(story);
}

/** Everybody is off for hours; who was off before stays so for longer. */
async function away(world: World): Promise<void> {
  const were = world.devices.filter((device) => !device.isDown);
  for (const device of were) device.crash();
  await world.pass(world.dice.between(HOUR, 9 * HOUR));
  for (const device of were) await device.open();
}

async function act(story: Story, person: Person, device: SimulatedDevice): Promise<void> {
  const { dice } = story.world;
  const roll = dice.below(10);
  if (roll < 4) await show(story, person, device);
  else if (roll === 4) await takeBack(story, person, device);
  else if (roll < 8 || !person.lies) await lookAt(story, person, device);
  else await lie(story, person, device);
}

async function show(story: Story, by: Person, device: SimulatedDevice): Promise<void> {
  const { world, people, skews } = story;
  const others = people.filter((other) => other !== by).map(({ accountId }) => accountId);
  const named = world.dice.pick(others);
  const type = world.dice.pick(['all', 'except', 'only'] as const);
  const audience: StatusAudience = type === 'all' ? { type } : { type, accountIds: [named] };
  const meant = others.filter((id) => type === 'all' || (id === named) === (type === 'only'));
  const text = `${WORD} ${String(story.next)} of ${device.name}`;
  story.next += 1;
  const at = world.clock.now();
  const shown: Shown = {
    ...{ text, by, audience: new Set(meant), at, signed: at + (skews.get(device) ?? 0), deleted: 'no' },
    ...{ statusId: undefined, views: new Map() },
  };
  story.all.push(shown);
  shown.statusId = await attempt(() => post(device, text, audience));
}

async function takeBack({ world, all }: Story, by: Person, device: SimulatedDevice): Promise<void> {
  const mine = all.filter((shown) => shown.by === by && shown.statusId !== undefined && shown.deleted === 'no');
  if (mine.length === 0) return;
  const shown = world.dice.pick(mine);
  shown.deleted = 'perhaps';
  const statusId = shown.statusId ?? '';
  const answer = await attempt(() => device.client.call('deleteStatus', { statusId }));
  if (answer?.ok === true) shown.deleted = 'yes';
  else if (answer !== undefined) shown.deleted = 'no';
}

async function lookAt({ world, all }: Story, person: Person, device: SimulatedDevice): Promise<void> {
  const theirs = all.filter(({ by, statusId }) => by !== person && statusId !== undefined);
  if (theirs.length === 0) return;
  const shown = world.dice.pick(theirs);
  const about = { authorId: shown.by.accountId, statusId: shown.statusId ?? '' };
  const answer = await attempt(() => device.client.call('viewStatus', about));
  if (answer?.ok === false) return;
  if (answer?.ok === true) shown.views.set(person.accountId, 'yes');
  else if (!shown.views.has(person.accountId)) shown.views.set(person.accountId, 'perhaps');
  if (!shown.audience.has(person.accountId)) world.violations.push(`${device.name} saw ${shown.text}`);
}

/** That somebody else saw it, that somebody else's is over, and somebody else's status, as theirs or as one's own. */
async function lie({ world, all, people }: Story, liar: Person, device: SimulatedDevice): Promise<void> {
  const known = all.filter(({ by, statusId }) => by !== liar && statusId !== undefined);
  if (known.length === 0) return;
  const { by, statusId = '' } = world.dice.pick(known);
  const other = people.find((person) => person !== liar && person !== by);
  if (other === undefined) return;
  const [id, account] = [statusId as ChatId, by.accountId];
  const views = [{ account: other.accountId, seenAt: world.clock.now() }];
  const stolen = await attempt(() => partOf(device, statusId));
  const lies: Part[] = [
    { type: 'statusState', account, statusId: id, isDeleted: true, audience: [liar.accountId], views },
    { type: 'statusGone', statusId: id },
    ...(stolen === undefined ? [] : [stolen, { ...stolen, account: liar.accountId }]),
  ];
  const whom = world.dice.pick([...by.devices, ...other.devices]);
  if (whom.isOpen) await attempt(() => say(device, whom, [world.dice.pick(lies)]));
}

/** Nobody ever has anything that they were not meant to have. */
async function checkOutsiders(story: Story): Promise<void> {
  for (const { devices, accountId } of story.people)
    for (const device of devices) {
      const rows = device.isOpen ? (device.engine?.statuses.book.all() ?? []) : [];
      for (const row of rows) {
        if (row.state !== 'live') continue;
        const shown = story.all.find(({ text }) => text === row.text);
        const isMeant = shown?.by.accountId === accountId || shown?.audience.has(accountId) === true;
        if (!isMeant || row.account !== shown?.by.accountId)
          story.world.violations.push(`${device.name} has ${row.text}`);
      }
    }
  await story.world.settle();
}

async function heal({ world }: Story): Promise<void> {
  world.mischief.level = 0;
  world.withholding = undefined;
  await bringBack(world);
  await world.pass(20 * MINUTE);
  // What is told again comes first, then own devices compare what came of it.
  for (let round = 0; round < 2; round += 1) {
    for (const device of world.devices) {
      device.crash();
      await device.open();
      await world.pass(2 * MINUTE);
    }
    await world.pass(15 * MINUTE);
  }
}

async function checkNow(story: Story): Promise<void> {
  const { world, people, all } = story;
  for (const device of world.devices) {
    if (device.failure !== undefined) world.violations.push(`${device.name} broke: ${describe(device.failure)}`);
    if (!device.isOpen) world.violations.push(`${device.name} is not open in the end`);
  }
  if (world.violations.length > 0) return;
  await checkOutsiders(story);
  for (const author of people) {
    for (const { devices, accountId } of people)
      for (const device of devices) await checkShown(story, author, device, accountId);
    for (const shown of all) if (shown.by === author) await checkViews(story, shown);
  }
}

/** Exactly what lives, as far as the clocks leave no doubt. */
async function checkShown(
  { world, all, skews }: Story,
  author: Person,
  device: SimulatedDevice,
  accountId: AccountId,
): Promise<void> {
  const [first] = author.devices;
  if (first === undefined) return;
  const texts = await textsOf(device, first);
  const now = world.clock.now() + (skews.get(device) ?? 0);
  const of = all.filter(({ by }) => by === author);
  for (const text of texts)
    if (texts.indexOf(text) !== texts.lastIndexOf(text)) world.violations.push(`${device.name} has ${text} twice`);
  for (const { text, audience, at, signed, statusId, deleted } of of) {
    const isMeant = author.accountId === accountId || audience.has(accountId);
    const came = at + (skews.get(device) ?? 0);
    const isOver = deleted === 'yes' || now >= signed + DAY;
    const isSure = statusId !== undefined && deleted === 'no' && now < Math.min(signed, came) + DAY - MINUTE;
    // Own devices compared last when they came back in the second round of healing.
    const isTakeable = signed <= now + DAY - 30 * MINUTE;
    const isHere = texts.includes(text);
    if (isHere && (!isMeant || isOver)) world.violations.push(`${device.name} shows ${text}`);
    if (!isHere && isMeant && isSure && isTakeable) world.violations.push(`${device.name} lacks ${text}`);
  }
}

/** The author's devices know the same, and only what is so. */
async function checkViews({ world }: Story, shown: Shown): Promise<void> {
  const { by, statusId, text, views } = shown;
  if (statusId === undefined) return;
  const known: string[] = [];
  for (const device of by.devices) {
    const seen = await viewsOf(device, statusId);
    if (seen === null) continue;
    known.push(JSON.stringify(seen));
    for (const [account] of seen)
      if (!views.has(account)) world.violations.push(`${device.name} believes that ${account} saw ${text}`);
    for (const [account, sure] of views)
      if (sure === 'yes' && !seen.some(([one]) => one === account))
        world.violations.push(`${device.name} does not know that ${account} saw ${text}`);
  }
  if (new Set(known).size > 1) world.violations.push(`views of ${text} differ:\n  ${known.join('\n  ')}`);
}

/** When all of it is over, and what was kept back for a week has come. */
async function checkLater({ world, all }: Story): Promise<void> {
  if (world.violations.length > 0) return;
  for (const days of [3, 5]) {
    for (const device of world.devices) device.crash();
    await world.pass(days * DAY);
    await bringBack(world);
    await checkTraces(world, all);
    await world.pass(2 * MINUTE);
    world.releaseKeptBack();
    await world.pass(5 * MINUTE);
    await checkTraces(world, all);
  }
  for (const device of world.devices) {
    await device.restart();
    const { length } = device.engine?.statuses.book.all() ?? [];
    if (length !== 0) world.violations.push(`${device.name} remembers ${String(length)} statuses`);
  }
}

async function checkTraces({ devices, violations }: World, all: readonly Shown[]): Promise<void> {
  const statusIds = all.flatMap(({ statusId = [] }) => statusId);
  for (const device of devices)
    for (const trace of await tracesOf(device, [WORD], statusIds)) violations.push(`${device.name}: ${trace}`);
}
