/**
 * The telephone calls of a device as a state machine (SPEC, "Calls"): no I/O, no clock, no randomness; the same state and the
 * same event make the same step. `telephony.ts` does what it wants done. Phases are drawn in `state.ts`; what happens in
 * each is in the file of its name.
 */
import { hearWhileAccepting, sayAccept } from './accepting.ts';
import { hearWhileDialling, ring, start } from './dialling.ts';
import type { Facts, Heard, PhoneEvent, Step } from './events.ts';
import {
  ask,
  forgetElsewhere,
  hearHere,
  hearMove,
  hearOver,
  hearTakenOver,
  hearWhileMoving,
  isWanted,
  move,
  sayHere,
} from './handover.ts';
import { HOLDER_PATIENCE } from './holding.ts';
import { endOf } from './outcome.ts';
import { answer, decline, hearRing, hearWhileRinging } from './ringing.ts';
import { type LiveCall, type PhoneState, deviceOf, holderOf, liveCall } from './state.ts';
import { beat, hearWhileTalking, report, resend, send, take, tellStatus } from './talking.ts';
import { Turn } from './turn.ts';

/** What an event makes of the calls, and what is to be done about it. Never throws. */
export function step(state: PhoneState, event: PhoneEvent, facts: Facts): Step {
  const turn = new Turn(state, facts);
  switch (event.type) {
    case 'start':
      return start(turn, event);
    case 'answer':
      return answer(turn, event);
    case 'move':
      return move(turn, event);
    case 'decline':
    case 'hangUp':
      return end(turn, event);
    case 'hold':
    case 'media':
      return change(turn, event);
    case 'send':
    case 'take':
    case 'report':
    case 'keep':
      return hold(turn, event);
    case 'dismiss':
      dismiss(turn, event.callId);
      return turn.step;
    case 'heard':
      hear(turn, event);
      return turn.step;
    case 'timer':
      wake(turn, event);
      return turn.step;
    case 'left':
      leave(turn, event);
      return turn.step;
  }
}

type EventOf<K extends PhoneEvent['type']> = Extract<PhoneEvent, { readonly type: K }>;

/** The user does not want the call, or not any more. */
function end(turn: Turn, { type, callId }: EventOf<'decline' | 'hangUp'>): Step {
  const call = liveCall(turn.state, callId);
  if (call?.phase === 'ringing') decline(turn, call);
  else if (call?.phase === 'asked') turn.finish(call, { end: 'failed', tell: 'failed' });
  else if (type === 'decline') return turn.refuse('UnknownCall');
  else if (call !== undefined && isWanted(call)) turn.finish(call, { end: 'cancelled', tell: 'cancelled' });
  else if (call !== undefined) turn.finish(call, { end: 'hungUp', tell: 'hungUp' });
  return turn.step;
}

/** The user holds the call, or what of theirs is on has changed. */
function change(turn: Turn, event: EventOf<'hold' | 'media'>): Step {
  const call = liveCall(turn.state, event.callId);
  if (call === undefined || call.phase === 'ringing' || call.phase === 'asked') return turn.refuse('UnknownCall');
  const mine = { ...call.mine, ...(event.type === 'hold' ? { held: event.held } : { media: event.media }) };
  const next = { ...call, mine };
  turn.put(next);
  if (next.phase === 'talking') {
    tellStatus(turn, next);
    sayHere(turn, next);
  }
  return turn.step;
}

/** The tab that holds the call says something. */
function hold(turn: Turn, event: EventOf<'send' | 'take' | 'report' | 'keep'>): Step {
  const call = liveCall(turn.state, event.callId);
  if (call === undefined || holderOf(call) !== event.holder) return turn.refuse('UnknownCall');
  if (event.type === 'keep') {
    turn.timer(call, 'holder', HOLDER_PATIENCE);
    return turn.step;
  }
  if (call.phase !== 'talking') return turn.refuse('UnknownCall');
  if (event.type === 'send') return send(turn, call, event);
  if (event.type === 'take') take(turn, call, event.upTo);
  else report(turn, call, event.state);
  return turn.step;
}

function dismiss(turn: Turn, callId: string): void {
  const { main, ...state } = turn.state;
  if (main?.phase !== 'ended' || main.callId !== callId) return;
  turn.stop(main, 'shown');
  turn.state = state;
}

function hear(turn: Turn, heard: Heard): void {
  const { from, callId, word } = heard;
  if (from.account === turn.facts.me.account) {
    hearSibling(turn, heard);
    return;
  }
  if (word.type === 'ring') {
    hearRing(turn, heard, word);
    return;
  }
  if (word.type === 'move') {
    hearMove(turn, heard, word);
    return;
  }
  const call = liveCall(turn.state, callId);
  if (call === undefined) sayOver(turn, heard);
  else if (call.peer === from.account) hearPeer(turn, call, heard);
}

function hearPeer(turn: Turn, call: LiveCall, heard: Heard): void {
  const { from, word } = heard;
  if (call.phase === 'dialling') {
    hearWhileDialling(turn, call, heard);
    return;
  }
  const device = deviceOf(call);
  if (device !== from.device) {
    // It has not heard that another device of theirs has the call.
    const isLate = call.outgoing && (word.type === 'accept' || word.type === 'ringing');
    if (isLate && device !== undefined) turn.tell(call, from, { type: 'taken', deviceId: device });
    return;
  }
  switch (call.phase) {
    case 'ringing':
      hearWhileRinging(turn, call, heard);
      return;
    case 'moving':
      hearWhileMoving(turn, call, heard);
      return;
    case 'asked':
      if (word.type === 'end') turn.finish(call, { end: endOf(call, word.reason) });
      return;
    case 'accepting':
      hearWhileAccepting(turn, call, heard);
      return;
    case 'talking':
      hearWhileTalking(turn, call, heard);
      return;
  }
}

/** The user answered or declined on another own device; what was not rung for here yet never will be. */
function hearSibling(turn: Turn, heard: Heard): void {
  const { from, callId, word } = heard;
  if (word.type === 'here') hearHere(turn, heard, word);
  if (word.type === 'move') hearTakenOver(turn, heard, word);
  if (word.type === 'end') hearOver(turn, heard);
  if (word.type !== 'taken' && word.type !== 'decline') return;
  const call = liveCall(turn.state, callId);
  if (call?.phase === 'ringing') turn.finish(call, { end: 'elsewhere' });
  else if (call === undefined && !turn.state.over.some((over) => over.callId === callId))
    turn.remember({ callId, peer: from.account, reason: 'hungUp' });
}

/** Who speaks of a call as if it were on is told that it is over, also if nothing is known of it here: devices are killed. */
function sayOver(turn: Turn, heard: Heard): void {
  const { from, callId, word } = heard;
  if (!SAID_IN_CALLS.includes(word.type)) return;
  const over = turn.state.over.find((each) => each.callId === callId);
  // Whose call it was is not known of one that another own device answered or declined before it rang here.
  if (over !== undefined && over.peer !== from.account && over.peer !== turn.facts.me.account) return;
  turn.tell(heard, from, { type: 'end', reason: over?.reason ?? 'lost' });
}

const SAID_IN_CALLS: readonly Heard['word']['type'][] = ['ringing', 'accept', 'reveal', 'signal', 'status'];

function wake(turn: Turn, { callId, name }: EventOf<'timer'>): void {
  if (name === 'shown') {
    dismiss(turn, callId);
    return;
  }
  if (name === 'elsewhere') {
    forgetElsewhere(turn, callId);
    return;
  }
  const call = liveCall(turn.state, callId);
  switch (call?.phase) {
    case 'dialling':
      if (name === 'ring') ring(turn, call);
      if (name === 'giveUp') turn.finish(call, { end: 'missed', tell: 'missed' });
      if (name === 'holder') turn.finish(call, { end: 'lost', tell: 'lost' });
      return;
    case 'moving':
      if (name === 'ring') ask(turn, call);
      if (name === 'giveUp') turn.finish(call, { end: 'failed', tell: 'failed' });
      if (name === 'holder') turn.finish(call, { end: 'lost', tell: 'lost' });
      return;
    case 'asked':
      if (name === 'giveUp') turn.finish(call, { end: 'failed', tell: 'failed' });
      return;
    case 'ringing':
      if (name === 'giveUp' || name === 'quiet') turn.finish(call, { end: 'missed' });
      return;
    case 'accepting':
      if (name === 'accept') sayAccept(turn, call);
      if (name === 'connect') turn.finish(call, { end: 'failed', tell: 'failed' });
      if (name === 'holder') turn.finish(call, { end: 'lost', tell: 'lost' });
      return;
    case 'talking':
      if (name === 'beat') beat(turn, call);
      if (name === 'resend') resend(turn, call);
      if (name === 'connect' && call.line === 'connecting') turn.finish(call, { end: 'failed', tell: 'failed' });
      if (name === 'reconnect' && call.line === 'reconnecting') turn.finish(call, { end: 'failed', tell: 'failed' });
      if (name === 'holder') turn.finish(call, { end: 'lost', tell: 'lost' });
      return;
    case undefined:
      return;
  }
}

/** The device at the other end may not be talked to any more, and is told nothing. */
function leave(turn: Turn, { account, devices }: EventOf<'left'>): void {
  const { elsewhere } = turn.state;
  if (elsewhere?.peer === account && !devices.includes(elsewhere.device)) forgetElsewhere(turn, elsewhere.callId);
  for (const call of [turn.state.second, turn.state.handover, turn.state.main]) {
    if (call === undefined || call.phase === 'ended' || call.peer !== account) continue;
    const device = deviceOf(call);
    const isGone = device === undefined ? devices.length === 0 : !devices.includes(device);
    if (isGone) turn.finish(call, { end: endWithoutThem(call) });
  }
}

function endWithoutThem(call: LiveCall): 'missed' | 'cancelled' | 'hungUp' {
  if (call.phase === 'ringing') return 'missed';
  return call.phase === 'dialling' ? 'cancelled' : 'hungUp';
}
