/** One step while it is being made: the state so far and what is to be done. Lives no longer than the step. */
import type { CallEnd, PhoneError } from '../api-phone.ts';
import type { PhoneReason, PhoneWord } from '../payload/phone-parts.ts';
import type { Effect, Facts, Step, TimerName, Told } from './events.ts';
import { isWritten, keptOf, recordOf } from './outcome.ts';
import {
  type Call,
  type Ended,
  type Handover,
  type LiveCall,
  type OverCall,
  type PhoneState,
  STATE_LIMITS,
  type Talking,
  deviceOf,
  holderOf,
  idOf,
} from './state.ts';

/** What ended is on the screen for so long. */
const SHOWN = 10_000;

interface Ending {
  readonly end: CallEnd;
  /** What the other side's device is told; if absent, nothing. While nobody answered, all of the callee's devices. */
  readonly tell?: PhoneReason;
  /** What is answered when this device is rung for it again. */
  readonly say?: OverCall['say'];
  /** No line in the chat. */
  readonly isUntold?: boolean;
}

export class Turn {
  state: PhoneState;
  readonly facts: Facts;
  readonly #effects: Effect[] = [];

  constructor(state: PhoneState, facts: Facts) {
    this.state = state;
    this.facts = facts;
  }

  get step(): Step {
    return { state: this.state, effects: this.#effects };
  }

  refuse(type: PhoneError['type']): Step {
    return { state: this.state, effects: [], error: { type } };
  }

  /** The call as it is now, in its place. */
  put(call: LiveCall): void {
    const { second, handover } = this.state;
    if (call.phase === 'ringing' && second?.callId === call.callId) this.state = { ...this.state, second: call };
    else if (handover?.callId === call.callId && isBeside(call)) this.state = { ...this.state, handover: call };
    else this.state = { ...this.state, main: call };
  }

  /** Another call takes the place of the one that is over, which goes from the screen. */
  begin(call: Call): void {
    const { main } = this.state;
    if (main !== undefined) this.stop(main, 'shown');
    this.state = { ...this.state, main: call };
  }

  tell({ chatId, callId }: Call | Concerned, to: Told, word: PhoneWord): void {
    this.#effects.push({ type: 'tell', to, part: { type: 'phone', chatId, callId, word } });
  }

  /** To the device at the other end, or while there is none to all of theirs. */
  tellThem(call: LiveCall, word: PhoneWord): void {
    const device = deviceOf(call);
    this.tell(call, { account: call.peer, ...(device !== undefined && { device }) }, word);
  }

  tellSiblings(call: LiveCall, word: PhoneWord): void {
    if (this.facts.hasSiblings) this.tell(call, { account: this.facts.me.account }, word);
  }

  timer({ callId }: Pick<Call, 'callId'>, name: TimerName, ms: number): void {
    this.#effects.push({ type: 'timer', callId, name, ms });
  }

  stop({ callId }: Pick<Call, 'callId'>, ...names: readonly TimerName[]): void {
    if (names.length === 0) this.#effects.push({ type: 'stop', callId });
    for (const name of names) this.#effects.push({ type: 'stop', callId, name });
  }

  /** Stores a call of ours; of others' nothing is stored. */
  keep(call: LiveCall): void {
    if (isWritten(call)) this.#effects.push({ type: 'keep', call: keptOf(call, this.facts.now) });
  }

  /** It is over here: it is told, remembered, and stays on the screen for a moment if nothing else rings. */
  finish(call: LiveCall, { end, tell, say, isUntold = false }: Ending): void {
    const { handover } = this.state;
    // What was to go on with another device of theirs is over with it.
    if (handover !== undefined && handover.callId !== call.callId && call.phase !== 'ringing')
      this.finish(handover, { end: 'hungUp', tell: 'hungUp' });
    if (tell !== undefined) this.tellThem(call, { type: 'end', reason: tell });
    this.#over(call, tell ?? 'hungUp', say);
    if (isWritten(call)) {
      const isUnwritten = isUntold || end === 'moved';
      const record = isUnwritten ? undefined : recordOf(call, end, this.facts.now);
      this.#effects.push(record ? { type: 'record', record } : { type: 'forget', callId: idOf(call) });
    }
    this.#leave(call, end);
  }

  /** The other side's user has moved it: it goes on in its next part, which was beside it. */
  goOn(call: Talking, next: Talking): void {
    this.tellThem(call, { type: 'end', reason: 'moved' });
    this.#over(call, 'moved');
    const { handover: _, ...state } = this.state;
    this.state = { ...state, main: next };
  }

  #over(call: LiveCall, reason: PhoneReason, say?: OverCall['say']): void {
    if (call.phase === 'moving' || call.phase === 'talking') this.tellSiblings(call, { type: 'end', reason });
    this.stop(call);
    this.remember({ callId: call.callId, peer: call.peer, reason, ...(say && { say }) });
  }

  /** Of what is not on here, too. */
  remember(over: OverCall): void {
    const others = this.state.over.filter(({ callId }) => callId !== over.callId);
    this.state = { ...this.state, over: [...others, over].slice(-STATE_LIMITS.over) };
    this.#effects.push({ type: 'over', over: this.state.over });
  }

  #leave(call: LiveCall, end: CallEnd): void {
    const { second, handover, ...state } = this.state;
    if (second?.callId === call.callId) this.state = { ...state, ...(handover && { handover }) };
    else if (handover?.callId === call.callId) this.state = { ...state, ...(second && { second }) };
    else if (second !== undefined) this.state = { ...state, main: second };
    else {
      const ended = endedOf(call, end);
      this.state = { ...state, main: ended };
      this.timer(ended, 'shown', SHOWN);
    }
  }
}

/** Which call a word is about. */
interface Concerned {
  readonly chatId: Call['chatId'];
  readonly callId: Call['callId'];
}

/** What can be on beside the call that is talked in. */
function isBeside(call: LiveCall): call is Handover {
  return call.phase === 'asked' || call.phase === 'accepting' || call.phase === 'talking';
}

function endedOf(call: LiveCall, end: CallEnd): Ended {
  const { callId, chatId, peer, video, since, outgoing, origin } = call;
  const holder = holderOf(call);
  const takenOver = call.phase === 'talking' && end === 'moved' ? call.takenOver : undefined;
  return {
    ...{ phase: 'ended', callId, chatId, peer, video, since, outgoing, end },
    ...(origin && { origin }),
    ...(takenOver && { movedTo: takenOver.device }),
    ...(holder !== undefined && { holder }),
    ...('answeredAt' in call && { answeredAt: call.answeredAt }),
  };
}
