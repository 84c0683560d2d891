/** One step while it is being made: the state so far and what is to be done. Lives no longer than the step. */
import type { DeviceId } from '@securechat/crypto';
import type { CallId } from '../../api-phone.ts';
import type { GroupCallWord } from '../../payload/group-call-parts.ts';
import type { EndedCall } from '../records.ts';
import type { GroupEffect, GroupFacts, GroupStep, GroupTimerName } from './events.ts';
import {
  GROUP_STATE_LIMITS,
  type GroupCall,
  type GroupCallState,
  type Gone,
  type Member,
  type OwnCall,
} from './state.ts';

const SECOND = 1_000;

export class GroupTurn {
  state: GroupCallState;
  readonly facts: GroupFacts;
  readonly #effects: GroupEffect[] = [];

  constructor(state: GroupCallState, facts: GroupFacts) {
    this.state = state;
    this.facts = facts;
  }

  get step(): GroupStep {
    return { state: this.state, effects: this.#effects };
  }

  refuse(error: NonNullable<GroupStep['error']>): GroupStep {
    return { state: this.state, effects: [], error };
  }

  /** The call as it is now, in its place. */
  put(call: GroupCall): void {
    const isKnown = this.state.calls.some(({ callId }) => callId === call.callId);
    const calls = this.state.calls.map((each) => (each.callId === call.callId ? call : each));
    this.state = { ...this.state, calls: isKnown ? calls : [...this.state.calls, call] };
  }

  /** Nothing of it is known any more, but which stays are over, and that it was. */
  drop(call: GroupCall): void {
    this.stop(call);
    this.noteRung(call.callId);
    this.state = { ...this.state, calls: this.state.calls.filter(({ callId }) => callId !== call.callId) };
  }

  sayAll({ chatId, callId }: GroupCall, word: GroupCallWord): void {
    this.#effects.push({ type: 'sayAll', part: { type: 'groupCall', chatId, callId, word } });
  }

  tell({ chatId, callId }: GroupCall, { party }: Member, word: GroupCallWord): void {
    this.#effects.push({ type: 'tell', to: party, part: { type: 'groupCall', chatId, callId, word } });
  }

  tellOwn({ chatId, callId }: GroupCall, word: GroupCallWord): void {
    this.#effects.push({ type: 'tellOwn', part: { type: 'groupCall', chatId, callId, word } });
  }

  timer({ callId }: GroupCall, name: GroupTimerName, ms: number): void {
    this.#effects.push({ type: 'timer', callId, name, ms });
  }

  stop({ callId }: GroupCall, ...names: readonly GroupTimerName[]): void {
    if (names.length === 0) this.#effects.push({ type: 'stop', callId });
    for (const name of names) this.#effects.push({ type: 'stop', callId, name });
  }

  /** Stores what would be written of a call that this device began, if it were over now. */
  keep(call: OwnCall): void {
    if (call.mine.began) this.#effects.push({ type: 'keep', call: recordOf(call, this.facts.now) });
  }

  record(call: OwnCall): void {
    if (call.mine.began) this.#effects.push({ type: 'record', record: recordOf(call, this.facts.now) });
  }

  forget({ callId, mine }: OwnCall): void {
    if (mine.began) this.#effects.push({ type: 'forget', callId });
  }

  /** A stay is over, and so is every earlier one. */
  noteGone(gone: Gone): void {
    const others = this.state.gone.filter(({ callId, device }) => callId !== gone.callId || device !== gone.device);
    this.state = { ...this.state, gone: [...others, gone].slice(-GROUP_STATE_LIMITS.gone) };
  }

  isGone(call: CallId, device: DeviceId, joinedAt: number): boolean {
    return this.state.gone.some((gone) => gone.callId === call && gone.device === device && joinedAt <= gone.joinedAt);
  }

  /** It does not ring from now on. */
  noteRung(callId: CallId): void {
    if (this.state.rung.includes(callId)) return;
    this.state = { ...this.state, rung: [...this.state.rung, callId].slice(-GROUP_STATE_LIMITS.rung) };
  }
}

/** Answered is what anybody else was in. */
function recordOf({ callId, chatId, video, startedAt, mine }: OwnCall, now: number): EndedCall {
  const about = { callId, chatId, video, startedAt };
  if (mine.metAt === undefined) return { ...about, outcome: 'missed', seconds: 0 };
  // A clock that was put back must not make it shorter than nothing.
  return { ...about, outcome: 'answered', seconds: Math.max(0, Math.round((now - mine.metAt) / SECOND)) };
}
