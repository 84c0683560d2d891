/**
 * Scenario `calls`: three people, two of them with two devices, call each other, answer on one device or on both at once,
 * call both at the same time, move a call from one device to the other, hang up at any moment, and close the tab that they talk
 * from. Clocks are wrong by up to half a day;
 * devices are killed at any write; lines are cut; the relay drops, repeats, delays, swaps and replays, or keeps all that one
 * device says from another. Then everything heals, and:
 *
 *   - no call that was over on a device was ever on there again, and in the end none is on anywhere, days later neither;
 *   - who still talks does so with each other, and all who were shown a comparison of a call were shown the same;
 *   - what the tabs say to each other comes, once and in order;
 *   - each call that rang, however often it moved, is written down once, by the account that called, and all devices of both tell the same of it;
 *   - all of them can call, and be called, as ever, whatever single word of that is lost (`call-trials.ts`).
 */
import { type AccountId, toBase64Url } from '@securechat/crypto';
import { checkRecords, checkTalk } from './call-check.ts';
import { checkWorks } from './call-trials.ts';
import { bringBack, gatherThree, setClocks, strike } from './misfortune.ts';
import { type KeyRing, PhoneTab } from './phone-tab.ts';
import { attempt } from './rare.ts';
import { describe } from './report.ts';
import { look } from './setup.ts';
import { World } from './world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const STEPS = { least: 15, most: 60 } as const;
const CALL_ID_BYTES = 16;
const ODDS = { fuse: 0.06, crash: 0.04, relay: 0.03, cut: 0.08, withhold: 0.06 } as const;

export interface Caller {
  readonly name: string;
  readonly accountId: AccountId;
  readonly tabs: readonly PhoneTab[];
}

export interface Chat {
  readonly chatId: string;
  readonly between: readonly [Caller, Caller];
}

export interface Started {
  readonly callId: string;
  readonly chatId: string;
  readonly by: Caller;
  readonly to: Caller;
  readonly from: PhoneTab;
  /** By the true clock. */
  readonly at: number;
  /** The user was told that it rings; or the device died under it, or was off line. */
  readonly is: 'sure' | 'perhaps';
}

export interface CallStory {
  readonly world: World;
  readonly people: readonly Caller[];
  readonly chats: readonly Chat[];
  readonly started: Started[];
  /** Calls that a device of the callee was told to answer, or not to. */
  readonly answered: Set<string>;
  /** Calls that somebody moved, by the name of their chat: of which one it may be that nobody is left to tell. */
  readonly moved: Set<string>;
}

/** Plays one seed; answers what went wrong, nothing when all promises held. */
export async function playCalls(seed: number): Promise<readonly string[]> {
  const world = new World(seed, 0);
  const story = await begin(world);
  world.mischief.level = world.dice.pick([0, 0.3, 0.6]);
  const steps = world.dice.between(STEPS.least, STEPS.most);
  for (let step = 0; step < steps; step += 1) await takeStep(story);
  await heal(story);
  if (world.violations.length > 0) return world.violations;
  await checkTalk(story);
  await endAll(story);
  await restartAll(story);
  await checkRecords(story);
  await checkWorks(story);
  await checkLater(story);
  return world.violations;
}

async function begin(world: World): Promise<CallStory> {
  const { people: three, pairs } = await gatherThree(world);
  const keys: KeyRing = new Map();
  const people = new Map(
    three.map(({ devices, ...about }) => [
      about.accountId,
      { ...about, tabs: devices.map((device) => new PhoneTab(world, device, keys)) },
    ]),
  );
  const chats = pairs.flatMap(({ chatId, between }): Chat[] => {
    const [one, other] = [people.get(between[0].accountId), people.get(between[1].accountId)];
    return one && other ? [{ chatId, between: [one, other] }] : [];
  });
  // Two devices are a day apart at most: what is dated later than that is taken in later, too (S-CLOCK-1).
  setClocks(world, DAY / 2);
  const story: CallStory = {
    world,
    people: [...people.values()],
    chats,
    started: [],
    answered: new Set(),
    moved: new Set(),
  };
  attachAll(story);
  return story;
}

function tabsOf({ people }: CallStory): readonly PhoneTab[] {
  return people.flatMap(({ tabs }) => tabs);
}

function attachAll(story: CallStory): void {
  for (const tab of tabsOf(story)) tab.attach();
}

async function takeStep(story: CallStory): Promise<void> {
  const { world } = story;
  const { dice } = world;
  await strike(world, ODDS);
  attachAll(story);
  await act(story);
  await world.pass(dice.chance(0.05) ? dice.between(20 * SECOND, MINUTE) : dice.between(5, 6 * SECOND));
  world.releaseKeptBack();
  for (const device of world.devices) if (device.isDown && dice.chance(0.4)) await device.open();
  attachAll(story);
}

/** What people do; now and then several of them, or on several devices, at the same moment. */
async function act(story: CallStory): Promise<void> {
  const { dice } = story.world;
  const { chatId, between } = dice.pick(story.chats);
  const [one, other] = dice.chance(0.5) ? between : ([between[1], between[0]] as const);
  const roll = dice.below(22);
  if (roll < 4) await call(story, { chatId, by: one, to: other });
  else if (roll === 4)
    await Promise.all([call(story, { chatId, by: one, to: other }), call(story, { chatId, by: other, to: one })]);
  else if (roll === 5) await Promise.all(one.tabs.map((tab) => answerAt(story, tab)));
  else if (roll < 11) await answerAt(story, dice.pick(one.tabs));
  else if (roll > 19) for (const { tabs } of dice.chance(0.3) ? [one, other] : [one]) await moveTo(story, tabs);
  else await change(story, dice.pick(one.tabs));
}

async function call(
  { world, started }: CallStory,
  { chatId, by, to }: { readonly chatId: string; readonly by: Caller; readonly to: Caller },
): Promise<void> {
  const from = world.dice.pick(by.tabs);
  const { device } = from;
  if (!device.isOpen) return;
  const callId = toBase64Url(Uint8Array.from({ length: CALL_ID_BYTES }, () => world.dice.below(256)));
  const about = { callId, chatId, by, to, from, at: world.clock.now() };
  const isOnline = device.engine?.connection.state === 'online';
  const begun = await from.call(callId, chatId, world.dice.chance(0.5));
  if (begun !== false) started.push({ ...about, is: begun === true && isOnline ? 'sure' : 'perhaps' });
}

async function answerAt({ world, answered }: CallStory, tab: PhoneTab): Promise<void> {
  if (!tab.device.isOpen) return;
  const shown = await attempt(() => look(tab.device.client, 'call', null));
  if (shown === undefined || shown === null) return;
  // The other one that rings meanwhile, mostly, or the one that is on: if that rang, it is declined by it.
  const other = world.dice.chance(0.6) ? shown.second?.callId : undefined;
  if (!shown.outgoing) answered.add(shown.callId);
  if (other !== undefined) answered.add(other);
  if (other !== undefined || !shown.outgoing) await tab.answer(other ?? shown.callId);
}

/** Whoever is in a call on one device goes on with it on another. */
async function moveTo({ world, moved }: CallStory, tabs: readonly PhoneTab[]): Promise<void> {
  for (const tab of tabs) {
    if (!tab.device.isOpen) continue;
    const elsewhere = await attempt(() => look(tab.device.client, 'callElsewhere', null));
    if (elsewhere === undefined || elsewhere === null) continue;
    const callId = toBase64Url(Uint8Array.from({ length: CALL_ID_BYTES }, () => world.dice.below(256)));
    await tab.move(callId, elsewhere.callId);
    moved.add(elsewhere.chatId);
  }
}

/** Whatever is on at this device: something becomes of it. */
async function change({ world, answered }: CallStory, tab: PhoneTab): Promise<void> {
  if (!tab.device.isOpen) return;
  const { dice } = world;
  const shown = await attempt(() => look(tab.device.client, 'call', null));
  if (shown === undefined || shown === null) return;
  const { callId, second, outgoing } = shown;
  if (!outgoing) answered.add(callId);
  switch (dice.below(9)) {
    case 0:
      await tab.decline(second?.callId ?? callId);
      if (second !== undefined) answered.add(second.callId);
      return;
    case 1:
    case 2:
      await tab.hangUp(callId);
      return;
    case 3:
      await tab.hold(callId, dice.chance(0.5));
      return;
    case 4:
      await tab.report(callId, 'lost');
      return;
    case 5:
      await tab.report(callId, dice.pick(['connected', 'failed']));
      return;
    case 6:
      if (dice.chance(0.5)) tab.reload();
      else tab.freeze();
      return;
    default:
      await tab.chatter();
      return;
  }
}

/** Nobody does anything more: what rings ends by itself, and so does what cannot connect. */
async function heal(story: CallStory): Promise<void> {
  const { world } = story;
  world.mischief.level = 0;
  world.withholding = undefined;
  await bringBack(world);
  attachAll(story);
  await world.pass(3 * MINUTE);
  for (const device of world.devices) {
    if (device.failure !== undefined) world.violations.push(`${device.name} broke: ${describe(device.failure)}`);
    if (!device.isOpen) world.violations.push(`${device.name} is not open in the end`);
  }
}

/** Who still talks hangs up, or goes away without a word. */
async function endAll(story: CallStory): Promise<void> {
  const { world } = story;
  for (const tab of tabsOf(story)) {
    const shown = await look(tab.device.client, 'call', null);
    if (shown === null || shown.phase === 'ended') continue;
    if (world.dice.chance(0.5)) await tab.hangUp(shown.callId);
    else tab.freeze();
  }
  await world.pass(MINUTE);
  await checkSilence(story, 'in the end');
}

async function checkSilence(story: CallStory, when: string): Promise<void> {
  for (const { device } of tabsOf(story)) {
    const shown = await look(device.client, 'call', null);
    if (shown !== null) story.world.violations.push(`${device.name}: call ${shown.callId} is ${shown.phase} ${when}`);
    const elsewhere = await look(device.client, 'callElsewhere', null);
    if (elsewhere !== null) story.world.violations.push(`${device.name}: ${elsewhere.callId} is elsewhere ${when}`);
  }
}

/** Own devices compare what they have when they come back. */
async function restartAll(story: CallStory): Promise<void> {
  const { world } = story;
  await world.pass(20 * MINUTE);
  for (const device of world.devices) {
    device.crash();
    await device.open();
    await world.pass(MINUTE);
  }
  attachAll(story);
  await world.pass(20 * MINUTE);
  await checkSilence(story, 'after a restart');
}

/** What was kept back for a week comes, to devices that had been off. */
async function checkLater(story: CallStory): Promise<void> {
  const { world } = story;
  for (const device of world.devices) device.crash();
  await world.pass(8 * DAY);
  for (const device of world.devices) await device.open();
  attachAll(story);
  await world.pass(MINUTE);
  for (const tab of tabsOf(story)) {
    const { client } = tab.device;
    client.watch('call', null, (shown) => {
      if (shown !== null) world.violations.push(`${tab.device.name}: call ${shown.callId} came a week later`);
    });
  }
  world.releaseKeptBack();
  await world.pass(2 * MINUTE);
  await checkRecords(story);
}
