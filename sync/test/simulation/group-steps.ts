/** What the members of the scenario `groups` do: one step of one person. Calls may be refused; the engine knows the rights. */
import type { ChatId } from '@securechat/crypto';
import type { MessageItem } from '../../src/api.ts';
import { attempt } from './rare.ts';
import { type GroupStory, type Person, groupsOf, membersAt, originOf, sentBy } from './group-story.ts';

/** Somebody founds a group with some of those they know. */
export async function found(story: GroupStory, by: Person): Promise<void> {
  const { dice } = story.world;
  const members = by.contacts.filter(() => dice.chance(0.75));
  const name = `Group ${String(story.groups.length + 1)}`;
  const founded = await attempt(() => by.device.client.call('createGroup', { name, members }));
  if (founded?.ok !== true) return;
  const groupId = founded.value.chatId as ChatId;
  story.groups.push(groupId);
  for (const accountId of members) story.added.push({ groupId, accountId, at: story.world.clock.now(), history: true });
}

/** One thing that a member does. */
export async function takeAction(story: GroupStory, by: Person): Promise<void> {
  const { dice } = story.world;
  const mine = groupsOf(by, story);
  if (!by.device.isOpen || mine.length === 0) return;
  const groupId = dice.pick(mine);
  const roll = dice.roll();
  if (roll < 0.5) await say(story, by, groupId);
  else if (roll < 0.7) await change(story, by, groupId);
  else await govern(story, by, groupId);
}

export async function say(story: GroupStory, by: Person, groupId: ChatId): Promise<void> {
  const sent = sentBy(story, by, groupId);
  const { text } = sent;
  const id = `message-${String(story.next)}`.padEnd(22, '-');
  story.tried.push(sent);
  const { client } = by.device;
  const call = story.world.dice.chance(0.15)
    ? () => client.call('createPoll', { id, chatId: groupId, question: text, options: ['a', 'b', 'c'], multiple: true })
    : () => client.call('sendMessage', { id, chatId: groupId, text });
  if ((await attempt(call))?.ok) story.promised.push(sent);
}

async function change(story: GroupStory, by: Person, chatId: ChatId): Promise<void> {
  const { dice } = story.world;
  const { client } = by.device;
  const items = await attempt(() => by.device.timeline(chatId));
  if (items === undefined || items.length === 0) return;
  const target = dice.pick(items);
  const mine = items.filter((item) => item.mine && !item.deleted);
  const polls = items.filter(({ poll }) => poll !== undefined);
  if (polls.length > 0 && dice.chance(0.3)) return answerPoll(story, by, chatId, dice.pick(polls));
  const roll = dice.below(4);
  if (roll === 0 && mine.length > 0) await edit(story, by, chatId, dice.pick(mine));
  else if (roll === 1 && mine.length > 0) {
    const own = dice.pick(mine);
    story.deleted.add(originOf(own.text));
    await attempt(() => client.call('deleteForEveryone', { chatId, recordId: own.id }));
  } else if (roll === 2) await attempt(() => client.call('markRead', { chatId, upTo: target.id }));
  else await attempt(() => client.call('react', { chatId, recordId: target.id, emoji: dice.pick(['👍', '❤️', '😂']) }));
}

async function answerPoll(
  { world: { dice } }: GroupStory,
  by: Person,
  chatId: ChatId,
  { id }: MessageItem,
): Promise<void> {
  const { client } = by.device;
  const choices = [0, 1, 2].filter(() => dice.chance(0.5));
  if (dice.chance(0.1)) await attempt(() => client.call('closePoll', { chatId, recordId: id }));
  else await attempt(() => client.call('vote', { chatId, recordId: id, choices }));
}

async function edit(story: GroupStory, by: Person, chatId: ChatId, target: MessageItem): Promise<void> {
  const text = `${target.text} (edited ${String(story.next++)})`;
  const origin = originOf(target.text);
  story.edits.set(origin, (story.edits.get(origin) ?? new Set()).add(text));
  await attempt(() => by.device.client.call('editMessage', { chatId, recordId: target.id, text }));
}

async function govern(story: GroupStory, by: Person, groupId: ChatId): Promise<void> {
  const { dice } = story.world;
  const { client } = by.device;
  const others = [...membersAt(by.device, groupId)].filter((accountId) => accountId !== by.accountId);
  const roll = dice.below(16);
  if (roll < 5) await add(story, by, groupId);
  else if (roll < 7 && others.length > 0) await remove(by, groupId, dice.pick(others));
  else if (roll === 7) await attempt(() => client.call('leaveGroup', { chatId: groupId }));
  else if (roll < 12 && others.length > 0) {
    const role = dice.pick(['admin', 'admin', 'member', 'owner'] as const);
    const accountId = dice.pick(others);
    await attempt(() => client.call('setMemberRole', { chatId: groupId, accountId, role }));
  } else if (roll < 14) {
    const [write, info] = [
      dice.pick(['everyone', 'everyone', 'admins'] as const),
      dice.pick(['everyone', 'admins'] as const),
    ];
    await attempt(() => client.call('setGroupPermissions', { chatId: groupId, write, info, add: 'everyone' }));
  } else await attempt(() => client.call('setGroupInfo', { chatId: groupId, name: `Name ${String(story.next++)}` }));
}

/** Not the modified client again: what it wrote meanwhile by a key that no removal named would count. */
async function add(story: GroupStory, by: Person, groupId: ChatId): Promise<void> {
  const { dice, clock } = story.world;
  const inIt = membersAt(by.device, groupId);
  const wasIn = (accountId: string): boolean =>
    story.added.some((one) => one.groupId === groupId && one.accountId === accountId);
  const able = by.contacts.filter((id) => !inIt.has(id) && !(id === story.rogue?.accountId && wasIn(id)));
  if (able.length === 0) return;
  const [accountId, history] = [dice.pick(able), dice.chance(0.8)];
  story.added.push({ groupId, accountId, at: clock.now(), history });
  await attempt(() => by.device.client.call('addMembers', { chatId: groupId, members: [accountId], history }));
}

async function remove(by: Person, groupId: ChatId, accountId: string): Promise<void> {
  await attempt(() => by.device.client.call('removeMember', { chatId: groupId, accountId }));
}

/** Two who may remove each other do so, neither knowing of the other. */
export async function duel(story: GroupStory): Promise<void> {
  const { world, people, groups } = story;
  if (groups.length === 0) return;
  const groupId = world.dice.pick(groups);
  const strong = people.filter(({ device, accountId }) => {
    const role = device.engine?.groupBook.stateOf(groupId)?.members.get(accountId as never)?.role;
    return device.isOpen && role !== undefined && role !== 'member';
  });
  if (strong.length < 2) return;
  const one = world.dice.pick(strong);
  const other = world.dice.pick(strong.filter((person) => person !== one));
  for (const { device } of [one, other]) {
    device.line.cut = true;
    device.line.hangUp();
  }
  await remove(one, groupId, other.accountId);
  await remove(other, groupId, one.accountId);
  // A device may have crashed in what it did before.
  for (const person of [one, other]) if (person.device.isOpen) await say(story, person, groupId);
}
