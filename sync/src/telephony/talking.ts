/** Calls that were answered: both devices know whom they talk to, and carry what their connections say. */
import { equalBytes } from '@securechat/crypto';
import { PHONE_LIMITS } from '../api-phone.ts';
import type { PhoneKeys } from '../payload/phone-parts.ts';
import { comparisonOf } from './comparison.ts';
import { isAnnounced } from './description.ts';
import type { Heard, PhoneEvent, Step } from './events.ts';
import { endedBeside, sayHere, takePlace } from './handover.ts';
import { endOf } from './outcome.ts';
import {
  NO_SIGNALS,
  type Unacked,
  addSignal,
  isNext,
  onTheirWay,
  withNext,
  withReceived,
  withTaken,
} from './signal-rows.ts';
import type { Talking } from './state.ts';
import type { Turn } from './turn.ts';

const BEAT = 5_000;
const RESEND = 2_000;
const KEEP_PAUSE = 30_000;

type Word<K extends Heard['word']['type']> = Extract<Heard['word'], { readonly type: K }>;
type Answered = Pick<
  Talking,
  'callId' | 'chatId' | 'peer' | 'video' | 'since' | 'origin' | 'outgoing' | 'device' | 'mine' | 'answeredAt'
>;

/** Both sides' keys are known: the holders may connect. */
export function startTalking(turn: Turn, answered: Answered, theirs: PhoneKeys): void {
  const { callId, outgoing, peer, device, mine, video } = answered;
  const { me, now } = turn.facts;
  const ends = [
    { ...me, keys: mine.keys },
    { account: peer, device, keys: { fingerprint: theirs.fingerprint, nonce: theirs.nonce } },
  ] as const;
  const [caller, callee] = outgoing ? ends : ([ends[1], ends[0]] as const);
  const call: Talking = {
    ...answered,
    ...{ phase: 'talking', line: 'connecting', keptAt: now, signals: NO_SIGNALS },
    theirs: { keys: ends[1].keys, held: false, media: { microphone: true, camera: video, screen: false } },
    comparison: comparisonOf(callId, caller, callee),
  };
  turn.put(call);
  turn.keep(call);
  if (outgoing) {
    turn.timer(call, 'connect', PHONE_LIMITS.connectMs);
    reveal(turn, call);
  }
  beat(turn, call);
}

/** What this device had committed to, to the device that answered. */
function reveal(turn: Turn, call: Talking): void {
  turn.tellThem(call, { type: 'reveal', ...call.mine.keys });
}

/** Tells how it is here, and plans to tell it again. */
export function beat(turn: Turn, call: Talking): void {
  tellStatus(turn, call);
  sayHere(turn, call);
  turn.timer(call, 'beat', BEAT);
  const { now } = turn.facts;
  if (Math.abs(now - call.keptAt) < KEEP_PAUSE) return;
  turn.put({ ...call, keptAt: now });
  turn.keep(call);
}

export function tellStatus(turn: Turn, call: Talking): void {
  const { held, media } = call.mine;
  turn.tellThem(call, { type: 'status', received: call.signals.received, held, media });
}

/** The device at the other end says something. */
export function hearWhileTalking(turn: Turn, call: Talking, { word }: Heard): void {
  switch (word.type) {
    case 'accept':
      // It has not heard the answer; or it was killed, and has been answered anew by a tab that this call is not with.
      if (!call.outgoing) return;
      if (isSameKeys(word, call.theirs.keys)) reveal(turn, call);
      else turn.finish(call, { end: 'failed', tell: 'failed' });
      return;
    case 'signal':
      takeSignal(turn, call, word);
      return;
    case 'status':
      takeStatus(turn, call, word);
      return;
    case 'end':
      if (turn.state.handover?.callId === call.callId) endedBeside(turn, call, word.reason);
      else turn.finish(call, { end: endOf(call, word.reason) });
      return;
    case 'ring':
    case 'ringing':
    case 'taken':
    case 'reveal':
    case 'decline':
    case 'busy':
    case 'move':
    case 'here':
      return;
  }
}

function isSameKeys(a: PhoneKeys, b: PhoneKeys): boolean {
  return equalBytes(a.fingerprint, b.fingerprint) && equalBytes(a.nonce, b.nonce);
}

/** The next of the row is kept for the holder; what came before is acknowledged again, what comes too early is said again. */
function takeSignal(turn: Turn, call: Talking, item: Word<'signal'>): void {
  if (!isNext(call.signals, item.seq)) {
    if (item.seq <= call.signals.received) tellStatus(turn, call);
    return;
  }
  if (!isAnnounced(item.signal, call.theirs.keys.fingerprint)) {
    turn.finish(call, { end: 'tampered', tell: 'tampered' });
    return;
  }
  const next = { ...call, signals: withNext(call.signals, item) };
  turn.put(next);
  tellStatus(turn, next);
}

function takeStatus(turn: Turn, call: Talking, { received, held, media }: Word<'status'>): void {
  const { signals, news } = withReceived(call.signals, received);
  const next = { ...call, theirs: { ...call.theirs, held, media }, signals };
  turn.put(next);
  if (signals === call.signals) return;
  for (const item of news) say(turn, next, item);
  if (signals.unacked.length > 0) turn.timer(call, 'resend', RESEND);
  else turn.stop(call, 'resend');
}

/** The holder's connection says something. */
export function send(turn: Turn, call: Talking, { signal }: Extract<PhoneEvent, { type: 'send' }>): Step {
  const added = addSignal(call.signals, signal);
  if (added === undefined || !isAnnounced(signal, call.mine.keys.fingerprint)) return turn.refuse('SignalInvalid');
  turn.put({ ...call, signals: added.signals });
  if (added.isNow) say(turn, call, added.item);
  if (call.signals.unacked.length === 0) turn.timer(call, 'resend', RESEND);
  return turn.step;
}

/** What nobody acknowledged is said again. */
export function resend(turn: Turn, call: Talking): void {
  if (call.signals.unacked.length === 0) return;
  for (const item of onTheirWay(call.signals)) say(turn, call, item);
  turn.timer(call, 'resend', RESEND);
}

function say(turn: Turn, call: Talking, item: Unacked): void {
  turn.tellThem(call, { type: 'signal', ...item });
}

/** The holder has used what came. */
export function take(turn: Turn, call: Talking, upTo: number): void {
  turn.put({ ...call, signals: withTaken(call.signals, upTo) });
}

/** The holder says how its connection is. */
export function report(turn: Turn, call: Talking, state: 'connected' | 'lost' | 'failed'): void {
  switch (state) {
    case 'connected': {
      const next: Talking = { ...call, line: 'active', connectedAt: call.connectedAt ?? turn.facts.now };
      const placed = takePlace(turn, next);
      turn.stop(call, 'connect', 'reconnect');
      if (call.connectedAt !== undefined) return;
      turn.keep(placed);
      sayHere(turn, placed);
      return;
    }
    case 'lost':
      if (call.line !== 'active') return;
      turn.put({ ...call, line: 'reconnecting' });
      turn.timer(call, 'reconnect', PHONE_LIMITS.reconnectMs);
      return;
    case 'failed':
      turn.finish(call, { end: 'failed', tell: 'failed' });
      return;
  }
}
