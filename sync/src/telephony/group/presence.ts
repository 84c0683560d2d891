/** Who is in a call: whose `here` was heard a while ago. Each device counts for itself, and everybody hears the same. */
import { GROUP_CALL_LIMITS } from '../../api-group-call.ts';
import type { Presence } from '../../payload/group-call-parts.ts';
import { isBefore } from '../comparison.ts';
import type { GroupCallEvent, GroupHeard } from './events.ts';
import { renewKey } from './frame-keys.ts';
import type { GroupTurn } from './group-turn.ts';
import { raised } from './hands.ts';
import { leave, move, sayHereSoon } from './own-stay.ts';
import { announce, ringFor, silence } from './ringing.ts';
import {
  GROUP_STATE_LIMITS,
  NO_LINK,
  type GroupCall,
  type Link,
  type Member,
  type OwnCall,
  callIn,
  isOver,
  isOwn,
  roomIn,
} from './state.ts';

/** A device says that it is in a call. */
export function hearHere(turn: GroupTurn, heard: GroupHeard, word: Presence): void {
  const { callId, chatId, from } = heard;
  const isElsewhere = turn.state.calls.some((call) => call.callId === callId && call.chatId !== chatId);
  if (isElsewhere || turn.isGone(callId, from.device, word.joinedAt)) return;
  leaveEarlier(turn, heard, word);
  const on = callIn(turn.state, chatId);
  if (on === undefined) turn.put(newCall(turn, heard, word));
  else if (on.callId !== callId && isBefore(callId, on.callId)) replace(turn, on, newCall(turn, heard, word));
  const call = callIn(turn.state, chatId);
  if (call?.callId !== callId) return;
  const known = call.others.find(({ party }) => party.device === from.device);
  if (known === undefined) admit(turn, call, memberOf(turn, call, { heard, word }));
  else if (known.joinedAt === word.joinedAt) update(turn, call, { known, word });
  else if (known.joinedAt < word.joinedAt)
    comeAgain(turn, call, { known, again: memberOf(turn, call, { heard, word }) });
  announce(turn, heard, word);
}

/**
 * A device is in one call of a group at a time. It has left the one that it came to earlier, also if nobody heard it say so: what
 * it is in now is a new call, which rings as any other.
 */
function leaveEarlier(turn: GroupTurn, { callId, chatId, from }: GroupHeard, { joinedAt }: Presence): void {
  const on = callIn(turn.state, chatId);
  const known = on?.others.find(({ party }) => party.device === from.device);
  if (on === undefined || on.callId === callId || known === undefined || known.joinedAt >= joinedAt) return;
  turn.noteGone({ callId: on.callId, device: from.device, joinedAt: known.joinedAt });
  dismiss(turn, on, (member) => member === known);
  const left = callIn(turn.state, chatId);
  if (left !== undefined && isOver(left)) turn.drop(left);
}

/** A device says that it is not in it any more. */
export function hearLeft(turn: GroupTurn, { callId, chatId, from }: GroupHeard, joinedAt: number): void {
  turn.noteGone({ callId, device: from.device, joinedAt });
  const call = callIn(turn.state, chatId);
  if (call?.callId !== callId) return;
  dismiss(turn, call, ({ party, ...member }) => party.device === from.device && member.joinedAt <= joinedAt);
}

/** Nothing was heard of a device for too long; what was between it and this one stays, in case that it was only cut off. */
export function fallSilent(turn: GroupTurn, call: GroupCall, device: string): void {
  const member = call.others.find(({ party }) => party.device === device);
  if (member === undefined) return;
  const { link, joinedAt } = member;
  const kept = isOwn(call) && link !== undefined ? withSilent(call, { ...member, link }) : call;
  dismiss(turn, kept, (other) => other.party.device === device && other.joinedAt === joinedAt);
}

/** Who may be in it is different: who may not is out at once. */
export function reconsider(
  turn: GroupTurn,
  { chatId, devices, blocked }: Extract<GroupCallEvent, { type: 'roster' }>,
): void {
  const call = callIn(turn.state, chatId);
  if (call === undefined) return;
  const allowed = new Set(devices.map(({ device }) => device));
  if (!allowed.has(turn.facts.me.device)) {
    if (isOwn(call)) leave(turn, call, { isTold: false });
    turn.drop(call);
    return;
  }
  const out = call.others.filter(({ party }) => !allowed.has(party.device));
  for (const { party, joinedAt } of out) turn.noteGone({ callId: call.callId, device: party.device, joinedAt });
  const before = call.others.map(({ isBlocked }) => isBlocked);
  const others = call.others.map((member) => ({ ...member, isBlocked: blocked.includes(member.party.account) }));
  const isOther = others.some(({ isBlocked }, at) => isBlocked !== before[at]);
  if (out.length > 0) dismiss(turn, { ...call, others }, ({ party }) => !allowed.has(party.device));
  else if (isOther) changeMembers(turn, { ...call, others });
}

function newCall({ facts }: GroupTurn, { callId, chatId, from }: GroupHeard, word: Presence): GroupCall {
  const { video, startedAt, age } = word;
  return { callId, chatId, video, startedAt, since: facts.now - age, by: from, ring: 'silent', others: [] };
}

/** Two calls in one group at once: the one whose id comes first is kept, and rings if the other did and it never has. */
function replace(turn: GroupTurn, old: GroupCall, kept: GroupCall): void {
  const ring = turn.state.rung.includes(kept.callId) ? 'silent' : old.ring;
  turn.noteRung(kept.callId);
  if (isOwn(old)) {
    move(turn, old, kept);
    return;
  }
  turn.drop(old);
  turn.put({ ...kept, ring });
  if (ring === 'rings') turn.timer(kept, 'ring', GROUP_CALL_LIMITS.ringMs);
}

function memberOf(
  { facts }: GroupTurn,
  call: GroupCall,
  { heard, word }: { readonly heard: GroupHeard; readonly word: Presence },
): Member {
  const { from: party, isBlocked } = heard;
  const { joinedAt, fingerprint, media } = word;
  const { now } = facts;
  return { party, joinedAt, since: now, fingerprint, media, isBlocked, ...raised(call, word, now) };
}

/** It is heard for the first time in this stay, or again after a silence. */
function admit(turn: GroupTurn, call: GroupCall, member: Member): void {
  if (roomIn(call) <= 0) {
    if (isOwn(call)) makeRoom(turn, call, member);
    return;
  }
  turn.timer(call, `gone ${member.party.device}`, GROUP_CALL_LIMITS.goneMs);
  const isOwnAccount = member.party.account === turn.facts.me.account;
  const heard = isOwnAccount ? silence(turn, call) : call;
  if (!isOwn(heard)) {
    turn.put({ ...heard, others: [...heard.others, member] });
    return;
  }
  const { silent, metAt = turn.facts.now, ...mine } = heard.mine;
  const was = silent.find(({ device, joinedAt }) => device === member.party.device && joinedAt === member.joinedAt);
  const others = [...heard.others, { ...member, link: was?.link ?? NO_LINK }];
  const next: OwnCall = { ...heard, others, mine: { ...mine, metAt, silent: silent.filter((each) => each !== was) } };
  turn.put(next);
  if (heard.mine.metAt === undefined) turn.keep(next);
  renewKey(turn, next);
  sayHereSoon(turn, next.callId);
}

/**
 * One too many came at once: of those who have only just come the last one goes, and that may be this device. Everybody else
 * keeps whom they heard first.
 */
function makeRoom(turn: GroupTurn, call: OwnCall, member: Member): void {
  const { me, now } = turn.facts;
  const isYoung = Math.abs(now - call.mine.since) < GROUP_CALL_LIMITS.goneMs;
  const self = { joinedAt: call.mine.joinedAt, party: me };
  if (isYoung && [...call.others, member].every((other) => cameBefore(other, self)))
    leave(turn, call, { isTold: true });
}

function cameBefore(a: Pick<Member, 'joinedAt' | 'party'>, b: Pick<Member, 'joinedAt' | 'party'>): boolean {
  return a.joinedAt === b.joinedAt ? a.party.device < b.party.device : a.joinedAt < b.joinedAt;
}

/** What it says of itself may be new; its certificate may not. */
function update(
  turn: GroupTurn,
  call: GroupCall,
  { known, word }: { readonly known: Member; readonly word: Presence },
): void {
  const { hand, ...rest } = known;
  const next: Member = { ...rest, media: word.media, ...raised(call, word, turn.facts.now, hand) };
  turn.timer(call, `gone ${known.party.device}`, GROUP_CALL_LIMITS.goneMs);
  const { device } = known.party;
  const changed = { ...call, others: call.others.map((other) => (other.party.device === device ? next : other)) };
  turn.put(changed);
  if (call.ring === 'doubted') ringFor(turn, changed, word);
}

/** It was away and came again, as after a restart. */
function comeAgain(
  turn: GroupTurn,
  call: GroupCall,
  { known, again }: { readonly known: Member; readonly again: Member },
): void {
  const { device } = known.party;
  turn.noteGone({ callId: call.callId, device, joinedAt: known.joinedAt });
  const others = call.others.filter((other) => other !== known);
  admit(turn, { ...call, others }, again);
}

/** They are not in it any more. */
function dismiss(turn: GroupTurn, call: GroupCall, isOut: (member: Member) => boolean): void {
  const out = call.others.filter(isOut);
  if (out.length === 0) return;
  turn.stop(call, ...out.map(({ party }) => `gone ${party.device}` as const));
  changeMembers(turn, { ...call, others: call.others.filter((member) => !isOut(member)) });
}

function changeMembers(turn: GroupTurn, call: GroupCall): void {
  turn.put(call);
  if (isOwn(call)) renewKey(turn, call);
}

function withSilent(call: OwnCall, { party, joinedAt, link }: Member & { readonly link: Link }): OwnCall {
  const others = call.mine.silent.filter(({ device }) => device !== party.device);
  const silent = [...others, { device: party.device, joinedAt, link }].slice(-GROUP_STATE_LIMITS.silent);
  return { ...call, mine: { ...call.mine, silent } };
}
