/** What must hold in the end of the scenario `groups`. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { MessageItem } from '../../src/api.ts';
import { type GroupAct, type GroupState, foldGroup, verdictOf } from '../../src/governance/index.ts';
import type { VerifiedRecord } from '../../src/records/index.ts';
import { unpack } from '../../src/values.ts';
import { type GroupStory, type Person, originOf } from './group-story.ts';
import { look } from './setup.ts';
import { describe, difference } from './report.ts';

export async function checkGroups(story: GroupStory): Promise<void> {
  const { world } = story;
  for (const { device } of story.people) {
    if (device.failure !== undefined) world.violations.push(`${device.name} broke: ${describe(device.failure)}`);
    if (!device.isOpen) world.violations.push(`${device.name} is not open in the end`);
  }
  if (world.violations.length > 0) return;
  for (const groupId of story.groups) await checkGroup(story, groupId);
}

interface View {
  readonly person: Person;
  readonly governed: string;
  readonly items: readonly MessageItem[];
  readonly lines: readonly string[];
  readonly records: readonly VerifiedRecord[];
}

async function checkGroup(story: GroupStory, groupId: ChatId): Promise<void> {
  const say = (problem: string): void =>
    void story.world.violations.push(`group ${String(story.groups.indexOf(groupId) + 1)}: ${problem}`);
  const honest = story.people.filter((person) => person !== story.rogue);
  const truth = foldGroup(await actsOf(honest, groupId), { isChatOf: () => true, verifyInvite: () => false });
  const views: View[] = [];
  for (const person of honest)
    if (person.device.engine?.groupBook.get(groupId) !== undefined) views.push(await viewOf(person, groupId));
  const inIt = (person: Person): boolean => truth.members.has(person.accountId as AccountId);
  const members = views.filter(({ person }) => inIt(person));
  for (const person of honest)
    if (inIt(person) && !views.some((view) => view.person === person) && !isKeptOut(person, members))
      say(`${person.name} never heard of it`);
  checkSame(story, groupId, members, say);
  for (const view of members) checkShown(story, groupId, view, say);
  const isOut = story.rogue !== undefined && !inIt(story.rogue);
  for (const { person, items } of isOut ? members : [])
    for (const { text } of items)
      if (story.late.has(text)) say(`${person.name} shows what was written after removal: ${text}`);
  for (const view of members) checkPromises(story, groupId, view, truth, say);
  for (const view of views) if (!inIt(view.person)) checkRemoved(story, groupId, view, say);
  checkRefused(story, groupId, members, say);
}

/** Whoever let them in said nothing of it, or is out again before it was heard; of who is left nobody is a contact, and believed. */
function isKeptOut(person: Person, members: readonly View[]): boolean {
  return !members.some((view) => person.contacts.includes(view.person.accountId));
}

/** All acts that any honest device has. */
async function actsOf(people: readonly Person[], groupId: ChatId): Promise<readonly GroupAct[]> {
  const acts: GroupAct[] = [];
  for (const { device } of people)
    for (const { value } of (await device.engine?.store.range('meta', { from: 'act:', to: 'act;' })) ?? []) {
      const { groupId: of, ...act } = unpack<GroupAct & { groupId: ChatId }>(value);
      if (of === groupId) acts.push(act);
    }
  return acts;
}

async function viewOf(person: Person, groupId: ChatId): Promise<View> {
  const { device } = person;
  const detail = await look(device.client, 'group', { chatId: groupId });
  const state = device.engine?.groupBook.stateOf(groupId);
  const members = detail?.members.map(({ accountId, role }) => `${accountId.slice(0, 6)} ${role}`).sort();
  const refused = [...(state?.refused ?? [])].map(([id, { type }]) => `${id.slice(0, 6)} ${type}`).sort();
  const items = await device.timeline(groupId);
  return {
    person,
    governed: JSON.stringify([detail?.name, detail?.permissions, members, refused, [...(state?.pending.keys() ?? [])]]),
    items,
    lines: items.map(line),
    records: await recordsOf(person, groupId),
  };
}

async function recordsOf({ device }: Person, chatId: ChatId): Promise<readonly VerifiedRecord[]> {
  const chat = device.engine?.chats.get(chatId);
  const records: VerifiedRecord[] = [];
  if (chat === undefined) return records;
  for await (const some of (await device.engine?.chats.documents(chat))?.readAll() ?? []) records.push(...some);
  return records;
}

/** The roster, what the group is called and may do, and what was said. */
function checkSame(story: GroupStory, groupId: ChatId, members: readonly View[], say: (problem: string) => void): void {
  const [first] = members;
  const whole = members.filter(({ person }) => hasAll(story, groupId, person));
  for (const { person, governed } of members)
    if (first !== undefined && governed !== first.governed)
      say(`${first.person.name} and ${person.name} are governed otherwise:\n  ${first.governed}\n  ${governed}`);
  for (const { person, lines } of whole)
    if (whole[0] !== undefined && JSON.stringify(lines) !== JSON.stringify(whole[0].lines))
      say(`${whole[0].person.name} and ${person.name} differ:\n${difference(whole[0].lines, lines)}`);
  // Who came later has nothing that others have not.
  const known = new Set(whole.flatMap(({ items }) => items.map(({ id }) => id)));
  for (const { person, items } of whole.length === 0 ? [] : members)
    for (const { id, text } of items) if (!known.has(id)) say(`only ${person.name} has ${text}`);
}

function hasAll(story: GroupStory, groupId: ChatId, { accountId }: Person): boolean {
  return story.added.every((one) => one.groupId !== groupId || one.accountId !== accountId || one.history);
}

/** Nothing forged, nothing twice, and each as its author wrote it. */
function checkShown(story: GroupStory, groupId: ChatId, view: View, say: (problem: string) => void): void {
  const origins = view.items.filter(({ deleted }) => !deleted).map(({ text }) => originOf(text));
  for (const [index, text] of origins.entries())
    if (origins.indexOf(text) !== index) say(`${view.person.name} has twice: ${text}`);
  for (const { text, deleted, edited, mine } of view.items) {
    if (deleted) continue;
    const origin = story.tried.find((sent) => sent.groupId === groupId && sent.text === originOf(text));
    const isText = edited ? story.edits.get(originOf(text))?.has(text) : origin?.text === text;
    if (origin === undefined || isText !== true || (origin.by === view.person) !== mine || story.forbidden.has(text))
      say(`${view.person.name} shows what is forged: ${text}`);
  }
}

/** What a member was told is safe is with everybody, and shown if the acts let it be. */
function checkPromises(
  story: GroupStory,
  groupId: ChatId,
  view: View,
  truth: GroupState,
  say: (problem: string) => void,
): void {
  const { person, records, items } = view;
  const chat = person.device.engine?.chats.get(groupId);
  const messages = records.flatMap((record) =>
    record.body.kind === 'message' ? [{ record, text: record.body.text }] : [],
  );
  const shown = new Set(items.map(({ id }) => id));
  for (const { record, text } of messages) {
    const author = Buffer.from(record.author).toString('base64url');
    const account = chat?.authors.get(author)?.accountId;
    const verdict = account && verdictOf(truth, { account, author, n: record.n, time: record.time });
    if ((verdict === 'shown') !== shown.has(record.id)) say(`${person.name} ${verdict ?? 'unknown'}, but: ${text}`);
  }
  for (const { by, groupId: to, text, members, grants } of story.promised) {
    const wasRemoved = truth.cuts.has(by.accountId as AccountId) || !truth.members.has(by.accountId as AccountId);
    const grant = truth.members.get(person.accountId as AccountId)?.grant;
    const isDue =
      hasAll(story, groupId, person) || (grant !== undefined && grants.has(grant) && members.has(person.accountId));
    if (to !== groupId || wasRemoved || !isDue || by === story.rogue) continue;
    if (!messages.some((message) => message.text === text)) say(`${person.name} lacks: ${text}`);
  }
}

/** Nothing that was written by who knew of the removal. */
function checkRemoved(
  story: GroupStory,
  groupId: ChatId,
  { person, records }: View,
  say: (problem: string) => void,
): void {
  const texts = new Set(records.map(({ body }) => (body.kind === 'message' ? body.text : '')));
  for (const sent of story.tried) {
    const isLater = story.added.some(
      (one) => one.groupId === groupId && one.accountId === person.accountId && one.at >= sent.at,
    );
    if (sent.by === story.rogue || sent.groupId !== groupId || sent.believed.has(person.accountId) || isLater) continue;
    if (texts.has(sent.text)) say(`${person.name} was removed and has: ${sent.text}`);
  }
}

/** All or none have an act that counts for nothing, and each that has it says why. */
function checkRefused(
  story: GroupStory,
  groupId: ChatId,
  members: readonly View[],
  say: (problem: string) => void,
): void {
  for (const { act, reason, groupId: of } of story.badActs) {
    if (of !== groupId) continue;
    for (const { person } of members) {
      const refusal = person.device.engine?.groupBook.stateOf(groupId)?.refused.get(act);
      const isHere = person.device.engine?.groupBook.actOf(groupId, act)?.account !== undefined;
      if (isHere && refusal?.type !== reason)
        say(`${person.name} says ${refusal?.type ?? 'nothing'} of an act that is ${reason}`);
    }
  }
}

function line(item: MessageItem): string {
  const reactions = item.reactions.map((r) => `${r.emoji}${String(r.count)}`).sort();
  const votes = item.poll ? [item.poll.closed ? 'closed' : 'open', ...item.poll.options.map(({ votes: n }) => n)] : [];
  return [item.id, item.deleted ? 'deleted' : item.text, ...reactions, ...votes].join(' ');
}
