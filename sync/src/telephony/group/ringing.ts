/** Whether a call that began in a group rings here. */
import type { AccountId } from '@securechat/crypto';
import { GROUP_CALL_LIMITS } from '../../api-group-call.ts';
import type { Presence } from '../../payload/group-call-parts.ts';
import type { GroupHeard } from './events.ts';
import type { GroupTurn } from './group-turn.ts';
import { GROUP_STATE_LIMITS, type GroupCall, callIn } from './state.ts';

/** What began longer ago than its age says, or later than now, may be old. */
const FRESH = 60_000;

/**
 * Somebody was heard in a call. The first time that it is somebody who may begin one it rings, if it began a moment ago; an
 * own device in it is as good as that, and it does not ring.
 */
export function announce(turn: GroupTurn, { callId, chatId, from, mayBegin }: GroupHeard, word: Presence): void {
  const call = callIn(turn.state, chatId);
  if (call?.callId !== callId || turn.state.rung.includes(callId)) return;
  const isOwnAccount = from.account === turn.facts.me.account;
  if (!isOwnAccount && !mayBegin) return;
  turn.noteRung(callId);
  if (isOwnAccount || word.age >= GROUP_CALL_LIMITS.ringMs || isTooMany(turn, from.account)) return;
  ringFor(turn, call, word);
}

/**
 * It rings. What looks old only when it is said once more: what a relay had kept back is not, and clocks may be wrong, so that
 * the time alone decides nothing.
 */
export function ringFor(turn: GroupTurn, call: GroupCall, { age, startedAt }: Presence): void {
  const left = GROUP_CALL_LIMITS.ringMs - age;
  const isDoubtful = call.ring === 'silent' && Math.abs(turn.facts.now - age - startedAt) > FRESH;
  const ring = left <= 0 ? 'silent' : isDoubtful ? 'doubted' : 'rings';
  turn.put({ ...call, ring });
  if (ring === 'rings') turn.timer(call, 'ring', left);
}

/** Nobody makes it ring here more often than a person would. */
function isTooMany(turn: GroupTurn, account: AccountId): boolean {
  const { now } = turn.facts;
  const lately = turn.state.lately.filter(({ at }) => Math.abs(now - at) < GROUP_STATE_LIMITS.latelyMs);
  const isFull = lately.filter((each) => each.account === account).length >= GROUP_STATE_LIMITS.lately;
  const added = isFull ? lately : [...lately, { account, at: now }];
  turn.state = { ...turn.state, lately: added.slice(-GROUP_STATE_LIMITS.latelyKept) };
  return isFull;
}

/** It does not ring any more; answers the call as it is then. */
export function silence(turn: GroupTurn, call: GroupCall): GroupCall {
  if (call.ring === 'silent') return call;
  turn.stop(call, 'ring');
  return { ...call, ring: 'silent' };
}
