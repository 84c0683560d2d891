/**
 * The calls of groups as a state machine (SPEC, "Calls of groups"): no I/O, no clock, no randomness; the same state and the same
 * event make the same step. `group-telephony.ts` does what it wants done. The state is drawn in `state.ts`.
 */
import { HOLDER_PATIENCE } from '../holding.ts';
import { hearBetween, isUnheard, sayAgain, send, take } from './between.ts';
import type { GroupCallEvent, GroupFacts, GroupHeard, GroupStep } from './events.ts';
import { lacking, withNextKey } from './frame-keys.ts';
import { GroupTurn } from './group-turn.ts';
import { beat, change, join, leave } from './own-stay.ts';
import { fallSilent, hearHere, hearLeft, reconsider } from './presence.ts';
import { silence } from './ringing.ts';
import { type GroupCall, type GroupCallState, type OwnCall, isOver, ownCall, ownCallOf } from './state.ts';

/** So long everybody has to get the next key. */
const KEY_TIME = 2_000;
const AGAIN = 1_000;

/** What an event makes of the calls, and what is to be done about it. Never throws. */
export function groupStep(state: GroupCallState, event: GroupCallEvent, facts: GroupFacts): GroupStep {
  const turn = new GroupTurn(state, facts);
  const { error } = make(turn, event);
  if (error !== undefined) return turn.refuse(error);
  settle(turn, state, event);
  return turn.step;
}

function make(turn: GroupTurn, event: GroupCallEvent): GroupStep {
  switch (event.type) {
    case 'join':
      return join(turn, event);
    case 'leave':
    case 'media':
    case 'keep':
      return own(turn, event);
    case 'ignore':
      ignore(turn, event.callId);
      return turn.step;
    case 'send':
      return send(turn, event);
    case 'take':
      return take(turn, event);
    case 'heard':
      hear(turn, event);
      return turn.step;
    case 'timer':
      wake(turn, event);
      return turn.step;
    case 'roster':
      reconsider(turn, event);
      return turn.step;
  }
}

type EventOf<K extends GroupCallEvent['type']> = Extract<GroupCallEvent, { readonly type: K }>;

/** Something about the call that this device is in. */
function own(turn: GroupTurn, event: EventOf<'leave' | 'media' | 'keep'>): GroupStep {
  const call = ownCallOf(turn.state, event.callId);
  if (call === undefined) return event.type === 'leave' ? turn.step : turn.refuse({ type: 'UnknownCall' });
  if (event.type === 'leave') leave(turn, call, { isTold: true });
  else if (event.type === 'media') change(turn, call, event);
  else if (call.mine.holder !== event.holder) return turn.refuse({ type: 'UnknownCall' });
  else turn.timer(call, 'holder', HOLDER_PATIENCE);
  return turn.step;
}

function ignore(turn: GroupTurn, callId: string): void {
  const call = turn.state.calls.find((each) => each.callId === callId);
  if (call === undefined) return;
  turn.noteRung(callId);
  turn.put(silence(turn, call));
  turn.tellOwn(call, { type: 'ignored' });
}

/** On another own device the user did not want it: it does not ring here either, also if it is heard of later only. */
function hearIgnored(turn: GroupTurn, { from, callId }: GroupHeard): void {
  if (from.account !== turn.facts.me.account) return;
  turn.noteRung(callId);
  const call = turn.state.calls.find((each) => each.callId === callId);
  if (call !== undefined) turn.put(silence(turn, call));
}

function hear(turn: GroupTurn, heard: GroupHeard): void {
  const { from, word } = heard;
  if (from.device === turn.facts.me.device) return;
  switch (word.type) {
    case 'here':
      hearHere(turn, heard, word);
      return;
    case 'left':
      hearLeft(turn, heard, word.joinedAt);
      return;
    case 'ignored':
      hearIgnored(turn, heard);
      return;
    case 'key':
    case 'signal':
    case 'got':
      hearBetween(turn, heard, word);
      return;
  }
}

function wake(turn: GroupTurn, { callId, name }: EventOf<'timer'>): void {
  const call = turn.state.calls.find((each) => each.callId === callId);
  if (call === undefined) return;
  if (name === 'ring') turn.put({ ...call, ring: 'silent' });
  else if (name === 'here' || name === 'holder' || name === 'key' || name === 'again') wakeOwn(turn, call, name);
  else fallSilent(turn, call, name.slice('gone '.length));
}

function wakeOwn(turn: GroupTurn, call: GroupCall, name: 'here' | 'holder' | 'key' | 'again'): void {
  const mine = ownCallOf(turn.state, call.callId);
  if (mine?.callId !== call.callId) return;
  if (name === 'here') beat(turn, mine);
  if (name === 'holder') leave(turn, mine, { isTold: true });
  if (name === 'key') turn.put(withNextKey(mine));
  if (name === 'again') sayAgain(turn, mine);
}

/** What follows from any change: the next key is used, timers run as long as there is something to wait for. */
function settle(turn: GroupTurn, before: GroupCallState, event: GroupCallEvent): void {
  for (const call of turn.state.calls.filter(isOver)) turn.drop(call);
  const found = ownCall(turn.state);
  if (found === undefined) return;
  const call = lacking(found).length === 0 ? withNextKey(found) : found;
  if (call !== found) turn.put(call);
  const earlier = ownCall(before);
  const was = earlier?.callId === call.callId ? earlier : undefined;
  const fired = event.type === 'timer' ? event.name : undefined;
  const run = (name: 'key' | 'again', ms: number, isOn: (call: OwnCall) => boolean): void => {
    const wasOn = was !== undefined && isOn(was) && fired !== name;
    if (isOn(call) && !wasOn) turn.timer(call, name, ms);
    else if (!isOn(call) && wasOn) turn.stop(call, name);
  };
  run('key', KEY_TIME, ({ mine }) => mine.next !== undefined);
  run('again', AGAIN, isUnheard);
}
