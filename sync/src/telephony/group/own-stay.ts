/** This device in a call: how it comes, what it says of itself, and how it goes. */
import { GROUP_CALL_LIMITS } from '../../api-group-call.ts';
import type { CallId } from '../../api-phone.ts';
import { ageOf } from '../age.ts';
import { HOLDER_PATIENCE } from '../holding.ts';
import type { GroupCallEvent, GroupStep } from './events.ts';
import { tellKeys } from './frame-keys.ts';
import type { GroupTurn } from './group-turn.ts';
import { silence } from './ringing.ts';
import {
  GROUP_STATE_LIMITS,
  NO_LINK,
  type GroupCall,
  type Mine,
  type OwnCall,
  callIn,
  ownCall,
  roomIn,
} from './state.ts';

const BEAT = 5_000;
/** The first words may be lost, or come before the key that opens them. */
const FIRST_PAUSES = [1_000, 2_000] as const;
/** Whoever is new hears of this device at once, but not more often than this. */
const SOON = 1_000;
const KEEP_PAUSE = 30_000;

type Join = Extract<GroupCallEvent, { type: 'join' }>;

/** The user begins a call, or joins the one that is on. */
export function join(turn: GroupTurn, event: Join): GroupStep {
  const { callId, chatId, holder } = event;
  const own = ownCall(turn.state);
  if (own?.chatId === chatId && own.mine.holder === holder) return turn.step;
  if (own !== undefined || turn.facts.isInCall) return turn.refuse({ type: 'InCall' });
  const on = callIn(turn.state, chatId);
  if (on === undefined && turn.state.rung.includes(callId)) return turn.refuse({ type: 'UnknownCall' });
  if (on === undefined && !event.mayBegin) return turn.refuse({ type: 'NotAllowed' });
  if (on !== undefined && roomIn(on) <= 0) return turn.refuse({ type: 'CallFull', limit: GROUP_CALL_LIMITS.members });
  const call = silence(turn, on ?? newCall(turn, event));
  turn.noteRung(call.callId);
  enter(turn, call, { ...newMine(turn, event, call.callId), began: on === undefined });
  return turn.step;
}

/** The other call is the one that goes on: this device is in that one from now on, with the same tab and certificate. */
export function move(turn: GroupTurn, old: OwnCall, kept: GroupCall): void {
  const { mine } = old;
  turn.sayAll(old, { type: 'left', joinedAt: mine.joinedAt });
  turn.forget(old);
  turn.drop(old);
  const was = [...mine.was, old.callId].slice(-GROUP_STATE_LIMITS.was);
  const about = { chatId: kept.chatId, holder: mine.holder, fingerprint: mine.fingerprint, video: kept.video };
  const { media, hand } = mine;
  const fresh = newMine(turn, about, kept.callId);
  enter(turn, kept, { ...fresh, media, ...(hand !== undefined && { hand }), was, began: false });
}

function enter(turn: GroupTurn, on: GroupCall, mine: Mine): void {
  const others = on.others.map((member) => ({ ...member, link: NO_LINK }));
  const metAt = others.length > 0 ? { metAt: turn.facts.now } : {};
  const call: OwnCall = { ...on, others, mine: { ...mine, ...metAt } };
  turn.put(call);
  turn.keep(call);
  turn.timer(call, 'holder', HOLDER_PATIENCE);
  sayHere(turn, call);
  tellKeys(turn, call);
}

function newCall({ facts }: GroupTurn, { callId, chatId, video }: Join): GroupCall {
  const { now, me } = facts;
  return { callId, chatId, video, since: now, startedAt: now, by: me, ring: 'silent', others: [] };
}

function newMine(
  { facts, state }: GroupTurn,
  { holder, fingerprint, video }: Pick<Join, 'holder' | 'fingerprint' | 'video'>,
  callId: CallId,
): Mine {
  const { now, me, fresh } = facts;
  const earlier = state.gone.find((gone) => gone.callId === callId && gone.device === me.device);
  return {
    ...{ holder, fingerprint, media: { microphone: true, camera: video, screen: false } },
    // Each stay is named by a later time than the one before, whatever the clock does.
    ...{ joinedAt: Math.max(now, (earlier?.joinedAt ?? 0) + 1), since: now, saidAt: now, said: 0 },
    ...{ key: { id: 0, key: fresh.first }, began: false, keptAt: now, was: [], silent: [] },
  };
}

/** Tells the group that this device is in it, and plans to tell it again. */
function sayHere(turn: GroupTurn, call: OwnCall): void {
  const { now } = turn.facts;
  const { startedAt, video, since, mine } = call;
  const { joinedAt, fingerprint, media, hand, said } = mine;
  const presence = { startedAt, age: ageOf(since, now), joinedAt, video, fingerprint, media };
  turn.sayAll(call, { type: 'here', ...presence, ...(hand !== undefined && { hand: ageOf(hand, now) }) });
  turn.put({ ...call, mine: { ...mine, saidAt: now, said: said + 1 } });
  turn.timer(call, 'here', FIRST_PAUSES[said] ?? BEAT);
}

/** Somebody came who may not know of this device. */
export function sayHereSoon(turn: GroupTurn, callId: CallId): void {
  const call = ownCall(turn.state);
  if (call?.callId !== callId) return;
  if (Math.abs(turn.facts.now - call.mine.saidAt) >= SOON) sayHere(turn, call);
}

/** Time to say it again; what would be written of the call is kept up to date. */
export function beat(turn: GroupTurn, call: OwnCall): void {
  const { now } = turn.facts;
  const isDue = Math.abs(now - call.mine.keptAt) >= KEEP_PAUSE;
  const next = isDue ? { ...call, mine: { ...call.mine, keptAt: now } } : call;
  if (isDue) turn.keep(next);
  sayHere(turn, next);
}

/** What of this device's is on, and the hand. */
export function change(turn: GroupTurn, call: OwnCall, event: Extract<GroupCallEvent, { type: 'media' }>): void {
  const { hand = turn.facts.now, ...mine } = call.mine;
  sayHere(turn, { ...call, mine: { ...mine, media: event.media, ...(event.hand && { hand }) } });
}

/** This device is not in it any more. `isTold`: the others hear of it. */
export function leave(turn: GroupTurn, call: OwnCall, { isTold }: { readonly isTold: boolean }): void {
  const { mine, ...rest } = call;
  const { joinedAt } = mine;
  if (isTold) turn.sayAll(call, { type: 'left', joinedAt });
  turn.record(call);
  turn.stop(call, 'here', 'holder', 'key', 'again');
  turn.noteGone({ callId: call.callId, device: turn.facts.me.device, joinedAt });
  turn.put({ ...rest, others: rest.others.map(({ link: _, ...member }) => member) });
}
