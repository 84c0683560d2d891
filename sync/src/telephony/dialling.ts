/** Calls of this device's user, until somebody answers. */
import { PHONE_LIMITS } from '../api-phone.ts';
import type { PhoneKeys, PhoneReason } from '../payload/phone-parts.ts';
import { commitmentTo } from './comparison.ts';
import type { Heard, PhoneEvent, Step } from './events.ts';
import { HOLDER_PATIENCE, newHolding } from './holding.ts';
import { type Dialling, holderOf } from './state.ts';
import { startTalking } from './talking.ts';
import type { Turn } from './turn.ts';

/** Pauses before it is said again that it rings: whoever comes on line meanwhile rings too. */
const RING_PAUSES = [3_000, 5_000, 7_000, 10_000, 10_000] as const;

/** The user calls. */
export function start(turn: Turn, event: Extract<PhoneEvent, { type: 'start' }>): Step {
  const { callId, chatId, peer, video, holder, keys, isReachable } = event;
  const { main, over } = turn.state;
  const isOn = main !== undefined && main.phase !== 'ended';
  if (isOn && main.callId === callId && main.outgoing && holderOf(main) === holder) return turn.step;
  if (isOn) return turn.refuse('InCall');
  if (over.some((each) => each.callId === callId)) return turn.refuse('UnknownCall');
  const about = { callId, chatId, peer, video, since: turn.facts.now, outgoing: true } as const;
  const call: Dialling = {
    ...about,
    ...{ phase: 'dialling', mine: newHolding(holder, keys, video), repeated: 0, reached: false },
  };
  turn.begin(call);
  if (!isReachable) {
    turn.finish(call, { end: 'unreachable', isUntold: true });
    return turn.step;
  }
  turn.keep(call);
  turn.timer(call, 'giveUp', PHONE_LIMITS.ringMs);
  turn.timer(call, 'holder', HOLDER_PATIENCE);
  ring(turn, call);
  return turn.step;
}

/** Says that it rings, and plans to say it again. */
export function ring(turn: Turn, call: Dialling): void {
  const { callId, video, since: startedAt, mine, repeated } = call;
  turn.tellThem(call, { type: 'ring', video, startedAt, commitment: commitmentTo(callId, mine.keys) });
  const pause = RING_PAUSES[repeated];
  if (pause === undefined) return;
  turn.timer(call, 'ring', pause);
  turn.put({ ...call, repeated: repeated + 1 });
}

/** A device of the callee says something while all of them ring. */
export function hearWhileDialling(turn: Turn, call: Dialling, { from, word }: Heard): void {
  switch (word.type) {
    case 'ringing':
      turn.put({ ...call, reached: true });
      return;
    case 'accept':
      answered(turn, call, from.device, word);
      return;
    case 'decline':
      turn.finish(call, { end: 'declined', tell: 'declined' });
      return;
    case 'end':
      endedThere(turn, call, word.reason);
      return;
    case 'busy':
      // Another device of theirs may still answer.
      if (turn.facts.theirDevices <= 1) turn.finish(call, { end: 'busy', tell: 'busy' });
      return;
    case 'ring':
    case 'taken':
    case 'reveal':
    case 'signal':
    case 'status':
    case 'move':
    case 'here':
      return;
  }
}

/** A device answered, and it was over there before this one heard of the answer: somebody hung up, or something went wrong. */
function endedThere(turn: Turn, call: Dialling, reason: PhoneReason): void {
  const end = reason === 'hungUp' ? 'declined' : 'failed';
  turn.finish(call, { end, tell: end });
}

/** The first device that accepts has the call; the others are told. */
function answered(turn: Turn, call: Dialling, device: Heard['from']['device'], theirs: PhoneKeys): void {
  const { mine, callId, chatId, peer, video, since } = call;
  turn.tellThem(call, { type: 'taken', deviceId: device });
  turn.stop(call, 'ring', 'giveUp');
  const about = { callId, chatId, peer, video, since, mine, device, answeredAt: turn.facts.now } as const;
  startTalking(turn, { ...about, outgoing: true }, theirs);
}
