/**
 * A call moves to another own device of one of the two users. Whoever wants it asks the device at the other end, as SIP's
 * `Replaces` does (RFC 3891), with a commitment of its own; that one answers without its user, beside the call that is on, and
 * the call goes on in its new part once that is connected. What fails on the way leaves the call where it was.
 *
 *     new device (moving)         other side's device (talking; asked -> accepting -> talking beside)       old device (talking)
 *     move (commitment)   ------>                                                                   also to the old device
 *                         <------ accept (keys)
 *     reveal (keys)       ------>
 *     signal, status      <-----> signal, status
 *                                 connected: end (moved)                          ------>              ends as `moved`
 */
import { PHONE_LIMITS } from '../api-phone.ts';
import type { PhoneReason, PhoneWord } from '../payload/phone-parts.ts';
import { accept } from './accepting.ts';
import { ageOf } from './age.ts';
import { commitmentTo, isBefore } from './comparison.ts';
import type { Heard, PhoneEvent, Step } from './events.ts';
import { HOLDER_PATIENCE } from './holding.ts';
import { isTooMany } from './ringing.ts';
import {
  type Asked,
  type LiveCall,
  type Moving,
  type Origin,
  type Talking,
  holderOf,
  idOf,
  isOurs,
  liveCall,
} from './state.ts';
import { startTalking, tellStatus } from './talking.ts';
import type { Turn } from './turn.ts';

const AGAIN = 2_000;
/** Two beats may be lost. */
const SILENCE = 12_000;

type Word<K extends PhoneWord['type']> = Extract<PhoneWord, { readonly type: K }>;

// The device that has the call.

/** Own devices learn that the user talks here. */
export function sayHere(turn: Turn, call: Talking): void {
  const { now } = turn.facts;
  const origin = originOf(call);
  if (origin === undefined || call.connectedAt === undefined) return;
  const { peer, device: deviceId, video, mine } = call;
  const { microphone, camera } = mine.media;
  turn.tellSiblings(call, {
    ...{ type: 'here', peer, deviceId, first: idOf(call), outgoing: isOurs(call), video, microphone, camera },
    ...{
      rang: ageOf(origin.since, now),
      answered: ageOf(origin.answeredAt, now),
      connected: ageOf(origin.connectedAt, now),
    },
  });
}

/** An own device takes over what is talked of here. When both sides' users move it at once, the part whose id comes first is kept. */
export function hearTakenOver(turn: Turn, { from, callId }: Heard, { replaces }: Word<'move'>): void {
  const { main, handover } = turn.state;
  if (main?.phase !== 'talking' || main.callId !== replaces) return;
  turn.put({ ...main, takenOver: { device: from.device, callId, at: turn.facts.now } });
  if (handover !== undefined && isBefore(callId, handover.callId))
    turn.finish(handover, { end: 'failed', tell: 'glare' });
}

// The other own devices.

/** Another own device says that the user talks there: it rings here no more. */
export function hearHere(turn: Turn, { from, chatId, callId }: Heard, word: Word<'here'>): void {
  const call = liveCall(turn.state, callId);
  const { elsewhere: known, over } = turn.state;
  if (call?.phase === 'ringing') turn.finish(call, { end: 'elsewhere' });
  else if (call !== undefined) return;
  else if (!over.some((each) => each.callId === callId))
    turn.remember({ callId, peer: from.account, reason: 'hungUp' });
  if (known !== undefined && known.on !== from.device) return;
  if (known !== undefined) turn.stop(known, 'elsewhere');
  const { peer, deviceId: device, video, microphone, camera } = word;
  // Said again it is a little later each time, by the time that the word took.
  const origin = known?.callId === callId ? known.origin : toldOrigin(turn, word);
  const about = { callId, chatId, peer, video, since: origin.since, origin };
  turn.state = { ...turn.state, elsewhere: { ...about, on: from.device, device, media: { microphone, camera } } };
  turn.timer({ callId }, 'elsewhere', SILENCE);
}

function toldOrigin({ facts: { now } }: Turn, { first, outgoing, rang, answered, connected }: Word<'here'>): Origin {
  const times = { since: now - rang, answeredAt: now - answered, connectedAt: now - connected };
  return { callId: first, outgoing, ...times };
}

/** Another own device says that a call is over: it is not on there any more, and does not take over what is on here. */
export function hearOver(turn: Turn, { from, callId }: Heard): void {
  const { elsewhere, main } = turn.state;
  if (elsewhere?.on === from.device) forgetElsewhere(turn, callId);
  if (main?.phase !== 'talking' || main.takenOver?.callId !== callId) return;
  const { takenOver: _, ...call } = main;
  turn.put(call);
}

export function forgetElsewhere(turn: Turn, callId: string): void {
  const { elsewhere, ...state } = turn.state;
  if (elsewhere?.callId !== callId) return;
  turn.stop(elsewhere, 'elsewhere');
  turn.state = state;
}

// The device that the call comes to.

/** The user goes on here. */
export function move(turn: Turn, event: Extract<PhoneEvent, { type: 'move' }>): Step {
  const { callId, from, holder, keys } = event;
  const { main, over, elsewhere } = turn.state;
  const isOn = main !== undefined && main.phase !== 'ended';
  if (isOn && main.callId === callId && isMoved(main) && holderOf(main) === holder) return turn.step;
  if (isOn) return turn.refuse('InCall');
  if (elsewhere?.callId !== from || over.some((each) => each.callId === callId)) return turn.refuse('UnknownCall');
  const { chatId, peer, video, device, on, origin, media } = elsewhere;
  const call: Moving = {
    ...{ phase: 'moving', callId, chatId, peer, video, since: turn.facts.now, outgoing: true },
    ...{ replaces: from, device, on, origin },
    mine: { holder, keys, held: false, media: { ...media, screen: false } },
  };
  turn.begin(call);
  turn.timer(call, 'giveUp', PHONE_LIMITS.moveMs);
  turn.timer(call, 'holder', HOLDER_PATIENCE);
  ask(turn, call);
  return turn.step;
}

/** Asks the device at the other end, tells the own one that has the call, and plans to do it again. */
export function ask(turn: Turn, call: Moving): void {
  const { callId, replaces, on, mine } = call;
  const word = { type: 'move', replaces, commitment: commitmentTo(callId, mine.keys) } as const;
  turn.tellThem(call, word);
  turn.tell(call, { account: turn.facts.me.account, device: on }, word);
  turn.timer(call, 'ring', AGAIN);
}

/** The device at the other end answers, or does not want it. */
export function hearWhileMoving(turn: Turn, call: Moving, { word }: Heard): void {
  if (word.type === 'end') turn.finish(call, { end: word.reason === 'hungUp' ? 'hungUp' : 'failed' });
  if (word.type !== 'accept') return;
  const { phase: _phase, replaces: _replaces, on: _on, ...about } = call;
  turn.stop(call, 'ring', 'giveUp');
  startTalking(turn, { ...about, answeredAt: turn.facts.now }, word);
}

function isMoved(call: LiveCall): boolean {
  return call.phase === 'moving' || (call.phase === 'talking' && call.outgoing && call.origin !== undefined);
}

/** Whether this device's user wants it and has it not yet: it rings at the other side, or is on where it was. */
export function isWanted(call: LiveCall): boolean {
  if (call.phase === 'dialling') return true;
  return isMoved(call) && (call.phase !== 'talking' || call.connectedAt === undefined);
}

// The other side's device, which does it without its user.

/** Another device of theirs wants to go on with the call that is on here. */
export function hearMove(turn: Turn, heard: Heard, word: Word<'move'>): void {
  const { from, callId } = heard;
  if (liveCall(turn.state, callId) !== undefined) return;
  const refusal = refusalOf(turn, heard, word);
  if (refusal !== undefined) {
    turn.tell(heard, from, { type: 'end', reason: refusal });
    return;
  }
  const { main, handover } = turn.state;
  const origin = main?.phase === 'talking' ? originOf(main) : undefined;
  if (main?.phase !== 'talking' || origin === undefined) return;
  // It asked before, and has given that up.
  if (handover !== undefined) turn.finish(handover, { end: 'failed' });
  const { chatId, peer, video } = main;
  const about = { callId, chatId, peer, video, since: turn.facts.now, outgoing: false, origin } as const;
  const call: Asked = { ...about, phase: 'asked', device: from.device, commitment: word.commitment };
  turn.state = { ...turn.state, handover: call };
  turn.timer(call, 'giveUp', PHONE_LIMITS.moveMs);
}

/** Why it is no move: `lost` says of the call that is named, whatever it is, that it is not one to be moved. */
function refusalOf(turn: Turn, heard: Heard, { replaces }: Word<'move'>): PhoneReason | undefined {
  const { from, callId } = heard;
  const { main, handover, over } = turn.state;
  if (main?.phase !== 'talking' || main.callId !== replaces || originOf(main) === undefined) return 'lost';
  if (main.peer !== from.account || main.device === from.device) return 'lost';
  if (over.some((each) => each.callId === callId)) return 'lost';
  if (handover !== undefined && handover.device !== from.device) return 'lost';
  const { takenOver } = main;
  const isTaken = takenOver !== undefined && Math.abs(turn.facts.now - takenOver.at) < TAKING;
  if (isTaken && isBefore(takenOver.callId, callId)) return 'glare';
  return isTooMany(turn, heard) ? 'lost' : undefined;
}

/** How long it can take an own device, which may be gone meanwhile. */
const TAKING = PHONE_LIMITS.moveMs + PHONE_LIMITS.connectMs;

/** The tab that talks answers; what of this side's is on, or held, stays so. */
export function answerMove(turn: Turn, call: Asked, { holder, keys }: Extract<PhoneEvent, { type: 'answer' }>): Step {
  const { main } = turn.state;
  if (main?.phase !== 'talking' || main.mine.holder === holder) return turn.refuse('UnknownCall');
  const { held, media } = main.mine;
  accept(turn, call, { holder, keys, held, media });
  return turn.step;
}

/** The other side's word about what is beside the call. Who was there already, and hung up, has hung up the call. */
export function endedBeside(turn: Turn, beside: Talking, reason: PhoneReason): void {
  const { main } = turn.state;
  if (reason === 'hungUp' && main?.phase === 'talking') turn.finish(main, { end: 'hungUp', tell: 'hungUp' });
  else turn.finish(beside, { end: 'failed' });
}

/** Connected: the call goes on in it, if it was beside one; as this side has held and muted it up to now. */
export function takePlace(turn: Turn, next: Talking): Talking {
  const { main, handover } = turn.state;
  if (handover?.callId !== next.callId || main?.phase !== 'talking') {
    turn.put(next);
    return next;
  }
  const { held, media } = main.mine;
  const placed = { ...next, mine: { ...next.mine, held, media } };
  turn.goOn(main, placed);
  tellStatus(turn, placed);
  return placed;
}

/** What it was when it began; undefined: it was never connected. */
function originOf(call: Talking): Origin | undefined {
  const { origin, callId, outgoing, since, answeredAt, connectedAt } = call;
  if (origin !== undefined) return origin;
  return connectedAt === undefined ? undefined : { callId, outgoing, since, answeredAt, connectedAt };
}
