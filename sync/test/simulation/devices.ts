/**
 * Scenario `devices`: three people with one to three devices each, in one chat a pair. Devices are linked and unlinked,
 * are away for weeks and months (longer than the relay keeps anything), crash at any write; lines are cut, the relay dies.
 * The people write, edit, delete, read, and set drafts, flags and names on whatever device is at hand. Then everything
 * heals, time passes, and:
 *
 *   - all devices of both people of a chat show the same and hold documents with the same heads;
 *   - all devices of a person have the same drafts, flags, names, settings and devices;
 *   - nothing that a user was told is safe is lost, nothing is there twice, nothing forged is shown;
 *   - an unlinked device shows nothing that was written after its removal, and nothing that it wrote after it is shown;
 *   - no envelope id had two contents and no message key was used twice; nobody raises an alarm about an honest relay or contact.
 */
import type { MessageItem } from '../../src/api.ts';
import { during, link } from '../support/linking.ts';
import type { SimulatedDevice } from './device.ts';
import { attempt } from './rare.ts';
import { addContact, look } from './setup.ts';
import { describe, difference } from './report.ts';
import { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of one story: short ones are told often, long ones now and then. */
const STEPS = { least: 10, most: 40 } as const;
const MOST_DEVICES = 3;

interface Person {
  readonly name: string;
  /** Linked and not unlinked. */
  readonly devices: SimulatedDevice[];
  readonly gone: Gone[];
}

/** An unlinked device, and what its account had said by then in each chat. */
interface Gone {
  readonly device: SimulatedDevice;
  readonly at: number;
}

interface Sent {
  readonly by: Person;
  readonly device: SimulatedDevice;
  readonly chatId: string;
  readonly text: string;
  readonly at: number;
}

interface Story {
  readonly world: World;
  readonly people: readonly Person[];
  readonly chats: readonly { readonly chatId: string; readonly between: readonly [Person, Person] }[];
  readonly promised: Sent[];
  readonly tried: Sent[];
  readonly edits: Map<string, Set<string>>;
  readonly deleted: Set<string>;
  /** It did from time to time: then its alarms are due. Contacts are honest. */
  relayLies: boolean;
  next: number;
}

/** Plays one seed; answers what went wrong, nothing when all promises held. */
export async function playDevices(seed: number): Promise<readonly string[]> {
  const world = new World(seed, 0);
  const story = await begin(world);
  world.mischief.level = world.dice.pick([0, 0.3, 0.6]);
  story.relayLies = world.mischief.level > 0;
  const steps = world.dice.between(STEPS.least, STEPS.most);
  for (let step = 0; step < steps; step += 1) await takeStep(story);
  await heal(story);
  await check(story);
  return world.violations;
}

async function begin(world: World): Promise<Story> {
  const people: Person[] = [];
  for (const name of ['Ann', 'Bob', 'Cleo']) people.push({ name, devices: [await world.addDevice(name)], gone: [] });
  await world.pass(2_000);
  const chats: { chatId: string; between: readonly [Person, Person] }[] = [];
  for (const [a, b] of pairsOf(people)) {
    const [one, other] = [deviceOf(a), deviceOf(b)];
    await addContact(one, other);
    chats.push({ chatId: await addContact(other, one), between: [a, b] });
  }
  await world.pass(10_000);
  return {
    world,
    people,
    chats,
    promised: [],
    tried: [],
    edits: new Map(),
    deleted: new Set(),
    relayLies: false,
    next: 1,
  };
}

function pairsOf(people: readonly Person[]): readonly (readonly [Person, Person])[] {
  return people.flatMap((a, i) => people.slice(i + 1).map((b) => [a, b] as const));
}

function deviceOf(person: Person): SimulatedDevice {
  const [first] = person.devices;
  if (first === undefined) throw new Error(`${person.name} has no device`);
  return first;
}

async function takeStep(story: Story): Promise<void> {
  const { world, people, chats } = story;
  const { dice } = world;
  await trouble(world);
  const person = dice.pick(people);
  const open = person.devices.filter((device) => device.isOpen);
  if (dice.chance(0.12) && person.devices.length < MOST_DEVICES) await addOne(story, person);
  else if (dice.chance(0.05) && person.devices.length > 1) await removeOne(story, person);
  else if (open.length > 0) {
    const mine = chats.filter(({ between }) => between.includes(person));
    await act(story, person, dice.pick(open), dice.pick(mine).chatId);
  }
  if (dice.chance(0.06)) await longAway(story);
  else await world.pass(dice.chance(0.04) ? dice.between(10 * MINUTE, HOUR) : dice.between(5, 3_000));
  world.releaseKeptBack();
  // A device that is away stays away for a while.
  for (const device of linkedDevices(people)) if (device.isDown && dice.chance(0.35)) await device.open();
}

/** Everybody is off for weeks, longer than the relay keeps anything or not; who was off before stays so for longer. */
async function longAway({ world, people }: Story): Promise<void> {
  const were = linkedDevices(people).filter((device) => !device.isDown);
  for (const device of world.devices) device.crash();
  await world.pass(world.dice.between(10 * DAY, 50 * DAY));
  for (const device of were) await device.open();
}

function linkedDevices(people: readonly Person[]): readonly SimulatedDevice[] {
  return people.flatMap((person) => person.devices);
}

async function trouble(world: World): Promise<void> {
  const { dice } = world;
  if (dice.chance(0.1)) dice.pick(world.devices).crashAtWrite(1 + dice.below(12));
  if (dice.chance(0.08)) dice.pick(world.devices).crash();
  if (dice.chance(0.04)) world.crashRelay();
  if (dice.chance(0.1)) {
    const device = dice.pick(world.devices);
    device.line.cut = !device.line.cut;
    if (device.line.cut) device.line.hangUp();
  }
  await world.settle();
}

/** The ceremony may be cut short by anything: then there is no new device, or one that was never used. */
async function addOne({ world }: Story, person: Person): Promise<void> {
  const host = person.devices.find((device) => device.isOpen);
  if (host === undefined) return;
  const guest = world.makeDevice(`${person.name} ${String(world.devices.length)}`);
  const linked = await attempt(async () => {
    await link(host, guest, world);
    return true;
  });
  if (linked === true) person.devices.push(guest);
  else guest.crash();
}

async function removeOne({ world }: Story, person: Person): Promise<void> {
  const { dice } = world;
  const by = person.devices.find((device) => device.isOpen);
  const others = person.devices.filter((device) => device !== by);
  if (by === undefined || others.length === 0) return;
  const device = dice.pick(others);
  const deviceId = device.lastDeviceId;
  if (deviceId === undefined) return;
  const answer = await during(world, by.client.call('unlinkDevice', { deviceId }));
  if (answer?.ok === true) leave(person, device, world);
  // Whatever else is answered, or nothing, when the device or the line died under it: it may have happened all the same.
  else await settleRemoval(person, device, by, world);
}

function leave(person: Person, device: SimulatedDevice, world: World): void {
  person.devices.splice(person.devices.indexOf(device), 1);
  person.gone.push({ device, at: world.clock.now() });
}

async function settleRemoval(
  person: Person,
  device: SimulatedDevice,
  by: SimulatedDevice,
  world: World,
): Promise<void> {
  const deviceId = device.lastDeviceId;
  for (let tries = 0; tries < 20; tries += 1) {
    by.disarm();
    by.line.cut = false;
    if (by.isDown) await by.open();
    await world.pass(MINUTE);
    if (deviceId === undefined || !by.isOpen) continue;
    const answer = await during(world, by.client.call('unlinkDevice', { deviceId }));
    if (answer?.ok !== true && (answer === undefined || answer.error.type !== 'UnknownDevice')) continue;
    leave(person, device, world);
    return;
  }
  world.violations.push(`${by.name} could not unlink ${device.name}`);
}

async function act(story: Story, person: Person, device: SimulatedDevice, chatId: string): Promise<void> {
  const { dice } = story.world;
  const roll = dice.below(12);
  if (roll < 5) await say(story, person, device, chatId);
  else if (roll === 5)
    await attempt(() => device.client.call('setDraft', { chatId, text: `draft ${String(story.next++)}` }));
  else if (roll === 6)
    await attempt(() =>
      device.client.call('setChatFlags', {
        chatId,
        pinned: dice.chance(0.5),
        folder: dice.pick(['Work', 'Home', null]),
      }),
    );
  else if (roll === 7)
    await attempt(() => device.client.call('setProfile', { name: `${person.name} ${String(story.next++)}` }));
  else await change(story, device, chatId, roll);
}

async function change(story: Story, device: SimulatedDevice, chatId: string, roll: number): Promise<void> {
  const items = await attempt(() => device.timeline(chatId));
  if (items === undefined || items.length === 0) return;
  const target = story.world.dice.pick(items);
  if (roll === 8 && target.mine && !target.deleted) {
    const text = `${target.text} (edited ${String(story.next++)})`;
    const origin = originOf(target.text);
    story.edits.set(origin, (story.edits.get(origin) ?? new Set()).add(text));
    await attempt(() => device.client.call('editMessage', { chatId, recordId: target.id, text }));
  } else if (roll === 9 && target.mine && !target.deleted) {
    story.deleted.add(originOf(target.text));
    await attempt(() => device.client.call('deleteForEveryone', { chatId, recordId: target.id }));
  } else if (roll === 10)
    await attempt(() => device.client.call('react', { chatId, recordId: target.id, emoji: '👍' }));
  else await attempt(() => device.client.call('markRead', { chatId, upTo: target.id }));
}

async function say(story: Story, by: Person, device: SimulatedDevice, chatId: string): Promise<void> {
  const text = `${device.name} says ${String(story.next)}`;
  const id = `message-${String(story.next)}`.padEnd(22, '-');
  story.next += 1;
  const sent: Sent = { by, device, chatId, text, at: story.world.clock.now() };
  story.tried.push(sent);
  const answer = await attempt(() => device.client.call('sendMessage', { id, chatId, text }));
  if (answer?.ok) story.promised.push(sent);
}

function originOf(text: string): string {
  return text.split(' (edited')[0] ?? text;
}

async function heal(story: Story): Promise<void> {
  const { world, people } = story;
  world.mischief.level = 0;
  await everybodyOnline(story);
  await world.pass(HOUR);
  for (const device of world.devices) device.crash();
  await world.pass(8 * DAY);
  await everybodyOnline(story);
  await world.pass(MINUTE);
  world.releaseKeptBack();
  await world.pass(20 * MINUTE);
  // Own devices compare what they have when they come back; what that shows to be missing may take another round.
  for (const device of linkedDevices(people)) {
    device.crash();
    await device.open();
    await world.pass(MINUTE);
  }
  await world.pass(20 * MINUTE);
  for (const { gone } of people) for (const { device } of gone) if (!device.isDown) device.crash();
}

async function everybodyOnline({ world, people }: Story): Promise<void> {
  const unlinked = people.flatMap((person) => person.gone.map(({ device }) => device));
  for (const device of [...linkedDevices(people), ...unlinked]) {
    device.disarm();
    device.line.cut = false;
    if (device.isDown) await device.open();
  }
  await world.settle();
}

async function check(story: Story): Promise<void> {
  const { world, people } = story;
  for (const device of linkedDevices(people)) {
    if (device.failure !== undefined) world.violations.push(`${device.name} broke: ${describe(device.failure)}`);
    if (!device.isOpen) world.violations.push(`${device.name} is not open in the end`);
  }
  if (world.violations.length > 0) return;
  for (const chat of story.chats) await checkChat(story, chat);
  for (const person of people) await checkPerson(story, person);
  for (const device of linkedDevices(people))
    for (const alarm of device.engine?.alarms.list.get() ?? [])
      if (alarm.who === 'contact' || !story.relayLies) world.violations.push(`${device.name} raised ${alarm.type}`);
}

async function checkChat(story: Story, { chatId, between }: Story['chats'][number]): Promise<void> {
  const { world } = story;
  const devices = between.flatMap((person) => person.devices.map((device) => ({ person, device })));
  const [first] = devices;
  if (first === undefined) return;
  const say = (problem: string): void =>
    void world.violations.push(`${between.map(({ name }) => name).join('-')}: ${problem}`);
  const shown = async ({ person, device }: typeof first): Promise<readonly string[]> =>
    (await device.timeline(chatId)).map((item) => line(item, person === between[0]));
  const reference = await shown(first);
  const tips = await heads(first.device, chatId);
  for (const each of devices.slice(1)) {
    const lines = await shown(each);
    if (JSON.stringify(lines) !== JSON.stringify(reference))
      say(`${first.device.name} and ${each.device.name} differ:\n${difference(reference, lines)}`);
    if ((await heads(each.device, chatId)) !== tips)
      say(`${first.device.name} and ${each.device.name} have other heads`);
  }
  const items = await first.device.timeline(chatId);
  const texts = items.filter((item) => !item.deleted).map((item) => originOf(item.text));
  for (const [index, text] of texts.entries()) if (texts.indexOf(text) !== index) say(`doubled: ${text}`);
  for (const item of items) {
    if (item.deleted) continue;
    const origin = story.tried.find((sent) => sent.chatId === chatId && sent.text === originOf(item.text));
    const isText = item.edited ? story.edits.get(originOf(item.text))?.has(item.text) : origin?.text === item.text;
    if (origin === undefined || isText !== true) say(`forged: ${item.text}`);
  }
  const unlinkedAt = new Map(between.flatMap(({ gone }) => gone.map(({ device, at }) => [device, at] as const)));
  for (const sent of story.promised) {
    // What an unlinked device had not sent when it was unlinked is lost with it.
    if (sent.chatId !== chatId || unlinkedAt.has(sent.device)) continue;
    if (!texts.includes(sent.text) && !story.deleted.has(sent.text)) say(`lost: ${sent.text}`);
  }
  for (const [device, at] of unlinkedAt) {
    for (const sent of story.tried)
      if (sent.device === device && sent.at > at && texts.includes(sent.text))
        say(`written after unlinking: ${sent.text}`);
  }
}

async function checkPerson({ world }: Story, person: Person): Promise<void> {
  const states: string[] = [];
  for (const { client, engine } of person.devices) {
    const chats = await look(client, 'chats', null);
    const own = await look(client, 'devices', null);
    states.push(
      JSON.stringify([
        chats
          .map(({ chatId, draft, pinned, folder, unread, title }) => [chatId, draft, pinned, folder, unread, title])
          .sort(),
        own.map(({ deviceId, name }) => [deviceId, name]).sort(),
        engine?.personal.profile.get().name,
      ]),
    );
    if ((engine?.outbox.waitingMessages ?? 0) > 0) world.violations.push(`${person.name}: messages wait`);
  }
  if (new Set(states).size > 1) world.violations.push(`${person.name}'s devices differ:\n  ${states.join('\n  ')}`);
}

async function heads(device: SimulatedDevice, chatId: string): Promise<string> {
  const { engine } = device;
  const chat = [...(engine?.chats.all() ?? [])].find((each) => each.chatId === chatId);
  if (engine === undefined || chat === undefined) return 'no such chat';
  const summary = await (await engine.chats.documents(chat)).summary();
  return JSON.stringify(summary.segments.map(({ segment, heads: tips }) => [segment, [...tips].sort()]));
}

/** From the first person's point of view. */
function line(item: MessageItem, isFirst: boolean): string {
  const reactions = item.reactions.map((r) => `${r.emoji}${String(r.count)}`).sort();
  const side = item.mine === isFirst ? 'a' : 'b';
  return [item.id, side, item.deleted ? 'deleted' : item.text, ...reactions].join(' ');
}
