/** One step while it is being made: the state so far and what is to be done. Lives no longer than the step. */
import type { CallEnd, PhoneError } from '../api-phone.ts';
import type { PhoneReason, PhoneWord } from '../payload/phone-parts.ts';
import type { Effect, Facts, Step, TimerName, Told } from './events.ts';
import { keptOf, recordOf } from './outcome.ts';
import {
  type Call,
  type Ended,
  type LiveCall,
  type OverCall,
  type PhoneState,
  STATE_LIMITS,
  type Talking,
  deviceOf,
  holderOf,
  type Dialling,
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
    if (call.phase === 'ringing' && this.state.second?.callId === call.callId)
      this.state = { ...this.state, second: call };
    else this.state = { ...this.state, main: call };
  }

  /** Another call takes the place of the one that is over, which goes from the screen. */
  begin(call: Call): void {
    const { main } = this.state;
    if (main !== undefined) this.stop(main);
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

  timer({ callId }: Call, name: TimerName, ms: number): void {
    this.#effects.push({ type: 'timer', callId, name, ms });
  }

  stop({ callId }: Call, ...names: readonly TimerName[]): void {
    if (names.length === 0) this.#effects.push({ type: 'stop', callId });
    for (const name of names) this.#effects.push({ type: 'stop', callId, name });
  }

  /** Stores a call of ours; of others' nothing is stored. */
  keep(call: Dialling | Talking): void {
    if (call.outgoing) this.#effects.push({ type: 'keep', call: keptOf(call, this.facts.now) });
  }

  /** It is over here: it is told, remembered, and stays on the screen for a moment if nothing else rings. */
  finish(call: LiveCall, { end, tell, say, isUntold = false }: Ending): void {
    if (tell !== undefined) this.tellThem(call, { type: 'end', reason: tell });
    this.stop(call);
    this.remember({ callId: call.callId, peer: call.peer, reason: tell ?? 'hungUp', ...(say && { say }) });
    if (call.outgoing) {
      const record = isUntold ? undefined : recordOf(call, end, this.facts.now);
      this.#effects.push(record ? { type: 'record', record } : { type: 'forget', callId: call.callId });
    }
    this.#leave(call, end);
  }

  /** Of what is not on here, too. */
  remember(over: OverCall): void {
    const others = this.state.over.filter(({ callId }) => callId !== over.callId);
    this.state = { ...this.state, over: [...others, over].slice(-STATE_LIMITS.over) };
    this.#effects.push({ type: 'over', over: this.state.over });
  }

  #leave(call: LiveCall, end: CallEnd): void {
    const { second, ...state } = this.state;
    if (second?.callId === call.callId) this.state = state;
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

function endedOf(call: LiveCall, end: CallEnd): Ended {
  const { callId, chatId, peer, video, since, outgoing } = call;
  const holder = holderOf(call);
  return {
    ...{ phase: 'ended', callId, chatId, peer, video, since, outgoing, end },
    ...(holder !== undefined && { holder }),
    ...('answeredAt' in call && { answeredAt: call.answeredAt }),
  };
}
