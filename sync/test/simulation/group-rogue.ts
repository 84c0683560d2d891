/** What the one member with a modified client of the scenario `groups` does: everything that no honest client would. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { rootChatId } from '../../src/chats/chat-book.ts';
import type { Act, ActBody } from '../../src/records/index.ts';
import { type Forged, Forger } from './forge.ts';
import { type GroupStory, HOUR, type Person, membersAt, sentBy } from './group-story.ts';
import { attempt } from './rare.ts';

/** One attack, or none when there is no occasion. A crash in the middle leaves it half done. */
export async function attack(story: GroupStory, rogue: Person): Promise<void> {
  const { dice } = story.world;
  const { engine } = rogue.device;
  const known = story.groups.filter((groupId) => engine?.groupBook.get(groupId) !== undefined);
  if (!rogue.device.isOpen || known.length === 0) return;
  const groupId = dice.pick(known);
  const isIn = membersAt(rogue.device, groupId).has(rogue.accountId);
  await attempt(async () => {
    if (!isIn) await speakAfterRemoval(story, rogue, groupId);
    else await dice.pick([forgeRecord, backdate, equivocate, overreach, overreach])(story, rogue, groupId);
  });
}

function othersOf(story: GroupStory, rogue: Person, groupId: ChatId): readonly AccountId[] {
  const everybody = story.people.map(({ accountId }) => accountId as AccountId);
  const members = membersAt(rogue.device, groupId);
  return everybody.filter((id) => id !== rogue.accountId && (members.has(id) || !members.has(rogue.accountId)));
}

/** A message in another member's name. */
async function forgeRecord(story: GroupStory, rogue: Person, groupId: ChatId): Promise<void> {
  const forger = await Forger.inGroup(rogue.device, groupId);
  const authors = rogue.device.engine?.chats.get(groupId)?.authors ?? new Map<string, never>();
  const [other] = [...authors].filter(([, owner]) => owner.accountId !== rogue.accountId);
  if (other === undefined) return;
  const publicKey = Uint8Array.from(Buffer.from(other[0], 'base64url')) as Forger['author']['publicKey'];
  const text = forbid(story);
  const forged: Forged = {
    author: { ...forger.author, publicKey },
    signer: forger.author,
    ...(story.world.dice.chance(0.5) && { actorOf: forger.author.publicKey }),
    session: session(story),
    n: 1000,
    body: { kind: 'message', text },
  };
  await forger.sendTo(othersOf(story, rogue, groupId), [forger.change(forged)]);
}

/** Its own message, dated before all others. Whoever shows it shows it at the same place. */
async function backdate(story: GroupStory, rogue: Person, groupId: ChatId): Promise<void> {
  const { clock, dice } = story.world;
  const forger = await Forger.inGroup(rogue.device, groupId);
  const n = await forger.takeNumber();
  const sent = sentBy(story, rogue, groupId);
  const { text } = sent;
  story.tried.push(sent);
  const time = { ms: clock.now() - Math.round(dice.between(1, 48) * HOUR), counter: 0 };
  const change = forger.change({ n, time, session: session(story), body: { kind: 'message', text } });
  await forger.sendTo(othersOf(story, rogue, groupId), [change]);
}

/** Two acts at one place in its history, each told to a half of the members. */
async function equivocate(story: GroupStory, rogue: Person, groupId: ChatId): Promise<void> {
  const others = othersOf(story, rogue, groupId);
  const forger = await Forger.inGroup(rogue.device, rootChatId(groupId));
  const n = await forger.takeNumber();
  const place = { n, time: { ms: story.world.clock.now(), counter: 0 }, session: session(story) };
  const half = Math.floor(others.length / 2);
  for (const [index, accounts] of [others.slice(0, half), others.slice(half)].entries()) {
    const name = `Two-faced ${String(index)} ${String(story.next++)}`;
    await forger.sendTo(accounts, [forger.change({ ...place, body: actBody(rogue, groupId, { type: 'info', name }) })]);
  }
}

/** An act that it has no right to. */
async function overreach(story: GroupStory, rogue: Person, groupId: ChatId): Promise<void> {
  const { dice, clock } = story.world;
  const { engine } = rogue.device;
  const state = engine?.groupBook.stateOf(groupId);
  const account = rogue.accountId as AccountId;
  const founder = state?.founder;
  if (engine === undefined || state === undefined || founder === undefined) return;
  const act: Act = dice.pick([
    { type: 'role', account, role: 'owner' },
    { type: 'remove', account: founder, ban: true, seen: [] },
    { type: 'permissions', ...state.permissions, write: 'admins' },
  ]);
  const forger = await Forger.inGroup(rogue.device, rootChatId(groupId));
  const body = actBody(rogue, groupId, act);
  const refusal = engine.groupBook.refusalOf(groupId, account, body, clock.now());
  if (refusal === undefined) return;
  const ms = clock.now() - (dice.chance(0.5) ? 0 : Math.round(dice.between(1, 48) * HOUR));
  const forged: Forged = { n: await forger.takeNumber(), time: { ms, counter: 0 }, session: session(story), body };
  story.badActs.push({ groupId, act: forger.actId(forged), reason: refusal.type });
  await forger.sendTo(othersOf(story, rogue, groupId), [forger.change(forged)]);
}

/** It was removed, and goes on, to everybody; or it was told of the group only, and does not wait for the act that lets it in. */
async function speakAfterRemoval(story: GroupStory, rogue: Person, groupId: ChatId): Promise<void> {
  const forger = await Forger.inGroup(rogue.device, groupId);
  const n = await forger.takeNumber();
  const sent = sentBy(story, rogue, groupId);
  const { text } = sent;
  const state = rogue.device.engine?.groupBook.stateOf(groupId);
  if (state?.cuts.has(rogue.accountId as AccountId) === true) story.late.add(text);
  story.tried.push(sent);
  const ms = story.world.clock.now() - (story.world.dice.chance(0.5) ? 0 : 48 * HOUR);
  const change = forger.change({
    n,
    time: { ms, counter: 0 },
    session: session(story),
    body: { kind: 'message', text },
  });
  await forger.sendTo(othersOf(story, rogue, groupId), [change]);
}

function actBody({ device }: Person, groupId: ChatId, act: Act): ActBody {
  return { kind: 'act', after: (device.engine?.groupBook.stateOf(groupId)?.heads ?? []).slice(0, 16), act };
}

function forbid(story: GroupStory): string {
  const text = `forged ${String(story.next++)}`;
  story.forbidden.add(text);
  return text;
}

/** Each forged change is of a session of its own, so that it stands beside the others. */
function session(story: GroupStory): Uint8Array {
  const bytes = new Uint8Array(6).fill(7);
  new DataView(bytes.buffer).setUint32(0, story.next++);
  return bytes;
}
