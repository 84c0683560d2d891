/**
 * State machines of calls on a network that loses, repeats, delays and reorders what they say, without engines: quick enough
 * for thousands of stories. Each device has a tab that says what connections say to each other.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { PhonePart } from '../../src/payload/phone-parts.ts';
import type { Effect, PhoneEvent } from '../../src/telephony/events.ts';
import { step } from '../../src/telephony/machine.ts';
import { recordOfKept } from '../../src/telephony/outcome.ts';
import type { EndedCall } from '../../src/telephony/records.ts';
import {
  type Call,
  type KeptCall,
  NO_CALLS,
  type OverCall,
  type Party,
  type PhoneState,
  type Talking,
  holderOf,
  liveCall,
} from '../../src/telephony/state.ts';
import { VirtualClock } from '../simulation/clock.ts';
import type { Dice } from '../simulation/dice.ts';
import { Air } from './air.ts';
import { bytesOf, partyOf } from './phone.ts';

const KEEP = 5_000;
const START = Date.UTC(2026, 0, 5);

export interface Phone {
  readonly party: Party;
  readonly skew: number;
  state: PhoneState;
  readonly timers: Map<string, () => void>;
  /** What is on its disk. */
  readonly kept: Map<string, KeptCall>;
  over: readonly OverCall[];
  readonly records: EndedCall[];
  /** Nothing comes or goes. */
  isCut: boolean;
  isFrozen: boolean;
  /** All that it was ever shown, by call. */
  readonly comparisons: Map<string, string>;
  readonly ended: Set<string>;
  /** Parts that its tab was asked to go on in. */
  readonly asked: Set<string>;
  /** Calls of its own that went for one that came, and which. */
  readonly gaveWay: Map<string, string>;
  /** The last signal that came, by call. */
  readonly heard: Map<string, number>;
}

interface Said {
  readonly from: Phone;
  readonly to: Phone;
  readonly part: PhonePart;
}

export class PhoneNetwork {
  readonly clock = new VirtualClock(START);
  readonly violations: string[] = [];
  readonly phones: readonly Phone[];
  readonly air: Air<Said>;
  readonly #dice: Dice;

  constructor(dice: Dice, names: readonly (readonly [account: string, device: string])[]) {
    this.#dice = dice;
    this.air = new Air<Said>(this.clock, dice, (said) => {
      this.#arrive(said);
    });
    const most = dice.pick([0, 60_000, 24 * 3600_000]);
    this.phones = names.map(([account, device]) => ({
      ...{ party: partyOf(account, device), skew: Math.round(dice.between(-most, most)), state: NO_CALLS },
      ...{ timers: new Map(), kept: new Map(), over: [], records: [], isCut: false, isFrozen: false },
      ...{ comparisons: new Map(), ended: new Set(), gaveWay: new Map(), heard: new Map(), asked: new Set() },
    }));
    for (const phone of this.phones) this.#tick(phone);
  }

  of(account: AccountId): readonly Phone[] {
    return this.phones.filter(({ party }) => party.account === account);
  }

  pass(ms: number): void {
    const end = this.clock.now() + ms;
    while (this.clock.step(end)) continue;
  }

  /** Whether the machine did it. */
  make(phone: Phone, event: PhoneEvent): boolean {
    const { party: me } = phone;
    const about = event.type === 'heard' ? event.from.account : event.type === 'start' ? event.peer : undefined;
    const account = about ?? this.#callOf(phone, event)?.peer;
    const { main: before } = phone.state;
    const { state, effects, error } = step(phone.state, event, {
      ...{ me, now: this.clock.now() + phone.skew, hasSiblings: this.of(me.account).length > 1 },
      theirDevices: account === undefined ? 0 : this.of(account).length,
    });
    phone.state = state;
    for (const effect of effects) this.#do(phone, effect);
    if (before?.phase === 'dialling' && event.type === 'heard' && state.main?.phase === 'accepting')
      phone.gaveWay.set(before.callId, state.main.callId);
    this.#look(phone);
    return error === undefined;
  }

  /** As SIGKILL, and started again. */
  restart(phone: Phone): void {
    for (const cancel of phone.timers.values()) cancel();
    phone.timers.clear();
    phone.state = { ...NO_CALLS, over: phone.over };
    for (const kept of phone.kept.values()) phone.records.push(recordOfKept(kept));
    phone.kept.clear();
    phone.heard.clear();
    phone.isFrozen = false;
  }

  #callOf(phone: Phone, event: PhoneEvent): Call | undefined {
    return 'callId' in event ? liveCall(phone.state, event.callId) : undefined;
  }

  #do(phone: Phone, effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        for (const to of this.of(effect.to.account))
          if (to !== phone && (effect.to.device ?? to.party.device) === to.party.device)
            this.air.carry({ from: phone, to, part: effect.part }, phone.isCut);
        return;
      case 'timer':
        this.#stop(phone, effect.callId, effect.name);
        phone.timers.set(
          `${effect.callId} ${effect.name}`,
          this.clock.after(effect.ms, () => {
            phone.timers.delete(`${effect.callId} ${effect.name}`);
            this.make(phone, { type: 'timer', callId: effect.callId, name: effect.name });
          }),
        );
        return;
      case 'stop':
        this.#stop(phone, effect.callId, effect.name);
        return;
      case 'keep':
        phone.kept.set(effect.call.callId, effect.call);
        return;
      case 'forget':
        phone.kept.delete(effect.callId);
        return;
      case 'record':
        phone.kept.delete(effect.record.callId);
        phone.records.push(effect.record);
        return;
      case 'over':
        phone.over = effect.over;
        return;
    }
  }

  #stop({ timers }: Phone, callId: string, name: string | undefined): void {
    for (const [key, cancel] of timers)
      if (name === undefined ? key.startsWith(`${callId} `) : key === `${callId} ${name}`) {
        cancel();
        timers.delete(key);
      }
  }

  #arrive({ from, to, part: { callId, chatId, word } }: Said): void {
    if (!to.isCut) this.make(to, { type: 'heard', from: from.party, chatId, callId, word });
  }

  /** What a tab sees and does: it connects, tells the other one things, and hears them in order. */
  #look(phone: Phone): void {
    const { main, handover } = phone.state;
    if (main === undefined) return;
    const { callId } = main;
    if (main.phase === 'ended') phone.ended.add(callId);
    else if (phone.ended.has(callId)) this.violations.push(`${callId} came back`);
    if (handover?.phase === 'asked') this.#answerMove(phone, handover.callId);
    for (const call of [handover, main]) if (call?.phase === 'talking') this.#talk(phone, call);
  }

  /** The tab that talks does it by itself, if it is not frozen. */
  #answerMove(phone: Phone, callId: string): void {
    if (phone.asked.has(callId)) return;
    phone.asked.add(callId);
    this.clock.after(this.#dice.between(20, 2_000), () => {
      const keys = { fingerprint: bytesOf(phone.party.device), nonce: bytesOf(`answer ${callId}`) };
      if (!phone.isFrozen) this.make(phone, { type: 'answer', callId, holder: `tab ${callId}`, keys });
    });
  }

  #talk(phone: Phone, { callId, comparison: emoji, signals: { waiting }, mine: { holder } }: Talking): void {
    const comparison = emoji.join(' ');
    if (phone.comparisons.get(callId) === undefined) {
      phone.comparisons.set(callId, comparison);
      phone.heard.set(callId, 0);
      this.clock.after(this.#dice.between(50, 3_000), () => {
        for (let n = 1; n <= 3; n += 1) this.say(phone, callId);
        this.make(phone, { type: 'report', callId, holder, state: 'connected' });
      });
    } else if (phone.comparisons.get(callId) !== comparison) this.violations.push(`${callId} is compared anew`);
    const [next, last] = [waiting[0], phone.heard.get(callId)];
    if (next === undefined || last === undefined) return;
    phone.heard.set(callId, last + 1);
    if (next.n !== last + 1 || JSON.parse(next.payload) !== next.n)
      this.violations.push(`${callId}: signal ${next.payload} came as ${String(last + 1)}`);
    this.make(phone, { type: 'take', callId, holder, upTo: next.n });
  }

  /** A tab says the next thing. */
  say(phone: Phone, callId: string): void {
    const call = liveCall(phone.state, callId);
    if (call?.phase !== 'talking') return;
    const payload = JSON.stringify(call.signals.sent + 1);
    this.make(phone, { type: 'send', callId, holder: call.mine.holder, signal: { type: 'CANDIDATE', payload } });
  }

  #tick(phone: Phone): void {
    this.clock.after(KEEP, () => {
      const { main, handover } = phone.state;
      for (const call of [main, handover]) {
        const holder = call && holderOf(call);
        if (!phone.isFrozen && call !== undefined && call.phase !== 'ended' && holder !== undefined)
          this.make(phone, { type: 'keep', callId: call.callId, holder });
      }
      this.#tick(phone);
    });
  }
}

/** The chat of two accounts. */
export function chatOf(a: AccountId, b: AccountId): ChatId {
  return [a, b].sort().join('').slice(0, 22) as ChatId;
}
