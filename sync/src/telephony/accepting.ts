/** Calls that were answered here, until the caller reveals its keys. */
import { PHONE_LIMITS } from '../api-phone.ts';
import { isCommitted } from './comparison.ts';
import type { Heard } from './events.ts';
import { HOLDER_PATIENCE } from './holding.ts';
import { endOf } from './outcome.ts';
import type { Accepting, Asked, Holding, Ringing } from './state.ts';
import { startTalking } from './talking.ts';
import type { Turn } from './turn.ts';

const AGAIN = 2_000;

/** Answers a call that rings as the main one, or that is to go on with another device of theirs. */
export function accept(turn: Turn, ringing: Ringing | Asked, mine: Holding): void {
  const call: Accepting = { ...ringing, phase: 'accepting', mine, answeredAt: turn.facts.now };
  turn.put(call);
  turn.stop(call, 'giveUp', 'quiet');
  turn.timer(call, 'connect', PHONE_LIMITS.connectMs);
  turn.timer(call, 'holder', HOLDER_PATIENCE);
  sayAccept(turn, call);
  if (ringing.phase === 'ringing') turn.tellSiblings(call, { type: 'taken', deviceId: turn.facts.me.device });
}

/** Tells the caller's device, and plans to tell it again. */
export function sayAccept(turn: Turn, call: Accepting): void {
  turn.tellThem(call, { type: 'accept', ...call.mine.keys });
  turn.timer(call, 'accept', AGAIN);
}

/** The caller's device says something to whoever answered. */
export function hearWhileAccepting(turn: Turn, call: Accepting, { word }: Heard): void {
  switch (word.type) {
    case 'reveal': {
      const { type: _, ...theirs } = word;
      if (!isCommitted(call.commitment, call.callId, theirs)) {
        turn.finish(call, { end: 'tampered', tell: 'tampered' });
        return;
      }
      const { phase: _phase, commitment: _commitment, ...about } = call;
      turn.stop(call, 'accept');
      startTalking(turn, about, theirs);
      return;
    }
    case 'taken':
      if (word.deviceId !== turn.facts.me.device) turn.finish(call, { end: 'elsewhere' });
      return;
    case 'end':
      turn.finish(call, { end: endOf(call, word.reason) });
      return;
    case 'ring':
    case 'ringing':
    case 'accept':
    case 'decline':
    case 'busy':
    case 'signal':
    case 'status':
    case 'move':
    case 'here':
      return;
  }
}
