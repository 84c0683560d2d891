/** Calls of others, until they are answered here or are over. */
import { PHONE_LIMITS } from '../api-phone.ts';
import { accept } from './accepting.ts';
import { isBefore } from './comparison.ts';
import type { Heard, PhoneEvent, Step } from './events.ts';
import { newHolding } from './holding.ts';
import { answerMove, isWanted } from './handover.ts';
import { endOf } from './outcome.ts';
import { type Dialling, type LiveCall, type Ringing, STATE_LIMITS, deviceOf, holderOf, liveCall } from './state.ts';
import type { Turn } from './turn.ts';

/** Longer than the longest pause between two rings, and one that is lost. */
const QUIET = 22_000;
/** What began longer ago, or later than now, may be old. */
const FRESH = 120_000;
/** Long enough for an answer from the caller, shorter than the first pause between two rings. */
const DOUBT = 2_000;

type Ring = Extract<Heard['word'], { type: 'ring' }>;

/** A contact's device says that it calls. */
export function hearRing(turn: Turn, heard: Heard, word: Ring): void {
  const { callId, from } = heard;
  const over = turn.state.over.find((each) => each.callId === callId);
  if (over !== undefined) {
    if (over.say !== undefined && over.peer === from.account) turn.tell(heard, from, { type: over.say });
    return;
  }
  const known = liveCall(turn.state, callId);
  if (known !== undefined) hearAgain(turn, known, heard);
  else if (isDoubtful(turn, heard, word)) turn.tell(heard, from, { type: 'ringing' });
  else if (!isTooMany(turn, heard)) hearNew(turn, heard, word);
}

/** It goes on ringing. */
function hearAgain(turn: Turn, call: LiveCall, { from }: Heard): void {
  if (call.phase !== 'ringing' || call.peer !== from.account || call.device !== from.device) return;
  turn.timer(call, 'quiet', QUIET);
  turn.tellThem(call, { type: 'ringing' });
}

/**
 * What looks old rings only if it is said again a while later: whoever called and does not any more answers the first `ringing`
 * by saying so. Clocks may be wrong, so that age alone decides nothing.
 */
function isDoubtful(turn: Turn, { callId }: Heard, { startedAt }: Ring): boolean {
  const { doubted } = turn.state;
  const { now } = turn.facts;
  if (Math.abs(now - startedAt) <= FRESH) return false;
  const before = doubted.find((each) => each.callId === callId);
  if (before !== undefined) return Math.abs(now - before.at) < DOUBT;
  turn.state = { ...turn.state, doubted: [...doubted, { callId, at: now }].slice(-STATE_LIMITS.doubted) };
  return true;
}

/** Nobody rings here more often than a person would. */
export function isTooMany(turn: Turn, { from }: Heard): boolean {
  const { now } = turn.facts;
  const lately = turn.state.lately.filter(({ at }) => Math.abs(now - at) < STATE_LIMITS.latelyMs);
  const isFull = lately.filter(({ account }) => account === from.account).length >= STATE_LIMITS.lately;
  const added = isFull ? lately : [...lately, { account: from.account, at: now }];
  turn.state = { ...turn.state, lately: added.slice(-STATE_LIMITS.latelyKept) };
  return isFull;
}

function hearNew(turn: Turn, heard: Heard, word: Ring): void {
  dropOlderOf(turn, heard);
  const { main, second } = turn.state;
  const call = ringingOf(turn, heard, word);
  if (main?.phase === 'dialling' && main.peer === call.peer) {
    // Both call: both keep the call whose id comes first, and this device's user has said already that they want to talk.
    if (isBefore(call.callId, main.callId)) giveWay(turn, main, call);
    return;
  }
  if (main === undefined || main.phase === 'ended') turn.begin(call);
  else if (second === undefined && (main.phase === 'ringing' || turn.facts.hasSiblings))
    turn.state = { ...turn.state, second: call };
  else {
    turn.tellThem(call, { type: 'busy' });
    turn.remember({ callId: call.callId, peer: call.peer, reason: 'busy', say: 'busy' });
    return;
  }
  turn.timer(call, 'giveUp', PHONE_LIMITS.ringMs);
  turn.timer(call, 'quiet', QUIET);
  turn.tellThem(call, { type: 'ringing' });
}

/** A device is in one call at a time: what it called for before is over, although nobody heard that. */
function dropOlderOf(turn: Turn, { from }: Heard): void {
  for (const call of [turn.state.second, turn.state.handover, turn.state.main]) {
    if (call === undefined || call.phase === 'ended') continue;
    if (call.peer !== from.account || deviceOf(call) !== from.device) continue;
    turn.finish(call, { end: endOf(call, 'cancelled') });
  }
}

/** This user's own call goes without a word, and theirs is answered from the tab that called. What else rings goes on. */
function giveWay(turn: Turn, mine: Dialling, theirs: Ringing): void {
  const { second } = turn.state;
  turn.finish(mine, { end: 'elsewhere', tell: 'glare', isUntold: true });
  if (second === undefined) turn.begin(theirs);
  else turn.state = { ...turn.state, main: theirs, second };
  accept(turn, theirs, mine.mine);
}

function ringingOf({ facts }: Turn, { callId, chatId, from }: Heard, { video, commitment }: Ring): Ringing {
  const { account: peer, device } = from;
  return { phase: 'ringing', outgoing: false, callId, chatId, peer, video, since: facts.now, device, commitment };
}

/** The user answers; another call ends by it. */
export function answer(turn: Turn, event: Extract<PhoneEvent, { type: 'answer' }>): Step {
  const { callId, holder, keys } = event;
  const call = liveCall(turn.state, callId);
  if (call === undefined || call.outgoing) return turn.refuse('UnknownCall');
  if (call.phase === 'asked') return answerMove(turn, call, event);
  if (call.phase !== 'ringing') return holderOf(call) === holder ? turn.step : turn.refuse('UnknownCall');
  const { main } = turn.state;
  if (main !== undefined && main.phase !== 'ended' && main.callId !== callId) leaveFor(turn, main);
  accept(turn, call, newHolding(holder, keys, call.video));
  return turn.step;
}

function leaveFor(turn: Turn, call: LiveCall): void {
  if (call.phase === 'ringing') decline(turn, call);
  else turn.finish(call, { end: 'hungUp', tell: isWanted(call) ? 'cancelled' : 'hungUp' });
}

/** The user does not want it. */
export function decline(turn: Turn, call: Ringing): void {
  turn.tellThem(call, { type: 'decline' });
  turn.tellSiblings(call, { type: 'decline' });
  turn.finish(call, { end: 'declined', say: 'decline' });
}

/** The caller's device says something while this one rings. */
export function hearWhileRinging(turn: Turn, call: Ringing, { word }: Heard): void {
  if (word.type === 'end') turn.finish(call, { end: endOf(call, word.reason) });
  if (word.type === 'taken' && word.deviceId !== turn.facts.me.device) turn.finish(call, { end: 'elsewhere' });
  // The caller talks to this device, which answered and was killed: what it had said then, it knows no more.
  if (word.type === 'reveal' || word.type === 'signal' || word.type === 'status')
    turn.finish(call, { end: 'lost', tell: 'lost' });
}
