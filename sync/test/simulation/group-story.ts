/** What the scenario `groups` knows to be true, to compare the devices with. */
import type { ChatId } from '@securechat/crypto';
import type { ActId } from '../../src/records/index.ts';
import type { SimulatedDevice } from './device.ts';
import type { World } from './world.ts';

export interface Person {
  readonly name: string;
  readonly accountId: string;
  readonly device: SimulatedDevice;
  /** Whom they can add: each knows the other. */
  readonly contacts: readonly string[];
}

export interface Sent {
  readonly by: Person;
  readonly groupId: ChatId;
  readonly text: string;
  readonly at: number;
  /** Who was in the group as far as the writer's device knew. */
  readonly members: ReadonlySet<string>;
  /** The acts that had made them members. */
  readonly grants: ReadonlySet<string>;
  /** Who was in it as far as any device knew: whoever does not know of a removal tells the removed what comes. */
  readonly believed: ReadonlySet<string>;
}

/** An act of the modified client, and why everybody must refuse it. */
export interface BadAct {
  readonly groupId: ChatId;
  readonly act: ActId;
  readonly reason: string;
}

export interface Added {
  readonly groupId: ChatId;
  readonly accountId: string;
  readonly at: number;
  readonly history: boolean;
}

export interface GroupStory {
  readonly world: World;
  readonly people: readonly Person[];
  /** Whose client is modified. */
  readonly rogue: Person | undefined;
  readonly groups: ChatId[];
  /** Who is in a group as each device knew when it was last seen open, by device and group. */
  readonly beliefs: Map<string, ReadonlySet<string>>;
  /** Acknowledged to its user: must be there in the end. */
  readonly promised: Sent[];
  /** Tried: may be there, if the crash came after it was safe. */
  readonly tried: Sent[];
  /** Texts that nobody may ever see; those that the modified client wrote when it took itself for removed. */
  readonly forbidden: Set<string>;
  readonly late: Set<string>;
  readonly badActs: BadAct[];
  readonly added: Added[];
  readonly edits: Map<string, Set<string>>;
  readonly deleted: Set<string>;
  next: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Accounts that are members as this device has it. */
export function membersAt({ engine }: SimulatedDevice, groupId: ChatId): ReadonlySet<string> {
  return new Set(engine?.groupBook.stateOf(groupId)?.members.keys() ?? []);
}

/** Notes what each device that is open now believes. */
export function noteBeliefs({ people, groups, beliefs }: GroupStory): void {
  for (const { device } of people)
    for (const groupId of device.isOpen ? groups : [])
      beliefs.set(`${device.name} ${groupId}`, membersAt(device, groupId));
}

/** A message that is about to be written. */
export function sentBy(story: GroupStory, by: Person, groupId: ChatId): Sent {
  const text = `${by.name} says ${String(story.next++)}`;
  noteBeliefs(story);
  const all = story.people.flatMap(({ device }) => [...(story.beliefs.get(`${device.name} ${groupId}`) ?? [])]);
  const members = membersAt(by.device, groupId);
  const state = by.device.engine?.groupBook.stateOf(groupId);
  const grants = new Set([...(state?.members.values() ?? [])].map(({ grant }) => grant));
  return { by, groupId, text, at: story.world.clock.now(), members, grants, believed: new Set(all) };
}

/** The groups that this person's device takes itself for a member of. */
export function groupsOf({ device, accountId }: Person, { groups }: GroupStory): readonly ChatId[] {
  return groups.filter((groupId) => membersAt(device, groupId).has(accountId));
}

/** Edits keep the first words. */
export function originOf(text: string): string {
  return text.split(' (edited')[0] ?? text;
}
