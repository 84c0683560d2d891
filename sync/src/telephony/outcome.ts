/** How a call ended, what is stored of a call of ours while it is on, and what its chat is told when it is over. */
import type { CallEnd, CallOutcome } from '../api-phone.ts';
import type { PhoneReason } from '../payload/phone-parts.ts';
import type { EndedCall } from './records.ts';
import { type Dialling, type KeptCall, type LiveCall, type Talking, idOf, isOurs } from './state.ts';

const SECOND = 1_000;

/** How it ended here, by what the device at the other end says. */
export function endOf(call: LiveCall, reason: PhoneReason): CallEnd {
  // Unless an own device says so too, it is no more than an end.
  if (reason === 'moved' && call.phase === 'talking' && call.takenOver !== undefined) return 'moved';
  if (call.phase !== 'ringing') return reason === 'tampered' || reason === 'failed' ? reason : 'hungUp';
  return NOT_MISSED.includes(reason) ? 'elsewhere' : 'missed';
}

/** Whether this device has to tell of a call: of one that came to it, once it is on here. */
export function isWritten(call: LiveCall): call is Dialling | Talking {
  if (!isOurs(call)) return false;
  if (call.phase === 'dialling') return true;
  return call.phase === 'talking' && (call.origin === undefined || call.connectedAt !== undefined);
}

/** While it rings here: on another device it was answered or declined, or the two talk in another call. */
const NOT_MISSED: readonly PhoneReason[] = ['hungUp', 'declined', 'failed', 'glare'];

export function keptOf(call: Dialling | Talking, now: number): KeptCall {
  const { chatId, video, since, origin } = call;
  const kept = { callId: idOf(call), chatId, video, startedAt: origin?.since ?? since, seenAt: now };
  if (call.phase === 'dialling') return kept;
  const { answeredAt, connectedAt } = origin ?? call;
  return { ...kept, answeredAt, ...(connectedAt !== undefined && { connectedAt }) };
}

/** Of a call that ends now. Answered is what was connected at some time, however it ended. */
export function recordOf(call: Dialling | Talking, end: CallEnd, now: number): EndedCall {
  const { startedAt, ...about } = keptOf(call, now);
  return recordWith({ startedAt, ...about }, call.phase === 'dialling' ? outcomeOf(end) : 'failed');
}

/** Of a call that was on when this device was killed. */
export function recordOfKept(kept: KeptCall): EndedCall {
  return recordWith(kept, kept.answeredAt === undefined ? 'cancelled' : 'failed');
}

/** `otherwise`: when it never was connected. */
function recordWith(kept: KeptCall, otherwise: CallOutcome): EndedCall {
  const { callId, chatId, video, startedAt, connectedAt, seenAt } = kept;
  const about = { callId, chatId, video, startedAt };
  if (connectedAt === undefined) return { ...about, outcome: otherwise, seconds: 0 };
  // A clock that was put back must not make it shorter than nothing.
  return { ...about, outcome: 'answered', seconds: Math.max(0, Math.round((seenAt - connectedAt) / SECOND)) };
}

function outcomeOf(end: CallEnd): CallOutcome {
  switch (end) {
    case 'declined':
    case 'busy':
    case 'missed':
      return end;
    case 'hungUp':
    case 'cancelled':
    case 'lost':
      return 'cancelled';
    case 'elsewhere':
    case 'failed':
    case 'tampered':
    case 'unreachable':
    case 'moved':
      return 'failed';
  }
}
