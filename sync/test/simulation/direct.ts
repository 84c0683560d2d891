/**
 * Scenario `direct`: two to four people with one device each, chatting in pairs for a few days, while devices crash at
 * any write, lines are cut, the relay process dies and the relay lies, disks are full, clocks are set and people lock
 * their devices, block each other and change their names. Then everything heals, time passes, and:
 *
 *   - both ends of every chat show the same, nothing acknowledged to a user is lost, nothing is there twice;
 *   - nothing waits and nothing is missing, and everybody has the others' latest names;
 *   - nothing is shown that its author did not write;
 *   - no envelope id had two contents and no message key was used twice;
 *   - every lie about a device log or pre-keys that a device could notice raised its named alarm.
 */
import { addDevice, createDevice, directChatId, removeDevice, seededRandom } from '@securechat/crypto';
import type { MessageItem } from '../../src/api.ts';
import { putIdentity } from '../../src/identity/identity.ts';
import type { SimulatedDevice } from './device.ts';
import { RareEvents, attempt } from './rare.ts';
import { describe, difference } from './report.ts';
import { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of one story: short ones are told often, long ones now and then. */
const STEPS = { least: 15, most: 60 } as const;

interface Sent {
  readonly from: SimulatedDevice;
  readonly chatId: string;
  readonly text: string;
}

/** What the story knows to be true, to compare the devices with. */
interface Story {
  readonly world: World;
  readonly rare: RareEvents;
  readonly pairs: readonly (readonly [SimulatedDevice, SimulatedDevice])[];
  /** Acknowledged to its user: must be there in the end. */
  readonly promised: Sent[];
  /** Tried: may be there, if the crash came after it was safe. */
  readonly tried: Sent[];
  readonly edits: Map<string, Set<string>>;
  readonly deleted: Set<string>;
  next: number;
}

/** Plays one seed; answers what went wrong, nothing when all promises held. */
export async function playDirect(seed: number): Promise<readonly string[]> {
  const world = new World(seed, 0);
  const story = await begin(world);
  world.mischief.level = world.dice.pick([0, 0.3, 0.6, 1]);
  const steps = world.dice.between(STEPS.least, STEPS.most);
  for (let step = 0; step < steps; step += 1) await takeStep(story);
  await heal(story);
  await check(story);
  return world.violations;
}

async function begin(world: World): Promise<Story> {
  const names = ['Ann', 'Bob', 'Cleo', 'Dan'].slice(0, 2 + world.dice.below(3));
  const devices: SimulatedDevice[] = [];
  for (const name of names) devices.push(await world.addDevice(name));
  // Some accounts have a history: a device came and went, so their log can be rolled back.
  for (const device of devices) if (world.dice.chance(0.5)) await growLog(device);
  await world.pass(2_000);
  const pairs: (readonly [SimulatedDevice, SimulatedDevice])[] = [];
  for (let i = 1; i < devices.length; i += 1) {
    const [a, b] = [devices[i - 1], devices[i]];
    if (a === undefined || b === undefined) continue;
    pairs.push([a, b]);
    await befriend(a, b, world);
  }
  await world.pass(5_000);
  return {
    world,
    rare: new RareEvents(world, pairs),
    pairs,
    promised: [],
    tried: [],
    edits: new Map(),
    deleted: new Set(),
    next: 1,
  };
}

async function growLog(device: SimulatedDevice): Promise<void> {
  const { engine } = device;
  if (engine === undefined) return;
  const other = createDevice(seededRandom(new Uint8Array(32).fill(99)));
  const { identity } = engine.self;
  const { account } = identity;
  const by = { type: 'device', device: identity.device } as const;
  const time = engine.clock.now();
  const grown = addDevice(identity.log, account, by, { deviceKey: other.publicKey, time });
  const log = removeDevice(grown, account, by, other.id, time);
  await engine.job((batch) => {
    const next = { ...engine.self.identity, log };
    putIdentity(batch, next);
    batch.then(() => {
      engine.self.identity = next;
    });
  });
}

async function befriend(a: SimulatedDevice, b: SimulatedDevice, world: World): Promise<void> {
  await add(a, b);
  if (world.dice.chance(0.5)) await add(b, a);
  else {
    await world.pass(3_000);
    const chatId = chatOf(a, b);
    const accepted = await b.client.call('acceptRequest', { chatId });
    if (!accepted.ok) await add(b, a);
  }
}

async function add(a: SimulatedDevice, b: SimulatedDevice): Promise<void> {
  const invite = await b.client.call('invite', { origin: 'https://app.test' });
  if (!invite.ok) throw new Error('invite');
  const added = await a.client.call('addByLink', { text: invite.value.link });
  if (!added.ok) throw new Error(`addByLink: ${added.error.type}`);
}

function chatOf(a: SimulatedDevice, b: SimulatedDevice): string {
  const [mine, theirs] = [a.engine?.self.identity.account.id, b.engine?.self.identity.account.id];
  if (mine === undefined || theirs === undefined) throw new Error('not open');
  return directChatId(mine, theirs);
}

async function takeStep(story: Story): Promise<void> {
  const { world } = story;
  const { dice } = world;
  await trouble(world);
  await story.rare.roll();
  const pair = dice.pick(story.pairs);
  const [from, to] = dice.chance(0.5) ? pair : ([pair[1], pair[0]] as const);
  if (from.isOpen && to.isOpen) await act(story, from, chatOf(from, to));
  // Mostly moments, sometimes hours.
  await world.pass(dice.chance(0.05) ? dice.between(HOUR, 10 * HOUR) : dice.between(5, 3_000));
  world.releaseKeptBack();
  for (const device of world.devices) if (device.isDown && dice.chance(0.6)) await device.open();
}

async function trouble(world: World): Promise<void> {
  const { dice } = world;
  if (dice.chance(0.1)) dice.pick(world.devices).crashAtWrite(1 + dice.below(12));
  if (dice.chance(0.04)) dice.pick(world.devices).crash();
  if (dice.chance(0.05)) world.crashRelay();
  if (dice.chance(0.15)) {
    const device = dice.pick(world.devices);
    device.line.cut = !device.line.cut;
    if (device.line.cut) device.line.hangUp();
  }
  await world.settle();
}

/** One thing that a user does. A crash in the middle makes the call fail; what it did must then be all or nothing. */
async function act(story: Story, from: SimulatedDevice, chatId: string): Promise<void> {
  const { dice } = story.world;
  const roll = dice.below(10);
  if (roll < 6) {
    await say(story, from, chatId);
    return;
  }
  const items = await attempt(() => from.timeline(chatId));
  if (items === undefined || items.length === 0) return;
  const target = dice.pick(items);
  if (roll === 6 && target.mine && !target.deleted) await edit(story, from, chatId, target);
  else if (roll === 7 && target.mine && !target.deleted) await erase(story, from, chatId, target);
  else if (roll === 8)
    await attempt(() =>
      from.client.call('react', { chatId, recordId: target.id, emoji: dice.pick(['👍', '❤️', '😂']) }),
    );
  else await attempt(() => from.client.call('markRead', { chatId, upTo: target.id }));
}

async function say(story: Story, from: SimulatedDevice, chatId: string): Promise<void> {
  const text = `${from.name} says ${String(story.next)}`;
  const id = `message-${String(story.next)}`.padEnd(22, '-');
  story.next += 1;
  const sent: Sent = { from, chatId, text };
  story.tried.push(sent);
  const answer = await attempt(() => from.client.call('sendMessage', { id, chatId, text }));
  if (answer?.ok) story.promised.push(sent);
}

async function edit(story: Story, from: SimulatedDevice, chatId: string, target: MessageItem): Promise<void> {
  const text = `${target.text} (edited ${String(story.next++)})`;
  const origin = originOf(target.text);
  story.edits.set(origin, (story.edits.get(origin) ?? new Set()).add(text));
  await attempt(() => from.client.call('editMessage', { chatId, recordId: target.id, text }));
}

async function erase(story: Story, from: SimulatedDevice, chatId: string, target: MessageItem): Promise<void> {
  story.deleted.add(originOf(target.text));
  await attempt(() => from.client.call('deleteForEveryone', { chatId, recordId: target.id }));
}

/** Edits keep the first words. */
function originOf(text: string): string {
  return text.split(' (edited')[0] ?? text;
}

async function heal({ world, rare }: Story): Promise<void> {
  world.mischief.level = 0;
  await everybodyOnline(world);
  await rare.heal();
  await world.pass(3 * HOUR);
  // Everybody is away for longer than the relay keeps anything back; then the old frames arrive all the same.
  for (const device of world.devices) device.crash();
  await world.pass(8 * DAY);
  await everybodyOnline(world);
  await world.pass(MINUTE);
  world.releaseKeptBack();
  await world.pass(2 * HOUR);
}

async function everybodyOnline(world: World): Promise<void> {
  for (const device of world.devices) {
    device.disarm();
    device.line.cut = false;
    if (device.isDown) await device.open();
  }
}

async function check(story: Story): Promise<void> {
  const { world } = story;
  for (const device of world.devices) {
    if (device.failure !== undefined) world.violations.push(`${device.name} broke: ${describe(device.failure)}`);
    if (!device.isOpen) world.violations.push(`${device.name} is not open in the end`);
  }
  if (world.violations.length > 0) return;
  for (const [a, b] of story.pairs) {
    await checkPair(story, a, b);
    checkAtRest(story, a, b);
    checkAtRest(story, b, a);
  }
  for (const expected of world.expectedAlarms) {
    const alarms = world.devices.find((d) => d.name === expected.device)?.engine?.alarms.list.get() ?? [];
    if (!alarms.some((alarm) => alarm.type === expected.type))
      world.violations.push(`${expected.device} never raised ${expected.type}`);
  }
}

async function checkPair(story: Story, a: SimulatedDevice, b: SimulatedDevice): Promise<void> {
  const { world } = story;
  const chatId = chatOf(a, b);
  const [ofA, ofB] = [await a.timeline(chatId), await b.timeline(chatId)];
  const say = (problem: string): void => void world.violations.push(`${a.name}-${b.name}: ${problem}`);
  const [seenA, seenB] = [ofA.map(shown), ofB.map((item) => shown({ ...item, mine: !item.mine }))];
  if (JSON.stringify(seenA) !== JSON.stringify(seenB)) say(`differ:\n${difference(seenA, seenB)}`);
  const known = story.tried.filter((sent) => sent.chatId === chatId);
  for (const item of ofA) {
    if (item.deleted) continue;
    const origin = known.find((sent) => sent.text === originOf(item.text) && (sent.from === a) === item.mine);
    const text = item.edited ? story.edits.get(originOf(item.text))?.has(item.text) : origin?.text === item.text;
    if (origin === undefined || text !== true) say(`forged: ${item.text}`);
  }
  const texts = ofA.filter((item) => !item.deleted).map((item) => originOf(item.text));
  for (const [index, text] of texts.entries()) if (texts.indexOf(text) !== index) say(`doubled: ${text}`);
  for (const sent of story.promised) {
    if (sent.chatId === chatId && !texts.includes(sent.text) && !story.deleted.has(sent.text))
      say(`lost: ${sent.text}`);
  }
}

/** Nothing waits at `a` for `b`, nothing is missing of theirs, and `a` knows `b` by the name they have now. */
function checkAtRest({ world }: Story, a: SimulatedDevice, b: SimulatedDevice): void {
  const [mine, theirs] = [a.engine, b.engine];
  if (mine === undefined || theirs === undefined) return;
  const say = (problem: string): void => void world.violations.push(`${a.name} of ${b.name}: ${problem}`);
  const { id } = theirs.self.identity.account;
  const missing = mine.chats.get(mine.people.chatWith(id))?.missing ?? 0;
  if (missing > 0) say(`${String(missing)} records are missing`);
  if (mine.outbox.hasMessagesFor(id) || mine.composer.pending > 0) say('messages wait');
  const { name } = theirs.personal.profile.get();
  if (mine.people.nameOf(id) !== name) say(`is called ${mine.people.nameOf(id)}, not ${name}`);
}

/** What both ends must agree on, from A's point of view. */
function shown(item: MessageItem): string {
  const reactions = item.reactions.map((r) => `${r.emoji}${String(r.count)}`).sort();
  return [item.id, item.mine ? 'a' : 'b', item.deleted ? 'deleted' : item.text, ...reactions].join(' ');
}
